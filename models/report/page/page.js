// The page of a run or of comparisons: for each trace the totals and what they went into, the costliest
// causes, the layers, and at the end where the figures come from.

function part(study, id, title, ...children) {
  return section(study.contents, "study" + study.index + "-" + id, title, ...children);
}

const verified = (machine) => machine.layers.every((layer) => layer.verified);

function totals(machine) {
  const whole = together(machine.layers);
  return tiles([
    ["time", metric(machine.seconds, "s")],
    ["cycles", grouped(machine.cycles)],
    ["energy", metric(machine.energy_pj * 1e-12, "J")],
    ["energy range", interval(energyRange(machine), "J", 1e-12)],
    ["mean power", metric((machine.energy_pj * 1e-12) / machine.seconds, "W")],
    ["utilisation", percent(used(whole, machine))],
    ["DRAM traffic", metric(dramBytes(whole), "B")],
    ["over the bound", times(distanceOf(whole))],
    ["area", machine.area_mm2.toFixed(2) + " mm\u00b2"],
    ["values", verified(machine) ? "verified" : "not verified"]
  ]);
}

function sharesOf(machine) {
  const whole = together(machine.layers);
  return [
    shareBar(
      "Cycles",
      grouped(machine.cycles),
      cyclesByBin(whole, machine),
      (value) => grouped(value) + " cycles"
    ),
    shareBar("Energy", metric(joules(machine), "J"), energyByComponent(whole), (value) => metric(value, "J")),
    shareBar("DRAM", metric(dramBytes(whole), "B"), dramByOperand(whole), (value) => metric(value, "B"))
  ];
}

// The row of a layer, opened and in view.
function showLayer(study, layer) {
  const rows = [...study.element.querySelectorAll("table[aria-label='layers'] tbody tr")];
  const row = rows.find((one) => one.item && one.item.layer.layer === layer.layer);
  toggleRow(row, (item) => layerDetails(study, item), true);
  row.scrollIntoView({block: "center"});
  row.querySelector("button").focus({preventScroll: true});
}

// As the text and the JSON say them; the name of the worst layer opens it.
function causesList(study, machine) {
  return element(
    "ol",
    {class: "causes"},
    ...machine.causes.map(({worst_layer: name, sentence}) => {
      const whole = (words) => words.replaceAll(" %", "\u00a0%");
      const said = [`worst in ${name}`, `all in ${name}`].find((words) => sentence.includes(words));
      if (!said) return element("li", {}, whole(sentence));
      const at = sentence.indexOf(said) + said.length;
      const link = element("button", {type: "button", class: "link"}, name);
      const layer = machine.layers.find((one) => one.layer === name);
      link.addEventListener("click", () => showLayer(study, layer));
      return element("li", {}, whole(sentence.slice(0, at - name.length)), link, whole(sentence.slice(at)));
    })
  );
}

const rooflineWords =
  "Each layer as run; larger: longer. Named: the furthest from their bounds, dashed to them. " +
  "Operations are effectual multiplies, for basis and comparator layers the unit\u2019s own.";

// Of a run beside the totals; of comparisons a chart a machine, side by side.
function rooflines(study) {
  const alone = study.machines.length === 1,
    {machines} = study;
  const made = part(
    study,
    "roofline",
    "Roofline",
    element("p", {class: "quiet"}, rooflineWords),
    distanceLegend(),
    element(
      "div",
      {class: alone ? "" : "charts"},
      ...machines.map((machine) =>
        element(
          "div",
          {},
          ...(alone ? [] : [element("h3", {}, machine.name)]),
          chart("roofline" + (alone ? "" : " of " + machine.name), (width) =>
            rooflineChart(machine, machines, width, alone ? 300 : 320, alone ? 8 : 4)
          )
        )
      )
    )
  );
  made.classList.add("charted");
  return made;
}

function ofRun(study) {
  const [machine] = study.machines;
  return [
    element(
      "div",
      {class: "top"},
      part(
        study,
        "totals",
        "Where it went",
        ...sharesOf(machine),
        element("h3", {}, "The three costliest causes"),
        causesList(study, machine)
      ),
      rooflines(study)
    ),
    part(
      study,
      "layers",
      "Layers",
      element("p", {class: "quiet screen whole"}, layersWords),
      runTable("layers", machine, measures, (item) => layerDetails(study, item))
    )
  ];
}

const layersWords =
  "A head sorts, a name opens its layer. Bars of a column are of one scale; colours are those " +
  "above, of the last column those of the roofline.";

