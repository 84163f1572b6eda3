//! The state of an interview as ODK's engine sees it, flat: one entry for each node, keyed by its reference.

/** Everything below `node`, itself not counted, into `into`. */
export const states = (node, into = {}) => {
	for (const child of node.currentState.children ?? []) {
		if (!child.nodeType.startsWith('repeat-range')) {
			into[child.currentState.reference] = state(child);
		}
		states(child, into);
	}
	return into;
};

/** Every row of every repeat counts as a node; the range of rows itself does not. */
const state = (node) => {
	const { relevant, required, readonly, valueOptions } = node.currentState;
	if (node.validationState.violation === undefined) {
		return { relevant };
	}
	return {
		relevant,
		required,
		readonly,
		value: node.getXPathValue(),
		violation: node.validationState.violation?.condition ?? null,
		...(valueOptions && { choices: valueOptions.map((choice) => choice.value) }),
	};
};

/** The node at `reference`, else an error that names it. */
export const nodeAt = (root, reference) => {
	const found = find(root, reference);
	if (found == null) {
		throw new Error(`no node at ${reference}`);
	}
	return found;
};

const find = (node, reference) => {
	for (const child of node.currentState.children ?? []) {
		const own = child.currentState.reference;
		if (own === reference) {
			return child;
		}
		const holds = child.nodeType.startsWith('repeat-range')
			? reference.startsWith(`${own}[`)
			: reference.startsWith(`${own}/`);
		const found = holds ? find(child, reference) : null;
		if (found != null) {
			return found;
		}
	}
	return null;
};
