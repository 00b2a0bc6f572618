// Reads documents with pdf.js (Firefox's viewer): for each line of JSON with file, scale, folder and
// the pages to be drawn, one line with the text of every page and the pictures.
// node pdfjs_reader.mjs NODE_MODULES, where pdfjs-dist and @napi-rs/canvas are installed.

import fs from "node:fs";
import path from "node:path";
import readline from "node:readline";
import {createRequire} from "node:module";
import {pathToFileURL} from "node:url";

const modules = path.resolve(process.argv[2]);
const canvas = createRequire(path.join(modules, "x.js"))("@napi-rs/canvas");
// pdf.js may bring a copy of its own, whose paths this one would not draw.
for (const name of ["DOMMatrix", "ImageData", "Path2D"]) globalThis[name] = canvas[name];
let said = [];
console.log = console.warn = (...words) => said.push(words.join(" "));
const home = path.join(modules, "pdfjs-dist");
const {getDocument, VerbosityLevel} = await import(pathToFileURL(path.join(home, "legacy", "build", "pdf.mjs")));

async function read({file, scale, folder, drawn}) {
    said = [];
    const pages = [];
    const task = getDocument({
        data: new Uint8Array(fs.readFileSync(file)),
        standardFontDataUrl: path.join(home, "standard_fonts") + "/",
        verbosity: VerbosityLevel.WARNINGS,
    });
    const document = await task.promise;
    for (let number = 1; number <= document.numPages; number++) {
        const page = await document.getPage(number);
        const {items} = await page.getTextContent();
        const text = items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join("");
        let picture = null;
        if (drawn.includes(number)) {
            const viewport = page.getViewport({scale});
            const sheet = canvas.createCanvas(Math.ceil(viewport.width), Math.ceil(viewport.height));
            await page.render({canvas: sheet, canvasContext: sheet.getContext("2d"), viewport}).promise;
            picture = path.join(folder, `pdfjs-${number}.png`);
            fs.writeFileSync(picture, sheet.toBuffer("image/png"));
        }
        pages.push({text, picture});
    }
    await task.destroy();
    return {pages, said};
}

for await (const line of readline.createInterface({input: process.stdin})) {
    const answer = await read(JSON.parse(line)).catch((error) => ({error: String(error)}));
    process.stdout.write(JSON.stringify(answer) + "\n");
}
