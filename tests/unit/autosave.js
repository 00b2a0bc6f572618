// Runs the plugin's built form script against a form of three fields; prints what was saved, as JSON.
// Usage: node autosave.js answers.min.js [what was typed before the script had loaded]
'use strict';
const fs = require('fs');

const served = [['id', '7'], ['instrument', 'card'], ['group', '3'], ['revision', '0'], ['text', '']];
const early = process.argv[3];
const values = new Map(served);
const listeners = {};
const form = {
    values,
    // A copy holds what the form holds, until it is reset.
    cloneNode: () => ({
        values: new Map(values),
        reset() { this.values = new Map(served); },
    }),
    elements: {
        namedItem: (name) => ({
            get value() { return values.get(name); },
            set value(value) { values.set(name, String(value)); },
        }),
    },
    addEventListener: (type, listener) => { (listeners[type] ||= []).push(listener); },
    querySelectorAll: () => [],
};
global.FormData = class { constructor(form) { return [...form.values.entries()]; } };
global.document = { getElementById: () => form, querySelector: () => ({}) };

// Time goes by only when told.
let clock = 0;
let timers = [];
global.setTimeout = (act, wait) => { const timer = { at: clock + wait, act }; timers.push(timer); return timer; };
global.clearTimeout = (timer) => { timers = timers.filter((each) => each !== timer); };
const settle = () => new Promise((resolve) => setImmediate(resolve));
const pass = async (milliseconds) => {
    const end = clock + milliseconds;
    for (;;) {
        const next = timers.filter((each) => each.at <= end).sort((one, other) => one.at - other.at)[0];
        if (!next) {
            break;
        }
        clock = next.at;
        clearTimeout(next);
        next.act();
        await settle();
    }
    clock = end;
    await settle();
};

const saved = [];
let answer = null;
let clean = 0;
let dirty = 0;
const Ajax = {
    call: ([request]) => [new Promise((resolve) => {
        saved.push(new URLSearchParams(request.args.fields).get('text'));
        answer = () => resolve({ revision: request.args.revision + 1 });
    })],
};
global.define = (name, dependencies, factory) => {
    const changes = { resetFormDirtyState: () => clean++, markFormAsDirty: () => dirty++ };
    factory(Ajax, { get_string: () => Promise.resolve('Saved') }, changes).init('form');
};
if (early) {
    values.set('text', early);
}
(0, eval)(fs.readFileSync(process.argv[2], 'utf8'));

const type = (text) => { values.set('text', text); listeners.input.forEach((listener) => listener()); };
(async () => {
    if (early) {
        await pass(5000); // No key is pressed any more.
        process.stdout.write(JSON.stringify({ saved, dirty }));
        return;
    }
    await pass(60000); // Nothing was typed, so nothing is sent.
    type('one');
    await pass(5000);
    type('one two'); // While the first draft is on its way,
    await pass(6000); // which takes longer than the pause between two drafts.
    answer();
    await settle();
    const unsaved = clean;
    await pass(10000);
    answer();
    await settle();
    await pass(60000); // Nothing more was typed, so nothing more is sent.
    process.stdout.write(JSON.stringify({ saved, unsaved, clean, dirty, revision: values.get('revision') }));
})();
