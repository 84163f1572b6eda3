//! What ODK's engine expects of the place it runs in: a browser's DOM, a clock and a time zone. Import it first.
//!
//! The clock stands still, so that today() and now() are the same in both engines (ORACLE_NOW, milliseconds since 1970;
//! the time zone is the process's TZ).

import { JSDOM } from 'jsdom';

const { window } = new JSDOM('<!doctype html>');

for (const name of Object.getOwnPropertyNames(window)) {
	if (/^(DOMParser|XMLSerializer|XPath.*|Node.*|.*Element|.*Node|Attr|Text|Comment|Document.*|CDATASection|.*Instruction)$/.test(name)) {
		globalThis[name] ??= window[name];
	}
}
globalThis.window ??= window;
globalThis.document ??= window.document;
// A bundled dependency looks for its folder although it never opens it.
globalThis.__dirname ??= import.meta.dirname ?? '.';

const now = Number(process.env.ORACLE_NOW ?? Date.now());

globalThis.Date = class extends Date {
	constructor(...parts) {
		if (parts.length === 0) {
			super(now);
		} else {
			super(...parts);
		}
	}

	static now() {
		return now;
	}
};
