// The points of a study, and the figures they can be drawn and sorted by.
const {study, points: columns, counts} = report;

const parameterKeys = columns.parameters.map(({key}) => key);

const points = columns.point.map((number, row) => {
  const word = (name) => columns[name].words[columns[name].rows[row]];
  const point = {
    row,
    number,
    trace: word("trace"),
    accelerator: word("accelerator"),
    status: word("status"),
    error: word("error"),
    values: columns.parameters.map(({values}) => values[row]),
    objectives: columns.objectives[row],
    front: false
  };
  for (const [name, values] of Object.entries(columns.figures)) point[name] = values[row];
  return point;
});
for (const front of report.fronts) for (const row of front.rows) points[row].front = true;

const done = points.filter((point) => point.status === "done");
const unfinished = points.filter((point) => point.status === "refused" || point.status === "failed");

// `more`: the more the better; `share`: in percent; `axis`: what an axis is called, if not the title. Words
// of objectives first, so that an objective finds its figure.
const inPercent = (digits) => (value) => (100 * value).toFixed(digits) + " %";
const plainFigures = [
  {word: "energy", title: "energy", unit: "J", value: (point) => point.energy_pj * 1e-12},
  {word: "seconds", title: "time", unit: "s", value: (point) => point.seconds},
  {
    word: "seconds * area",
    title: "performance / area",
    axis: "performance per area",
    unit: "/(s\u00b7mm\u00b2)",
    more: true,
    value: (point) => 1 / (point.seconds * point.area_mm2)
  },
  {
    word: "cycles",
    title: "cycles",
    axis: "%u",
    unit: "cycles",
    text: grouped,
    value: (point) => point.cycles
  },
  {
    word: "area",
    title: "area",
    axis: "area, mm\u00b2",
    text: (value) => value.toPrecision(3) + " mm\u00b2",
    value: (point) => point.area_mm2
  },
  {word: "edp", title: "energy \u00d7 delay", unit: "Js", value: (point) => point.edp_js},
  {
    word: "output_error",
    title: "output error",
    share: true,
    text: inPercent(2),
    value: (point) => point.output_error
  },
  {word: "dram", title: "DRAM traffic", unit: "B", value: (point) => point.dram_bytes},
  {
    word: "utilisation",
    title: "utilisation",
    axis: "utilisation of the PEs",
    share: true,
    text: percent,
    more: true,
    value: (point) => point.utilisation
  },
  {word: "pes", title: "PEs", text: grouped, value: (point) => point.pes}
].map((figure) => ({text: (value) => metric(value, figure.unit), ...figure}));

// The figure that an objective is, turned round where that reads better; else one of its own.
function figureOf(objective, index) {
  const word = objective
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^area ?\* ?seconds$|^seconds ?\* ?area$/, "seconds * area");
  return (
    plainFigures.find((figure) => figure.word === word) || {
      word: objective,
      title: objective,
      text: (value) => value.toPrecision(4),
      value: (point) => point.objectives[index]
    }
  );
}

const objectives = study.objectives.map(figureOf);
// Those that differ between points; all that an axis could show.
const figures = [...objectives, ...plainFigures.filter((figure) => !objectives.includes(figure))].filter(
  (figure) =>
    objectives.includes(figure) || done.some((point) => figure.value(point) !== figure.value(done[0]))
);

// What may colour points and what effects are shown of, where it has more than one value.
const factors = [
  {title: "trace", value: (point) => point.trace},
  {title: "accelerator", value: (point) => point.accelerator},
  ...parameterKeys.map((key, index) => ({title: key, value: (point) => point.values[index]}))
].filter((factor) => valuesOf(factor, done).length > 1);

function valuesOf(factor, some) {
  const values = [...new Set(some.map(factor.value))].filter((value) => value !== null);
  return values.every((value) => typeof value === "number") ? values.sort((a, b) => a - b) : values;
}

