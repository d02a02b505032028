// Figures as people read them.
const prefixes = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
  [1, ""],
  [1e-3, "m"],
  [1e-6, "\u00b5"],
  [1e-9, "n"],
  [1e-12, "p"],
  [1e-15, "f"]
];

function prefixOf(value) {
  if (!value) return [1, ""];
  return prefixes.find(([least]) => Math.abs(value) >= least * 0.9995) || prefixes[prefixes.length - 1];
}

// Three digits with an SI prefix: 7.01 us.
function metric(value, unit) {
  if (!value) return "0 " + unit;
  const [scale, prefix] = prefixOf(value);
  const scaled = value / scale;
  const digits = Math.abs(scaled) >= 99.95 ? 0 : Math.abs(scaled) >= 9.995 ? 1 : 2;
  return scaled.toFixed(digits) + " " + prefix + unit;
}

// One prefix for a whole column or axis whose greatest figure is `most`: {scale, unit}. Counts take words.
function unitFor(most, unit) {
  const [scale, prefix] = prefixOf(most);
  const words = {k: "thousand ", M: "million ", G: "billion ", T: "trillion "};
  if (unit !== "cycles" && unit !== "") return {scale, unit: prefix + unit};
  return scale < 1 || !words[prefix] ? {scale: 1, unit} : {scale, unit: (words[prefix] + unit).trim()};
}

// 18 930, with thin spaces that keep together.
function grouped(value) {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

// Of a column: as many decimals as its greatest figure has to four digits, so that the points align.
function aligned(value, most) {
  const decimals = most >= 1000 ? 0 : most >= 100 ? 1 : 2,
    text = value.toFixed(decimals);
  return value > 0 && Number(text) === 0 ? "<" + (10 ** -decimals).toFixed(decimals) : text;
}

function percent(share) {
  return (100 * share).toFixed(1) + " %";
}

// Two digits however small: 1.30, 0.0012.
function times(ratio) {
  return (ratio < 0.095 ? String(Number(ratio.toPrecision(2))) : ratio.toFixed(2)) + "\u00d7";
}

// "31.0 \u2026 66.0 uJ": every figure of the technology table at its low, and at its high.
function interval(range, unit, scale) {
  const {scale: whole, unit: prefixed} = unitFor(range.high * scale, unit),
    most = (range.high * scale) / whole;
  const digits = most >= 99.95 ? 0 : most >= 9.995 ? 1 : 2;
  return `${((range.low * scale) / whole).toFixed(digits)} \u2026 ${most.toFixed(digits)} ${prefixed}`;
}

function sum(items, figure) {
  return items.reduce((total, item) => total + figure(item), 0);
}

const joules = (layer) => layer.energy_pj * 1e-12;
const dramBytes = (layer) => layer.dram_bytes;
const energyRange = (of) => ({low: of.energy_low_pj, high: of.energy_high_pj});
