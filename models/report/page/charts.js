// What is drawn, as Vega-Lite. Text and lines take their colours from the style sheet, so that light, dark and
// print need no second drawing.

const palettes = {
  energy: {mac: "#3b7dd8", index: "#8a63d2", spad: "#2ca58d", buffer: "#e0a030", noc: "#d9663b", dram: "#c2425a", leakage: "#8c929a"},
  bins: {compute: "#2e9e5b", gated: "#86c99a", imbalance: "#e6b422", "wait-weights": "#3b7dd8", "wait-activations": "#74a9ee",
         "wait-psums": "#a78be0", noc: "#d9663b", dram: "#c2425a", drain: "#a0785a", idle: "#a4abb3"},
  dram: {weights: "#3b7dd8", ifmap: "#2ca58d", ofmap: "#e0a030"},
  noc: {weights: "#3b7dd8", ifmap: "#2ca58d", psums_in: "#a78be0", psums_out: "#e0a030"},
  buffer: {read: "#3b7dd8", written: "#e0a030"},
  machines: ["#3b7dd8", "#d9663b", "#2e9e5b", "#a05fc9", "#c9a227", "#c2425a", "#2ca5b5", "#8c6d55", "#7d8792", "#e07fb0"],
};

const look = {
  background: null,
  font: "system-ui, sans-serif",
  view: {stroke: null},
  axis: {labelColor: "var(--ink)", titleColor: "var(--quiet)", gridColor: "var(--line)", domainColor: "var(--line)",
         tickColor: "var(--line)", titleFontWeight: "normal", labelLimit: 160},
  legend: {labelColor: "var(--ink)", titleColor: "var(--quiet)", orient: "top", title: null, columns: 10},
  header: {labelColor: "var(--ink)", labelFontWeight: "bold", titleColor: "var(--ink)"},
  text: {color: "var(--ink)"},
};

const step = 17;  // pixels a layer

// Of a legend: as many as fit side by side.
function columnsFor(width) {
  return Math.max(2, Math.floor(width / 110));
}

// "0", where the prefix of the other labels would make it "0k".
const amounts = {format: "~s", tickCount: 5, labelExpr: "datum.value === 0 ? '0' : datum.label"};

function machineScale(study) {
  const names = study.machines.map((machine) => machine.name);
  return {domain: names, range: names.map((_, i) => palettes.machines[i % palettes.machines.length])};
}

function layerNames(study) {
  return study.machines[0].layers.map((layer) => layer.name);
}

// One row of data a machine, layer and part.
function parts(study, names, figure) {
  return study.machines.flatMap((machine) => machine.layers.flatMap((layer) => names.map((part, order) => (
    {machine: machine.name, layer: layer.name, part, order, value: figure(layer, part, machine)}))));
}

// Between which figures a layer's whole bar may lie, on top of the bars.
function whisker(study, title) {
  const tooltip = [{field: "machine", title: "accelerator"}, {field: "layer"}, {field: "text", title: "low \u2026 high"}];
  const encoding = {y: {field: "layer", sort: layerNames(study), title: null}, x: {field: "low", type: "quantitative", title, axis: amounts},
                    x2: {field: "high"}, tooltip};
  return {transform: [{filter: "isValid(datum.low)"}], mark: {type: "rule", stroke: "var(--ink)", strokeWidth: 1.5}, encoding};
}

