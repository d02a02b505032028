// Bars: inside the cells of a table, and shares of a whole with their legend.

// As long as `length`, 0 to 1, of its column and never longer; `parts` side by side in it.
function bar(parts, length) {
  const whole = sum(parts, (part) => part.value) || 1,
    across = 100 * Math.min(1, Math.max(0, length));
  const made = svg("svg", {
    viewBox: "0 0 100 10",
    preserveAspectRatio: "none",
    class: "bar",
    "aria-hidden": "true"
  });
  let left = 0;
  for (const part of parts) {
    const width = (across * part.value) / whole;
    const place = {x: left.toFixed(3), width: width.toFixed(3), y: 0, height: 10};
    made.append(svg("rect", {...place, fill: part.colour || `var(--${part.notion})`}));
    left += width;
  }
  return made;
}

// A number and its bar, with what both stand for as a tip.
function barCell(text, parts, length, make) {
  return withTip(element("div", {class: "measure"}, element("span", {}, text), bar(parts, length)), make);
}

// A whole as one bar of its shares, and a legend of those that are not 0.0 %.
function shareBar(name, amount, parts, text) {
  const whole = sum(parts, (part) => part.value);
  const legend = element(
    "ul",
    {class: "legend"},
    ...parts
      .filter((part) => part.value > 0.0005 * whole)
      .map((part) =>
        element(
          "li",
          {},
          swatch(`var(--${part.notion})`),
          part.name + " ",
          element("b", {}, percent(part.value / whole))
        )
      )
  );
  return element(
    "div",
    {class: "share"},
    element("p", {}, name + " ", element("b", {}, amount)),
    withTip(bar(parts, 1), () => ({title: name + ", " + amount, rows: partRows(parts, text)})),
    legend
  );
}
