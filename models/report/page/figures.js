// Figures as people read them.
const prefixes = [[1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"], [1e-6, "u"], [1e-9, "n"], [1e-12, "p"], [1e-15, "f"]];

// Three digits with an SI prefix: 7.01 us.
function metric(value, unit) {
  if (!value) return "0 " + unit;
  const [scale, prefix] = prefixes.find(([least]) => Math.abs(value) >= least * 0.9995) || prefixes[prefixes.length - 1];
  const scaled = value / scale;
  const digits = Math.abs(scaled) >= 99.95 ? 0 : Math.abs(scaled) >= 9.995 ? 1 : 2;
  return scaled.toFixed(digits) + " " + prefix + unit;
}

// 18 930, with thin spaces that keep together.
function grouped(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function percent(share) {
  return (100 * share).toFixed(1) + " %";
}

// Two digits however small: 1.30, 0.0012.
function times(ratio) {
  return (ratio < 0.095 ? String(Number(ratio.toPrecision(2))) : ratio.toFixed(2)) + "\u00d7";
}

// "31.0 uJ \u2026 66.0 uJ": every figure of the technology table at its low, and at its high.
function interval(range, unit, scale) {
  return metric(range.low * scale, unit) + " \u2026 " + metric(range.high * scale, unit);
}

function sum(items, figure) {
  return items.reduce((total, item) => total + figure(item), 0);
}

const seconds = (layer) => layer.seconds;
const joules = (layer) => layer.energy_pj * 1e-12;
const dramBytes = (layer) => layer.dram_bytes.weights + layer.dram_bytes.ifmap + layer.dram_bytes.ofmap;
