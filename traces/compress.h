// Applying a recipe to a network: a trace, and what it gained and lost layer by layer.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/units.h"
#include "traces/dense_network.h"
#include "traces/recipe.h"
#include "traces/trace.h"

namespace basil {

struct CompressedLayer {
  std::string name;
  Encoding encoding = Encoding::dense;
  Dtype dtype = Dtype::int8;
  double density = 1;  // non-zero weights
  Bytes dense;         // weights as fp32, and the bias
  Bytes compressed;    // values, maps, runs, scales, bias
  double output_error =
      0;  // ||compressed - original|| / ||original|| of the layer's outputs on its own input

  [[nodiscard]] double ratio() const {
    return static_cast<double>(dense.value) / static_cast<double>(compressed.value);
  }
};

struct Compressed {
  Trace trace;
  std::vector<CompressedLayer> rows;  // of the layers with weights
};

// Steps in order; a layer without a quantise step is quantised to int8 a channel, one without an encode step
// is bitmap where that is smaller, else dense. Errors: a glob that names no layer.
[[nodiscard]] Compressed compress(const DenseNetwork& network, const Recipe& recipe);

[[nodiscard]] std::string describe(const std::vector<CompressedLayer>& rows);
[[nodiscard]] nlohmann::ordered_json to_json(const std::vector<CompressedLayer>& rows);

}  // namespace basil