// Stacked bars a layer, beside one another for several machines on one scale. `range(layer)`: whiskers on them.
function stacked(study, width, {palette, figure, title, format, share, description, range}) {
  const names = Object.keys(palette);
  const many = study.machines.length > 1, columns = Math.min(study.machines.length, 4);
  const data = parts(study, names, figure);
  for (const row of data) row.text = format(row.value);
  const size = {width: many ? Math.max(150, Math.floor((width - 130) / columns) - 24) : width - 130, height: {step}};
  const bars = {
    transform: [{filter: "isValid(datum.part)"}],
    mark: {type: "bar", cursor: "pointer"},
    encoding: {
      y: {field: "layer", sort: layerNames(study), title: null},
      x: {field: "value", aggregate: "sum", stack: share ? "normalize" : "zero", title: share ? "share of the layer" : title,
          axis: share ? {format: ".0%", tickCount: 5} : amounts},
      color: {field: "part", scale: {domain: names, range: Object.values(palette)}, legend: {columns: columnsFor(width)}},
      order: {field: "order"},
      tooltip: [{field: "machine", title: "accelerator"}, {field: "layer"}, {field: "part"}, {field: "text", title: "amount"}],
    },
  };
  const layer = [bars];
  const ranges = range && !share ? study.machines.flatMap((machine) => machine.layers.filter(range).map((each) => (
    {machine: machine.name, layer: each.name, ...range(each)}))) : [];
  if (ranges.length > 0) {  // a study's points have none
    data.push(...ranges);
    layer.push(whisker(study, title));
  }
  const drawn = {...size, layer};
  const spec = many ? {facet: {field: "machine", title: null, sort: study.machines.map((machine) => machine.name)}, columns, spec: drawn} : drawn;
  return {description, data: {values: data}, ...spec};
}

function energyChart(study, width, share) {
  return stacked(study, width, {palette: palettes.energy, share, title: "energy, J", description: "Energy by component, a bar a layer",
    figure: (layer, part) => layer.energy_by_component_pj[part] * 1e-12, format: (value) => metric(value, "J"),
    range: ({energy_range_pj: range}) => range && {low: range.low * 1e-12, high: range.high * 1e-12, text: interval(range, "J", 1e-12)}});
}

function binsChart(study, width, share) {
  return stacked(study, width, {palette: palettes.bins, share, title: "cycles of the whole array", description: "Where the PE-cycles went, a bar a layer",
    figure: (layer, part, machine) => layer.bins_pe_cycles[part] / machine.pes, format: (value) => grouped(value) + " cycles"});
}

function dramChart(study, width, share) {
  return stacked(study, width, {palette: palettes.dram, share, title: "DRAM traffic, bytes", description: "Bytes between chip and DRAM by operand, a bar a layer",
    figure: (layer, part) => layer.dram_bytes[part], format: (value) => metric(value, "B")});
}

function bufferChart(study, width, share) {
  return stacked(study, width, {palette: palettes.buffer, share, title: "bytes of the on-chip buffers", description: "Bytes read from and written to the on-chip buffers, a bar a layer",
    figure: (layer, part) => layer.buffer_bytes[part], format: (value) => metric(value, "B")});
}

function nocChart(study, width, share) {
  return stacked(study, width, {palette: palettes.noc, share, title: "bytes between buffers and PEs", description: "Bytes that the network between buffers and PEs carried, a bar a layer",
    figure: (layer, part) => layer.noc_bytes[part], format: (value) => metric(value, "B")});
}

// One bar a layer and machine.
function timeChart(study, width) {
  const values = study.machines.flatMap((machine) => machine.layers.map((layer) => (
    {machine: machine.name, layer: layer.name, seconds: layer.seconds, text: metric(layer.seconds, "s")})));
  const scale = machineScale(study);
  return {
    description: "Time of each layer on each accelerator",
    data: {values},
    width: width - 160,
    height: {step: Math.max(7, Math.ceil(30 / scale.domain.length)), for: "offset"},
    mark: {type: "bar", cursor: "pointer"},
    encoding: {
      y: {field: "layer", sort: layerNames(study), title: null},
      yOffset: {field: "machine", sort: scale.domain},
      x: {field: "seconds", type: "quantitative", title: "time, s", axis: {...amounts, tickCount: 8}},
      color: {field: "machine", scale},
      tooltip: [{field: "machine", title: "accelerator"}, {field: "layer"}, {field: "text", title: "time"}],
    },
  };
}

function meansChart(study, width) {
  const scale = machineScale(study);
  const values = study.machines.flatMap((machine) => [
    {machine: machine.name, of: "speed-up", ratio: machine.speedup, text: times(machine.speedup)},
    {machine: machine.name, of: "energy gain", ratio: machine.energy_gain, text: times(machine.energy_gain)}]);
  const base = {y: {field: "machine", sort: scale.domain, title: null}, x: {field: "ratio", type: "quantitative", title: "over " + scale.domain[0]}};
  return {
    description: "Geometric means over the layers",
    data: {values},
    facet: {field: "of", title: null, sort: ["speed-up", "energy gain"]},
    columns: 2,
    spec: {
      width: Math.max(150, Math.floor((width - 240) / 2)),
      height: {step: 20},
      layer: [
        {mark: "bar", encoding: {...base, color: {field: "machine", scale, legend: null}}},
        {mark: {type: "text", align: "left", dx: 4}, encoding: {...base, text: {field: "text"}}},
      ],
    },
  };
}

