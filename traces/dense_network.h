// A network before compression: what `basil import` writes and `basil compress` takes.
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

  [[nodiscard]] bool simulated() const {
    return kind == Kind::conv || kind == Kind::depthwise || kind == Kind::fc;
  }
};

struct DenseNetwork {
  std::string name, source, licence;
  std::string activations;  // how the inputs came to be
  std::vector<DenseLayer> layers;
};

// A `dense-network/1` archive: a .npz with network.json and, for each conv, dwconv and fc layer,
//   <layer>.weight  float32 (K, C/groups, R, S), fc (K, C)
//   <layer>.bias    float32 (K), optional
//   <layer>.input   int8 or uint8 (N, C, H, W) or (C, H, W), fc (N, C) or any shape of N * C
// network.json has schema, name, source, license, image (how the inputs came to be) and layers: name, type
// (conv, dwconv, fc, maxpool, avgpool, add), K C R S H W, stride and dilation (number or pair), pad (number)
// or pad_tblr (four), groups, relu (true or "relu": this layer's own), a_scale, and, checked where given, P
// Q. Errors name file, layer and field.
[[nodiscard]] DenseNetwork read_dense_network(const std::filesystem::path& file);

// Writes the same form, whole or not at all.
void write_dense_network(const DenseNetwork& network, const std::filesystem::path& file);

// `n` images made of each layer's first: image i is it shifted sideways by i * max(1, W / n) columns (fc:
// channels), what falls out on the right coming in on the left; `activations` says so.
[[nodiscard]] DenseNetwork with_batch(DenseNetwork network, int n);

}  // namespace basil
