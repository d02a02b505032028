// At the end of a study's page: its traces and rules, what the energy figures rest on, the machines as
// described and the command that runs it.

function studyRules() {
  const arrays = study.multipliers
    ? study.multipliers + " multipliers"
    : study.area_mm2
      ? study.area_mm2 + " mm\u00b2"
      : "as described";
  return [
    ["objectives", study.objectives.join(", ")],
    ["constraints", study.constraints.join(", ") || "none"],
    ["sampling", study.sampling || "all combinations"],
    ["layers", study.layers.join(", ") || "all"],
    ["arrays", arrays],
    ["parameters", parameterKeys.join(", ") || "none"],
    ["values", study.verify ? "verified against the golden executor" : "not verified"]
  ];
}

function studyTraces() {
  return table(
    "traces",
    [
      {title: "trace", value: (trace) => trace.name},
      {title: "file", value: (trace) => (trace.synthetic ? "synthetic, of " : "") + trace.file},
      {title: "recipe", class: "wrap", value: (trace) => trace.recipe || "none"},
      {title: "fingerprint", value: (trace) => trace.fingerprint}
    ],
    study.traces
  );
}

function studyProvenance() {
  const tag = (name) => ({
    title: name,
    text: percent,
    value: (accelerator) => (accelerator.tags ? accelerator.tags[name] : 0)
  });
  return section(
    contents,
    "provenance",
    "Where the figures come from",
    element("p", {}, `${report.program}. Study ${study.file}.`),
    studyTraces(),
    table(
      "study",
      [
        {title: "key", value: ([key]) => key},
        {title: "is", class: "wrap", value: ([, value]) => value}
      ],
      studyRules()
    ),
    element(
      "p",
      {class: "quiet"},
      "Share of the energy, over all points, that rests on figures measured, published, derived or estimated:"
    ),
    table(
      "what the energy figures rest on",
      [
        {title: "accelerator", value: (accelerator) => accelerator.name},
        {title: "technology", value: (accelerator) => accelerator.technology},
        ...["measured", "published", "derived", "estimated"].map(tag)
      ],
      study.accelerators
    ),
    ...study.accelerators.map((accelerator) =>
      element(
        "details",
        {class: "screen"},
        element("summary", {}, accelerator.name + " as described"),
        element("pre", {tabindex: "0"}, accelerator.description)
      )
    ),
    ...(study.command
      ? [
          element("p", {}, "Gives it again:"),
          element("pre", {tabindex: "0", "aria-label": "command of the study"}, study.command)
        ]
      : [])
  );
}
