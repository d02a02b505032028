// The page of a run and of a comparison, as a person would use it.
"use strict";
const {expect, expectQuiet, open, dataOf, column} = require("./browser.cjs");

const table = "table[aria-label='layers']";
const rows = (page) => page.locator(`${table} > tbody > tr:not(.opened)`);

// Totals first, then the layers each with a line, where the figures come from at the end.
async function checkOrder(page, report, label) {
  const heads = await page.$$eval(".study:first-of-type h2", (all) => all.map((head) => head.textContent));
  const place = (word) => heads.findIndex((head) => head.startsWith(word));
  expect(
    place("Where it went") >= 0 && place("Where it went") < place("Layers"),
    `${label}: totals before the layers`
  );
  expect(heads.at(-1) === "Where the figures come from", `${label}: where they come from at the end`);
  const [study] = report.studies,
    {layers} = study.machines[0];
  const names = await column(page, "layers", 0);
  expect(
    String(names) === String(layers.map((layer) => layer.layer)),
    `${label}: ${names.length} layers in their order`
  );
  const end = await page.locator("section").last().textContent();
  expect(
    end.includes(study.command) && study.command.startsWith("basil "),
    `${label}: the command at the end`
  );
  const set = study.machines.flatMap((machine) => machine.overrides);
  expect(
    set.length > 0 && set.every((key) => end.includes(key)),
    `${label}: the overrides at the end: ${set}`
  );
  expect(end.includes("fingerprint " + study.trace_fingerprint), `${label}: which trace file it was`);
}

// The causes as the JSON has them, which the library's tests compute by hand.
async function checkCauses(page, report, label) {
  for (const [index, machine] of report.studies[0].machines.entries()) {
    const said = await page.locator(".causes").nth(index).locator("li").allTextContents();
    const expected = machine.causes.map((cause) => cause.sentence).join("\n"),
      held = said.join("\n").replaceAll("\u00a0", " ") === expected;
    expect(said.length === 3 && held, `${label}: the three costliest causes of ${machine.name}: ${said[0]}`);
  }
}

// Names after sorting, by a head of the layers: `figure(layer)` falls.
async function checkSorting(page, report, label, headText, figure) {
  const [machine] = report.studies[0].machines;
  const value = Object.fromEntries(machine.layers.map((layer) => [layer.layer, figure(layer, machine)]));
  const head = page.locator(`${table} thead button`, {hasText: headText}).first();
  await head.click();
  const fallen = (await column(page, "layers", 0)).map((name) => value[name]);
  expect(
    fallen.every((each, i) => i === 0 || fallen[i - 1] >= each),
    `${label}: a click sorts by ${headText}`
  );
  await head.press("Enter");
  const risen = (await column(page, "layers", 0)).map((name) => value[name]);
  expect(
    risen.every((each, i) => i === 0 || risen[i - 1] <= each),
    `${label}: the key Enter turns it round`
  );
  const sorted = await page.$eval(`${table} th[aria-sort]`, (cell) => cell.getAttribute("aria-sort"));
  expect(sorted === "ascending", `${label}: the order is told to assistive software`);
  await page.locator(`${table} thead button`, {hasText: /^layer/}).click();
  expect(
    (await column(page, "layers", 0))[0] === machine.layers[0].layer,
    `${label}: and back in the network's order`
  );
}

const digits = (text) => Number(text.replace(/\D/g, ""));

// A row opens into what is known of its layer, moves with it when sorted, and closes.
async function checkDetails(page, report, label) {
  const button = rows(page).first().locator("button"),
    [
      {
        layers: [layer]
      }
    ] = report.studies[0].machines;
  await button.press("Enter");
  const details = page.locator(`${table} tr.opened`);
  expect(
    (await details.count()) === 1 && (await button.getAttribute("aria-expanded")) === "true",
    `${label}: Enter opens a row`
  );
  const cells = await details
    .locator("table.parts")
    .first()
    .locator("tr")
    .last()
    .locator("td")
    .allTextContents();
  expect(
    Math.abs(digits(cells[0]) - layer.cycles) <= 1,
    `${label}: its cycles by bin add up to ${layer.cycles}`
  );
  const text = await details.textContent();
  expect(
    text.includes(layer.mapping) && text.includes(`${layer.shape.R} \u00d7 ${layer.shape.S}`),
    `${label}: with mapping and shape`
  );
  await page.locator(`${table} thead th`).nth(1).locator("button").click();
  const above = await details.evaluate((row) => row.previousElementSibling.cells[0].textContent.trim());
  expect(above === layer.layer, `${label}: it moves with its row`);
  await page.locator(`${table} tr:has(+ tr.opened) button`).click();
  expect((await details.count()) === 0, `${label}: a second time closes it`);
  await page.locator(`${table} thead button`, {hasText: /^layer/}).click();
}

