//! What can be done to an interview, one function for each step that a line may ask for.

import { nodeAt } from './state.mjs';

/** Writes an answer as an ODK submission writes it; '' takes it away. */
export const set = (root, { path, value }) => {
	const node = nodeAt(root, path);
	const words = value.split(' ').filter((word) => word !== '');
	switch (node.nodeType) {
		case 'select':
			return node.selectType === 'select1' ? node.selectValue(value || null) : node.selectValues(words);
		case 'rank':
			return node.setValues(words);
		case 'trigger':
			return node.setValue(value === 'OK');
		case 'upload':
			return node.setValue(value === '' ? null : new File(['x'], value));
		default:
			return node.setValue(typed(node.valueType, value));
	}
};

/** Appends a row to the repeat at `path`, which names no row. */
export const add = (root, { path }) => nodeAt(root, path).addInstances();

/** Takes the row away that `path` names by its last index, from 1. */
export const remove = (root, { path }) => {
	const [, range, row] = /^(.*)\[(\d+)\]$/.exec(path);
	return nodeAt(root, range).removeInstances(Number(row) - 1);
};

const typed = (type, value) => {
	if (type === 'string' || type === 'barcode' || type === 'intent') {
		return value;
	}
	if (value === '') {
		return null;
	}
	if (type === 'geopoint') {
		const [latitude, longitude, altitude, accuracy] = value.split(' ').map(Number);
		return { latitude, longitude, altitude, accuracy };
	}
	return value;
};
