// A study's charts: any figure against any other, and what each parameter does.

// Values in order keep it in their colours, light to dark; others differ in shape too.
const ramp = [
  [244, 201, 93],
  [224, 143, 79],
  [196, 88, 122],
  [142, 74, 168],
  [106, 96, 208]
];
const wordColours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#a8457a", "#8c929a"];

function rampColour(place) {
  const at = place * (ramp.length - 1),
    low = Math.min(Math.floor(at), ramp.length - 2);
  const mixed = ramp[low].map((from, i) => Math.round(from + (at - low) * (ramp[low + 1][i] - from)));
  return `rgb(${mixed.join(",")})`;
}

// [colour, shape, words] of each value of a factor; of points that lack it, of accelerators without the
// parameter, "none".
function looksOf(factor) {
  const values = valuesOf(factor, done),
    labels = labelsOf(values);
  const ordered = values.every((value) => typeof value === "number");
  const looks = new Map(
    values.map((value, i) => [
      value,
      ordered
        ? [rampColour(values.length > 1 ? i / (values.length - 1) : 0), 0, labels[i]]
        : [wordColours[i % wordColours.length], i, labels[i]]
    ])
  );
  return (point) => looks.get(factor.value(point)) || ["var(--quiet)", 5, "none"];
}

// Each look once, in the order of the factor's values.
function entriesOf(factor, some) {
  const lookOf = looksOf(factor),
    order = valuesOf(factor, done),
    seen = new Map();
  const place = (point) => {
    const at = order.indexOf(factor.value(point));
    return at < 0 ? order.length : at;
  };
  for (const point of [...some].sort((a, b) => place(a) - place(b)))
    seen.set(lookOf(point)[2], lookOf(point));
  return [...seen.values()];
}

// `log`: true, false, or null for what suits the values.
function axisFor(figure, values, log) {
  const more = figure.more ? " (more is better)" : "",
    title = (figure.axis || figure.title) + (figure.axis === "%u" ? "" : more);
  return {
    title,
    unit: figure.unit,
    share: figure.share,
    ...spanOf(values, canBeLog(values) && (log ?? wantsLog(values)))
  };
}

const nameOf = (trace) => (trace === null ? "all traces" : trace);
const capital = (words) => words[0].toUpperCase() + words.slice(1);

function pointTip(point, {x, y}) {
  return {
    title: `Point ${point.number}: ${point.accelerator} on ${point.trace}`,
    rows: [
      ...differences(point).map(([key, value]) => ["", key, String(value)]),
      ["", x.title, x.text(x.value(point))],
      ["", y.title, y.text(y.value(point))]
    ],
    note: point.front ? "On the Pareto front" : ""
  };
}

// The best of the two axes, as stairs: up to the next point nothing better is known.
function bestLine(best, at, x) {
  const places = best.map(at);
  if (places.length < 2) return [];
  const steps = places
    .slice(1)
    .map((to) => (x.more ? `V${rounded(to.y)}H${rounded(to.x)}` : `H${rounded(to.x)}V${rounded(to.y)}`));
  return [
    svg("path", {
      class: "best-line",
      d: `M${pair(places[0])}${steps.join("")}`
    })
  ];
}

// {trace, x, y, colour, log: {x, y}}: what is chosen, trace null for all; `picked`: the point, or null.
function frontChart(chosen, picked, width) {
  const some = pointsOn(chosen.trace),
    {x, y, colour} = chosen;
  if (some.length === 0) return null;
  const lookOf = colour ? looksOf(colour) : () => [wordColours[0], 0, ""];
  const legend = colour ? svgLegend(colour.title, entriesOf(colour, some), width) : {group: "", height: 0};
  const height = 400 + legend.height;
  const frame = chartFrame(
    width,
    height,
    axisFor(x, some.map(x.value), chosen.log.x),
    axisFor(y, some.map(y.value), chosen.log.y),
    legend.height
  );
  const at = (point) => ({x: frame.x.at(x.value(point)), y: frame.y.at(y.value(point))});
  frame.root.append(legend.group);
  for (const point of some) {
    const place = at(point),
      [fill, shape] = lookOf(point);
    const said = [x, y].map((figure) => `${figure.title} ${figure.text(figure.value(point))}`);
    const label = `point ${point.number}: ${said.join(", ")}`;
    const mark = svg("path", {
      d: symbol(shape, place.x, place.y, 4.5),
      fill,
      class: "mark dot",
      "aria-label": label
    });
    mark.addEventListener("click", () => pickPoint(point));
    frame.root.append(withTip(mark, () => pointTip(point, chosen)));
  }
  if (chosen.trace !== null) frame.root.append(...bestLine(bestOf(some, x, y), at, x));
  const ring = (point, r, kind) =>
    frame.root.append(svg("circle", {cx: at(point).x, cy: at(point).y, r, class: kind}));
  for (const point of some.filter(({front}) => front)) ring(point, 7.5, "ring");
  if (picked && some.includes(picked)) ring(picked, 11, "picked-ring");
  return {
    root: frame.root,
    description: `${capital(y.title)} against ${x.title} on ${nameOf(chosen.trace)}`,
    note:
      chosen.trace === null
        ? `Ringed: each trace\u2019s Pareto front of ${study.objectives.join(", ")}.`
        : `Ringed: the Pareto front of ${study.objectives.join(", ")}. Dashed: the best of the two axes.`
  };
}

