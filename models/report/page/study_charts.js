// A study's charts, as Vega-Lite.

const ramp = [[230, 180, 34], [217, 102, 59], [194, 66, 90], [138, 99, 210], [59, 125, 216]];

// Values in order keep it in their colours.
function rampColour(place) {
  const at = place * (ramp.length - 1), low = Math.min(Math.floor(at), ramp.length - 2);
  return "rgb(" + ramp[low].map((from, i) => Math.round(from + (at - low) * (ramp[low + 1][i] - from))).join(",") + ")";
}

function factorScale(factor, some) {
  const values = valuesOf(factor, some);
  const ordered = values.every((value) => typeof value === "number");
  return {domain: labelsOf(values), range: values.map((_, i) => ordered ? rampColour(values.length > 1 ? i / (values.length - 1) : 0) : palettes.machines[i % palettes.machines.length])};
}

// Points that lack the factor, of accelerators without the parameter, in a colour of their own.
function withNone({domain, range}, values) {
  return values.some((value) => value.colour === "none") ? {domain: [...domain, "none"], range: [...range, "var(--quiet)"]} : {domain, range};
}

// Decades where a figure spans much, else no more room than it needs.
function figureScale(values) {
  const least = Math.min(...values), most = Math.max(...values);
  if (least > 0 && most / least > 12) return {type: "log", nice: false, domain: [least / 1.25, most * 1.25]};
  const room = (most - least || Math.abs(most) || 1) * 0.06;
  return {type: "linear", zero: false, nice: false, domain: [least - room, most + room]};
}

function axisOf(figure) {
  return {format: figure.format, tickCount: 6, gridOpacity: 0.5, labelOverlap: "greedy"};
}

function nameOf(trace) {
  return trace === null ? "all traces" : trace;
}

// {trace, x, y, colour}: what is chosen, trace null for all; `picked`: the number of the point picked.
function frontChart(chosen, picked, width) {
  const some = pointsOn(chosen.trace);
  if (some.length === 0) return null;
  const {x, y, colour} = chosen, colours = colour ? valuesOf(colour, done) : [], labels = labelsOf(colours);
  const datum = (point) => ({point: point.number, x: x.value(point), y: y.value(point), xText: x.text(x.value(point)), yText: y.text(y.value(point)),
    label: `point ${point.number}: ${x.title} ${x.text(x.value(point))}, ${y.title} ${y.text(y.value(point))}`,
    colour: labels[colours.indexOf(colour && colour.value(point))] || "none", trace: point.trace, accelerator: point.accelerator, front: point.front ? "yes" : "no",
    ...Object.fromEntries(point.values.map((value, i) => ["p" + i, value]).filter(([, value]) => value !== null))});
  const values = some.map(datum), best = chosen.trace === null ? [] : bestOf(some, x, y).map(datum);
  const shared = {x: {field: "x", type: "quantitative", title: x.axis + (x.more ? " (more is better)" : ""), scale: figureScale(values.map((value) => value.x)), axis: axisOf(x)},
                  y: {field: "y", type: "quantitative", title: y.axis + (y.more ? " (more is better)" : ""), scale: figureScale(values.map((value) => value.y)), axis: axisOf(y)}};
  const tooltip = [{field: "point"}, {field: "trace"}, {field: "accelerator"}, ...parameterKeys.map((key, i) => ({field: "p" + i, title: key.replace(/\./g, "\\."), type: "nominal"}))
    .filter(({field}) => values.some((value) => value[field] !== undefined)),
    {field: "xText", title: x.title}, {field: "yText", title: y.title}, {field: "front", title: "on the front"}];
  const color = colours.length > 1 ? {color: {field: "colour", type: "nominal", scale: withNone(factorScale(colour, done), values), legend: {title: colour.title, labelLimit: 320, columns: columnsFor(width)}}} : {color: {value: palettes.machines[0]}};
  return {
    description: y.title[0].toUpperCase() + y.title.slice(1) + " against " + x.title + " on " + nameOf(chosen.trace),
    usermeta: {note: chosen.trace === null ? "Ringed: each trace\u2019s Pareto front of " + study.objectives.join(", ") + "."
      : "Ringed: the Pareto front of " + study.objectives.join(", ") + ". Dashed: the best of the two axes."},
    data: {values}, width: width - 110, height: 400,
    params: [{name: "picked", value: picked}],
    layer: [
      {mark: {type: "point", filled: true, size: 48, opacity: 0.8, cursor: "pointer"}, encoding: {...shared, ...color, tooltip, description: {field: "label"}}},
      {data: {values: best}, mark: {type: "line", interpolate: x.more ? "step-before" : "step-after", color: "var(--ink)", strokeWidth: 1.2, strokeDash: [5, 3]}, encoding: shared},
      {transform: [{filter: "datum.front == 'yes'"}], mark: {type: "point", filled: false, size: 130, strokeWidth: 1.6, opacity: 1, color: "var(--ink)", cursor: "pointer"}, encoding: {...shared, tooltip}},
      {transform: [{filter: "datum.point == picked"}], mark: {type: "point", filled: false, size: 420, strokeWidth: 3, opacity: 1, color: "var(--link)"}, encoding: shared},
    ],
  };
}

