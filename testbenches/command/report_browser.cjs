// A report in headless Chromium, as a person would use it.
//   node report_browser.cjs BASIL SAMPLES     exit 0 held, 1 not, 77 where Chromium or playwright-core is missing
// With BASIL_FULL set also a study of 1,000 points.
"use strict";
const {execFileSync} = require("node:child_process");
const fs = require("node:fs"), os = require("node:os"), path = require("node:path");

function skip(reason) {
  console.log("skipped: " + reason);
  process.exit(77);
}

const source = path.join(__dirname, "..", "..");
const browser = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((file) => fs.existsSync(file));
if (!browser) skip("no Chromium (Debian's package chromium)");
let chromium;
try {
  ({chromium} = require(path.join(source, "models", "report", "page", "node_modules", "playwright-core")));
} catch {
  skip("no playwright-core (npm ci)");
}

const [basil, samples] = process.argv.slice(2).map((word) => path.resolve(word));
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
  const bars = report.studies[0].machines.reduce((count, machine) => count + machine.layers.length, 0);
  const whiskers = await page.$$eval("figure[aria-label='energy a layer'] svg .mark-rule.role-mark line", (all) => all.length);
  expect(whiskers === bars * report.studies.length, `${name}: ${whiskers} whiskers on the energy bars`);
  const text = await page.textContent("body");
  expect(text.includes("low \u2026 high") || text.includes("low and high"), `${name}: what the whiskers are`);
  expect(report.studies.every((study) => text.includes("fingerprint " + study.trace_fingerprint)), `${name}: which trace file it was`);
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

// A study of two traces, one of them made by a recipe and called what would end an element, were it markup.
const hostile = "net</script><b id=x>";
function studyText() {
  return `traces:
  - {name: "${hostile}", file: "${path.join(samples, "digits-lenet.npz")}", recipe: "steps: [{quantise: {bits: 8}}, {encode: bitmap}]"}
  - {name: lenet, file: "${path.join(samples, "lenet.npz")}"}
accelerators: [eyeriss, scnn]
parameters: {dram.link_mhz: [60, 240], noc.ifmap_bits: [16, 8, 32]}
objectives: [energy, seconds * area]
`;
}

// The made page's point, and what the command that it shows finds.
function runCommand(command, folder) {
  const found = path.join(folder, "point.json");
  execFileSync("bash", ["-c", `${command} --quiet --json ${found}`], {cwd: folder, env: {...process.env, PATH: path.dirname(basil) + ":" + process.env.PATH}});
  return JSON.parse(fs.readFileSync(found, "utf8"))[0].accelerators[0];
}

async function pickedPoint(page) {
  return Number(/Point (\d+)/.exec(await page.textContent(".detail h3"))[1]);
}

async function checkPicking(page, name) {
  const rounds = async () => Number(await page.getAttribute("html", "data-drawn"));
  await page.locator("figure[aria-label='Pareto front'] svg path[aria-label^='point 2:']").dispatchEvent("click");
  const clicked = await pickedPoint(page);
  expect(clicked === 2, `${name}: a click on point 2 shows it`);
  expect(await page.locator("table[aria-label='points'] tr.picked td").first().textContent() === "2", `${name}: and marks its line`);
  const lines = page.locator("table[aria-label='points'] tbody tr");
  await page.locator("table[aria-label='points'] tbody tr[tabindex='0']").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  const before = await rounds();
  await page.keyboard.press("Enter");
  const wanted = Number(await lines.nth(await lines.count() - 2).locator("td").first().textContent());
  const entered = await pickedPoint(page);
  expect(entered === wanted && entered !== clicked, `${name}: arrow keys and Enter show point ${wanted}`);
  expect(await page.evaluate(() => document.activeElement.tagName) === "H3", `${name}: and move to it`);
  await page.keyboard.press("Escape");
  expect(await page.evaluate(() => document.activeElement.tagName) === "TR", `${name}: Escape goes back to its line`);
  await page.waitForFunction((drawn) => Number(document.documentElement.dataset.drawn) > drawn, before);
}

async function checkChoices(page, name) {
  const title = () => page.$$eval("figure[aria-label='Pareto front'] .role-axis-title text", (all) => all.map((text) => text.textContent).join());
  await page.locator("select[name='across']").selectOption({label: "cycles"});
  await page.waitForFunction(() => document.querySelector("figure[aria-label='Pareto front'] svg").textContent.includes("cycles"));
  expect((await title()).includes("cycles"), `${name}: the axis chosen is drawn`);
  const first = await column(page, "points", 0);
  await page.locator("select[name='trace']").selectOption({label: "lenet"});
  expect(String(await column(page, "points", 0)) !== String(first), `${name}: the trace chosen has other points`);
}

// Long values that are much alike stay apart.
async function checkLabels(page, name) {
  const values = [4, 6].flatMap((bases) => [0.1, 0.3].map((density) => `steps: [{quantise: {bits: 8}}, {basis: {bases: ${bases}, density: ${density}}}]`));
  const labels = await page.evaluate((texts) => labelsOf(texts), values);
  expect(new Set(labels).size === 4 && labels.every((label) => label.length < 40) && labels[0].includes("bases: 4, density: 0.1"), `${name}: recipes are told apart: ${labels[0]}`);
}

