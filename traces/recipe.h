// A compression recipe: steps in order, read from YAML.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "traces/operand.h"

namespace basil {

// Sets the smallest weights to zero.
struct PruneMagnitude {
  double ratio = 0;  // share of weights that are zero afterwards, of each layer or of all together
  bool global = false;
};
// Of every m weights in a row along the channels at most n stay.
struct PruneNofM {
  int n = 2, m = 4;
};
// Sets whole filters to zero, those of least L1 norm.
struct PruneFilters {
  double ratio = 0;
};
struct Quantise {
  Dtype dtype = Dtype::int8;  // int4, int8, int16, or fp32: weights and ifmap stay real numbers
  bool per_channel = true;    // a scale for each filter, else one a layer
};
struct Encode {
  Encoding encoding = Encoding::dense;
};

struct RecipeStep {
  std::variant<PruneMagnitude, PruneNofM, PruneFilters, Quantise, Encode> action;
  std::string layers = "*";  // glob of layer names, as in a shell
  std::string where;         // file:line:column of the glob, for errors
  std::string text;          // as the trace's history says it
};

struct Recipe {
  std::string name;
  std::vector<RecipeStep> steps;
};

//   steps:
//     - prune: {method: magnitude, ratio: 0.7, layers: "conv*"}   # scope: layer (as it is) or global
//     - prune: {method: "n:m", n: 2, m: 4}
//     - prune: {method: filters, ratio: 0.25}
//     - quantise: {bits: 8, per: channel}                         # 4, 8, 16 or fp32; per layer or channel
//     - encode: bitmap                                            # dense, bitmap or run_length
//     - encode: {as: dense, layers: "fc*"}
// Every prune comes before the first quantise, that before the first encode; of two steps of a kind on one
// layer the later holds. Errors: file:line:column, key, found, expected.
[[nodiscard]] Recipe parse_recipe(std::string_view text, const std::string& name);
[[nodiscard]] Recipe read_recipe(const std::filesystem::path& file);
// int8 a channel. Bitmap where a layer is sparse enough to gain needs no step.
[[nodiscard]] Recipe default_recipe();

}  // namespace basil
