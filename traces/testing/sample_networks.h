// Small networks before compression, and where the real ones lie, for tests.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "traces/network/dense_network.h"

namespace basil::testing {

// Numbers from -1 to 1 in which neighbours differ; the same every time.
inline std::vector<float> sample_reals(std::int64_t count) {
  std::vector<float> reals;
  for (std::int64_t i = 0; i < count; ++i)
    reals.push_back(static_cast<float>((i * 37 + 11) % 201 - 100) / 100);
  return reals;
}

// A layer of that shape with weights, a bias and an input.
inline DenseLayer sample_layer(const std::string& name, Kind kind, const LayerShape& shape,
                               Dtype activations = Dtype::int8) {
  DenseLayer layer;
  layer.name = name;
  layer.kind = kind;
  layer.shape = shape;
  layer.weights = sample_reals(shape.K * shape.reduction());
  layer.bias = sample_reals(shape.K);
  layer.activation_dtype = activations;
  layer.activation_scale = 0.25F;
  const int low = lowest(activations), high = highest(activations);
  for (std::int64_t i = 0; i < std::int64_t{shape.N} * shape.H * shape.W * shape.C; ++i)
    layer.ifmap.push_back(static_cast<std::int16_t>(low + (i * 41 + 3) % (high - low + 1)));
  return layer;
}

// A layer of each kind: conv (grouped, dilated, padded on one side, strides that differ), dwconv, pool, add,
// fc of two images.
inline DenseNetwork sample_network() {
  DenseNetwork network{
      .name = "sample", .source = "a test", .licence = "Apache-2.0", .activations = "made up", .layers = {}};
  LayerShape conv{.N = 2,
                  .C = 4,
                  .H = 7,
                  .W = 9,
                  .K = 6,
                  .R = 3,
                  .S = 2,
                  .stride_y = 1,
                  .stride_x = 2,
                  .pad_top = 1,
                  .pad_bottom = 0,
                  .pad_left = 0,
                  .pad_right = 2,
                  .dilation_y = 2,
                  .groups = 2};
  network.layers.push_back(sample_layer("conv", &conv_kind, conv));
  network.layers.back().relu = true;
  LayerShape depthwise{.N = 2,
                       .C = 6,
                       .H = conv.P(),
                       .W = conv.Q(),
                       .K = 6,
                       .R = 3,
                       .S = 3,
                       .pad_top = 1,
                       .pad_bottom = 1,
                       .pad_left = 1,
                       .pad_right = 1,
                       .groups = 6};
  network.layers.push_back(sample_layer("depthwise", &depthwise_kind, depthwise, Dtype::uint8));
  network.layers.back().bias.clear();
  DenseLayer pool{.name = "pool", .kind = &pool_kind, .shape = {}, .weights = {}, .bias = {}, .ifmap = {}};
  pool.shape = {.N = 2,
                .C = 6,
                .H = depthwise.P(),
                .W = depthwise.Q(),
                .K = 6,
                .R = 2,
                .S = 2,
                .stride_y = 2,
                .stride_x = 1,
                .pad_right = 1,
                .dilation_y = 2,
                .groups = 6};
  DenseLayer add{
      .name = "add", .kind = &add_kind, .shape = {}, .relu = true, .weights = {}, .bias = {}, .ifmap = {}};
  add.shape = {.N = 2, .C = 6, .H = pool.shape.P(), .W = pool.shape.Q(), .K = 6};
  network.layers.push_back(pool);
  network.layers.push_back(add);
  network.layers.push_back(sample_layer("fc", &fc_kind, {.N = 2, .C = 24, .K = 5}));
  return network;
}

// Codes that go round their dtype.
inline std::vector<std::int16_t> sample_codes(Dtype dtype, std::int64_t count) {
  const std::int64_t low = lowest(dtype), range = highest(dtype) - low + 1;
  std::vector<std::int16_t> codes;
  for (std::int64_t i = 0; i < count; ++i)
    codes.push_back(static_cast<std::int16_t>(low + (i * 29 + 7) % range));
  return codes;
}

// Layers of their author's own integers:
//   conv  int8 weights, a scale a filter, padding, int8 input about -5, bias in sums, by TensorFlow Lite's
//   rule w4    int4 weights, int8 input from -128 on, real bias, by ONNX' rule fc    uint4 weights about 8,
//   int16 input, how it leaves is not said
inline DenseNetwork coded_network() {
  const auto layer = [](const char* name, Kind kind, const LayerShape& shape, Dtype weights,
                        Dtype activations) {
    DenseLayer coded = sample_layer(name, kind, shape);
    coded.weights.clear();
    coded.bias.clear();
    coded.codes = WeightCodes{.dtype = weights, .values = sample_codes(weights, shape.K * shape.reduction())};
    coded.activation_dtype = activations;
    coded.ifmap = sample_codes(activations, std::int64_t{shape.N} * shape.H * shape.W * shape.C);
    return coded;
  };
  DenseNetwork network{.name = "coded", .source = "", .licence = "", .activations = "made up", .layers = {}};
  LayerShape shape{
      .C = 4, .H = 5, .W = 6, .K = 3, .R = 3, .S = 3, .pad_top = 1, .pad_left = 1, .pad_right = 1};
  DenseLayer conv = layer("conv", &conv_kind, shape, Dtype::int8, Dtype::int8);
  conv.codes->scales = {0.5F, 0.25F, 0.01F};
  conv.bias_sums = {1000, -7, 0};
  conv.activation_zero_point = -5;
  conv.output = Requantisation{.dtype = Dtype::int8,
                               .scale = 4.0F,
                               .zero_point = -100,
                               .rule = RequantisationRule::tflite,
                               .factors = {{1 << 30, -4}, {1 << 30, -5}, {1374389535, -9}},
                               .clamp = CodeRange{-100, 120}};
  DenseLayer narrow =
      layer("w4", &conv_kind, {.C = 3, .H = 4, .W = 4, .K = 5, .R = 2, .S = 2}, Dtype::int4, Dtype::int8);
  narrow.codes->scales = {0.125F};
  narrow.activation_zero_point = -128;
  narrow.bias = sample_reals(5);
  narrow.output = Requantisation{
      .dtype = Dtype::uint8, .scale = 0.75F, .relu = true, .zero_point = 3, .rule = RequantisationRule::onnx};
  DenseLayer fc = layer("fc", &fc_kind, {.C = 20, .K = 4}, Dtype::uint4, Dtype::int16);
  fc.codes->zero_points = {8};
  network.layers = {conv, narrow, fc};
  return network;
}

inline std::filesystem::path real_network(const std::string& name) {
  return std::filesystem::path(BASIL_SOURCE_DIR) / "../shared/data" / (name + ".npz");
}

inline const std::vector<std::string>& real_networks() {
  static const std::vector<std::string> names{"digits-lenet", "fashion-vgg", "face-resnet34",
                                              "facedet-sparse70"};
  return names;
}

}  // namespace basil::testing
