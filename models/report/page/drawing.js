// What every page is made of: charts that follow the window's width, pictures of them, sections, what print needs.
const report = JSON.parse(document.getElementById("basil-data").textContent);
const page = document.getElementById("page");
const drawings = [];  // {figure, body, caption, spec(width, share, alone), picked(datum, figure), view once drawn}
let share = false;

// `caption` names it for assistive software. `spec`: what is drawn, or nothing; `alone`: in a picture, without
// the page around it. `picked`: told the datum of a mark that is clicked.
function chart(spec, caption, picked) {
  const figure = element("figure", {role: "group", "aria-label": caption});
  if (!report.charts) return figure;
  const drawing = {figure, caption, spec, picked, body: element("div", {})};
  const save = element("button", {type: "button", class: "save", "aria-label": "Save as SVG: " + caption}, "Save as SVG");
  save.addEventListener("click", () => download(drawing));
  figure.append(drawing.body, save);
  drawings.push(drawing);
  return figure;
}

// Sections that are nothing but a chart.
function drawn(make) {
  return report.charts ? [make()] : [];
}

async function draw(drawing) {
  const spec = drawing.spec(Math.max(420, drawing.figure.clientWidth), share);
  if (drawing.view) drawing.view.finalize();
  drawing.view = null;
  drawing.figure.hidden = !spec;
  if (!spec) return;
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const {view} = await vegaEmbed(drawing.body, {...spec, config: look}, {
    renderer: "svg", ast: true, tooltip: {theme: dark ? "dark" : "light"}, actions: false});
  drawing.view = view;
  if (drawing.picked) view.addEventListener("click", (_, item) => { if (item && item.datum) drawing.picked(item.datum, drawing.figure); });
}

// One after another, and one round after another: `data-drawn` counts the rounds.
let rounds = Promise.resolve();
function drawAll(some = drawings) {
  rounds = rounds.then(async () => {
    for (const drawing of some) await draw(drawing);
    document.documentElement.dataset.drawn = Number(document.documentElement.dataset.drawn || 0) + 1;
  });
  return rounds;
}

// A chart as a file of its own: its title in it, in the light colours, on white.
const light = {  // as report.css has them
  "--ink": "#1c2126", "--quiet": "#59636e", "--line": "#d5dbe1", "--paper": "#ffffff", "--link": "#0b5cad",
};

async function picture(drawing, width = 860) {
  const spec = drawing.spec(width, share, true);
  if (!spec) return null;
  const note = spec.usermeta ? [spec.usermeta.note] : [];
  const title = {text: spec.description, subtitle: [document.title, ...note], anchor: "start", offset: 12, color: "var(--ink)", subtitleColor: "var(--quiet)"};
  const {view} = await vegaEmbed(element("div", {}), {...spec, title, padding: 10, config: {...look, background: light["--paper"]}},
    {renderer: "svg", ast: true, actions: false});
  const svg = await view.toSVG();
  view.finalize();
  return svg.replace(/var\((--[a-z]+)\)/g, (_, name) => light[name]);
}

function fileName(drawing) {
  return (document.title + " " + drawing.caption).replace(/[^A-Za-z0-9]+/g, "-").replace(/^-|-$/g, "").toLowerCase() + ".svg";
}

async function download(drawing) {
  const address = URL.createObjectURL(new Blob([await picture(drawing)], {type: "image/svg+xml"}));
  element("a", {href: address, download: fileName(drawing)}).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

// For scripts: {name, svg} of every chart of the page, or of those with one caption.
async function pictures(width, caption) {
  await rounds;
  const files = [];
  for (const drawing of drawings.filter((drawing) => !caption || drawing.caption === caption)) {
    const svg = await picture(drawing, width);
    if (svg) files.push({name: fileName(drawing), svg});
  }
  return files;
}

// `contents`: of the page or of a part of it, told each section.
function section(contents, anchor, title, ...children) {
  contents.push([anchor, title]);
  return element("section", {id: anchor, "aria-labelledby": anchor + "-title"}, element("h2", {id: anchor + "-title"}, title), ...children);
}

function contentsOf(contents) {
  return element("nav", {"aria-label": "contents"}, element("ul", {}, ...contents.map(([anchor, title]) =>
    element("li", {}, element("a", {href: "#" + anchor}, title)))));
}

function tiles(pairs) {
  return element("dl", {class: "tiles"}, ...pairs.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}

function chartless() {
  return report.charts ? [] : [element("p", {class: "warn"}, "This basil was built without Vega-Lite: no charts, all figures in the tables. \u2018npm ci\u2019 in models/report/page and a new build bring them.")];
}

let resized = 0;
let drawnWidth = page.clientWidth;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => { if (page.clientWidth !== drawnWidth) { drawnWidth = page.clientWidth; drawAll(); } }, 200);
});

// On paper nothing can be opened: print has every table.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...page.querySelectorAll("details:not([open])")];
  for (const part of opened) part.open = true;
});
addEventListener("afterprint", () => { for (const part of opened) part.open = false; });
