// Drawing: elements of SVG, scales and axes. Colours are the style sheet's, so that light, dark and print
// need no second drawing.

// svg("rect", {x: 1}, child, ...); text goes in as text, never as markup.
function svg(name, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, rounded(value));
  made.append(...children);
  return made;
}

// A tenth of a pixel is enough.
function rounded(value) {
  return typeof value === "number" ? Math.round(value * 10) / 10 : value;
}

// Words that are cut, with a cue, where they would be longer than `width` pixels.
function fitted(words, width) {
  const most = Math.floor(width / 6);
  return words.length <= most ? words : words.slice(0, most - 1) + "\u2026";
}

const pair = ({x, y}) => `${rounded(x)} ${rounded(y)}`;

// Ticks at 1, 2 or 5 times a power of ten, about `count` of them.
function linearTicks(least, most, count) {
  const rough = (most - least) / count,
    power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(least / step - 1e-9); i * step <= most * (1 + 1e-9); ++i)
    ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

// Decades, each with its 2 and 5 where there is room; of less than half a decade as on a linear axis.
function logTicks(least, most, count) {
  const decades = Math.log10(most / least);
  if (decades < 0.7) return linearTicks(least, most, count);
  const factors = decades > count / 1.6 ? [1] : decades > count / 3.5 ? [1, 3] : [1, 2, 5],
    ticks = [];
  const every = Math.max(1, Math.ceil(decades / (count + 1)));
  for (let power = Math.ceil(Math.log10(least)) - 1; power <= Math.log10(most); ++power)
    for (const factor of factors) ticks.push(Number((factor * 10 ** power).toPrecision(12)));
  return ticks.filter(
    (tick) =>
      tick >= least * 0.999 &&
      tick <= most * 1.001 &&
      (factors.length > 1 || Math.round(Math.log10(tick)) % every === 0)
  );
}

// {at(value): pixels, ticks(count)} over pixels from `first` to `last`.
function scaleOf({log, domain: [least, most]}, first, last) {
  const place = log ? Math.log : (value) => value,
    from = place(least),
    span = place(most) - from || 1;
  return {
    at: (value) => first + ((last - first) * (place(value) - from)) / span,
    ticks: (count) => (log ? logTicks : linearTicks)(least, most, count)
  };
}

// What an axis of these values spans: on a log axis a little more either way, else a twentieth of the room.
function spanOf(values, log) {
  const least = Math.min(...values),
    most = Math.max(...values);
  if (log) return {log, domain: [least / 1.25, most * 1.25]};
  const room = (most - least || Math.abs(most) || 1) * 0.06;
  return {log, domain: [least - room < 0 && least >= 0 ? 0 : least - room, most + room]};
}

// A log axis reads best where a figure spans much, and cannot show what is not above zero.
const canBeLog = (values) => values.every((value) => value > 0);
const wantsLog = (values) => canBeLog(values) && Math.max(...values) / Math.min(...values) > 12;

function tickText(value) {
  const text = String(Number(value.toPrecision(6))),
    [whole, decimals] = text.split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") + (decimals ? "." + decimals : "");
}

// The frame of a chart: {root, x, y, plot} with grid, ticks and titles. An axis is {title, unit, log, domain,
// share}; the prefix of its unit stands in the title, as in "energy, mJ", never at a tick.
// `above`: pixels for a legend.
function chartFrame(width, height, across, up, above = 0) {
  const box = {left: 58, right: 14, top: 26 + above, bottom: 42};
  const root = svg("svg", {viewBox: `0 0 ${width} ${height}`, width, height, role: "img", class: "chart"});
  const x = scaleOf(across, box.left, width - box.right),
    y = scaleOf(up, height - box.bottom, box.top);
  const acrossUnit = axisUnit(across),
    upUnit = axisUnit(up);
  drawAcross(root, x, acrossUnit, width, box.top, height - box.bottom);
  for (const value of y.ticks(Math.max(3, height / 60))) {
    const at = y.at(value);
    root.append(
      svg("line", {x1: box.left, x2: width - box.right, y1: at, y2: at, class: "grid"}),
      svg("text", {x: box.left - 6, y: at + 4, "text-anchor": "end", class: "tick"}, upUnit.text(value))
    );
  }
  root.append(
    svg(
      "text",
      {x: width - box.right, y: height - 8, "text-anchor": "end", class: "axis"},
      fitted(acrossUnit.title, width)
    ),
    svg("text", {x: 4, y: box.top - 13, class: "axis"}, fitted(upUnit.title, width))
  );
  return {root, x, y, box};
}

// The ticks of the axis below a chart, from `top` to `bottom`.
function drawAcross(root, x, unit, width, top, bottom) {
  for (const value of x.ticks(Math.max(3, width / 110))) {
    const at = x.at(value);
    root.append(
      svg("line", {x1: at, x2: at, y1: top, y2: bottom, class: "grid"}),
      svg("text", {x: at, y: bottom + 15, "text-anchor": "middle", class: "tick"}, unit.text(value))
    );
  }
}

// {title, text(value)} of an axis: its unit with the prefix of its middle, or percent.
function axisUnit({title, unit, log, domain, share}) {
  if (share) return {title, text: (value) => tickText(100 * value) + " %"};
  if (unit === undefined) return {title, text: tickText};
  const {scale, unit: whole} = unitFor(log ? Math.sqrt(domain[0] * domain[1]) : domain[1], unit);
  return {
    title: title.includes("%u") ? title.replace("%u", whole) : title + ", " + whole,
    text: (value) => tickText(value / scale)
  };
}

// Marks that differ in shape as well as in colour.
const shapes = [
  (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
  (x, y, r) => `M${x - r} ${y + 0.8 * r}H${x + r}L${x} ${y - r}Z`,
  (x, y, r) => `M${x - 0.85 * r} ${y - 0.85 * r}h${1.7 * r}v${1.7 * r}h${-1.7 * r}Z`,
  (x, y, r) => `M${x} ${y - 1.2 * r}L${x + 1.2 * r} ${y}L${x} ${y + 1.2 * r}L${x - 1.2 * r} ${y}Z`,
  (x, y, r) => `M${x - r} ${y - 0.8 * r}H${x + r}L${x} ${y + r}Z`,
  (x, y, r) =>
    `M${x - r} ${y - r / 3}h${r / 1.5}v${-r / 1.5}h${r / 1.5}v${r / 1.5}h${r / 1.5}v${r / 1.5}` +
    `h${-r / 1.5}v${r / 1.5}h${-r / 1.5}v${-r / 1.5}h${-r / 1.5}Z`
];
function symbol(shape, x, y, radius) {
  return shapes[shape % shapes.length](Math.round(x * 10) / 10, Math.round(y * 10) / 10, radius).replace(
    /\d+\.\d{3,}/g,
    (number) => Number(number).toFixed(2)
  );
}

// {group, height} of [colour, shape, words] in as many lines as the width needs; `title` before them.
function svgLegend(title, entries, width) {
  const group = svg("g", {class: "svg-legend"}),
    letter = 6.3;
  let x = 4 + letter * title.length + 14,
    y = 12;
  if (title) group.append(svg("text", {x: 4, y: y + 4, class: "axis"}, title));
  for (const [colour, shape, words] of entries) {
    const wide = 20 + letter * words.length;
    if (x + wide > width && x > 4) {
      x = 4;
      y += 17;
    }
    group.append(
      svg("path", {d: symbol(shape, x + 6, y, 4.5), fill: colour}),
      svg("text", {x: x + 15, y: y + 4}, words)
    );
    x += wide + 6;
  }
  return {group, height: y + 12};
}
