// The page of a study: its front, any point of it on a click or a key, what each parameter does, all points.
const contents = [];
const chosen = {
  trace: study.traces[0].name,
  x: objectives[0],
  y: objectives[1] || figures.find((figure) => figure !== objectives[0]) || objectives[0],
  colour: factors.find(({title}) => title !== "trace") || factors[0],
  log: {x: null, y: null} // true, false, or null for what suits the figure
};
let picked = null; // a point
const summaries = {}; // places whose content follows what is chosen and picked

const traceColumn = {title: "trace", value: (point) => point.trace};
const acceleratorColumn = {title: "accelerator", value: (point) => point.accelerator};
const numberColumn = {title: "point", value: (point) => point.number, text: String, rises: true};

function parameterColumns(some) {
  return parameterKeys
    .map((key, index) => ({key, index}))
    .filter(({index}) => some.some((point) => point.values[index] !== null))
    .map(({key, index}) =>
      some.every((point) => typeof point.values[index] !== "string")
        ? {
            title: key,
            value: (point) => point.values[index],
            text: (value) => (value === null ? "\u2013" : String(value))
          }
        : {title: key, value: (point) => point.values[index] ?? "\u2013"}
    );
}

function pointColumns(some) {
  return [
    numberColumn,
    ...(chosen.trace === null ? [traceColumn] : []),
    ...(study.accelerators.length > 1 ? [acceleratorColumn] : []),
    ...parameterColumns(some),
    ...figures.map((figure) => ({title: figure.title, value: figure.value, text: figure.text})),
    {title: "front", value: (point) => (point.front ? "yes" : "")}
  ];
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
    const line = event.target.closest("tbody tr"),
      all = lines();
    if (!line) return;
    const to = {
      ArrowDown: line.nextElementSibling,
      ArrowUp: line.previousElementSibling,
      Home: all[0],
      End: all[all.length - 1]
    }[event.key];
    if (!to && event.key !== "Enter") return;
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

function markPicked() {
  for (const line of page.querySelectorAll("tbody tr[tabindex]")) {
    const own = picked !== null && line.item === picked;
    line.classList.toggle("picked", own);
    if (own) line.setAttribute("aria-selected", "true");
    else line.removeAttribute("aria-selected");
  }
}

// `from`: the table's line that it was picked by, to which Escape goes back.
function pickPoint(point, from) {
  picked = point;
  summaries.detail.replaceChildren(...pointDetail(point));
  markPicked();
  drawAll(drawings.filter((drawing) => drawing.caption === "Pareto front"));
  if (!from) return;
  const heading = summaries.detail.querySelector("h3");
  heading.focus();
  heading.scrollIntoView({block: "start"});
  heading.onkeydown = (event) => {
    if (event.key === "Escape") from.focus();
  };
}

// Whether there is such a point that is done.
function pickNumber(number) {
  const found = done.find((point) => point.number === number);
  if (found) pickPoint(found);
  return Boolean(found);
}

function choice(label, options, current, chosenOne) {
  const select = element(
    "select",
    {name: label.toLowerCase()},
    ...options.map((option, index) => element("option", {value: String(index)}, option.title))
  );
  select.value = String(options.indexOf(current));
  select.addEventListener("change", () => chosenOne(options[Number(select.value)]));
  return element("label", {}, label + " ", select);
}

// Whether an axis is of decades: what suits its figure until someone says otherwise.
function logChoice(axis) {
  const box = element("input", {type: "checkbox", name: "log " + axis});
  const follow = () => {
    const values = pointsOn(chosen.trace).map(chosen[axis].value);
    box.disabled = !canBeLog(values);
    box.checked = canBeLog(values) && (chosen.log[axis] ?? wantsLog(values));
  };
  box.addEventListener("change", () => {
    chosen.log[axis] = box.checked;
    drawAll();
  });
  summaries["log " + axis] = {follow};
  follow();
  return element("label", {}, box, " log");
}

function choices() {
  const axis = (name) => (figure) => {
    chosen[name] = figure;
    chosen.log[name] = null;
    summaries["log " + name].follow();
    drawAll();
  };
  const traces = [...study.traces.map(({name}) => ({title: name, name})), {title: "all traces", name: null}];
  const chooseOne = ({name}) => {
    chosen.trace = name;
    chooseTrace();
  };
  const colours = (factor) => {
    chosen.colour = factor;
    drawAll();
  };
  return element(
    "div",
    {class: "choices"},
    ...(study.traces.length > 1 ? [choice("Trace", traces, traces[0], chooseOne)] : []),
    choice("Across", axisFigures, chosen.x, axis("x")),
    logChoice("x"),
    choice("Up", axisFigures, chosen.y, axis("y")),
    logChoice("y"),
    ...(factors.length > 1 ? [choice("Colour", factors, chosen.colour, colours)] : [])
  );
}

// The tables of the trace, and its best point picked.
function chooseTrace() {
  const some = pointsOn(chosen.trace),
    front = some.filter((point) => point.front).sort((a, b) => compare(chosen.x.value(a), chosen.x.value(b)));
  summaries.front.replaceChildren(pickingTable("Pareto front", front));
  summaries.all.replaceChildren(pickingTable("points", some));
  summaries.printed.textContent =
    some.length > 60 ? `${grouped(some.length)} points: on screen, and by \u2018basil export\u2019.` : "";
  summaries.all.classList.toggle("long", some.length > 60);
  for (const axis of ["x", "y"]) summaries["log " + axis].follow();
  if (front.length) {
    [picked] = front;
    summaries.detail.replaceChildren(...pointDetail(picked));
  }
  markPicked();
  drawAll();
}

function sections() {
  for (const name of ["detail", "front", "all", "printed"]) summaries[name] = element("div", {});
  summaries.printed.className = "printed quiet";
  summaries.detail.className = "detail";
  const list = [
    section(
      contents,
      "front",
      "Pareto front",
      element(
        "p",
        {class: "quiet"},
        "Ringed: no other point is at least as good in all of " +
          study.objectives.join(", ") +
          " and better in one of them on the same trace. The dashed line joins the best " +
          "of the two axes shown. A click on a point, or Enter on its line in a table, shows it below."
      ),
      choices(),
      chart("Pareto front", (width, alone) => frontChart(chosen, alone ? null : picked, width)),
      summaries.front
    ),
    section(contents, "point", "The point picked", summaries.detail)
  ];
  if (factors.length)
    list.push(
      section(
        contents,
        "effects",
        "What each parameter does",
        element(
          "p",
          {class: "quiet"},
          "Of the figure that goes up in the chart above: its mean over all points that " +
            "share a value. Where points were refused or left out, a mean is over those that ran."
        ),
        chart("effects", (width) => effectsChart(chosen, width))
      )
    );
  list.push(
    section(
      contents,
      "points",
      "Points",
      element(
        "p",
        {class: "quiet screen"},
        "A head sorts its column; again, the other way round. Arrow keys walk through the lines."
      ),
      summaries.printed,
      summaries.all
    )
  );
  if (unfinished.length) list.push(unfinishedSection());
  return [...list, studyProvenance()];
}

function unfinishedSection() {
  const columns = [
    numberColumn,
    ...(study.traces.length > 1 ? [traceColumn] : []),
    acceleratorColumn,
    ...parameterColumns(unfinished),
    {title: "ended", value: (point) => point.status},
    {title: "why", value: (point) => point.error}
  ];
  return section(
    contents,
    "unfinished",
    "Refused or failed",
    table("points refused or failed", columns, unfinished)
  );
}

function heading() {
  const names = (list) => list.map(({name}) => name).join(", ");
  const lines = [
    element("h1", {}, study.title),
    element(
      "p",
      {class: "quiet"},
      `${names(study.accelerators)} on ${names(study.traces)}; objectives ${study.objectives.join(", ")}`
    ),
    tiles([
      ["points", grouped(counts.points)],
      ["done", grouped(counts.done)],
      ["refused", grouped(counts.refused)],
      ["failed", grouped(counts.failed)],
      ["not run yet", grouped(counts.missing)],
      [
        report.fronts.length > 1 ? "on the Pareto front of their trace" : "on the Pareto front",
        grouped(sum(report.fronts, (front) => front.points))
      ]
    ])
  ];
  const whole = report.fronts.every((front) => front.points === front.rows.length);
  if (points.length < counts.points)
    lines.push(
      element(
        "p",
        {class: "warn"},
        `This page holds ` +
          `${grouped(points.length)} of ${grouped(counts.points)} points, evenly spread` +
          (whole ? ", among them all of the fronts." : ".")
      )
    );
  if (!study.verify)
    lines.push(element("p", {class: "warn"}, "Values were not compared with the golden executor."));
  return lines;
}

const body = done.length
  ? sections()
  : [...(unfinished.length ? [unfinishedSection()] : []), studyProvenance()];
page.append(...heading(), contentsOf(contents), ...body);
if (done.length) chooseTrace();
else drawAll();
