// At the end of a run's or a comparison's page: all figures as numbers, what they rest on, the machine as it
// ran and the command that gives them again.

const machineColumn = {title: "accelerator", value: (row) => row.machine.name};
const joulesColumn = (title, figure) => ({
  title,
  value: (row) => figure(row) * 1e-12,
  text: (value) => metric(value, "J")
});

function folded(summary, ...children) {
  return element("details", {}, element("summary", {}, summary), ...children);
}

function allFigures(study) {
  const bytes = (title, figure) => ({
    title,
    value: ({layer}) => figure(layer),
    text: (value) => metric(value, "B")
  });
  const columns = [
    {title: "layer", value: ({layer}) => layer.layer},
    {title: "kind", value: ({layer}) => layer.kind},
    {title: "weights", value: ({layer}) => layer.encoding},
    {title: "mapping", class: "wrap", value: ({layer}) => layer.mapping},
    {title: "passes", value: ({layer}) => layer.passes, text: grouped},
    {title: "cycles", value: ({layer}) => layer.cycles, text: grouped},
    joulesColumn("energy", ({layer}) => layer.energy_pj),
    joulesColumn("low", ({layer}) => layer.energy_low_pj),
    joulesColumn("high", ({layer}) => layer.energy_high_pj),
    bytes("DRAM", dramBytes),
    bytes("NoC", (layer) => sum(nocByStream(layer), ({value}) => value)),
    bytes("buffers", (layer) => layer.buffer_read_bytes + layer.buffer_written_bytes),
    {title: "bound", value: ({layer}) => layer.bound_by},
    {title: "verified", value: ({layer}) => (layer.verified ? "yes" : "no")}
  ];
  if (study.machines.length > 1) columns.unshift(machineColumn);
  const rows = study.machines.flatMap((machine) => machine.layers.map((layer) => ({machine, layer})));
  return folded("Every layer in numbers", table("all figures", columns, rows));
}

const figureText = ({kind, digits}, value) => {
  if (value === undefined) return "\u2013";
  if (kind === "flag") return value ? "yes" : "no";
  if (kind === "count") return grouped(value);
  return kind === "real" ? String(Number(value.toPrecision(digits))) : value;
};

// All that a layer or a run reports, by the columns' names in JSON, CSV and databases: a column a machine.
// `items`: {name, figures}; whose figures lack a column has no meaning for it.
function everyColumn(summary, items) {
  const known = report.columns.filter(({name}) => items.some(({figures}) => figures[name] !== undefined));
  const columns = [
    {title: "column", value: (column) => column.name},
    ...items.map(({name, figures}) => ({
      title: name,
      value: (column) => figures[column.name],
      cell: (column, value) => element("span", {}, figureText(column, value))
    })),
    {title: "unit", value: (column) => column.unit},
    {title: "meaning", class: "wrap", value: (column) => column.description}
  ];
  return folded(summary, table(summary, columns, known));
}

function energyItems(study) {
  const items = study.machines.flatMap((machine) => machine.energy_items.map((item) => ({machine, item})));
  const columns = [
    {title: "component", value: (row) => row.item.component},
    {title: "item", value: (row) => row.item.item},
    {title: "uses", value: (row) => row.item.count, text: grouped},
    joulesColumn("each", ({item}) => item.pj / item.count || 0),
    joulesColumn("energy", ({item}) => item.pj),
    joulesColumn("low", ({item}) => item.low_pj),
    joulesColumn("high", ({item}) => item.high_pj),
    {title: "share", value: (row) => row.item.pj / row.machine.energy_pj, text: percent},
    {title: "rests on", value: (row) => row.item.tag}
  ];
  if (study.machines.length > 1) columns.unshift(machineColumn);
  return folded("Every row of the technology table that was used", table("energy by item", columns, items));
}

function configuration(study) {
  const keys = [...new Set(study.machines.flatMap((machine) => Object.keys(machine.configuration)))];
  const columns = [
    {title: "key", value: (key) => key},
    ...study.machines.map((machine) => ({
      title: machine.name,
      class: "wrap",
      value: (key) => machine.configuration[key] ?? "\u2013"
    }))
  ];
  return folded("The machine as it ran", table("configuration", columns, keys));
}

// All that a description says, which gives the machine again.
function descriptions(study) {
  const keys = [...new Set(study.machines.flatMap((machine) => Object.keys(machine.description)))];
  if (!keys.length) return [];
  const columns = [
    {title: "key", value: (key) => key},
    ...study.machines.map((machine) => ({
      title: machine.name,
      class: "wrap",
      value: (key) => machine.description[key] ?? "\u2013"
    }))
  ];
  return [folded("Every key of its description", table("description", columns, keys))];
}

function tags(study) {
  const share = (tag) => ({title: tag, value: (machine) => machine[tag + "_share"], text: percent});
  return table(
    "what the energy figures rest on",
    [
      {title: "accelerator", value: (machine) => machine.name},
      {title: "technology", value: (machine) => machine.technology},
      ...["measured", "published", "derived", "estimated"].map(share)
    ],
    study.machines
  );
}

// Each machine's keys that were set by hand, or that none was.
function overrides(study) {
  const [first] = study.machines;
  if (study.machines.length === 1 && first.overrides.length) {
    const keys = element("code", {}, first.overrides.join(" "));
    return [element("p", {}, "Set beside the description: ", keys)];
  }
  const said = study.machines
    .filter((machine) => machine.overrides.length)
    .map((machine) =>
      element("li", {}, machine.name + ": ", element("code", {}, machine.overrides.join(" ")))
    );
  return said.length
    ? [element("p", {}, "Set beside the description:"), element("ul", {class: "remarks"}, ...said)]
    : [element("p", {}, "No key of a description was overridden.")];
}

function commandLines(command) {
  if (!command) return [];
  return [
    element("p", {}, "Gives it again:"),
    element("pre", {tabindex: "0", "aria-label": "command"}, command)
  ];
}

function figuresBehind(study) {
  const [first] = study.machines;
  const trace =
    `Trace ${first.trace}` + (study.trace_fingerprint ? `, fingerprint ${study.trace_fingerprint}` : "");
  return [
    part(
      study,
      "figures",
      "All figures",
      element(
        "div",
        {class: "folds"},
        allFigures(study),
        everyColumn(
          "Every column of the run",
          study.machines.map((machine) => ({name: machine.name, figures: machine}))
        ),
        energyItems(study),
        configuration(study),
        ...descriptions(study)
      )
    ),
    part(
      study,
      "provenance",
      "Where the figures come from",
      element(
        "p",
        {class: "whole"},
        `${report.program}, ${first.fidelity} fidelity. ${trace}; inputs: ${first.inputs}.`
      ),
      element(
        "div",
        {class: "beside"},
        element(
          "div",
          {},
          element(
            "p",
            {class: "quiet"},
            "Share of the energy that rests on figures measured, published, derived or estimated:"
          ),
          tags(study)
        ),
        element("div", {}, ...overrides(study), ...commandLines(study.command))
      ),
      ...(first.skipped.length
        ? [element("p", {class: "quiet"}, "Off the array, not simulated: " + first.skipped.join(", "))]
        : [])
    )
  ];
}
