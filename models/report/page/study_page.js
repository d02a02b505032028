// The page of a study: its front, any point of it on a click or a key, what each parameter does, all points.
const contents = [];
const chosen = {
  trace: study.traces[0].name,
  x: objectives[0],
  y: objectives[1] || figures.find((figure) => figure !== objectives[0]) || objectives[0],
  colour: factors.find(({title}) => title !== "trace") || factors[0],
};
let picked = null;  // a point
const summaries = {};  // places whose content follows what is chosen and picked

const lineOf = (key) => (key === "trace" ? {title: "trace", value: (point) => point.trace} : {title: "accelerator", value: (point) => point.accelerator});

function parameterColumns(some) {
  return parameterKeys.map((key, index) => ({key, index})).filter(({index}) => some.some((point) => point.values[index] !== null))
    .map(({key, index}) => some.every((point) => typeof point.values[index] !== "string")
      ? {title: key, value: (point) => point.values[index], text: (value) => value === null ? "\u2013" : String(value)}
      : {title: key, value: (point) => point.values[index] ?? "\u2013"});
}

const numberColumn = {title: "point", value: (point) => point.number, text: String};

function pointColumns(some) {
  return [numberColumn, ...(chosen.trace === null ? [lineOf("trace")] : []), ...(study.accelerators.length > 1 ? [lineOf("accelerator")] : []), ...parameterColumns(some),
    ...figures.map((figure) => ({title: figure.title, value: figure.value, text: figure.text})), {title: "front", value: (point) => point.front ? "yes" : ""}];
}

// A table whose lines can be walked through by arrow keys and picked by Enter or a click.
function pickingTable(caption, some) {
  const made = table(caption, pointColumns(some), some);
  const lines = () => [...made.querySelectorAll("tbody tr")];
  for (const line of lines()) line.tabIndex = -1;
  if (some.length) lines()[0].tabIndex = 0;
  const go = (line) => {
    for (const other of made.querySelectorAll("tbody tr[tabindex='0']")) other.tabIndex = -1;
    line.tabIndex = 0;
    line.focus();
  };
  made.addEventListener("keydown", (event) => {
    const line = event.target.closest("tbody tr"), all = lines();
    const to = {ArrowDown: line && line.nextElementSibling, ArrowUp: line && line.previousElementSibling, Home: all[0], End: all[all.length - 1]}[event.key];
    if (!line || !(to || event.key === "Enter")) return;
    event.preventDefault();
    if (to) go(to);
    else pickPoint(line.item, line);
  });
  made.addEventListener("click", (event) => {
    const line = event.target.closest("tbody tr");
    if (line) pickPoint(line.item, line);
  });
  return made;
}

function mark() {
  for (const line of page.querySelectorAll("tbody tr")) {
    const own = picked !== null && line.item === picked;
    line.classList.toggle("picked", own);
    if (own) line.setAttribute("aria-selected", "true");
    else line.removeAttribute("aria-selected");
  }
  for (const {view} of drawings.filter((drawing) => drawing.caption === "Pareto front")) if (view) view.signal("picked", picked.number).run();
}

// `from`: the table's line that it was picked by, to which Escape goes back.
function pickPoint(point, from) {
  picked = point;
  showPoint();
  mark();
  drawAll(drawings.filter((drawing) => summaries.point.contains(drawing.figure)));
  if (!from) return;
  const heading = summaries.detail.querySelector("h3");
  heading.focus();
  heading.scrollIntoView({block: "start"});
  heading.onkeydown = (event) => { if (event.key === "Escape") from.focus(); };
}

// Whether there is such a point that is done.
function pickNumber(number) {
  const found = done.find((point) => point.number === number);
  if (found) pickPoint(found);
  return Boolean(found);
}

// The point in a chart of a run.
function pickedChart(make, what, width) {
  const layers = picked && layersOf(picked);
  if (!layers) return null;
  const run = {machines: [{name: picked.accelerator, pes: picked.pes, layers}]};
  return {...make(run, width, false), description: `Point ${picked.number}, ${picked.accelerator} on ${picked.trace}: ${what}`};
}

