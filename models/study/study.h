// A what-if study as its YAML file describes it, checked once at the edge.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/expression.h"
#include "models/presets/shapes.h"
#include "models/processes/child_pool.h"
#include "models/study/accelerator_keys.h"
#include "traces/compress/recipe.h"

namespace basil {

// A key of an accelerator and the values it takes.
struct Parameter {
  std::string key;
  std::vector<std::string> values;  // as --set would say them, each once
};

struct StudyTrace {
  std::string name;            // for rows and constraints
  std::filesystem::path file;  // of a synthetic one: its list of shapes, or the name of a shipped list
  std::optional<Shapes> shapes = {};
  std::optional<Recipe> recipe = {};  // makes its layers from those of the file
  std::string recipe_text = {};
};

struct StudyAccelerator {
  std::string name;                   // as the study says it
  std::string source;                 // an embedded accelerator or a file
  AcceleratorKeys keys;               // of its description
  std::vector<Parameter> parameters;  // the study's, then its own
};

struct Sampling {
  std::optional<int> latin_hypercube;  // points an accelerator and trace; none: the full grid
  std::uint64_t seed = 1;
};

//   name: text (the file's name)          layers: globs (all)
//   traces: a file or a list, as seen from the study's folder; traces, or networks before compression; an
//     entry may be a map of file, recipe (a text, as `basil compress` takes it) and name; in place of file,
//     synth: a list of shapes, as `basil synth` takes it, to draw a synthetic trace from
//   accelerators: a name or a list of names, files, and maps of a name and its own parameters
//   parameters:                           values of a key of the accelerators
//     array.rows: [8, 12, 16]             a list
//     array.cols: {from: 8, to: 32, step: 8}            a range
//     dram.link_mhz: {from: 60, to: 960, factor: 2}     a log range
//   constraints: expressions over keys, and over the words accelerator and trace. One that names a key which
//     an accelerator lacks says nothing about that accelerator.
//   sampling: {latin_hypercube: 200, seed: 1}           (all combinations)
//   objectives: figures or expressions over figures, each the less the better (cycles, energy); a figure is a
//     column of numbers that a run has, or one's short name: energy, edp, area, dram
//   multipliers: N or area_mm2: X         every array scaled to it, as `basil compare` does
//   verify: true                          limits: {seconds: 600, megabytes: 4096}
struct Study {
  std::string name, file;
  std::vector<StudyTrace> traces;
  std::vector<StudyAccelerator> accelerators;
  std::vector<Expression> constraints;
  std::string constraints_where;
  Sampling sampling;
  std::vector<std::string> layers;
  std::vector<Expression> objectives;
  std::optional<std::int64_t> multipliers;
  std::optional<double> area_mm2;
  bool verify = true;
  PointLimits limits;
};

// Errors: file:line:column, key, found, expected.
[[nodiscard]] Study read_study(const std::filesystem::path& file);
[[nodiscard]] Study parse_study(std::string_view text, const std::string& file);

}  // namespace basil
