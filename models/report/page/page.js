// The page of a run or of comparisons: sections for each trace, charts where the library is there, tables always.
// A click on a layer in a chart shows its line in the table of its study.
function pick({machine, layer}, figure) {
  if (!layer) return;
  const study = figure.closest(".study");
  for (const row of study.querySelectorAll("tbody tr")) {
    const picked = row.item.layer && row.item.layer.name === layer && row.item.machine.name === machine;
    row.classList.toggle("picked", Boolean(picked));
    if (picked) row.scrollIntoView({block: "nearest"});
  }
}

function part(study, id, title, ...children) {
  return section(study.contents, "study" + study.index + "-" + id, title, ...children);
}

function verified(machine) {
  return machine.layers.every((layer) => layer.verified);
}

function summary(machine) {
  const bound = sum(machine.layers, (layer) => layer.bound.cycles);
  const used = sum(machine.layers, (layer) => layer.bins_pe_cycles.compute + layer.bins_pe_cycles.gated);
  return tiles([
    ["time", metric(machine.seconds, "s")], ["cycles", grouped(machine.cycles)], ["energy", metric(machine.energy_pj * 1e-12, "J")],
    ["energy, low \u2026 high", interval(machine.energy_range_pj, "J", 1e-12)],
    ["mean power", metric(machine.energy_pj * 1e-12 / machine.seconds, "W")], ["PEs multiplying", percent(used / (machine.pes * machine.cycles))],
    ["DRAM traffic", metric(sum(machine.layers, dramBytes), "B")], ["cycles over the bound", times(machine.cycles / bound)],
    ["area", machine.area_mm2.toFixed(2) + " mm\u00b2"], ["values", verified(machine) ? "verified" : "not verified"]]);
}

function sideBySide(study) {
  const columns = [
    {title: "accelerator", value: (machine) => machine.name},
    {title: "weights", value: (machine) => [...new Set(machine.layers.map((layer) => layer.encoding))].join(", ")},
    {title: "PEs", value: (machine) => machine.pes, text: grouped},
    {title: "MHz", value: (machine) => machine.clock_mhz, text: String},
    {title: "area mm\u00b2", value: (machine) => machine.area_mm2, text: (value) => value.toFixed(2)},
    {title: "cycles", value: (machine) => machine.cycles, text: grouped},
    {title: "time", value: (machine) => machine.seconds, text: (value) => metric(value, "s")},
    {title: "energy", value: (machine) => machine.energy_pj * 1e-12, text: (value) => metric(value, "J")},
    {title: "~", value: (machine) => machine.energy_overlaps ? "~" : ""},
    {title: "low", value: (machine) => machine.energy_range_pj.low * 1e-12, text: (value) => metric(value, "J")},
    {title: "high", value: (machine) => machine.energy_range_pj.high * 1e-12, text: (value) => metric(value, "J")},
    {title: "energy \u00d7 delay", value: (machine) => machine.energy_pj * 1e-12 * machine.seconds, text: (value) => metric(value, "Js")},
    {title: "~ ", value: (machine) => machine.energy_delay_overlaps ? "~" : ""},
    {title: "output error", value: (machine) => machine.output_error, text: percent},
    {title: "speed-up", value: (machine) => machine.speedup, text: times},
    {title: "energy gain", value: (machine) => machine.energy_gain, text: times},
    {title: "verified", value: (machine) => verified(machine) ? "yes" : "no"},
  ];
  const derived = study.machines.filter((machine) => machine.derivation)
    .map((machine) => element("p", {class: "quiet"}, machine.name + ": " + machine.derivation));
  return [
    part(study, "side-by-side", "Side by side",
      element("p", {}, "Speed-up and energy gain are geometric means over the layers, of " + study.machines[0].name + " over each; " + study.footing + "."),
      ...derived, ...study.remarks.map((remark) => element("p", {class: "quiet"}, remark + ".")), table("accelerators side by side", columns, study.machines), chart((width) => meansChart(study, width), "geometric means", pick)),
    ...drawn(() => part(study, "time", "Time a layer", chart((width) => timeChart(study, width), "time a layer", pick))),
  ];
}

function rows(study) {
  return study.machines.flatMap((machine) => machine.layers.map((layer) => ({machine, layer})));
}

const machineColumn = {title: "accelerator", value: (row) => row.machine.name};
const layerColumn = {title: "layer", value: (row) => row.layer.name};

