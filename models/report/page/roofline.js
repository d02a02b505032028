// Each layer of a machine under its roof: the distance from the bound as colour, the time as size.

// Operations are those of the bound.
function rooflinePoints(machine) {
  return machine.layers
    .filter((layer) => layer.bound_effectual_macs > 0 && dramBytes(layer) > 0)
    .map((layer) => {
      const work = layer.bound_effectual_macs,
        clock = machine.clock_mhz * 1e6;
      return {
        layer,
        x: work / dramBytes(layer),
        y: work / layer.seconds,
        distance: distanceOf(layer),
        bound: {x: work / layer.bound_bytes, y: work / (layer.bound_cycles / clock)}
      };
    });
}

const peakOf = (machine) => machine.pes * machine.clock_mhz * 1e6;
const ridgeOf = (machine) => peakOf(machine) / machine.dram_bytes_per_second;

// Of all machines together, so that their charts can be held side by side.
function rooflineAxes(machines, points) {
  const xs = points.flatMap((point) => [point.x, point.bound.x]).concat(machines.map(ridgeOf));
  const ys = points
    .flatMap((point) => [point.y, point.bound.y])
    .concat(machines.map((one) => peakOf(one) * 1.3));
  const around = (values) => ({log: true, domain: [Math.min(...values) / 1.6, Math.max(...values) * 1.6]});
  return [
    {title: "effectual operations a byte of DRAM", ...around(xs)},
    {title: "effectual %u", unit: "op/s", ...around(ys)}
  ];
}

// The roof as a line, with its two numbers on it. The boxes that these cover.
function drawRoof(frame, machine, across, dots) {
  const {x, y} = frame,
    peak = peakOf(machine),
    bandwidth = machine.dram_bytes_per_second;
  const [left, right] = across.domain,
    ridge = ridgeOf(machine);
  const corner = {x: x.at(ridge), y: y.at(peak)},
    start = {x: x.at(left), y: y.at(left * bandwidth)};
  frame.root.append(
    svg("path", {
      class: "roof",
      d: `M${pair(start)}L${pair(corner)}H${rounded(x.at(right))}`
    })
  );
  const slope = (Math.atan2(corner.y - start.y, corner.x - start.x) * 180) / Math.PI;
  const top = `${grouped(machine.pes)} PEs \u00d7 ${machine.clock_mhz} MHz = ${metric(peak, "op/s")}`;
  const end = x.at(right) - 4;
  frame.root.append(svg("text", {x: end, y: corner.y - 6, "text-anchor": "end", class: "on-roof top"}, top));
  const word = "DRAM " + metric(bandwidth, "B/s"),
    along = clearest(start, corner, 3 * word.length, dots);
  frame.root.append(
    svg(
      "text",
      {
        "text-anchor": "middle",
        class: "on-roof",
        transform: `translate(${rounded(along.x)} ${rounded(along.y)}) rotate(${rounded(slope)})`
      },
      word
    )
  );
  const above = {left: end - 6 * top.length, right: end, top: corner.y - 18, bottom: corner.y + 1};
  return [above, ...boxesAlong(along, slope, 3 * word.length + 4)];
}

// On a line from `start` to `end` the middle of words that reach `half` to either side, a little above it:
// where fewest dots are, and there as near as can be to the line's middle.
function clearest(start, end, half, dots) {
  const length = Math.hypot(end.x - start.x, end.y - start.y);
  const step = {x: (end.x - start.x) / length, y: (end.y - start.y) / length};
  const near = (place) =>
    dots.filter((dot) => {
      const along = (dot.px - place.x) * step.x + (dot.py - place.y) * step.y,
        aside = (dot.py - place.y) * step.x - (dot.px - place.x) * step.y;
      return Math.abs(along) < half + dot.radius && aside < dot.radius + 3 && aside > -dot.radius - 12;
    }).length;
  const least = Math.min(0.5, (half + 4) / length);
  const places = Array.from({length: 41}, (_, i) => least + ((1 - 2 * least) * i) / 40)
    .sort((a, b) => Math.abs(a - 0.5) - Math.abs(b - 0.5))
    .map((share) => ({
      x: start.x + share * (end.x - start.x) + 5 * step.y,
      y: start.y + share * (end.y - start.y) - 5 * step.x
    }));
  return places.reduce((best, place) => (near(place) < near(best) ? place : best));
}

// What words along a slope cover, as boxes that stand upright.
function boxesAlong({x, y}, slope, half) {
  const angle = (slope * Math.PI) / 180,
    count = Math.ceil(half / 6);
  return Array.from({length: 2 * count + 1}, (_, i) => {
    const away = ((i - count) * half) / count;
    const middle = {
      x: x + away * Math.cos(angle) + 4 * Math.sin(angle),
      y: y + away * Math.sin(angle) - 4 * Math.cos(angle)
    };
    return {left: middle.x - 7, right: middle.x + 7, top: middle.y - 7, bottom: middle.y + 7};
  });
}

