// What bars are made of. A notion keeps its colour wherever it stands: waiting for DRAM, its energy and
// nothing else are of one; so are weights that wait, that come from DRAM and that the network carries.

// part: [its name in the data, its notion (a colour of report.css), words for people]
const binParts = [
  ["compute", "work", "multiplying"],
  ["gated", "gated", "gated by a zero"],
  ["imbalance", "imbalance", "waiting for slower PEs"],
  ["wait-weights", "weights", "waiting for weights"],
  ["wait-activations", "ifmap", "waiting for ifmap"],
  ["wait-psums", "psums", "waiting for psums"],
  ["noc", "noc", "waiting for the network"],
  ["dram", "dram", "waiting for DRAM"],
  ["drain", "drain", "draining"],
  ["idle", "idle", "nothing mapped"]
];
const energyParts = [
  ["mac", "work", "multiply-add"],
  ["index", "index", "index logic"],
  ["spad", "spad", "scratchpads"],
  ["buffer", "buffer", "buffers"],
  ["noc", "noc", "network on chip"],
  ["dram", "dram", "DRAM"],
  ["leakage", "leakage", "leakage"]
];
const dramParts = [
  ["weights", "weights", "weights"],
  ["ifmap", "ifmap", "ifmap"],
  ["ofmap", "psums", "ofmap"]
];
const nocParts = [
  ["weights", "weights", "weights"],
  ["ifmap", "ifmap", "ifmap"],
  ["psums_in", "psums", "psums in"],
  ["psums_out", "psums", "psums out"]
];
const bufferParts = [
  ["read", "buffer", "read"],
  ["written", "buffer", "written"]
];

// {name, notion, value} of what a layer's object has of them, without those that are zero.
function partsOf(parts, values, scale = 1) {
  return parts
    .map(([key, notion, name]) => ({name, notion, value: (values[key] || 0) * scale}))
    .filter(({value}) => value > 0);
}

const cyclesByBin = (layer, machine) => partsOf(binParts, layer.bins_pe_cycles, 1 / machine.pes);
const energyByComponent = (layer) => partsOf(energyParts, layer.energy_by_component_pj, 1e-12);
const dramByOperand = (layer) => partsOf(dramParts, layer.dram_bytes);
const nocByStream = (layer) => partsOf(nocParts, layer.noc_bytes);
const bufferByUse = (layer) => partsOf(bufferParts, layer.buffer_bytes);

// How many times the cycles of the bound, and which of five classes, near to far, of one colour each.
const distanceOf = (layer) => layer.cycles / Math.max(1, layer.bound.cycles);
const distanceSteps = [1.5, 3, 6, 12];
const distanceClass = (distance) => distanceSteps.filter((step) => distance > step).length;
const distanceColour = (distance) => `var(--far-${distanceClass(distance)})`;
const distanceWords = ["up to 1.5\u00d7", "3\u00d7", "6\u00d7", "12\u00d7", "more"];

// Layers taken together, as one layer's object.
function together(layers) {
  const added = (key) =>
    Object.fromEntries(
      Object.keys(layers[0][key]).map((part) => [part, sum(layers, (layer) => layer[key][part])])
    );
  const whole = {
    cycles: sum(layers, (layer) => layer.cycles),
    seconds: sum(layers, (layer) => layer.seconds),
    energy_pj: sum(layers, (layer) => layer.energy_pj),
    bins_pe_cycles: added("bins_pe_cycles"),
    energy_by_component_pj: added("energy_by_component_pj")
  };
  if (!layers[0].bound) return whole; // of a study's point
  return {
    ...whole,
    dram_bytes: added("dram_bytes"),
    bound: {cycles: sum(layers, (layer) => layer.bound.cycles)}
  };
}

// Of the PE-cycles, those that multiply or are gated.
const used = (layer, machine) =>
  (layer.bins_pe_cycles.compute + layer.bins_pe_cycles.gated) / (machine.pes * layer.cycles);
