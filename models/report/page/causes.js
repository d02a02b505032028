// Where a run lost most, in words.
const causeWords = {
  imbalance: () => "PEs wait for slower ones",
  "wait-weights": () => "PEs wait for weights",
  "wait-activations": () => "PEs wait for ifmap",
  "wait-psums": () => "PEs wait for psums",
  noc: () => "PEs wait for the network on chip",
  dram: (layer) => "the array waits for DRAM" + mostMoved(layer),
  drain: () => "the array drains its psums",
  idle: () => "PEs have nothing mapped"
};

// ", which moves mostly weights (81.2 % of its bytes)"
function mostMoved(layer) {
  const [most] = dramByOperand(layer).sort((a, b) => b.value - a.value);
  if (!most) return "";
  const share = most.value / dramBytes(layer);
  return share > 0.995
    ? `, which moves ${most.name}`
    : `, which moves mostly ${most.name} (${percent(share)} of its bytes)`;
}

// The layers and bins with the most PE-cycles that neither multiply nor are gated, the costliest first:
// {layer, bin, words, ofLayer, ofRun}, the last two being shares of all PE-cycles.
function costliestCauses(machine, count) {
  const all = machine.pes * machine.cycles;
  return machine.layers
    .flatMap((layer) =>
      Object.keys(causeWords).map((bin) => ({layer, bin, lost: layer.bins_pe_cycles[bin]}))
    )
    .filter(({lost}) => lost > 0)
    .sort((a, b) => b.lost - a.lost)
    .slice(0, count)
    .map(({layer, bin, lost}) => ({
      layer,
      bin,
      words: causeWords[bin](layer),
      ofLayer: lost / (machine.pes * layer.cycles),
      ofRun: lost / all
    }));
}