function sideBySide(study) {
  const {machines} = study,
    most = (figure) => Math.max(...machines.map(figure));
  const barred = (title, figure, text, colour) => ({
    title,
    class: "m",
    value: figure,
    cell: (machine, value) =>
      barCell(text(value, machine), [{value: 1, notion: colour}], value / most(figure), () => ({
        title: `${machine.name}: ${title} ${text(value, machine)}`
      }))
  });
  const inUnit = (unit) => (value) => metric(value, unit);
  const range = (machine) => interval(energyRange(machine), "J", 1e-12);
  const columns = [
    {title: "accelerator", value: (machine) => machine.name},
    barred("time", (machine) => machine.seconds, inUnit("s"), "quiet"),
    barred(
      "energy",
      joules,
      (value, machine) => metric(value, "J") + (machine.energy_overlaps ? " ~" : ""),
      "quiet"
    ),
    {title: "low \u2026 high", value: range, sortValue: (machine) => machine.energy_low_pj},
    barred("speed-up", (machine) => machine.speedup, times, "link"),
    barred("energy gain", (machine) => machine.energy_gain, times, "link"),
    {
      title: "energy \u00d7 delay",
      value: (machine) => joules(machine) * machine.seconds,
      cell: (machine, value) => metric(value, "Js") + (machine.energy_delay_overlaps ? " ~" : "")
    },
    {title: "output error", value: (machine) => machine.output_error, text: percent},
    {title: "cycles", value: (machine) => machine.cycles, text: grouped},
    {title: "area, mm\u00b2", value: (machine) => machine.area_mm2, text: (value) => value.toFixed(2)},
    {
      title: "weights",
      value: (machine) => [...new Set(machine.layers.map((layer) => layer.encoding))].join(", ")
    },
    {title: "verified", value: (machine) => (verified(machine) ? "yes" : "no")}
  ];
  return table("accelerators side by side", columns, machines);
}

function remarksOf(study) {
  const derived = study.machines
    .filter((machine) => machine.derivation)
    .map((machine) => `${machine.name}: ${machine.derivation}`);
  const said = [...derived, ...study.remarks.map((remark) => remark + ".")];
  return said.length
    ? [element("ul", {class: "remarks quiet"}, ...said.map((line) => element("li", {}, line)))]
    : [];
}

function ofComparison(study) {
  const panels = study.machines.map((machine) =>
    element(
      "div",
      {class: "panel"},
      element("h3", {}, machine.name),
      ...sharesOf(machine),
      causesList(study, machine)
    )
  );
  return [
    part(
      study,
      "side-by-side",
      "Side by side",
      element(
        "p",
        {},
        "Speed-up and energy gain are geometric means " +
          `over the layers, of ${study.machines[0].name} over each; ${study.footing}.`
      ),
      sideBySide(study),
      ...remarksOf(study)
    ),
    part(
      study,
      "totals",
      "Where it went, and the costliest causes",
      element("div", {class: "panels"}, ...panels)
    ),
    part(
      study,
      "layers",
      "Layers",
      element("p", {class: "quiet screen"}, layersWords),
      comparedTable("layers", study, (item) => layerDetails(study, item))
    ),
    rooflines(study)
  ];
}

function head(study) {
  const [first] = study.machines,
    machines = study.machines
      .map(
        (machine) =>
          `${machine.name}: ${grouped(machine.pes)} PEs, ${machine.clock_mhz} MHz, ${machine.technology}`
      )
      .join("; ");
  const lines = [];
  if (first.synthetic)
    lines.push(element("p", {class: "warn"}, "Synthetic trace: weights and inputs are drawn, not trained."));
  if (!study.machines.every(verified))
    lines.push(element("p", {class: "warn"}, "Values were not compared with the golden executor."));
  for (const {accelerator, reason} of study.refused || [])
    lines.push(element("p", {class: "warn"}, `${accelerator}: ${reason}`));
  for (const machine of study.machines)
    for (const {layer, reason} of machine.refused)
      lines.push(element("p", {class: "warn"}, `${layer}: ${reason}`));
  return [
    element("div", {class: "lead"}, element("h1", {}, study.title), element("p", {class: "quiet"}, machines)),
    element("div", {class: "warnings"}, ...lines)
  ];
}

function studyPage(study, index) {
  study.index = index;
  study.contents = [];
  study.element = element("div", {class: "study"});
  const body = study.machines.length > 1 ? ofComparison(study) : ofRun(study);
  body.push(...figuresBehind(study));
  const tops = study.machines.length > 1 ? [] : [totals(study.machines[0])];
  study.element.append(...head(study), contentsOf(study.contents), ...tops, ...body);
  return study.element;
}

report.studies.forEach((study, index) => page.append(studyPage(study, index)));
drawAll();
