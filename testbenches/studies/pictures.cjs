// The charts of a report, each as an SVG file: light, on white, with its title in it.
//   node pictures.cjs REPORT.html FOLDER [--width 860] [--pick POINT] [--across FIGURE] [--up FIGURE]
//     [--colour PARAMETER] [--trace NAME] [--only CAPTION]
// The choices are those of a study's page, by the words it shows. Needs Debian's chromium, and `npm ci` in
// the project's folder.
"use strict";
const fs = require("node:fs"),
  path = require("node:path");
const {chromium} = require("playwright-core");

function refuse(text) {
  console.error("pictures.cjs: " + text);
  process.exit(2);
}

const [report, folder, ...words] = process.argv.slice(2);
if (!folder) refuse("usage: node pictures.cjs REPORT.html FOLDER [options]");
if (!fs.existsSync(report)) refuse(report + ": no such file");
const options = {};
for (let i = 0; i < words.length; i += 2) {
  const known = /^--(width|pick|across|up|colour|trace|only)$/.test(words[i]);
  if (!known || i + 1 === words.length) refuse(words[i] + ": no such option, or no value");
  options[words[i].slice(2)] = words[i + 1];
}

async function choose(page) {
  for (const label of ["trace", "across", "up", "colour"]) {
    if (options[label] === undefined) continue;
    const select = page.locator(`select[name='${label}']`);
    const known = await select.locator("option").allTextContents();
    if (!known.includes(options[label])) {
      const choices = known.length ? "one of " + known.join(", ") : "the page has no such choice";
      refuse(`--${label} ${options[label]}: ${choices}`);
    }
    await select.selectOption({label: options[label]});
  }
  if (options.pick === undefined) return;
  if (!(await page.evaluate((number) => pickNumber(number), Number(options.pick)))) {
    refuse(`--pick ${options.pick}: no such point that is done`);
  }
}

// An image has one description, the document's: what each mark says of itself is for the page.
function slim(svg) {
  const spoken = / (aria-label|aria-roledescription|role)="[^"]*"/g;
  return svg
    .replace(/<path [^>]*>/g, (mark) => mark.replace(spoken, ""))
    .replace(/\d+\.\d{3,}/g, (number) => String(Number(Number(number).toFixed(1))));
}

async function main() {
  const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
  const browser = await chromium.launch({executablePath, args: ["--no-sandbox"]});
  try {
    const page = await browser.newPage({viewport: {width: 1200, height: 900}, colorScheme: "light"});
    await page.goto("file://" + path.resolve(report));
    await page.waitForSelector("html[data-drawn]", {state: "attached"});
    await choose(page);
    const asked = [Number(options.width || 860), options.only];
    const files = await page.evaluate(([width, only]) => pictures(width, only), asked);
    if (files.length === 0) refuse(report + ": no chart" + (options.only ? ` called '${options.only}'` : ""));
    fs.mkdirSync(folder, {recursive: true});
    for (const {name, svg} of files) {
      fs.writeFileSync(path.join(folder, name), slim(svg));
      console.log(path.join(folder, name));
    }
  } finally {
    await browser.close();
  }
}

main().catch((error) => refuse(error.message.split("\n")[0]));
