// What a mark says when it is pointed at, touched or in focus.
const tip = element("div", {id: "tip", role: "tooltip", hidden: ""});
const tipsOf = new WeakMap(); // from an element to what makes its tip

// `make`: gives {title, rows: [[colour or "", name, amount, share], ...], note}
function withTip(target, make) {
  tipsOf.set(target, make);
  return target;
}

// The parts of a whole, each with its share in percent.
function partRows(parts, text) {
  const whole = sum(parts, (part) => part.value);
  return parts.map((part) => [
    `var(--${part.notion})`,
    part.name,
    text(part.value),
    percent(part.value / whole)
  ]);
}

function swatch(colour) {
  const made = element("i", {class: "swatch"});
  made.style.background = colour;
  return made;
}

function showTip({title, rows = [], note}, x, y) {
  tip.replaceChildren(element("b", {}, title));
  if (rows.length) {
    tip.append(
      element(
        "table",
        {},
        ...rows.map(([colour, ...words]) =>
          element(
            "tr",
            {},
            element("td", {}, ...(colour ? [swatch(colour)] : []), words[0]),
            ...words.slice(1).map((word) => element("td", {class: "number"}, word))
          )
        )
      )
    );
  }
  if (note) tip.append(element("p", {}, note));
  tip.hidden = false;
  const room = 8,
    {width, height} = tip.getBoundingClientRect();
  tip.style.left = Math.max(room, Math.min(x + 14, innerWidth - width - room)) + "px";
  tip.style.top = (y + 18 + height < innerHeight ? y + 18 : Math.max(room, y - height - 12)) + "px";
}

function hideTip() {
  tip.hidden = true;
}

function tipAt(event, x, y) {
  for (let target = event.target; target; target = target.parentElement) {
    const make = tipsOf.get(target),
      said = make && make(event);
    if (said) return showTip(said, x, y);
  }
  hideTip();
}

document.body.append(tip);
addEventListener("pointermove", (event) => tipAt(event, event.clientX, event.clientY));
addEventListener("pointerdown", (event) => tipAt(event, event.clientX, event.clientY));
addEventListener("focusin", (event) => {
  const {left, bottom} = event.target.getBoundingClientRect();
  if (event.target.matches(":focus-visible")) tipAt(event, left, bottom - 14);
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideTip();
});
addEventListener("scroll", hideTip, {passive: true, capture: true});
