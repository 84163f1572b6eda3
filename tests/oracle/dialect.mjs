//! Where Tilik deviates from ODK's Web Forms on purpose and throughout, the XForm is put so that both mean the same;
//! what else the form says is still compared. docs/questionnaire.md gives the reasons.

/** The text of an XForm in the words that both engines understand alike. */
export const alike = (xml) => {
	const said = CALLS.reduce((text, [call, meaning]) => text.replaceAll(call, meaning), xml);
	return counted(anchored(said));
};

/** Functions of SurveyCTO, and what they mean where no telephone rings and the clock stands still. */
const CALLS = [
	[/\b(collect-is-phone-app|device-info|phone-call-log|phone-call-duration|enumerator-id|enumerator-name)\([^()]*\)/g, "''"],
	[/\bduration\(\)/g, '0'],
	[/(?<![\w-])index\(\)/g, 'position(..)'],
];

/** A pattern has to fit all of the text: Collect and Tilik mean so, Web Forms take a part that fits. */
const anchored = (xml) =>
	xml.replaceAll(/\bregex\(([^'"]*),\s*'([^']*)'\s*\)/g, (_, text, pattern) => `regex(${text}, '^(?:${pattern})$')`);

/** Rows that have no number are passed over by sum, min and max, and the sum of none is 0, as in Collect. */
const counted = (xml) =>
	xml.replaceAll(/\b(sum|min|max)\(\s*([./][\w./-]*)(?:\s*\[\. != ''\])?\s*\)/g, (_, name, path) => {
		const numbers = `${path}[number(.) = number(.)]`;
		const result = `${name}(${numbers})`;
		return name === 'sum' ? `if(count(${numbers}) = 0, 0, ${result})` : result;
	});