// A layer's place under the roof: as run, and the least any schedule could need. Operations are those of the bound.
function rooflinePoints(study) {
  return study.machines.flatMap((machine) => machine.layers.filter((layer) => layer.bound.effectual_macs > 0 && dramBytes(layer) > 0)
    .flatMap((layer) => {
      const work = layer.bound.effectual_macs, clock = machine.clock_mhz * 1e6;
      const common = {machine: machine.name, layer: layer.name};
      return [
        {...common, what: "achieved", intensity: work / dramBytes(layer), rate: work / layer.seconds},
        {...common, what: "bound, by " + layer.bound.by, intensity: work / layer.bound.bytes, rate: work / (layer.bound.cycles / clock)},
      ].map((point) => ({...point, text: metric(point.rate, "op/s")}));
    }));
}

function roofs(study, points) {
  const least = Math.min(...points.map((point) => point.intensity)) / 2, most = Math.max(...points.map((point) => point.intensity)) * 2;
  return study.machines.flatMap((machine) => {
    const peak = machine.pes * machine.clock_mhz * 1e6, ridge = peak / machine.dram_bytes_per_second;
    return [Math.min(least, ridge / 2), ridge, Math.max(most, ridge * 2)].map((intensity) => (
      {machine: machine.name, intensity, rate: Math.min(peak, intensity * machine.dram_bytes_per_second)}));
  });
}

function logScale(items, field) {
  const values = items.map((item) => item[field]);
  return {type: "log", nice: false, domain: [Math.min(...values) / 1.3, Math.max(...values) * 1.3]};
}

function rooflineChart(study, width) {
  const points = rooflinePoints(study);
  if (points.length === 0) return null;
  const all = [...points, ...roofs(study, points)];
  const x = {field: "intensity", type: "quantitative", scale: logScale(all, "intensity"), title: "effectual operations a byte of DRAM", axis: {format: "~g", tickCount: 6, gridOpacity: 0.4}};
  const y = {field: "rate", type: "quantitative", scale: logScale(all, "rate"), title: "effectual operations a second", axis: {format: "~s", tickCount: 6, gridOpacity: 0.4}};
  const color = {field: "machine", scale: machineScale(study), legend: study.machines.length > 1 ? {} : null};
  const tooltip = [{field: "machine", title: "accelerator"}, {field: "layer"}, {field: "what", title: "is"},
                   {field: "intensity", title: "op a byte", format: ".3~g"}, {field: "text", title: "rate"}];
  const layers = [
    {data: {values: roofs(study, points)}, mark: {type: "line", strokeWidth: 1.5, opacity: 0.7}, encoding: {x, y, color}},
    {mark: {type: "line", strokeWidth: 0.8, opacity: 0.5, strokeDash: [3, 3]}, encoding: {x, y, color, detail: {field: "layer"}}},
    {transform: [{filter: "datum.what == 'achieved'"}], mark: {type: "point", filled: true, size: 60, opacity: 1, cursor: "pointer"}, encoding: {x, y, color, tooltip}},
    {transform: [{filter: "datum.what != 'achieved'"}], mark: {type: "point", shape: "triangle-up", size: 45, opacity: 1, cursor: "pointer"}, encoding: {x, y, color, tooltip}},
  ];
  if (study.machines.length === 1) {
    layers.push({transform: [{filter: "datum.what == 'achieved'"}], mark: {type: "text", align: "left", dx: 7, dy: 4, fontSize: 10}, encoding: {x, y, text: {field: "layer"}}});
  }
  return {description: "Roofline: each layer as run (dots) and its bound (triangles)", data: {values: points}, width: width - 90, height: 380, layer: layers};
}
