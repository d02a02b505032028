// A report in headless Chromium, as a person would use it.
//   node report_browser.cjs BASIL SAMPLES     exit 0 held, 1 not, 77 where Chromium or playwright-core is missing
"use strict";
const {execFileSync} = require("node:child_process");
const fs = require("node:fs"), os = require("node:os"), path = require("node:path");

function skip(reason) {
  console.log("skipped: " + reason);
  process.exit(77);
}

const source = path.join(__dirname, "..");
const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((file) => fs.existsSync(file));
if (!browser) skip("no Chromium (Debian's package chromium)");
let chromium;
try {
  ({chromium} = require(path.join(source, "models", "report_template", "node_modules", "playwright-core")));
} catch {
  skip("no playwright-core (npm ci)");
}

const [basil, samples] = process.argv.slice(2);
let failures = 0;
function expect(held, what) {
  if (!held) ++failures;
  console.log((held ? "held    " : "MISSED  ") + what);
}

// The page opened, with what it complained of and what it asked for.
async function open(context, file) {
  const page = await context.newPage();
  const complaints = [], requests = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  const start = Date.now();
  await page.goto("file://" + file);
  await page.waitForSelector("html[data-drawn='1']", {state: "attached"});
  return {page, complaints, requests, milliseconds: Date.now() - start};
}

async function column(page, table, index) {
  return page.$$eval(`table[aria-label="${table}"] tbody tr`, (rows, i) => rows.map((row) => row.cells[i].textContent), index);
}

async function checkCharts(page, report, name) {
  const figures = await page.$$eval("figure", (all) => all.map((figure) => ({
    label: figure.getAttribute("aria-label"), marks: figure.querySelectorAll("svg .mark-rect path, svg .mark-symbol path").length})));
  expect(figures.length >= 4 && figures.every((figure) => figure.marks > 0), `${name}: ${figures.length} charts, each with marks`);
  const texts = await page.$$eval("figure[aria-label='energy a layer'] svg text", (all) => all.map((text) => text.textContent));
  const layers = report.studies[0].machines[0].layers.map((layer) => layer.name);
  expect(layers.every((layer) => texts.includes(layer)), `${name}: every layer beside its energy bar`);
}

async function checkSorting(page, report, name) {
  const machines = report.studies[0].machines;
  const head = page.locator("table[aria-label='layers'] thead button", {hasText: /^cycles$/});
  const place = await head.evaluate((button) => button.parentElement.cellIndex);
  const expected = machines.flatMap((machine) => machine.layers.map((layer) => layer.cycles)).sort((a, b) => b - a);
  const shown = async () => (await column(page, "layers", place)).map((text) => Number(text.replace(/\D/g, "")));
  await head.click();
  expect(String(await shown()) === String(expected), `${name}: a click sorts the layers by cycles`);
  await head.focus();
  await page.keyboard.press("Enter");
  expect(String(await shown()) === String(expected.reverse()), `${name}: the key Enter turns them round`);
  const sorted = await page.$eval("table[aria-label='layers'] th[aria-sort]", (cell) => cell.getAttribute("aria-sort"));
  expect(sorted === "ascending", `${name}: the order is told to assistive software`);
}

async function checkShares(page, name) {
  await page.getByLabel("shares").check();
  await page.waitForSelector("html[data-drawn='2']", {state: "attached"});
  const texts = await page.$$eval("figure[aria-label='energy a layer'] svg text", (all) => all.map((text) => text.textContent));
  expect(texts.includes("100%"), `${name}: bars show shares`);
}

async function checkClick(page, name) {
  await page.locator("figure[aria-label='energy a layer'] svg .mark-rect path").first().click({force: true});
  expect(await page.locator("table[aria-label='layers'] tr.picked").count() === 1, `${name}: a click on a bar shows the layer's line`);
}

async function check(instance, file, name) {
  const report = JSON.parse(/id="basil-data">(.*?)<\/script>/s.exec(fs.readFileSync(file, "utf8"))[1]);
  for (const colorScheme of ["light", "dark"]) {
    const context = await instance.newContext({viewport: {width: 1200, height: 900}, colorScheme});
    const {page, complaints, requests, milliseconds} = await open(context, file);
    const label = `${name}, ${colorScheme}`;
    await checkCharts(page, report, label);
    await checkSorting(page, report, label);
    await checkShares(page, label);
    await checkClick(page, label);
    expect(complaints.length === 0, `${label}: no complaint on the console ${complaints.join(" | ").slice(0, 300)}`);
    expect(requests.length === 1, `${label}: nothing asked for but the file`);
    console.log(`        opened and drawn in ${milliseconds} ms`);
    await context.close();
  }
}

async function main() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "basil-report-"));
  const run = path.join(folder, "run.html"), compared = path.join(folder, "compare.html");
  let instance;
  try {
    execFileSync(basil, ["run", path.join(samples, "lenet.npz"), "--on", "eyeriss", "--quiet", "--report", run]);
    execFileSync(basil, ["compare", path.join(samples, "lenet.npz"), "--on", "eyeriss,scnn,sparten", "--quiet", "--report", compared]);
    if (!fs.readFileSync(run, "utf8").includes('"charts":true')) skip("this build has no Vega-Lite (npm ci, then build)");
    instance = await chromium.launch({executablePath: browser, args: ["--no-sandbox"]});
    await check(instance, run, "run");
    await check(instance, compared, "compare");
  } finally {
    if (instance) await instance.close();
    fs.rmSync(folder, {recursive: true, force: true});
  }
  process.exit(failures ? 1 : 0);
}

main().catch((error) => {
  console.log(error);
  process.exit(1);
});
