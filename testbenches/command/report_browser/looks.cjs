// What a designer would check: nothing cut, nothing clumped, colours apart; and the pictures to look at.
"use strict";
const fs = require("node:fs"),
  path = require("node:path");
const {expect, open} = require("./browser.cjs");
const {leastDistance} = require("./colour_vision.cjs");

// Elements that reach beyond the window, but those inside what scrolls and shows so by a shadow.
function cutElements() {
  const scrolls = (element) =>
    element.closest(".scroll") &&
    element.closest(".scroll").scrollWidth > 0 &&
    getComputedStyle(element.closest(".scroll")).backgroundImage.includes("gradient");
  return [...document.querySelectorAll("main *")]
    .filter((element) => {
      const {right, width} = element.getBoundingClientRect();
      return width > 0 && right > innerWidth + 1 && !scrolls(element);
    })
    .map((element) => element.tagName + "." + element.getAttribute("class"));
}

// Bars longer than their cell.
function longBars() {
  return [...document.querySelectorAll("svg.bar")].filter((bar) => {
    const right = Math.max(0, ...[...bar.children].map((part) => part.getBoundingClientRect().right));
    const room = (bar.closest("td") || bar.parentElement).getBoundingClientRect().right;
    return (
      bar.getBoundingClientRect().width > 0 &&
      (right > room + 0.5 || right > bar.getBoundingClientRect().right + 0.5)
    );
  }).length;
}

// Words of charts outside of their chart, or on one another, sloping ones as they slope.
function badWords(selector) {
  const words = [...document.querySelectorAll(selector)].map((text) => {
    const box = text.getBBox(),
      matrix = text.getScreenCTM();
    const inset = 2; // letters leave room at the top and the bottom of their line
    const corners = [
      [box.x, box.y + inset],
      [box.x + box.width, box.y + inset],
      [box.x + box.width, box.y + box.height - inset],
      [box.x, box.y + box.height - inset]
    ].map(([x, y]) => ({
      x: matrix.a * x + matrix.c * y + matrix.e,
      y: matrix.b * x + matrix.d * y + matrix.f
    }));
    return {text: text.textContent, chart: text.closest("svg"), corners};
  });
  const out = words.filter(({chart, corners}) => {
    const frame = chart.getBoundingClientRect();
    return corners.some(
      ({x, y}) => x < frame.left - 1 || x > frame.right + 1 || y < frame.top - 1 || y > frame.bottom + 1
    );
  });
  // Two oblongs lie apart where the sides of one of them part them.
  const parted = (one, other) =>
    [0, 1].some((side) => {
      const across = {x: one[side + 1].y - one[side].y, y: one[side].x - one[side + 1].x};
      const reach = (corners) => corners.map(({x, y}) => x * across.x + y * across.y);
      const [a, b] = [reach(one), reach(other)];
      return Math.max(...a) <= Math.min(...b) || Math.max(...b) <= Math.min(...a);
    });
  const clash = words.flatMap((one, i) =>
    words
      .slice(i + 1)
      .filter(
        (other) =>
          one.chart === other.chart &&
          !parted(one.corners, other.corners) &&
          !parted(other.corners, one.corners)
      )
      .map((other) => one.text + " / " + other.text)
  );
  return [...out.map(({text}) => text + " outside"), ...clash];
}

// Of ticks: numbers alone, since the prefix is in the title.
function ticksWithLetters() {
  return [...document.querySelectorAll(".chart text.tick")]
    .map((text) => text.textContent)
    .filter((text) => !/^[\d.\u202f-]+( %)?$/.test(text));
}

async function checkLayout(page, label) {
  const cut = await page.evaluate(cutElements);
  expect(cut.length === 0, `${label}: nothing reaches beyond the window ${cut.slice(0, 5)}`);
  expect(
    await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    `${label}: no sideways scroll`
  );
  const bars = await page.$$eval("svg.bar", (all) => all.length);
  expect(bars > 0 && (await page.evaluate(longBars)) === 0, `${label}: ${bars} bars within their columns`);
  const wide = await page.$$eval(".tiles dd", (all) =>
    all.filter((value) => value.scrollWidth > value.clientWidth).map((value) => value.textContent)
  );
  expect(wide.length === 0, `${label}: totals within their tiles ${wide}`);
  const words = await page.evaluate(badWords, ".chart .label, .chart .axis, .chart .on-roof");
  expect(words.length === 0, `${label}: words of charts apart and inside ${words.slice(0, 4)}`);
  const letters = await page.evaluate(ticksWithLetters);
  expect(letters.length === 0, `${label}: ticks are numbers ${letters.slice(0, 4)}`);
  const nothing = await page.$$eval(
    ".legend li",
    (all) => all.filter((item) => / 0\.0 %/.test(item.textContent)).length
  );
  expect(nothing === 0, `${label}: nothing of 0.0 % in a legend`);
}

