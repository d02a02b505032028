// The point of a study that is picked: its figures, the command that runs it alone, its layers.

const pointMeasures = measures.filter(({id}) => id === "time" || id === "energy" || id === "use");

function pointLayers(point, layers) {
  const machine = {name: point.accelerator, pes: point.pes, layers};
  const details = ({layer}) =>
    element(
      "div",
      {class: "details all-parts"},
      ...partsTable("Cycles of the whole array", [{layer, machine}], cyclesByBin, grouped),
      ...partsTable("Energy", [{layer, machine}], energyByComponent, (value) => metric(value, "J"))
    );
  const whole = together(layers);
  return [
    shareBar(
      "Cycles",
      grouped(whole.cycles),
      cyclesByBin(whole, machine),
      (value) => grouped(value) + " cycles"
    ),
    shareBar("Energy", metric(joules(whole), "J"), energyByComponent(whole), (value) => metric(value, "J")),
    runTable("layers of the point", machine, pointMeasures, details)
  ];
}

function commandLines(command) {
  if (!command)
    return [
      element(
        "p",
        {class: "quiet"},
        "Only the study runs this point: its array is scaled, or its trace made, by the study."
      )
    ];
  return [
    element("p", {class: "quiet"}, "Runs it alone, from the folder of the sweep:"),
    element("pre", {tabindex: "0", "aria-label": "command"}, command)
  ];
}

function pointDetail(point) {
  const differs = differences(point).map(([key, value]) =>
    element("span", {}, element("b", {}, key), " " + value)
  );
  const layers = layersOf(point),
    front = point.front ? ", on the front" : "";
  return [
    element("h3", {tabindex: "-1"}, `Point ${point.number}: ${point.accelerator} on ${point.trace}${front}`),
    ...(differs.length ? [element("p", {class: "values"}, ...differs)] : []),
    tiles(figures.map((figure) => [figure.title, figure.text(figure.value(point))])),
    ...(layers
      ? pointLayers(point, layers)
      : [
          element(
            "p",
            {class: "quiet"},
            "This page had no room for its layers; \u2018basil export --rows layers\u2019 has them."
          )
        ]),
    ...commandLines(commandOf(point))
  ];
}