function layerTable(study) {
  const columns = [
    layerColumn,
    {title: "kind", value: (row) => row.layer.kind},
    {title: "weights", value: (row) => row.layer.encoding},
    {title: "mapping", value: (row) => row.layer.mapping},
    {title: "passes", value: (row) => row.layer.passes, text: grouped},
    {title: "cycles", value: (row) => row.layer.cycles, text: grouped},
    {title: "time", value: (row) => row.layer.seconds, text: (value) => metric(value, "s")},
    {title: "util.", value: (row) => row.layer.utilisation, text: percent},
    {title: "energy", value: (row) => joules(row.layer), text: (value) => metric(value, "J")},
    {title: "low", value: (row) => row.layer.energy_range_pj.low * 1e-12, text: (value) => metric(value, "J")},
    {title: "high", value: (row) => row.layer.energy_range_pj.high * 1e-12, text: (value) => metric(value, "J")},
    {title: "DRAM", value: (row) => dramBytes(row.layer), text: (value) => metric(value, "B")},
    {title: "buffer", value: (row) => row.layer.buffer_bytes.read + row.layer.buffer_bytes.written, text: (value) => metric(value, "B")},
    {title: "bound", value: (row) => row.layer.bound.by},
    {title: "\u00d7 bound", value: (row) => row.layer.cycles / row.layer.bound.cycles, text: (value) => value.toFixed(1)},
    {title: "verified", value: (row) => row.layer.verified ? "yes" : "no"},
  ];
  if (study.machines.length > 1) columns.unshift(machineColumn);
  return part(study, "layers", "Layers", element("p", {class: "quiet screen"}, "A head sorts its column; again, the other way round."), table("layers", columns, rows(study)));
}

// The figures of a stacked chart, a column a part.
function partTable(study, caption, names, figure, text) {
  const columns = [layerColumn, ...names.map((name) => ({title: name, value: (row) => figure(row, name), text}))];
  if (study.machines.length > 1) columns.unshift(machineColumn);
  return element("details", {}, element("summary", {}, "The same as a table"), table(caption, columns, rows(study)));
}

function where(study) {
  return [
    part(study, "energy", "Energy", element("p", {class: "quiet"}, "Whiskers, low and high: every figure of the technology table at that end of its bracket."),
      chart((width, shares) => energyChart(study, width, shares), "energy a layer", pick),
      partTable(study, "energy by component", Object.keys(palettes.energy), (row, name) => row.layer.energy_by_component_pj[name] * 1e-12, (value) => metric(value, "J"))),
    part(study, "cycles", "Cycles", element("p", {class: "quiet"}, "Every PE-cycle is in one bin: it multiplies, is gated by a zero, waits, drains or has nothing mapped."),
      chart((width, shares) => binsChart(study, width, shares), "cycles a layer by bin", pick),
      partTable(study, "share of PE-cycles by bin", Object.keys(palettes.bins), (row, name) => row.layer.bins_pe_cycles[name] / (row.machine.pes * row.layer.cycles), percent)),
    ...drawn(() => part(study, "roofline", "Roofline", element("p", {class: "quiet"}, "Dots: as run. Triangles: the least any schedule could need, on the roof by definition; a dot left of its triangle moved bytes twice, one below it lost time. Operations are effectual multiplies, for basis and comparator layers the unit\u2019s own."),
      chart((width) => rooflineChart(study, width), "roofline", pick))),
    part(study, "dram", "DRAM traffic", chart((width, shares) => dramChart(study, width, shares), "DRAM traffic a layer", pick),
      partTable(study, "DRAM traffic by operand", Object.keys(palettes.dram), (row, name) => row.layer.dram_bytes[name], (value) => metric(value, "B"))),
    part(study, "noc", "Network on chip", element("p", {class: "quiet"}, "From the buffers to the PEs and back, over buses or routers. A word that many PEs take counts once."),
      chart((width, shares) => nocChart(study, width, shares), "network traffic a layer", pick),
      partTable(study, "network traffic by stream", Object.keys(palettes.noc), (row, name) => row.layer.noc_bytes[name], (value) => metric(value, "B"))),
    part(study, "buffers", "Traffic on chip", element("p", {class: "quiet"}, "Between the buffers and whoever uses them: the array over its NoC, and DRAM."),
      chart((width, shares) => bufferChart(study, width, shares), "buffer traffic a layer", pick),
      partTable(study, "buffer traffic", Object.keys(palettes.buffer), (row, name) => row.layer.buffer_bytes[name], (value) => metric(value, "B"))),
  ];
}

