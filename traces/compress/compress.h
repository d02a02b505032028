// Applying a recipe to a network: a trace, and what it gained and lost layer by layer.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/progress.h"
#include "core/units.h"
#include "traces/compress/recipe.h"
#include "traces/network/dense_network.h"
#include "traces/trace.h"

namespace basil {

// What a layer with weights gained and lost. A bias counts 4 bytes a filter, before and after.
struct CompressedLayer {
  std::string name;
  Encoding encoding = &dense_encoding;
  Dtype dtype = Dtype::int8;
  bool per_channel = false;  // a scale for each filter
  double density = 1;        // non-zero weights, or coefficients of a basis
  Bytes dense;               // fp32 weights and bias
  Bytes compressed;          // values, maps, runs, terms, signs and offsets, scales (4 bytes each) and bias
  // ||compressed - original|| / ||original|| of the weights, not pruned; none for a comparator.
  std::optional<double> weights_error;
  // ||compressed - original|| / ||original||, both the layer's sums in real units (before ReLU) on its own
  // input; the original in fp32, unpruned.
  double output_error = 0;
  bool kept = false;  // the integers that the network came with, all of them: there is nothing to compare

  [[nodiscard]] double ratio() const;
};

struct Compressed {
  Trace trace;
  std::vector<CompressedLayer> rows;  // of the layers with weights
};

// Steps in order; a layer that no step states otherwise is quantised to int8 a channel, one without an encode
// step is bitmap where that is smaller, else dense. Errors: those of plan_recipe, values that leave the range
// of a trace.
[[nodiscard]] Compressed compress(const DenseNetwork& network, const Recipe& recipe,
                                  const ShowProgress& progress = {});

// A table for the console; the same for programs.
[[nodiscard]] std::string describe(const std::vector<CompressedLayer>& rows);
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<CompressedLayer>& rows);

}  // namespace basil