// Places for labels of these dots, none on another label, a dot or what words on the roof cover: beside its
// dot, or further away.
function placeLabels(labels, dots, roof, box) {
  const taken = [...roof];
  const overlaps = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const free = (place) =>
    place.left >= box.left &&
    place.right <= box.right &&
    place.top >= box.top &&
    place.bottom <= box.bottom &&
    !taken.some((other) => overlaps(place, other));
  const covered = (place) =>
    dots.filter(
      (dot) =>
        dot.px > place.left - 3 &&
        dot.px < place.right + 3 &&
        dot.py > place.top - 2 &&
        dot.py < place.bottom + 2
    ).length;
  for (const label of labels) {
    const cost = (place) => place.away + 40 * covered(place);
    const places = placesAround(label)
      .filter(free)
      .sort((a, b) => cost(a) - cost(b));
    if (places.length === 0) continue;
    [label.place] = places;
    taken.push(label.place);
  }
}

// Beside a dot and further and further away; `ends`: the words end there, else they begin there.
function placesAround({px, py, width}) {
  return [10, 22, 36, 54, 76, 100, 130].flatMap((away) =>
    Array.from({length: 16}, (_, turn) => {
      const angle = (turn * Math.PI) / 8,
        ends = Math.cos(angle) < -0.1;
      const x = px + away * Math.cos(angle),
        y = py + away * Math.sin(angle);
      return {
        away,
        x,
        y,
        ends,
        left: ends ? x - width : x,
        right: ends ? x : x + width,
        top: y - 7,
        bottom: y + 6
      };
    })
  );
}

function drawLabels(frame, worst, dots, width, height, roof) {
  const {box} = frame;
  const labels = worst.map((dot) => ({...dot, width: 6.1 * dot.layer.layer.length + 4}));
  placeLabels(labels, dots, roof, {
    left: box.left + 2,
    right: width - 2,
    top: box.top,
    bottom: height - box.bottom - 2
  });
  for (const {px, py, place, layer} of labels.filter((label) => label.place)) {
    frame.root.append(
      svg("line", {x1: px, y1: py, x2: place.x, y2: place.y, class: "leader"}),
      svg(
        "text",
        {
          x: place.ends ? place.x - 2 : place.x + 2,
          y: place.y + 4,
          class: "label",
          "text-anchor": place.ends ? "end" : "start"
        },
        layer.layer
      )
    );
  }
}

// Of the dots within reach of the pointer the nearest, and how many others lie on it.
function dotTip(root, dots, event) {
  const from = root.getBoundingClientRect();
  const px = event.clientX - from.left,
    py = event.clientY - from.top;
  const away = (dot) => Math.hypot(dot.px - px, dot.py - py);
  const near = dots.filter((dot) => away(dot) < 26).sort((a, b) => away(a) - away(b));
  if (!near.length) return null;
  const [dot] = near,
    {layer} = dot;
  const on = near.slice(1).filter((other) => Math.hypot(other.px - dot.px, other.py - dot.py) < 5);
  return {
    title: layer.layer,
    rows: [
      ["", "as run", metric(dot.y, "op/s")],
      ["", `bound, by ${layer.bound_by}`, metric(dot.bound.y, "op/s")],
      [distanceColour(dot.distance), "over the bound", times(dot.distance)],
      ["", "op a byte of DRAM", dot.x.toPrecision(3)],
      ["", "at the bound", dot.bound.x.toPrecision(3)],
      ["", "time", metric(layer.seconds, "s")]
    ],
    note: on.length
      ? "Here too: " +
        on
          .slice(0, 6)
          .map((other) => other.layer.layer)
          .join(", ") +
        (on.length > 6 ? ` and ${on.length - 6} more` : "")
      : ""
  };
}

function rooflineChart(machine, machines, width, height, labelled) {
  const points = rooflinePoints(machine);
  if (points.length === 0) return null;
  const [across, up] = rooflineAxes(machines, machines.flatMap(rooflinePoints));
  const frame = chartFrame(width, height, across, up),
    {root, x, y} = frame;
  const longest = Math.max(...points.map(({layer}) => layer.seconds));
  const dots = points
    .map((point) => ({
      ...point,
      px: x.at(point.x),
      py: y.at(point.y),
      radius: 3 + 5 * Math.sqrt(point.layer.seconds / longest)
    }))
    .sort((a, b) => b.radius - a.radius);
  const roof = drawRoof(frame, machine, across, dots);
  const worst = [...dots].sort((a, b) => b.distance - a.distance).slice(0, labelled);
  for (const dot of worst) {
    root.append(
      svg("line", {x1: dot.px, y1: dot.py, x2: x.at(dot.bound.x), y2: y.at(dot.bound.y), class: "to-bound"})
    );
  }
  for (const dot of dots) {
    root.append(
      svg("circle", {
        cx: dot.px,
        cy: dot.py,
        r: dot.radius,
        fill: distanceColour(dot.distance),
        class: "dot",
        "aria-label": `${dot.layer.layer}: ${times(dot.distance)} its bound`
      })
    );
  }
  drawLabels(frame, worst, dots, width, height, roof);
  return {
    root: withTip(root, (event) => dotTip(root, dots, event)),
    description: "Roofline of " + machine.name + ": each layer as run",
    note: "Darker: further from its bound. Larger: longer. Dashed: from the worst to their bounds."
  };
}

function distanceLegend() {
  return element(
    "ul",
    {class: "legend"},
    element("li", {}, "cycles over the bound:"),
    ...distanceWords.map((words, i) => element("li", {}, swatch(`var(--far-${i})`), words))
  );
}
