// A compression recipe: steps in order, read from YAML.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "traces/encodings/operand.h"

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
// Each filter a sum of signed powers of two times a scale that suits it (LightNN, FLightNN). Filters of zeros
// take no term; the others `terms` each, or as one of the next two says.
struct FitPowerOfTwo {
  int terms = 2;                          // 1 or 2
  std::optional<double> threshold = {};   // one, but two where the relative error with one is above this
  std::optional<double> mean_terms = {};  // one, but two for those that gain most, until this is the mean
  bool per_channel = true;                // a scale for each filter, else one a layer
};
// M basis kernels a layer and ternary coefficients (PENNI, ESCALATE), of conv layers with a window.
struct FitBasis {
  std::optional<int> bases = {};  // M; 6 where not said, or as many as the window has places
  std::optional<double> density =
      {};  // most coefficients that are not zero, as a share, in place of `sparsity`
  double sparsity =
      0;  // what a coefficient must take off the squared error, in units of ||W||^2 a coefficient
  int iterations = 10;
  std::string where = {};  // file:line:column of `bases`, for errors
};
// Comparisons of taps with a pivot, and a pointwise stage fitted to the layer's sums on its own input (our
// reading of CMPNET), of ungrouped conv layers with a window.
struct FitComparator {
  std::optional<int> taps = {};  // 4 where not said, or as many as the window has besides the pivot
  std::uint64_t seed = 1;        // of the taps' places
  std::string where = {};        // file:line:column of `taps`, for errors
};
// Signs of weights and of ifmap words about a threshold (XNOR-Net), of ungrouped layers.
struct FitBinary {};
struct Encode {
  Encoding encoding = Encoding::dense;
};

struct RecipeStep {
  std::variant<PruneMagnitude, PruneNofM, PruneFilters, Quantise, FitPowerOfTwo, FitBasis, FitComparator,
               FitBinary, Encode>
      action;
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
//     - power_of_two: {terms: 1}             # or threshold: 0.1, or mean_terms: 1.4; bits: 4; per: channel
//     - basis: {bases: 6, density: 0.3, iterations: 10}          # or sparsity: 0.1 in place of density
//     - comparator: {taps: 4, seed: 1}
//     - binary: {layers: "conv[23]"}
//     - encode: bitmap                                            # dense, bitmap or run_length
//     - encode: {as: dense, layers: "fc*"}
// Every prune comes first and every encode last. power_of_two, basis, comparator and binary are steps of
// quantise's kind: of two steps of a kind on one layer the later holds. Layers that such a step cannot take
// (see the structs) stay as they were, and the trace's history says how many; encode is for those that
// quantise turned to integers or left real, the others have an encoding already.
// Errors: file:line:column, key, found, expected.
[[nodiscard]] Recipe parse_recipe(std::string_view text, const std::string& name);
[[nodiscard]] Recipe read_recipe(const std::filesystem::path& file);
// int8 a channel. Bitmap where a layer is sparse enough to gain needs no step.
[[nodiscard]] Recipe default_recipe();
// The recipe that gives weights the encoding a unit takes: of `dtype` where that is dense, bitmap or
// run_length, with `terms` terms where it is power_of_two; basis of 6 kernels with a share of
// default_basis_density coefficients, comparator of 4 taps, binary.
[[nodiscard]] Recipe default_recipe_for(Encoding encoding, Dtype dtype = Dtype::int8, int terms = 2);
inline constexpr double default_basis_density = 0.3;  // more hardly lowers the error

}  // namespace basil