function showPoint() {
  const command = commandOf(picked);
  summaries.detail.replaceChildren(
    element("h3", {tabindex: "-1"}, `Point ${picked.number}: ${picked.accelerator} on ${picked.trace}` + (picked.front ? ", on the front" : "")),
    ...(differences(picked).length ? [element("p", {class: "values"}, ...differences(picked).map(([key, value]) => element("span", {}, element("b", {}, key), " " + value)))] : []),
    tiles(figures.map((figure) => [figure.title, figure.text(figure.value(picked))])),
    ...(command ? [element("p", {class: "quiet"}, "Runs it alone, from the folder of the sweep:"), element("pre", {tabindex: "0", "aria-label": "command"}, command)]
      : [element("p", {class: "quiet"}, "Only the study runs this point: its array is scaled, or its trace made, by the study.")]),
    ...(layersOf(picked) ? [] : [element("p", {class: "quiet"}, "This page had no room for its layers; \u2018basil export --rows layers\u2019 has them.")]));
}

function choice(label, options, current, chosenOne) {
  const select = element("select", {name: label.toLowerCase()}, ...options.map((option, index) => element("option", {value: String(index)}, option.title)));
  select.value = String(options.indexOf(current));
  select.addEventListener("change", () => chosenOne(options[Number(select.value)]));
  return element("label", {}, label + " ", select);
}

function choices() {
  const axes = () => drawAll(drawings.filter((drawing) => drawing.caption === "Pareto front" || drawing.caption === "effects"));
  const traces = [...study.traces.map(({name}) => ({title: name, name})), {title: "all traces", name: null}];
  return element("div", {class: "choices"},
    ...(study.traces.length > 1 ? [choice("Trace", traces, traces[0], ({name}) => { chosen.trace = name; chooseTrace(); })] : []),
    choice("Across", figures, chosen.x, (figure) => { chosen.x = figure; axes(); }),
    choice("Up", figures, chosen.y, (figure) => { chosen.y = figure; axes(); }),
    ...(factors.length > 1 ? [choice("Colour", factors, chosen.colour, (factor) => { chosen.colour = factor; axes(); })] : []));
}

// The tables of the trace, and its best point picked.
function chooseTrace() {
  const some = pointsOn(chosen.trace);
  const front = some.filter((point) => point.front).sort((a, b) => compare(chosen.x.value(a), chosen.x.value(b)));
  summaries.front.replaceChildren(pickingTable("Pareto front", front));
  summaries.all.replaceChildren(pickingTable("points", some));
  summaries.printed.textContent = some.length > 60 ? `${grouped(some.length)} points: on screen, and by \u2018basil export\u2019.` : "";
  summaries.all.classList.toggle("long", some.length > 60);
  if (front.length) { picked = front[0]; showPoint(); mark(); }
  drawAll();
}

function sections() {
  const list = [];
  for (const name of ["detail", "front", "all", "printed", "point"]) summaries[name] = element("div", {});
  summaries.printed.className = "printed quiet";
  summaries.detail.className = "detail";
  summaries.point.append(summaries.detail, element("div", {class: "pair"},
    chart((width) => pickedChart(energyChart, "energy by component, a bar a layer", width), "energy a layer of the point"),
    chart((width) => pickedChart(binsChart, "where the PE-cycles went, a bar a layer", width), "cycles a layer of the point, by bin")));
  list.push(section(contents, "front", "Pareto front",
    element("p", {class: "quiet"}, "Ringed: no other point is at least as good in all of " + study.objectives.join(", ") + " and better in one of them on the same trace. The dashed line joins the best of the two axes shown."),
    element("p", {class: "quiet screen"}, "A click on a point, or Enter on its line in a table, shows it below."),
    choices(), chart((width, shares, alone) => frontChart(chosen, picked && !alone ? picked.number : -1, width), "Pareto front", (datum) => pickNumber(datum.point)),
    summaries.front));
  list.push(section(contents, "point", "The point picked", summaries.point));
  if (factors.length) list.push(...drawn(() => section(contents, "effects", "What each parameter does",
    element("p", {class: "quiet"}, "Of the figure that goes up in the chart above: its mean over all points that share a value. Where points were refused or left out, a mean is over those that ran."),
    chart((width) => effectsChart(chosen, width), "effects"))));
  list.push(section(contents, "points", "Points", element("p", {class: "quiet screen"}, "A head sorts its column; again, the other way round. Arrow keys walk through the lines."), summaries.printed, summaries.all));
  if (unfinished.length) list.push(section(contents, "unfinished", "Refused or failed", unfinishedTable()));
  list.push(provenance());
  return list;
}

