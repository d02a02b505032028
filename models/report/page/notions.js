// What bars are made of. A notion keeps its colour wherever it stands: waiting for DRAM, its energy and
// nothing else are of one; so are weights that wait, that come from DRAM and that the network carries.

// part: [its column, its notion (a colour of report.css), words for people]
const binParts = [
  ["bin_compute", "work", "multiplying"],
  ["bin_gated", "gated", "gated by a zero"],
  ["bin_imbalance", "imbalance", "waiting for slower PEs"],
  ["bin_wait_weights", "weights", "waiting for weights"],
  ["bin_wait_activations", "ifmap", "waiting for ifmap"],
  ["bin_wait_psums", "psums", "waiting for psums"],
  ["bin_noc", "noc", "waiting for the network"],
  ["bin_dram", "dram", "waiting for DRAM"],
  ["bin_drain", "drain", "draining"],
  ["bin_idle", "idle", "nothing mapped"]
];
const energyParts = [
  ["mac_pj", "work", "multiply-add"],
  ["index_pj", "index", "index logic"],
  ["spad_pj", "spad", "scratchpads"],
  ["buffer_pj", "buffer", "buffers"],
  ["noc_pj", "noc", "network on chip"],
  ["dram_pj", "dram", "DRAM"],
  ["leakage_pj", "leakage", "leakage"]
];
const dramParts = [
  ["dram_weights_bytes", "weights", "weights"],
  ["dram_ifmap_bytes", "ifmap", "ifmap"],
  ["dram_ofmap_bytes", "psums", "ofmap"]
];
const nocParts = [
  ["noc_weights_bytes", "weights", "weights"],
  ["noc_ifmap_bytes", "ifmap", "ifmap"],
  ["noc_psums_in_bytes", "psums", "psums in"],
  ["noc_psums_out_bytes", "psums", "psums out"]
];
const bufferParts = [
  ["buffer_read_bytes", "buffer", "read"],
  ["buffer_written_bytes", "buffer", "written"]
];

// {name, notion, value} of what a layer has of them, without those that are zero.
function partsOf(parts, layer, scale = 1) {
  return parts
    .map(([column, notion, name]) => ({name, notion, value: (layer[column] || 0) * scale}))
    .filter(({value}) => value > 0);
}

const cyclesByBin = (layer, machine) => partsOf(binParts, layer, 1 / machine.pes);
const energyByComponent = (layer) => partsOf(energyParts, layer, 1e-12);
const dramByOperand = (layer) => partsOf(dramParts, layer);
const nocByStream = (layer) => partsOf(nocParts, layer);
const bufferByUse = (layer) => partsOf(bufferParts, layer);

// How many times the cycles of the bound, and which of five classes, near to far, of one colour each.
const distanceOf = (layer) => layer.cycles / Math.max(1, layer.bound_cycles);
const distanceSteps = [1.5, 3, 6, 12];
const distanceClass = (distance) => distanceSteps.filter((step) => distance > step).length;
const distanceColour = (distance) => `var(--far-${distanceClass(distance)})`;
const distanceWords = ["up to 1.5\u00d7", "3\u00d7", "6\u00d7", "12\u00d7", "more"];

// Layers taken together, as one layer's object; a study's point knows fewer columns.
function together(layers) {
  const columns = ["cycles", "seconds", "energy_pj", "dram_bytes", "bound_cycles"].concat(
    [binParts, energyParts, dramParts].flatMap((parts) => parts.map(([column]) => column))
  );
  return Object.fromEntries(
    columns
      .filter((column) => layers[0][column] !== undefined)
      .map((column) => [column, sum(layers, (layer) => layer[column])])
  );
}

// Of the PE-cycles, those that multiply or are gated.
const used = (layer, machine) => (layer.bin_compute + layer.bin_gated) / (machine.pes * layer.cycles);
