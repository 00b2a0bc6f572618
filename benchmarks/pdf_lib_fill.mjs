// Fills the form of benchmarks/fill.py with pdf-lib and fontkit; prints the milliseconds of one fill.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [modules, template, job, output] = process.argv.slice(2);
const require = createRequire(modules + '/x.js');
const { PDFDocument } = require('pdf-lib');
const fontkit = require('@pdf-lib/fontkit');
const { texts, states, font } = JSON.parse(readFileSync(job, 'utf-8'));
const bytes = readFileSync(template);
const program = readFileSync(font);

async function fill() {
  const pdf = await PDFDocument.load(bytes);
  pdf.registerFontkit(fontkit.default ?? fontkit);
  const embedded = await pdf.embedFont(program, { subset: false });
  const form = pdf.getForm();
  for (const [name, value] of Object.entries(texts)) {
    const field = form.getField(name);
    if (field.setText) field.setText(value);
    else field.select(value);
  }
  for (const [name, state] of Object.entries(states)) {
    const field = form.getField(name);
    if (field.check) field.check();
    else field.select(state);
  }
  form.updateFieldAppearances(embedded);
  return pdf.save({ updateFieldAppearances: false });
}

let result = await fill();
const start = performance.now();
const worked = process.cpuUsage();
let count = 0;
while (performance.now() - start < 3000 || count < 1) {
  result = await fill();
  count += 1;
}
const { user, system } = process.cpuUsage(worked);
// Seconds of the clock and of the processor for each document.
console.log((performance.now() - start) / count / 1e3, (user + system) / count / 1e6);
writeFileSync(output, result);