function unfinishedTable() {
  return table("points refused or failed", [numberColumn, ...(study.traces.length > 1 ? [lineOf("trace")] : []), lineOf("accelerator"), ...parameterColumns(unfinished),
    {title: "ended", value: (point) => point.status}, {title: "why", value: (point) => point.error}], unfinished);
}

function provenance() {
  const rows = [["objectives", study.objectives.join(", ")], ["constraints", study.constraints.join(", ") || "none"], ["sampling", study.sampling || "all combinations"],
    ["layers", study.layers.join(", ") || "all"], ["arrays", study.multipliers ? study.multipliers + " multipliers" : study.area_mm2 ? study.area_mm2 + " mm\u00b2" : "as described"],
    ["values", study.verify ? "verified against the golden executor" : "not verified"]];
  const tag = (name) => ({title: name, value: (accelerator) => accelerator.tags ? accelerator.tags[name] : 0, text: percent});
  return section(contents, "provenance", "Where the figures come from",
    element("p", {}, `${report.program}. Study ${study.file}.`),
    table("traces", [{title: "trace", value: (trace) => trace.name}, {title: "file", value: (trace) => (trace.synthetic ? "synthetic, of " : "") + trace.file},
      {title: "recipe", value: (trace) => trace.recipe || "none"}, {title: "fingerprint", value: (trace) => trace.fingerprint}], study.traces),
    table("study", [{title: "key", value: ([key]) => key}, {title: "is", value: ([, value]) => value}], rows),
    element("p", {class: "quiet"}, "Share of the energy, over all points, that rests on figures measured, published, derived or estimated:"),
    table("what the energy figures rest on", [{title: "accelerator", value: (accelerator) => accelerator.name}, {title: "technology", value: (accelerator) => accelerator.technology},
      ...["measured", "published", "derived", "estimated"].map(tag)], study.accelerators),
    ...study.accelerators.map((accelerator) => element("details", {class: "screen"}, element("summary", {}, accelerator.name + " as described"), element("pre", {tabindex: "0"}, accelerator.description))));
}

function heading() {
  const lines = [element("h1", {}, "Study " + study.name),
    element("p", {class: "quiet"}, study.accelerators.map(({name}) => name).join(", ") + " on " + study.traces.map(({name}) => name).join(", ") + "; objectives " + study.objectives.join(", ")),
    tiles([["points", grouped(counts.points)], ["done", grouped(counts.done)], ["refused", grouped(counts.refused)], ["failed", grouped(counts.failed)],
      ["not run yet", grouped(counts.missing)], ["on the front", report.fronts.map((front) => grouped(front.points)).join(", ")]])];
  const whole = report.fronts.every((front) => front.points === front.rows.length);
  if (points.length < counts.points) lines.push(element("p", {class: "warn"}, `This page holds ${grouped(points.length)} of ${grouped(counts.points)} points, evenly spread` + (whole ? ", among them all of the fronts." : ".")));
  if (!study.verify) lines.push(element("p", {class: "warn"}, "Values were not compared with the golden executor."));
  return [...lines, ...chartless()];
}

const body = done.length ? sections() : [...(unfinished.length ? [section(contents, "unfinished", "Refused or failed", unfinishedTable())] : []), provenance()];
page.append(...heading(), contentsOf(contents), ...body);
if (done.length) chooseTrace();
else drawAll();