// Of values that are long and much alike, what tells them apart.
function labelsOf(values) {
  const texts = values.map(String);
  if (texts.length < 2 || Math.max(...texts.map((text) => text.length)) <= 24) return texts;
  const least = Math.min(...texts.map((text) => text.length));
  let first = 0,
    last = 0;
  while (first < least && texts.every((text) => text[first] === texts[0][first])) ++first;
  while (last < least - first && texts.every((text) => text.at(-1 - last) === texts[0].at(-1 - last))) ++last;
  while (first > 0 && /[\w.:]|\s/.test(texts[0][first - 1]) && !/[{,]/.test(texts[0][first - 1])) --first;
  while (last > 0 && /[\w.]/.test(texts[0].at(-last))) --last;
  return texts.map(
    (text) =>
      (first > 0 ? "\u2026 " : "") + text.slice(first, text.length - last) + (last > 0 ? " \u2026" : "")
  );
}

// Of the trace chosen, or of all.
function pointsOn(trace) {
  return done.filter((point) => trace === null || point.trace === trace);
}

function differences(point) {
  return parameterKeys.map((key, index) => [key, point.values[index]]).filter(([, value]) => value !== null);
}

// The points no other equals or beats in both figures, from the least x on.
function bestOf(some, x, y) {
  const sign = (figure) => (figure.more ? -1 : 1);
  const order = [...some].sort(
    (a, b) => sign(x) * (x.value(a) - x.value(b)) || sign(y) * (y.value(a) - y.value(b))
  );
  let least = Infinity;
  return order.filter((point) => {
    const better = sign(y) * y.value(point) < least;
    if (better) least = sign(y) * y.value(point);
    return better;
  });
}

// The layers of a point as the charts take a machine's, or nothing where the page has no room for them.
function layersOf(point) {
  const numbers = report.layers.rows[point.row];
  if (!numbers) return null;
  const {bins, components} = report.layers,
    width = 2 + bins.length + components.length;
  const shares = (names, first, whole) =>
    Object.fromEntries(names.map((name, i) => [name, (whole * numbers[first + i]) / 1000]));
  return report.layers.names[point.trace].map((name, index) => {
    const at = index * width,
      cycles = numbers[at],
      energy = numbers[at + 1];
    return {
      name,
      cycles,
      seconds: (cycles * point.seconds) / point.cycles,
      energy_pj: energy,
      bins_pe_cycles: shares(bins, at + 2, cycles * point.pes),
      energy_by_component_pj: shares(components, at + 2 + bins.length, energy)
    };
  });
}

// As a shell takes it.
function quoted(word) {
  return /^[A-Za-z0-9_.,:=/+%@-]+$/.test(word) ? word : "'" + word.replace(/'/g, "'\\''") + "'";
}

// What runs a point alone, or nothing where only the study can: scaled to an area, or from layers that a
// recipe makes of another trace.
function commandOf(point) {
  const trace = study.traces.find(({name}) => name === point.trace);
  const accelerator = study.accelerators.find(({name}) => name === point.accelerator);
  const scaled = study.multipliers !== undefined;
  if (study.area_mm2 !== undefined || (trace.recipe && !trace.network)) return null;
  if (scaled && differences(point).some(([key]) => key.startsWith("array."))) return null;
  const made = "point-" + point.number,
    file = trace.synthetic || trace.recipe ? made + ".npz" : trace.file;
  const words = [
    "basil",
    "compare",
    file,
    "--on",
    accelerator.source,
    "--at",
    scaled ? "equal-multipliers" : "as-described",
    ...(scaled ? ["--multipliers", String(study.multipliers)] : []),
    ...differences(point).flatMap(([key, value]) => ["--set", key + "=" + value]),
    ...study.layers.flatMap((glob) => ["--layer", glob]),
    ...(study.verify ? [] : ["--no-verify"])
  ];
  const first = trace.synthetic
    ? [`basil synth ${quoted(trace.file)} -o ${file}`]
    : trace.recipe
      ? [
          `printf %s ${quoted(trace.recipe)} > ${made}.yaml`,
          `basil compress ${quoted(trace.file)} --recipe ${made}.yaml -o ${file}`
        ]
      : [];
  return [...first, words.map(quoted).join(" ")].join(" &&\n");
}
