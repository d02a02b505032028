// The layers, one aligned table: of one machine with all that is measured side by side, of several with one
// measure, a column a machine on one scale. A row opens into all that is known of its layer.

const isWork = ({notion}) => notion === "work" || notion === "gated";
const boundPart = (layer) => ({
  name: "by " + layer.bound_by,
  value: 1,
  colour: distanceColour(distanceOf(layer))
});

// value(layer, machine); parts(layer, machine) of its bar, `text(value)` of one; `most`: of a full bar.
const measures = [
  {
    id: "time",
    title: "time",
    by: "time by bin",
    unit: "s",
    value: (layer) => layer.seconds,
    parts: cyclesByBin,
    text: (value) => grouped(value) + " cycles"
  },
  {
    id: "energy",
    title: "energy",
    by: "energy by component",
    unit: "J",
    value: joules,
    parts: energyByComponent,
    text: (value) => metric(value, "J")
  },
  {
    id: "dram",
    title: "DRAM",
    by: "DRAM traffic by operand",
    unit: "B",
    value: dramBytes,
    parts: dramByOperand,
    text: (value) => metric(value, "B")
  },
  {
    id: "use",
    title: "utilisation",
    by: "utilisation: PE-cycles that multiply or are gated",
    share: true,
    most: 1,
    value: used,
    parts: (layer, machine) => cyclesByBin(layer, machine).filter(isWork),
    text: (value) => grouped(value) + " cycles"
  },
  {
    id: "distance",
    title: "\u00d7 bound",
    by: "cycles over the bound",
    log: true,
    value: distanceOf,
    parts: (layer) => [boundPart(layer)]
  }
];

// How a measure's values are printed and how long their bars are, over all layers of all machines.
function scaleFor(measure, machines, layersOfMachine = (machine) => machine.layers) {
  const values = machines.flatMap((machine) =>
    layersOfMachine(machine).map((layer) => measure.value(layer, machine))
  );
  const most = measure.most || Math.max(...values);
  const {scale, unit} = unitFor(most, measure.unit || "");
  const shown = measure.share ? "%" : measure.unit ? unit : "";
  return {
    unit: shown,
    head: measure.title + (shown && ", " + shown),
    text: (value) => (measure.share ? (100 * value).toFixed(1) : aligned(value / scale, most / scale)),
    length: measure.log
      ? (value) => Math.log(Math.max(1, value)) / Math.log(Math.max(1.001, most))
      : (value) => value / (most || 1)
  };
}

function distanceTip(name, layer) {
  const bound = "the bound" + (layer.bound_by ? ", by " + layer.bound_by : "");
  return {
    title: name,
    rows: [
      ["", "cycles", grouped(layer.cycles)],
      ["", bound, grouped(layer.bound_cycles)],
      [distanceColour(distanceOf(layer)), "over the bound", times(distanceOf(layer))]
    ]
  };
}

function measureTip(measure, name, layer, machine) {
  if (measure.log) return distanceTip(name, layer);
  const value = measure.value(layer, machine);
  const rows = partRows(measure.parts(layer, machine), measure.text);
  if (measure.share) return {title: `${name}: ${percent(value)}`, rows: rows.map((row) => row.slice(0, 3))};
  const ofAll = value / measure.value(together(machine.layers), machine);
  return {
    title: `${name}: ${metric(value, measure.unit)}`,
    rows,
    note: layer.layer === undefined ? "" : `${percent(ofAll)} of all layers\u2019 ${measure.title}`
  };
}

function measureCell(measure, scale, layer, machine, name) {
  const value = measure.value(layer, machine);
  return barCell(scale.text(value), measure.parts(layer, machine), scale.length(value), () =>
    measureTip(measure, name, layer, machine)
  );
}

// All layers together, on a scale of their own.
function wholeCell(measure, machine, machines) {
  const whole = (one) => together(one.layers),
    layer = whole(machine),
    value = measure.value(layer, machine);
  const scale = scaleFor(measure, machines, (one) => [whole(one)]);
  const said = measure.unit ? metric(value, measure.unit) : scale.text(value);
  const length = measure.log && machines.length === 1 ? 0 : scale.length(value);
  return barCell(said, measure.parts(layer, machine), length, () =>
    measureTip(measure, "all layers", layer, machine)
  );
}

