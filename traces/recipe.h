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
  double ratio = 0;  // share of weights that become zero, of each layer or of all together
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
  std::string layers = "*";  // glob of layer names
  std::string text;          // as the trace's history says it
};

struct Recipe {
  std::string name;
  std::vector<RecipeStep> steps;
};

// Errors: file:line:column, key, found, expected. Prunes come before quantise, quantise before encode.
[[nodiscard]] Recipe parse_recipe(std::string_view text, const std::string& name);
[[nodiscard]] Recipe read_recipe(const std::filesystem::path& file);
// int8 a channel; bitmap where a layer is sparse enough to gain, which needs no step.
[[nodiscard]] Recipe default_recipe();

}  // namespace basil