// A bar says its parts with their percentages, which add up.
async function checkTips(page, label) {
  const bar = rows(page).first().locator("svg.bar").first();
  await bar.scrollIntoViewIfNeeded(); // a scroll hides tips, so that it must have come to its end
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await bar.hover();
  const tip = page.locator("#tip"),
    shares = await tip.locator("tr td:nth-child(3)").allTextContents();
  const whole = shares.reduce((sum, share) => sum + parseFloat(share), 0);
  expect(
    (await tip.isVisible()) && Math.abs(whole - 100) < 0.4,
    `${label}: a bar's tip has percentages: ${shares.join(" + ")}`
  );
  await page.keyboard.press("Escape");
  expect(!(await tip.isVisible()), `${label}: Escape hides it`);
}

// Eight labels on a run's roofline, numbers on both roofs, a dot a layer, each in the colour of its distance.
async function checkRoofline(page, report, label, labelled) {
  const {machines} = report.studies[0],
    charts = page.locator("figure[aria-label^='roofline']");
  expect((await charts.count()) === machines.length, `${label}: a roofline a machine`);
  const texts = await charts.first().locator("text").allTextContents();
  const roofs = texts.filter((text) => /PEs \u00d7 .*op\/s$|^DRAM .*B\/s$/.test(text));
  expect(roofs.length === 2, `${label}: numbers on the roofs: ${roofs.join(", ")}`);
  const names = await charts.first().locator(".label").allTextContents();
  const layers = machines[0].layers.filter((layer) => layer.bound_effectual_macs > 0);
  const distance = (layer) => layer.cycles / layer.bound_cycles;
  const worst = [...layers].sort((a, b) => distance(b) - distance(a)).slice(0, labelled);
  expect(
    names.length === Math.min(labelled, layers.length) &&
      distance(worst.at(-1)) <=
        Math.min(...names.map((name) => distance(layers.find((layer) => layer.layer === name)))) * 1.0000001,
    `${label}: the ${names.length} furthest from their bound are named: ${names.slice(0, 3)}`
  );
  const dot = charts.first().locator("circle").first(),
    said = await dot.getAttribute("aria-label");
  const shown = layers.find((layer) => said.startsWith(layer.layer + ":"));
  const step = [1.5, 3, 6, 12].filter((limit) => distance(shown) > limit).length;
  expect(
    (await dot.getAttribute("fill")) === `var(--far-${step})`,
    `${label}: a dot's colour is its distance: ${said}`
  );
}

async function checkRunPage(browser, file, label) {
  const report = dataOf(file),
    several = report.studies[0].machines.length > 1;
  const context = await browser.newContext({viewport: {width: 1440, height: 900}});
  const opened = await open(context, file),
    {page} = opened;
  await checkOrder(page, report, label);
  await checkCauses(page, report, label);
  await checkTips(page, label);
  await checkDetails(page, report, label);
  await checkRoofline(page, report, label, several ? 4 : 8);
  if (several) await checkMeasures(page, report, label);
  else await checkTwoScreens(page, report, label);
  expectQuiet(opened, label);
  await context.close();
}

// The whole page of a run within two screens; a cause leads to its worst layer.
async function checkTwoScreens(page, report, label) {
  const bottom = await page.evaluate(() => document.documentElement.scrollHeight);
  expect(
    bottom <= 2 * 900,
    `${label}: of ${report.studies[0].machines[0].layers.length} layers ends at ${bottom} px`
  );
  await checkSorting(page, report, label, "time", (layer) => layer.cycles);
  await checkSorting(page, report, label, "energy", (layer) => layer.energy_pj);
  await checkSorting(page, report, label, "bound", (layer) => layer.cycles / layer.bound_cycles);
  const cause = page.locator(".causes button").nth(1),
    name = await cause.textContent();
  await cause.click();
  const above = await page.$eval(`${table} tr.opened`, (row) =>
    row.previousElementSibling.cells[0].textContent.trim()
  );
  expect(above === name, `${label}: a cause opens its layer`);
}

// One measure at a time, on one scale or each machine's own.
async function checkMeasures(page, report, label) {
  const {machines} = report.studies[0];
  await page.getByLabel("energy", {exact: true}).check();
  await page.getByLabel("one for all").check();
  const lengths = await rows(page)
    .first()
    .locator("svg.bar")
    .evaluateAll((bars) =>
      bars.map((bar) => [...bar.children].reduce((sum, part) => sum + Number(part.getAttribute("width")), 0))
    );
  const energies = machines.map((machine) => machine.layers[0].energy_pj);
  const ratio = (values) => values[0] / values[1];
  expect(
    lengths.length === machines.length && Math.abs(ratio(lengths) / ratio(energies) - 1) < 0.01,
    `${label}: bars of ${machines.length} machines on one scale`
  );
  await page.getByLabel("each its own").check();
  const head = await page.locator(`${table} thead th`).nth(2).textContent();
  expect(head.startsWith(machines[1].name), `${label}: a column a machine: ${head}`);
}

module.exports = {checkRunPage};