// In the network's order until another column sorts them.
function nameColumn(details) {
  const cell = ({layer}) => {
    const button = element(
      "button",
      {type: "button", "aria-expanded": "false", title: layer.layer},
      layer.layer
    );
    button.addEventListener("click", () => toggleRow(button.closest("tr"), details));
    return button;
  };
  return {
    title: "layer",
    class: "name",
    rises: true,
    cell,
    value: (row) => row.layer.layer,
    sortValue: (row) => row.index
  };
}

function measureColumns(machine, known) {
  return known.map((measure) => {
    const scale = scaleFor(measure, [machine]);
    return {
      title: scale.head,
      class: "m m-" + measure.id,
      value: ({layer}) => measure.value(layer, machine),
      cell: ({layer}) => measureCell(measure, scale, layer, machine, layer.layer)
    };
  });
}

// A column a machine, all of them on one scale or each on its own. The best of a row is bold.
function machineColumns(study, measure, oneScale) {
  const valueOf = (machine, row) => measure.value(machine.layers[row.index], machine);
  const best = (row) =>
    (measure.share ? Math.max : Math.min)(...study.machines.map((one) => valueOf(one, row)));
  return study.machines.map((machine) => {
    const scale = scaleFor(measure, oneScale ? study.machines : [machine]);
    const cell = (row, value) => {
      const name = `${row.layer.layer} on ${machine.name}`;
      const made = measureCell(measure, scale, machine.layers[row.index], machine, name);
      made.dataset.machine = machine.name;
      made.firstChild.dataset.unit = scale.unit; // shown where there is no room for heads
      made.classList.toggle("best", value === best(row));
      return made;
    };
    return {
      title: machine.name + (scale.unit && ", " + scale.unit),
      class: "m",
      cell,
      value: (row) => valueOf(machine, row)
    };
  });
}

const rowsOf = (machine) => machine.layers.map((layer, index) => ({layer, index}));

// One of {title}s; `chosenOne(option)` follows the choice.
let radioGroups = 0;
function radios(legend, options, current, chosenOne) {
  const box = element("fieldset", {}, element("legend", {}, legend)),
    name = "choice" + ++radioGroups;
  for (const option of options) {
    const input = element("input", {type: "radio", name});
    input.checked = option === current;
    input.addEventListener("change", () => chosenOne(option));
    box.append(element("label", {}, input, " " + option.title));
  }
  return box;
}

// `known`: what is measured of these layers; a study's points know less. A phone shows one of them at a time.
function runTable(caption, machine, known, details) {
  const layers = grouped(machine.layers.length) + " layers";
  const whole = [element("b", {}, layers), ...known.map((measure) => wholeCell(measure, machine, [machine]))];
  const made = table(
    caption,
    [nameColumn(details), ...measureColumns(machine, known)],
    rowsOf(machine),
    whole
  );
  made.classList.add("layers");
  const show = (measure) => {
    made.dataset.shown = measure.id;
  };
  show(known[0]);
  const choice = radios("Bars show", known, known[0], show);
  choice.classList.add("narrow");
  return element("div", {}, choice, made);
}

const scales = [
  {title: "one for all", one: true},
  {title: "each its own", one: false}
];

// Where one machine's bars would leave those of another too short to read, each has its own scale at first.
function firstScale(machines, measure) {
  const longest = machines.map((machine) =>
    Math.max(...machine.layers.map((layer) => measure.value(layer, machine)))
  );
  return scales[measure.log || measure.share || Math.max(...longest) < 12 * Math.min(...longest) ? 0 : 1];
}

function comparedTable(caption, study, details) {
  const body = element("div", {}),
    {machines} = study,
    [first] = machines;
  let [measure] = measures,
    scale = firstScale(machines, measure);
  const show = () => {
    const whole = machines.map((machine) => {
      const cell = wholeCell(measure, machine, scale.one ? machines : [machine]);
      cell.dataset.machine = machine.name;
      return cell;
    });
    const layers = element("b", {}, grouped(first.layers.length) + " layers");
    const columns = [nameColumn(details), ...machineColumns(study, measure, scale.one)];
    const made = table(caption, columns, rowsOf(first), [layers, ...whole]);
    made.classList.add("layers", "compared");
    const by = measure.by[0].toUpperCase() + measure.by.slice(1);
    const choice = radios("Scale", scales, scale, (option) => {
      scale = option;
      show();
    });
    body.replaceChildren(choice, element("p", {class: "quiet"}, by + ". Bold: the best of a layer."), made);
  };
  show();
  const choice = radios("Bars show", measures, measure, (option) => {
    measure = option;
    scale = firstScale(machines, measure);
    show();
  });
  return element("div", {}, choice, body);
}
