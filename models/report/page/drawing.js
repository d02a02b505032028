// What every page is made of: charts that follow the window's width, pictures of them, sections, what print
// needs.
const report = JSON.parse(document.getElementById("basil-data").textContent);
const page = document.getElementById("page");
const drawings = []; // {figure, body, caption, make(width, alone)}

// `caption` names it for assistive software. `make(width, alone)`: {root, description, note}, or nothing
// where there is nothing to draw; `alone`: in a picture, without the page around it.
function chart(caption, make) {
  const figure = element("figure", {role: "group", "aria-label": caption});
  const drawing = {figure, caption, make, body: element("div", {class: "drawn"})};
  const label = "Save as SVG: " + caption;
  const save = element("button", {type: "button", class: "save", "aria-label": label}, "Save as SVG");
  save.addEventListener("click", () => download(drawing));
  figure.append(drawing.body, save);
  drawings.push(drawing);
  return figure;
}

function draw(drawing) {
  const made = drawing.make(Math.max(280, drawing.figure.clientWidth), false);
  drawing.figure.hidden = !made;
  drawing.body.replaceChildren(...(made ? [made.root] : []));
}

// `data-drawn` counts the rounds.
function drawAll(some = drawings) {
  for (const drawing of some) if (drawing.figure.isConnected) draw(drawing);
  document.documentElement.dataset.drawn = Number(document.documentElement.dataset.drawn || 0) + 1;
}

// The style sheet's first rule has the light colours.
function lightColours() {
  const {style} = document.styleSheets[0].cssRules[0];
  return Object.fromEntries(
    [...style]
      .filter((name) => name.startsWith("--"))
      .map((name) => [name, style.getPropertyValue(name).trim()])
  );
}

// What the style sheet says of what is in a chart.
function chartStyle() {
  const rules = [...document.styleSheets[0].cssRules].filter(({selectorText}) => selectorText);
  const inCharts = rules.filter(({selectorText}) =>
    selectorText.split(",").every((one) => one.includes(".chart "))
  );
  return inCharts.map((rule) => rule.cssText).join("\n");
}

// A chart as a file of its own: its title in it, in the light colours, on white.
function picture(drawing, width = 860) {
  const made = drawing.make(width, true);
  if (!made) return null;
  const [, , , height] = made.root.getAttribute("viewBox").split(" ").map(Number);
  const lines = [document.title, ...(made.note ? [made.note] : [])],
    top = 34 + 15 * lines.length;
  const root = svg("svg", {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width + 20} ${top + height + 10}`,
    width: width + 20,
    class: "chart",
    height: top + height + 10
  });
  made.root.setAttribute("x", 10);
  made.root.setAttribute("y", top);
  root.append(
    svg("style", {}, chartStyle()),
    svg("rect", {width: "100%", height: "100%", fill: "var(--paper)"}),
    svg("text", {x: 14, y: 24, class: "title"}, made.description),
    ...lines.map((line, i) => svg("text", {x: 14, y: 41 + 15 * i, class: "note"}, line)),
    made.root
  );
  const colours = lightColours();
  return new XMLSerializer()
    .serializeToString(root)
    .replace(/var\((--[a-z0-9-]+)\)/g, (_, name) => colours[name]);
}

function fileName(drawing) {
  const words = (document.title + " " + drawing.caption).replace(/[^A-Za-z0-9]+/g, "-");
  return words.replace(/^-|-$/g, "").toLowerCase() + ".svg";
}

function download(drawing) {
  const address = URL.createObjectURL(new Blob([picture(drawing)], {type: "image/svg+xml"}));
  element("a", {href: address, download: fileName(drawing)}).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

// For scripts: {name, svg} of every chart of the page, or of those with one caption.
function pictures(width, caption) {
  return drawings
    .filter((drawing) => drawing.figure.isConnected && (!caption || drawing.caption === caption))
    .map((drawing) => ({name: fileName(drawing), svg: picture(drawing, width)}))
    .filter((file) => file.svg);
}

// `contents`: of the page or of a part of it, told each section.
function section(contents, anchor, title, ...children) {
  contents.push([anchor, title]);
  return element(
    "section",
    {id: anchor, "aria-labelledby": anchor + "-title"},
    element("h2", {id: anchor + "-title"}, title),
    ...children
  );
}

function contentsOf(contents) {
  return element(
    "nav",
    {"aria-label": "contents"},
    element(
      "ul",
      {},
      ...contents.map(([anchor, title]) => element("li", {}, element("a", {href: "#" + anchor}, title)))
    )
  );
}

function tiles(pairs) {
  return element(
    "dl",
    {class: pairs.length === 6 ? "tiles six" : "tiles"},
    ...pairs.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)))
  );
}

let resized = 0,
  drawnWidth = page.clientWidth;
addEventListener("resize", () => {
  clearTimeout(resized);
  resized = setTimeout(() => {
    if (page.clientWidth === drawnWidth) return;
    drawnWidth = page.clientWidth;
    drawAll();
  }, 200);
});

// On paper nothing can be opened: print has every table, and the charts at the paper's width.
let opened = [];
addEventListener("beforeprint", () => {
  opened = [...page.querySelectorAll("details:not([open])")];
  for (const part of opened) part.open = true;
});
addEventListener("afterprint", () => {
  for (const part of opened) part.open = false;
});
