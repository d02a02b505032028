// What a row of the layers opens into: the layer's shape and mapping, then every part of its cycles, energy
// and traffic, a column a machine.

// "256 filters of 3 x 3 x 64 on 56 x 56 x 64, stride 2"
function shapeText({shape: {N, C, H, W, K, R, S, stride, groups}}) {
  const by = (...sizes) => sizes.join(" \u00d7 ");
  const said = [`${grouped(K)} filters of ${by(R, S, C / groups)} on ${by(H, W, C)}`];
  if (stride[0] !== 1 || stride[1] !== 1)
    said.push("stride " + (stride[0] === stride[1] ? stride[0] : by(...stride)));
  if (groups > 1) said.push(groups + " groups");
  if (N > 1) said.push(N + " images");
  return said.join(", ");
}

function factsOf(layer, machine, alone) {
  const said = [
    layer.mapping && "mapping " + layer.mapping,
    grouped(layer.passes) + " passes",
    grouped(layer.cycles) + " cycles, " + grouped(layer.dram_stall_cycles) + " of them waiting for DRAM",
    `bound ${grouped(layer.bound_cycles)} by ${layer.bound_by}`,
    layer.verified ? "verified" : "not verified"
  ];
  return element(
    "p",
    {},
    ...(alone ? [] : [element("b", {}, machine.name + ": ")]),
    said.filter(Boolean).join("; "),
    ...layer.warnings.map((warning) => element("span", {class: "warn"}, " " + warning))
  );
}

// Rows are parts, columns machines; an amount and its share of the machine's whole.
function partsTable(title, items, parts, text) {
  const lists = items.map(({layer, machine}) => parts(layer, machine));
  const wholes = lists.map((list) => sum(list, (part) => part.value));
  const names = new Map(lists.flat().map((part) => [part.name, part.notion]));
  if (names.size === 0) return [];
  const made = element("table", {class: "parts"}, element("caption", {}, title));
  if (items.length > 1)
    made
      .createTHead()
      .insertRow()
      .append(
        element("th", {}),
        ...items.map(({machine}) => element("th", {colspan: "2", scope: "col"}, machine.name))
      );
  const body = made.createTBody();
  for (const [name, notion] of names) {
    const cells = lists.flatMap((list, i) => {
      const value = (list.find((part) => part.name === name) || {value: 0}).value;
      return value ? [text(value), percent(value / wholes[i])] : ["\u2013", ""];
    });
    body
      .insertRow()
      .append(
        element("th", {scope: "row"}, swatch(`var(--${notion})`), name),
        ...cells.map((cell) => element("td", {class: "number"}, cell))
      );
  }
  const totals = wholes.flatMap((whole) => [text(whole), ""]);
  body
    .insertRow()
    .append(
      element("th", {scope: "row"}, "all"),
      ...totals.map((cell) => element("td", {class: "number"}, cell))
    );
  return [made];
}

function energyRanges(items) {
  return element(
    "p",
    {class: "quiet"},
    ...items.map(
      ({layer, machine}) =>
        `Energy, low \u2026 high${items.length > 1 ? ", " + machine.name : ""}: ` +
        interval(energyRange(layer), "J", 1e-12) +
        ". "
    )
  );
}

// Of a layer on each machine of a run or a comparison.
function layerDetails(study, {index}) {
  const items = study.machines.map((machine) => ({machine, layer: machine.layers[index]}));
  const [{layer}] = items;
  return element(
    "div",
    {class: "details"},
    element(
      "p",
      {},
      element("b", {}, layer.layer),
      ` \u2013 ${layer.kind}, ${layer.encoding} weights, ${shapeText(layer)}`
    ),
    ...items.map((item) => factsOf(item.layer, item.machine, items.length === 1)),
    element(
      "div",
      {class: "scroll"},
      element(
        "div",
        {class: "all-parts"},
        ...partsTable("Cycles of the whole array", items, cyclesByBin, grouped),
        ...partsTable("Energy", items, energyByComponent, (value) => metric(value, "J")),
        ...partsTable("DRAM", items, dramByOperand, (value) => metric(value, "B")),
        ...partsTable("Network on chip", items, nocByStream, (value) => metric(value, "B")),
        ...partsTable("Buffers", items, bufferByUse, (value) => metric(value, "B"))
      )
    ),
    energyRanges(items),
    everyColumn(
      "Every column of the layer",
      items.map(({layer: figures, machine}) => ({name: machine.name, figures}))
    )
  );
}