// Geometric unless that figure of some point is not above zero.
const meanKind = (figure) => (done.every((point) => figure.value(point) > 0) ? "geometric mean" : "mean");
function meanOf(some, figure) {
  const all = some.map(figure.value);
  const plain = (values) => sum(values, (value) => value) / values.length;
  return meanKind(figure) === "mean" ? plain(all) : Math.exp(plain(all.map(Math.log)));
}

const byAccelerator = {title: "accelerator", value: (point) => point.accelerator};

// A line a value of each factor: {factor, label, means: [{point, accelerator, mean, count}, ...]}.
function effectLines(chosen) {
  return factors.flatMap((factor) => {
    const some = pointsOn(factor.title === "trace" ? null : chosen.trace),
      own = valuesOf(factor, some);
    const labels = labelsOf(own);
    return own.map((value, i) => ({
      factor: factor.title,
      label: labels[i],
      means: means(
        some.filter((point) => factor.value(point) === value),
        chosen.y
      )
    }));
  });
}

function means(sharing, figure) {
  return valuesOf(byAccelerator, sharing).map((accelerator) => {
    const mates = sharing.filter((point) => point.accelerator === accelerator);
    return {point: mates[0], accelerator, mean: meanOf(mates, figure), count: mates.length};
  });
}

// Under a heading each factor, a line each value, a mark each accelerator.
function effectsChart(chosen, width) {
  const figure = chosen.y,
    lines = effectLines(chosen);
  if (lines.length === 0 || lines.every(({means: all}) => all.length === 0)) return null;
  const accelerators = entriesOf(byAccelerator, done),
    lookOf = looksOf(byAccelerator);
  const legend = accelerators.length > 1 ? svgLegend("", accelerators, width) : {group: "", height: 0};
  const longest = Math.max(...lines.map(({label}) => label.length));
  const left = Math.min(0.4 * width, 20 + 6.2 * longest),
    right = width - 14;
  const axis = axisFor(
    {...figure, more: false},
    lines.flatMap(({means: all}) => all.map(({mean}) => mean)),
    chosen.log.y
  );
  const x = scaleOf(axis, left, right),
    unit = axisUnit(axis);
  const headings = new Set(lines.map(({factor}) => factor)).size,
    step = 19;
  const bottom = legend.height + step * (lines.length + 1.4 * headings) + 4,
    height = bottom + 42;
  const root = svg(
    "svg",
    {viewBox: `0 0 ${width} ${height}`, width, height, role: "img", class: "chart"},
    legend.group
  );
  drawAcross(root, x, unit, right - left, legend.height + 4, bottom);
  let y = legend.height,
    factor = null;
  for (const line of lines) {
    if (line.factor !== factor) {
      y += 1.4 * step;
      root.append(svg("text", {x: 4, y: y - 6, class: "heading"}, line.factor));
      factor = line.factor;
    }
    drawEffects(root, line, figure, {x, y: y + step / 2, left, right, lookOf});
    y += step;
  }
  root.append(
    svg(
      "text",
      {x: right, y: height - 8, "text-anchor": "end", class: "axis"},
      fitted(`${meanKind(figure)} of ${unit.title}`, right)
    )
  );
  return {
    root,
    description: `What each parameter does to ${figure.title} on ${nameOf(chosen.trace)}`,
    note: `${capital(meanKind(figure))} over all points with that value.`
  };
}

function drawEffects(root, line, figure, {x, y, left, right, lookOf}) {
  const most = Math.floor((left - 12) / 6),
    short = line.label.length > most ? line.label.slice(0, most - 1) + "\u2026" : line.label;
  root.append(
    svg("text", {x: left - 8, y: y + 4, "text-anchor": "end"}, short),
    svg("line", {x1: left, x2: right, y1: y, y2: y, class: "grid"})
  );
  for (const {point, accelerator, mean, count} of line.means) {
    const [fill, shape] = lookOf(point),
      mark = svg("path", {d: symbol(shape, x.at(mean), y, 5), fill, class: "dot"});
    root.append(
      withTip(mark, () => ({
        title: `${line.factor} ${line.label}, ${accelerator}`,
        rows: [
          ["", meanKind(figure) + " of " + figure.title, figure.text(mean)],
          ["", "points", grouped(count)]
        ]
      }))
    );
  }
}