function configuration(study) {
  const keys = [...new Set(study.machines.flatMap((machine) => Object.keys(machine.configuration)))];
  const columns = [{title: "key", value: (key) => key},
    ...study.machines.map((machine) => ({title: machine.name, value: (key) => machine.configuration[key] ?? "\u2013"}))];
  return table("configuration", columns, keys);
}

function tags(study) {
  const columns = [{title: "accelerator", value: (machine) => machine.name}, {title: "technology", value: (machine) => machine.technology},
    ...["measured", "published", "derived", "estimated"].map((tag) => ({title: tag, value: (machine) => machine.tags[tag], text: percent}))];
  return table("what the energy figures rest on", columns, study.machines);
}

function energyItems(study) {
  const items = study.machines.flatMap((machine) => machine.energy_items.map((item) => ({machine, item})));
  const columns = [
    {title: "component", value: (row) => row.item.component}, {title: "item", value: (row) => row.item.item},
    {title: "uses", value: (row) => row.item.count, text: grouped}, {title: "each", value: (row) => row.item.pj / row.item.count * 1e-12 || 0, text: (value) => metric(value, "J")},
    {title: "energy", value: (row) => row.item.pj * 1e-12, text: (value) => metric(value, "J")},
    {title: "low", value: (row) => row.item.low_pj * 1e-12, text: (value) => metric(value, "J")},
    {title: "high", value: (row) => row.item.high_pj * 1e-12, text: (value) => metric(value, "J")},
    {title: "share", value: (row) => row.item.pj / row.machine.energy_pj, text: percent}, {title: "rests on", value: (row) => row.item.tag}];
  if (study.machines.length > 1) columns.unshift(machineColumn);
  return element("details", {}, element("summary", {}, "Every row of the technology table that was used"), table("energy by item", columns, items));
}

function provenance(study) {
  const first = study.machines[0];
  return part(study, "provenance", "Where the figures come from",
    element("p", {}, report.program + ", " + first.fidelity + " fidelity. Trace " + first.trace +
      (study.trace_fingerprint ? ", fingerprint " + study.trace_fingerprint : "") + "; inputs: " + first.inputs + "."),
    ...(study.command ? [element("p", {}, "Made by ", element("code", {}, study.command), ".")] : []),
    element("p", {class: "quiet"}, "Share of the energy that rests on figures measured, published, derived or estimated:"),
    tags(study), energyItems(study), element("h3", {}, "Configuration"), configuration(study),
    ...(first.skipped.length ? [element("p", {class: "quiet"}, "Off the array, not simulated: " + first.skipped.join(", "))] : []));
}

function shareChoice() {
  const box = element("fieldset", {}, element("legend", {}, "Bars show"));
  for (const [label, value] of [["amounts", false], ["shares", true]]) {
    const input = element("input", {type: "radio", name: "share"});
    input.checked = value === share;
    input.addEventListener("change", () => { share = value; drawAll(); });
    box.append(element("label", {}, input, " " + label));
  }
  return box;
}

function head(study) {
  const first = study.machines[0], lines = [];
  lines.push(element("h1", {}, study.title));
  lines.push(element("p", {class: "quiet"}, study.machines.map((machine) =>
    machine.name + ": " + grouped(machine.pes) + " PEs, " + machine.clock_mhz + " MHz, " + machine.technology).join("; ")));
  if (first.synthetic) lines.push(element("p", {class: "warn"}, "Synthetic trace: weights and inputs are drawn, not trained."));
  if (!study.machines.every(verified)) lines.push(element("p", {class: "warn"}, "Values were not compared with the golden executor."));
  lines.push(...chartless());
  return lines;
}

function studyPage(study, index) {
  study.index = index;
  study.contents = [];
  const body = study.machines.length > 1 ? sideBySide(study) : [];
  body.push(...where(study), layerTable(study), provenance(study));
  const tops = study.machines.length > 1 ? [] : [summary(study.machines[0])];
  return element("div", {class: "study"}, ...head(study), contentsOf(study.contents), ...tops, ...(report.charts && index === 0 ? [shareChoice()] : []), ...body);
}

report.studies.forEach((study, index) => page.append(studyPage(study, index)));
drawAll();
