//! Fills in a form with ODK's own engine, as told on standard input, and says after each step how every node stands.
//!
//!     node oracle.mjs FORM.xml [FOLDER WITH THE FORM'S TABLES]
//!
//! Each line in is one step, each line out its answer:
//!
//!     {"step":"begin"}                                   a new interview
//!     {"step":"set","path":"/data/age","value":"7"}      an answer, as an ODK submission writes it
//!     {"step":"add","path":"/data/person"}               one more row
//!     {"step":"remove","path":"/data/person[2]"}         one row less
//!
//!     {"nodes":{"/data/age":{"relevant":true,"required":true,"readonly":false,"value":"7","violation":null}}}
//!     {"error":"…"}
//!
//! A node's `choices` are those offered; `violation` is `constraint`, `required` or null.
//! The first line out is `{"ready":true}`, or an error where the engine cannot take the form.

import './browser.mjs';

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';

import { alike } from './dialect.mjs';
import { states } from './state.mjs';
import * as steps from './steps.mjs';

const engine = await import('@getodk/xforms-engine');

const [formFile, folder = '.'] = process.argv.slice(2);
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);

const attachment = async (url) => {
	const file = join(folder, basename(String(url)));
	const bytes = await readFile(file).catch(() => null);
	if (bytes == null) {
		return new Response('', { status: 404 });
	}
	const type = file.endsWith('.csv') ? 'text/csv' : file.endsWith('.xml') ? 'text/xml' : 'application/json';
	return new Response(bytes, { headers: { 'content-type': type } });
};

const loadForm = async () => {
	const xml = alike(await readFile(formFile, 'utf8'));
	const form = await engine.loadForm(xml, { fetchFormAttachment: attachment, missingResourceBehavior: 'BLANK' });
	if (form.status === 'failure') {
		throw form.error;
	}
	return form;
};

const begin = (form) =>
	form.createInstance({
		instanceAttachments: { fileNameFactory: ({ writtenFile, basename, extension }) => writtenFile?.name ?? `${basename}${extension ?? ''}` },
		preloadProperties: { deviceID: 'device', username: 'enumerator', email: 'enumerator@example.org', phoneNumber: '0800' },
	}).root;

const message = (error) => String(error?.message ?? error).slice(0, 500);

// The engine warns on the console; standard output carries answers only.
console.log = console.info = console.warn = console.error;

let form;
try {
	form = await loadForm();
	say({ ready: true });
} catch (error) {
	say({ error: message(error) });
	process.exit(0);
}

let root;
for await (const line of createInterface({ input: process.stdin })) {
	const step = JSON.parse(line);
	try {
		if (step.step === 'begin') {
			root = begin(form);
		} else {
			steps[step.step](root, step);
		}
		say({ nodes: states(root) });
	} catch (error) {
		say({ error: message(error) });
	}
}
