// A timeline as a reader of the Trace Event Format lays it out: a row a track, slices under those that
// enclose them, counters as areas, arrows from slice to slice. Drawn from the file alone.
"use strict";
const path = require("node:path");
const {expect} = require("./browser.cjs");

const left = 165,
  right = 12,
  rowHeight = 20,
  counterHeight = 34;

const colours = {
  "load weights": "#0072b2",
  "load filters": "#0072b2",
  filters: "#0072b2",
  "load ifmap": "#56b4e9",
  ifmap: "#56b4e9",
  "psums in": "#cc79a7",
  "drain psums": "#cc79a7",
  "drain ofmap": "#cc79a7",
  compute: "#009e73",
  "wait for DRAM": "#d55e00"
};
const colourOf = (name) => colours[name] || (name.startsWith("pass ") ? "#a6bddb" : "#d5dbe1");

const escaped = (text) => String(text).replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);

// Rows of one process in their order: {title, slices: [{...event, depth}], depths} or {title, values}.
function rowsOf(events, process) {
  const own = events.filter((event) => event.pid === process);
  const rows = own
    .filter((event) => event.name === "thread_name")
    .map((event) => ({tid: event.tid, title: event.args.name, slices: [], depths: 1}));
  for (const event of own.filter(({ph}) => ph === "X")) {
    const row = rows.find(({tid}) => tid === event.tid);
    const depth = row.slices.filter(
      (other) => other.ts <= event.ts && event.ts + event.dur <= other.ts + other.dur
    ).length;
    row.slices.push({...event, depth});
    row.depths = Math.max(row.depths, depth + 1);
  }
  const counters = new Map();
  for (const event of own.filter(({ph}) => ph === "C")) {
    if (!counters.has(event.name)) counters.set(event.name, []);
    counters.get(event.name).push({at: event.ts, value: event.args.value});
  }
  return [...rows, ...[...counters].map(([title, values]) => ({title, values}))];
}

function slicesSvg(row, top, x) {
  return row.slices
    .map((slice) => {
      const from = x(slice.ts),
        width = Math.max(0.6, x(slice.ts + slice.dur) - from - 0.4),
        y = top + slice.depth * rowHeight;
      const dark = ["#0072b2", "#009e73", "#d55e00"].includes(colourOf(slice.name)) ? "on-dark" : "";
      const words =
        width > 5.9 * slice.name.length + 6
          ? `<text x="${from + 4}" y="${y + 14}" class="${dark}">${escaped(slice.name)}</text>`
          : "";
      return (
        `<rect x="${from}" y="${y + 1}" width="${width}" height="${rowHeight - 2}" ` +
        `fill="${colourOf(slice.name)}"/>${words}`
      );
    })
    .join("");
}

// A value holds until the next.
function counterSvg(row, top, x, end) {
  const most = Math.max(...row.values.map(({value}) => value)) || 1,
    floor = top + counterHeight - 2;
  const y = ({value}) => floor - ((counterHeight - 6) * value) / most;
  const steps = row.values.map((one, i) => {
    const until = i + 1 < row.values.length ? row.values[i + 1].at : end;
    return `L${x(one.at)} ${y(one)}L${x(until)} ${y(one)}`;
  });
  const first = x(row.values[0].at);
  return (
    `<path d="M${first} ${floor}${steps.join("")}L${x(end)} ${floor}Z" fill="#7f9fd0" fill-opacity="0.55"/>` +
    `<text x="${left - 6}" y="${top + 28}" text-anchor="end" class="quiet">` +
    `up to ${Number(most.toPrecision(3))}</text>`
  );
}

function flowsSvg(events, process, middle, x) {
  const starts = new Map(events.filter(({ph}) => ph === "s").map((event) => [event.id, event]));
  return events
    .filter((event) => event.ph === "f" && event.pid === process)
    .map((event) => {
      const from = starts.get(event.id);
      const [x1, y1, x2, y2] = [x(from.ts), middle(from), x(event.ts), middle(event)];
      const bend = Math.min(60, Math.max(14, (x2 - x1) / 2));
      return (
        `<path d="M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}" class="flow"/>` +
        `<circle cx="${x2}" cy="${y2}" r="1.8"/>`
      );
    })
    .join("");
}

function ruler(end, width, height, x) {
  const rough = end / 8,
    power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  let marks = "";
  for (let at = 0; at <= end; at += step) {
    marks +=
      `<line x1="${x(at)}" x2="${x(at)}" y1="42" y2="${height}" class="grid"/>` +
      `<text x="${x(at)}" y="38" text-anchor="middle" class="quiet">${at.toLocaleString("en")}</text>`;
  }
  return marks;
}

// A page with the picture of the file's first process.
function timelinePage(timeline, width) {
  const events = timeline.traceEvents,
    end = timeline.otherData.cycles,
    process = 1;
  const x = (at) => left + ((width - left - right) * at) / end;
  let top = 46,
    body = "";
  const tops = new Map();
  for (const row of rowsOf(events, process)) {
    const height = row.values ? counterHeight : row.depths * rowHeight;
    if (row.slices) tops.set(row.tid, top + (row.depths - 0.5) * rowHeight);
    const [title] = row.title.split(", bytes");
    body +=
      `<rect x="0" y="${top}" width="${width}" height="${height}" class="row"/>` +
      `<text x="${left - 6}" y="${top + 14}" text-anchor="end">${escaped(title)}</text>` +
      (row.values ? counterSvg(row, top, x, end) : slicesSvg(row, top, x));
    top += height + 3;
  }
  const title = events.find(({name, pid}) => name === "process_name" && pid === process).args.name;
  const flows = flowsSvg(events, process, (event) => tops.get(event.tid), x);
  return `<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #fff; }
text { font: 11px system-ui, sans-serif; fill: #1c2126; }
.title { font-size: 14px; font-weight: 600; }
.on-dark { fill: #fff; }
.quiet { fill: #59636e; font-size: 10px; }
.row { fill: #f3f5f7; }
.grid { stroke: #d5dbe1; stroke-width: 0.7; }
.flow { fill: none; stroke: #1c2126; stroke-width: 0.8; }
</style><svg width="${width}" height="${top + 4}" viewBox="0 0 ${width} ${top + 4}">
<text x="8" y="18" class="title">${escaped(title)}</text>
${ruler(end, width, top, x)}${body}${flows}</svg>`;
}

// Each slice and arrow of the file is in the picture.
async function checkTimeline(browser, timeline, pictures) {
  const page = await browser.newPage({viewport: {width: 1280, height: 700}});
  await page.setContent(timelinePage(timeline, 1280));
  const of = (phase) => timeline.traceEvents.filter(({ph}) => ph === phase).length;
  const slices = await page.locator("rect:not(.row)").count(),
    arrows = await page.locator(".flow").count();
  expect(slices === of("X") && slices > 50, `timeline: ${slices} slices`);
  expect(arrows === of("f") && arrows > 10, `timeline: ${arrows} arrows`);
  const out = await page.$$eval("text", (all) =>
    all.filter((text) => text.getBBox().x < 0).map((text) => text.textContent)
  );
  expect(out.length === 0, `timeline: no name cut ${out}`);
  if (pictures) await page.locator("svg").screenshot({path: path.join(pictures, "timeline.png")});
  await page.close();
}

module.exports = {checkTimeline};