async function checkStudy(instance, file, folder) {
  const report = JSON.parse(/id="basil-data">(.*?)<\/script>/s.exec(fs.readFileSync(file, "utf8"))[1]);
  for (const colorScheme of ["light", "dark"]) {
    const context = await instance.newContext({viewport: {width: 1200, height: 900}, colorScheme});
    const {page, complaints, requests, milliseconds} = await open(context, file);
    const label = `sweep, ${colorScheme}`;
    const figures = await page.$$eval("figure:not([hidden])", (all) => all.map((figure) => figure.querySelectorAll("svg .mark-rect path, svg .mark-symbol path").length));
    expect(figures.length === 4 && figures.every((marks) => marks > 0), `${label}: ${figures.length} charts, each with marks`);
    const cells = async () => (await column(page, "points", 0)).map(Number);
    await page.locator("table[aria-label='points'] thead button", {hasText: /^energy$/}).click();
    const joules = (number) => report.points.figures.energy_pj[report.points.point.indexOf(number)];
    const sorted = await cells();
    expect(sorted.length > 2 && sorted.every((number, i) => i === 0 || joules(sorted[i - 1]) >= joules(number)), `${label}: a click sorts the points by energy`);
    await checkPicking(page, label);
    expect(await page.locator("table[aria-label='points refused or failed'] tbody tr").count() === 4, `${label}: the refused points with their error`);
    expect(await page.locator("#x").count() === 0, `${label}: a name that looks like markup is text`);
    const number = await pickedPoint(page);
    if (colorScheme === "light") {
      const found = runCommand(await page.textContent(".detail pre"), folder), row = report.points.point.indexOf(number);
      expect(found.cycles === report.points.figures.cycles[row] && found.energy_pj === report.points.figures.energy_pj[row], `${label}: the command shown gives the point's figures`);
    }
    await checkLabels(page, label);
    await checkChoices(page, label);
    expect(complaints.length === 0, `${label}: no complaint on the console ${complaints.join(" | ").slice(0, 300)}`);
    expect(requests.length === 1, `${label}: nothing asked for but the file`);
    console.log(`        opened and drawn in ${milliseconds} ms`);
    await context.close();
  }
}

// A study as large as the page is made for: 1,000 points of fashion-vgg.
async function checkLarge(instance, folder) {
  const study = path.join(folder, "large.yaml"), file = path.join(folder, "large.html");
  fs.writeFileSync(study, `traces: "${path.join(samples, "fashion-vgg.npz")}"
accelerators: [eyeriss, int16, lightpe1, lightpe2]
parameters: {array.rows: [6, 8, 10, 12, 16], array.cols: [7, 8, 14, 16, 28], buffers.fmaps.bytes: [51200, 102400], dram.link_mhz: [60, 120, 240, 480, 960]}
`);
  execFileSync(basil, ["sweep", study, "--db", path.join(folder, "large.sqlite"), "--quiet", "--jobs", "2", "--report", file]);
  const bytes = fs.statSync(file).size;
  expect(bytes < 3e6, `1,000 points: ${bytes} bytes, under 3 MB`);
  const context = await instance.newContext({viewport: {width: 1200, height: 900}});
  const {page, milliseconds} = await open(context, file);
  expect(await page.locator("table[aria-label='points'] tbody tr").count() === 1000, "1,000 points: a line each");
  expect(milliseconds < 2000, `1,000 points: opened and drawn in ${milliseconds} ms, under 2 s`);
  await context.close();
}

// Each chart as a file that stands alone.
function checkPictures(report, folder) {
  const script = path.join(__dirname, "..", "studies", "pictures.cjs"), out = path.join(folder, "pictures");
  execFileSync(process.execPath, [script, report, out, "--up", "cycles"]);
  const texts = fs.readdirSync(out).map((name) => fs.readFileSync(path.join(out, name), "utf8"));
  expect(texts.length === 4 && texts.every((text) => text.startsWith("<svg") && !text.includes("var(") && text.includes("Study study")), `${texts.length} pictures, titled, in colours of their own`);
  expect(texts.some((text) => text.includes(">Cycles against energy on net&lt;/script&gt;&lt;b id=x&gt;<")), "a picture of the axes chosen");
  checkPointsWithoutTheColour(script, folder);
}

// One accelerator has the parameter that colours the points, the other has not; both are drawn. The
// trace is synthetic.
function checkPointsWithoutTheColour(script, folder) {
  const study = path.join(folder, "own.yaml"), report = path.join(folder, "own.html"), out = path.join(folder, "own");
  fs.writeFileSync(path.join(folder, "small.yaml"), "name: small\nlayers: [{name: L0, C: 3, H: 8, K: 16, R: 3}]\n");
  fs.writeFileSync(study, "traces: {synth: small.yaml}\naccelerators: [eyeriss, {name: int16, parameters: {array.rows: [6, 12]}}]\n");
  execFileSync(basil, ["sweep", study, "--db", path.join(folder, "own.sqlite"), "--quiet", "--report", report]);
  execFileSync(process.execPath, [script, report, out, "--only", "Pareto front", "--colour", "array.rows"]);
  const text = fs.readFileSync(path.join(out, fs.readdirSync(out)[0]), "utf8");
  const marks = text.match(/<path [^>]*fill="(?!none|transparent)[^"]+"[^>]*opacity="0.8"[^>]*>/g) || [];
  expect(text.includes(">none<") && marks.length === 6, `${marks.length} of 6 marks, of three points and of a legend of three: none is for those without the parameter`);
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
    const study = path.join(folder, "study.yaml"), swept = path.join(folder, "study.html");
    fs.writeFileSync(study, studyText());
    execFileSync(basil, ["sweep", study, "--db", path.join(folder, "study.sqlite"), "--quiet", "--report", swept]);
    await checkStudy(instance, swept, folder);
    checkPictures(swept, folder);
    if (process.env.BASIL_FULL) await checkLarge(instance, folder);
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
