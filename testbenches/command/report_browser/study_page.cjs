// The page of a study, as a person would use it, and the pictures made of it.
"use strict";
const {execFileSync} = require("node:child_process");
const fs = require("node:fs"),
  path = require("node:path");
const {expect, expectQuiet, open, dataOf, column} = require("./browser.cjs");

// A study of two traces, one of them made by a recipe and called what would end an element, were it markup.
const hostile = "net</script><b id=x>";
const recipe = "steps: [{quantise: {bits: 8}}, {encode: bitmap}]";
const studyText = (samples) => `traces:
  - {name: "${hostile}", file: "${path.join(samples, "digits-lenet.npz")}", recipe: "${recipe}"}
  - {name: lenet, file: "${path.join(samples, "lenet.npz")}"}
accelerators: [eyeriss, scnn]
parameters: {dram.link_mhz: [60, 240], noc.ifmap_bits: [16, 8, 32]}
objectives: [energy, seconds * area]
`;

// The made page's point, and what the command that it shows finds.
function runCommand(basil, command, folder) {
  const found = path.join(folder, "point.json"),
    PATH = path.dirname(basil) + ":" + process.env.PATH;
  execFileSync("bash", ["-c", `${command} --quiet --json ${found}`], {
    cwd: folder,
    env: {...process.env, PATH}
  });
  return JSON.parse(fs.readFileSync(found, "utf8"))[0].accelerators[0];
}

async function pickedPoint(page) {
  return Number(/Point (\d+)/.exec(await page.textContent(".detail h3"))[1]);
}

async function checkPicking(page, name) {
  const rounds = async () => Number(await page.getAttribute("html", "data-drawn"));
  await page
    .locator("figure[aria-label='Pareto front'] svg path[aria-label^='point 2:']")
    .dispatchEvent("click");
  const clicked = await pickedPoint(page);
  expect(clicked === 2, `${name}: a click on point 2 shows it`);
  expect(
    (await page.locator("table[aria-label='points'] tr.picked td").first().textContent()) === "2",
    `${name}: and marks its line`
  );
  const lines = page.locator("table[aria-label='points'] tbody tr");
  await page.locator("table[aria-label='points'] tbody tr[tabindex='0']").focus();
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  const before = await rounds();
  await page.keyboard.press("Enter");
  const wanted = Number(
    await lines
      .nth((await lines.count()) - 2)
      .locator("td")
      .first()
      .textContent()
  );
  const entered = await pickedPoint(page);
  expect(entered === wanted && entered !== clicked, `${name}: arrow keys and Enter show point ${wanted}`);
  expect((await page.evaluate(() => document.activeElement.tagName)) === "H3", `${name}: and move to it`);
  await page.keyboard.press("Escape");
  expect(
    (await page.evaluate(() => document.activeElement.tagName)) === "TR",
    `${name}: Escape goes back to its line`
  );
  await page.waitForFunction((drawn) => Number(document.documentElement.dataset.drawn) > drawn, before);
}

async function checkChoices(page, name) {
  const title = () =>
    page.$$eval("figure[aria-label='Pareto front'] .axis", (all) =>
      all.map((text) => text.textContent).join()
    );
  await page.locator("select[name='across']").selectOption({label: "cycles"});
  await page.waitForFunction(() =>
    document.querySelector("figure[aria-label='Pareto front'] svg").textContent.includes("cycles")
  );
  expect((await title()).includes("cycles"), `${name}: the axis chosen is drawn`);
  const first = await column(page, "points", 0);
  await page.locator("select[name='trace']").selectOption({label: "lenet"});
  expect(
    String(await column(page, "points", 0)) !== String(first),
    `${name}: the trace chosen has other points`
  );
}

// A log axis where a figure spans much, until someone says otherwise.
async function checkLog(page, name) {
  const ticks = () =>
    page.$$eval("figure[aria-label='Pareto front'] .tick", (all) =>
      all.map((tick) => tick.textContent).join(" ")
    );
  const box = page.locator("input[name='log x']"),
    before = await ticks(),
    was = await box.isChecked();
  await box.setChecked(!was);
  const after = await ticks();
  expect(after !== before, `${name}: log turned ${was ? "off" : "on"} gives other ticks`);
  await box.setChecked(was);
  expect((await ticks()) === before, `${name}: and back`);
}

// Long values that are much alike stay apart.
async function checkLabels(page, name) {
  const values = [4, 6].flatMap((bases) =>
    [0.1, 0.3].map(
      (density) => `steps: [{quantise: {bits: 8}}, {basis: {bases: ${bases}, density: ${density}}}]`
    )
  );
  const labels = await page.evaluate((texts) => labelsOf(texts), values);
  expect(
    new Set(labels).size === 4 &&
      labels.every((label) => label.length < 40) &&
      labels[0].includes("bases: 4, density: 0.1"),
    `${name}: recipes are told apart: ${labels[0]}`
  );
}

// What the page shows of its points, and what the picked one's command finds.
async function checkPoints(page, report, label, basil, folder) {
  const {figures, point} = report.points;
  await page.locator("table[aria-label='points'] thead button", {hasText: /^energy$/}).click();
  const joules = (number) => figures.energy_pj[point.indexOf(number)];
  const sorted = (await column(page, "points", 0)).map(Number);
  const falls = sorted.every((number, i) => i === 0 || joules(sorted[i - 1]) >= joules(number));
  expect(sorted.length > 2 && falls, `${label}: a click sorts the points by energy`);
  await checkPicking(page, label);
  const row = point.indexOf(await pickedPoint(page));
  const found = runCommand(basil, await page.textContent(".detail pre"), folder);
  const same = found.cycles === figures.cycles[row] && found.energy_pj === figures.energy_pj[row];
  expect(same, `${label}: the command shown gives the point's figures`);
  const refused = await page.locator("table[aria-label='points refused or failed'] tbody tr").count();
  expect(refused === 4, `${label}: the refused points with their error`);
}

