//! Where Tilik deviates from ODK's Web Forms on purpose and throughout, the XForm is put so that both mean the same;
//! what else the form says is still compared. docs/questionnaire.md gives the reasons.

/** The text of an XForm in the words that both engines understand alike. */
export const alike = (xml) => anchored(xml.replaceAll('device-info()', "''"));

/** A pattern has to fit all of the text: Collect and Tilik mean so, Web Forms take a part that fits. */
const anchored = (xml) =>
	xml.replaceAll(/\bregex\(([^'"]*),\s*'([^']*)'\s*\)/g, (_, text, pattern) => `regex(${text}, '^(?:${pattern})$')`);