// The mean of a figure over points; geometric unless that figure of some point is not above zero.
function meanOf(some, figure) {
  const all = some.map(figure.value);
  return done.every((point) => figure.value(point) > 0) ? Math.exp(sum(all, Math.log) / all.length) : sum(all, (value) => value) / all.length;
}

function effectsChart(chosen, width) {
  if (pointsOn(chosen.trace).length === 0 || factors.length === 0) return null;
  const figure = chosen.y, byAccelerator = {value: (point) => point.accelerator}, many = valuesOf(byAccelerator, done).length > 1;
  const values = factors.flatMap((factor) => {
    const some = pointsOn(factor.title === "trace" ? null : chosen.trace), own = valuesOf(factor, some), labels = labelsOf(own);
    return own.flatMap((value, i) => {
      const sharing = some.filter((point) => factor.value(point) === value);
      return valuesOf(byAccelerator, sharing).map((accelerator) => {
        const mates = sharing.filter((point) => point.accelerator === accelerator), mean = meanOf(mates, figure);
        return {factor: factor.title, value: labels[i], accelerator, mean, text: figure.text(mean), points: mates.length};
      });
    });
  });
  const kind = done.every((point) => figure.value(point) > 0) ? "geometric mean" : "mean";
  const scale = factorScale(byAccelerator, done);
  return {
    description: "What each parameter does to " + figure.title + " on " + nameOf(chosen.trace) + ": " + kind + " over all points with that value",
    data: {values},
    facet: {field: "factor", title: null, sort: factors.map((factor) => factor.title), header: {labelAnchor: "start", labelOrient: "top"}},
    columns: 1, spacing: 14,
    spec: {
      width: Math.max(200, width - 60 - Math.min(300, 6 * Math.max(...values.map(({value}) => value.length)))), height: {step: 18},
      mark: {type: "point", filled: true, size: 80, opacity: 0.9},
      encoding: {
        y: {field: "value", type: "nominal", sort: null, title: null, axis: {labelLimit: 300, grid: true, gridOpacity: 0.5}},
        x: {field: "mean", type: "quantitative", title: kind + " of " + figure.axis, scale: figureScale(values.map((value) => value.mean)), axis: axisOf(figure)},
        color: {field: "accelerator", scale, legend: many ? {columns: columnsFor(width)} : null},
        tooltip: [{field: "factor", title: "parameter"}, {field: "value", title: "is"}, {field: "accelerator"}, {field: "text", title: kind}, {field: "points"}],
      },
    },
    resolve: {scale: {y: "independent"}},
  };
}
