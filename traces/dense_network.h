// A network before compression: what `basil import` reads, `basil compress` works on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "traces/trace.h"

namespace basil {

struct DenseLayer {
  std::string name;
  Kind kind = Kind::conv;
  LayerShape shape;
  bool relu = false;
  std::vector<float> weights;  // order K, R, S, C/groups
  std::vector<float> bias;     // K, or empty
  Dtype activation_dtype = Dtype::int8;
  float activation_scale = 1.0F;
  std::vector<std::int16_t> ifmap;  // order N, H, W, C, integers of activation_dtype
  std::vector<float> ifmap_real;    // the same for fp32 activations

  [[nodiscard]] bool simulated() const {
    return kind == Kind::conv || kind == Kind::depthwise || kind == Kind::fc;
  }
};

struct DenseNetwork {
  std::string name, source, licence;
  std::string activations;  // how the inputs came to be
  std::vector<DenseLayer> layers;
};

// `dense-network/1`: see README, "Bring your own layers". Errors name file, layer and field.
[[nodiscard]] DenseNetwork read_dense_network(const std::filesystem::path& file);

}  // namespace basil