// Of notions that share a bar: apart to everyone, neighbours further.
const together = [
  ["work", "gated", "imbalance", "weights", "ifmap", "psums", "noc", "dram", "drain", "idle"],
  ["work", "index", "spad", "buffer", "noc", "dram", "leakage"],
  ["weights", "ifmap", "psums"],
  ["far-0", "far-1", "far-2", "far-3", "far-4"]
];

async function checkColours(page, label) {
  const colours = await page.evaluate((names) => {
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(names.map((name) => [name, style.getPropertyValue("--" + name).trim()]));
  }, together.flat());
  for (const names of together) {
    const pairs = names.flatMap((one, i) =>
      names
        .slice(i + 1)
        .map((other, j) => ({one, other, beside: j === 0, ...leastDistance(colours[one], colours[other])}))
    );
    const close = pairs.filter(({beside, distance}) => distance < (beside && names.length > 5 ? 16 : 11));
    expect(
      close.length === 0,
      `${label}: ${names[0]} to ${names.at(-1)} apart to the colour-blind ` +
        close
          .map(({one, other, vision, distance}) => `${one}/${other} ${distance.toFixed(1)} in ${vision}`)
          .join()
    );
  }
}

// On A4.
async function checkPrint(context, file, label, pictures) {
  const {page} = await open(context, file);
  await page.emulateMedia({media: "print"});
  const parted = await page.$$eval("h1, h2, h3, summary", (all) =>
    all
      .filter((head) => head.offsetParent && getComputedStyle(head).breakAfter !== "avoid")
      .map((head) => head.textContent)
  );
  expect(parted.length === 0, `${label}: in print headings stay with what follows ${parted.slice(0, 3)}`);
  const pdf = await page.pdf({
    path: pictures && path.join(pictures, label.replace(/\W+/g, "-") + ".pdf"),
    format: "A4",
    preferCSSPageSize: true
  });
  const sheets = pdf.toString("latin1").split("/Type /Page\n").length - 1;
  expect(sheets > 0 && sheets <= 14, `${label}: ${sheets} sheets of paper`);
  await page.close();
}

// Every width in light and dark, and on paper. `pictures`: the folder to leave them in, if any.
async function checkLooks(browser, file, kind, pictures) {
  if (pictures) fs.mkdirSync(pictures, {recursive: true});
  for (const colorScheme of ["light", "dark"]) {
    for (const [width, height] of [
      [1440, 900],
      [800, 900],
      [390, 844]
    ]) {
      const context = await browser.newContext({viewport: {width, height}, colorScheme});
      const {page, complaints} = await open(context, file),
        label = `${kind}, ${width} px, ${colorScheme}`;
      await checkLayout(page, label);
      if (width === 1440) await checkColours(page, label);
      if (pictures) {
        const name = `${kind}-${width}-${colorScheme}.png`;
        await page.screenshot({path: path.join(pictures, name), fullPage: true});
      }
      expect(complaints.length === 0, `${label}: no complaint ${complaints[0] || ""}`);
      await context.close();
    }
    const context = await browser.newContext({viewport: {width: 1440, height: 900}, colorScheme});
    await checkPrint(context, file, `${kind}-print-${colorScheme}`, pictures);
    await context.close();
  }
}

// The pictures of README.md and docs/, which docs/pictures has.
async function takeDocsPictures(browser, pages, folder) {
  const take = async (name, file, width, height, colorScheme, selector) => {
    const context = await browser.newContext({viewport: {width, height}, colorScheme});
    const {page} = await open(context, file);
    await page.$eval(selector, (element) => element.scrollIntoView({block: "start"}));
    await page.screenshot({path: path.join(folder, name)});
    await context.close();
  };
  await take("report-run.png", pages.run, 1280, 1000, "light", "body");
  await take("report-lenet-eyeriss.png", pages.small, 1100, 1000, "light", "body");
  await take("report-phone.png", pages.run, 390, 760, "dark", "#study0-layers");
}

module.exports = {checkLooks, takeDocsPictures};