async function checkStudyPage(browser, basil, file, folder) {
  const report = dataOf(file),
    label = "study";
  const context = await browser.newContext({viewport: {width: 1200, height: 900}});
  const opened = await open(context, file),
    {page} = opened;
  const marks = await page.$$eval("figure:not([hidden])", (all) =>
    all.map((figure) => figure.querySelectorAll("svg .dot").length)
  );
  const drawn = marks.length === 2 && marks.every((count) => count > 0);
  expect(drawn, `${label}: ${marks.length} charts, each with marks`);
  const tiles = await page.locator(".tiles").first().locator("div").allTextContents();
  expect(
    tiles.includes(
      `on the Pareto front of their trace${report.fronts.reduce((sum, front) => sum + front.points, 0)}`
    ),
    `${label}: how many points are on a front: ${tiles.at(-1)}`
  );
  await checkPoints(page, report, label, basil, folder);
  expect((await page.locator("#x").count()) === 0, `${label}: a name that looks like markup is text`);
  const end = await page.locator("section").last().textContent();
  expect(end.includes("basil sweep"), `${label}: the command at the end`);
  await checkLabels(page, label);
  await checkLog(page, label);
  await checkChoices(page, label);
  expectQuiet(opened, label);
  await context.close();
}

// A study as large as the page is made for: 1,000 points of fashion-vgg.
async function checkLarge(browser, basil, samples, folder) {
  const study = path.join(folder, "large.yaml"),
    file = path.join(folder, "large.html");
  fs.writeFileSync(
    study,
    `traces: "${path.join(samples, "fashion-vgg.npz")}"
accelerators: [eyeriss, int16, lightpe1, lightpe2]
parameters:
  array.rows: [6, 8, 10, 12, 16]
  array.cols: [7, 8, 14, 16, 28]
  buffers.fmaps.bytes: [51200, 102400]
  dram.link_mhz: [60, 120, 240, 480, 960]
`
  );
  execFileSync(basil, [
    "sweep",
    study,
    "--db",
    path.join(folder, "large.sqlite"),
    "--quiet",
    "--jobs",
    "2",
    "--report",
    file
  ]);
  const bytes = fs.statSync(file).size;
  expect(bytes < 3e6, `1,000 points: ${bytes} bytes, under 3 MB`);
  const context = await browser.newContext({viewport: {width: 1200, height: 900}});
  const {page, milliseconds} = await open(context, file);
  expect(
    (await page.locator("table[aria-label='points'] tbody tr").count()) === 1000,
    "1,000 points: a line each"
  );
  expect(milliseconds < 2000, `1,000 points: opened and drawn in ${milliseconds} ms, under 2 s`);
  await context.close();
}

// Each chart as a file that stands alone.
function checkPictures(basil, report, folder) {
  const script = path.join(__dirname, "..", "..", "studies", "pictures.cjs"),
    out = path.join(folder, "pictures");
  execFileSync(process.execPath, [script, report, out, "--up", "cycles"]);
  const texts = fs.readdirSync(out).map((name) => fs.readFileSync(path.join(out, name), "utf8"));
  expect(
    texts.length === 2 &&
      texts.every(
        (text) => text.startsWith("<svg") && !text.includes("var(") && text.includes("Study study")
      ),
    `${texts.length} pictures, titled, in colours of their own`
  );
  expect(
    texts.some((text) => text.includes(">Cycles against energy on net&lt;/script&gt;&lt;b id=x&gt;<")),
    "a picture of the axes chosen"
  );
  checkPointsWithoutTheColour(basil, script, folder);
}

// One accelerator has the parameter that colours the points, the other has not; both are drawn. The
// trace is synthetic.
function checkPointsWithoutTheColour(basil, script, folder) {
  const study = path.join(folder, "own.yaml"),
    report = path.join(folder, "own.html"),
    out = path.join(folder, "own");
  fs.writeFileSync(
    path.join(folder, "small.yaml"),
    "name: small\nlayers: [{name: L0, C: 3, H: 8, K: 16, R: 3}]\n"
  );
  fs.writeFileSync(
    study,
    "traces: {synth: small.yaml}\naccelerators: [eyeriss, {name: int16, parameters: {array.rows: [6, 12]}}]\n"
  );
  execFileSync(basil, [
    "sweep",
    study,
    "--db",
    path.join(folder, "own.sqlite"),
    "--quiet",
    "--report",
    report
  ]);
  execFileSync(process.execPath, [script, report, out, "--only", "Pareto front", "--colour", "array.rows"]);
  const text = fs.readFileSync(path.join(out, fs.readdirSync(out)[0]), "utf8");
  const marks = text.match(/<path [^>]*fill="(?!none)[^"]+"[^>]*>/g) || [];
  expect(
    text.includes(">none<") && marks.length === 6,
    `${marks.length} of 6 marks, three points and a legend of three: none is for those without the parameter`
  );
}

module.exports = {studyText, checkStudyPage, checkLarge, checkPictures};
