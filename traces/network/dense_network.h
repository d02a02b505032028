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
  Kind kind = &conv_kind;
  LayerShape shape;
  bool relu = false;
  std::vector<float> weights;  // order K, R, S, C/groups
  std::vector<float> bias;     // K, or empty
  Dtype activation_dtype = Dtype::int8;
  float activation_scale = 1.0F;
  std::vector<std::int16_t> ifmap;  // order N, H, W, C, integers of activation_dtype

  [[nodiscard]] bool simulated() const { return kind->weighted; }
};

struct DenseNetwork {
  std::string name, source, licence;
  std::string activations;  // how the inputs came to be
  std::vector<DenseLayer> layers;
};

inline constexpr const char* dense_network_schema = "dense-network/1";
inline constexpr int greatest_images = 4096;  // of a layer in a file, which does not say how many it holds

// A .npz with a member network.json and, for each conv, dwconv and fc layer,
//   <layer>.weight  float32 (K, C/groups, R, S), fc (K, C)
//   <layer>.bias    float32 (K), optional
//   <layer>.input   int8 or uint8 (N, C, H, W) or (C, H, W), fc any shape of N * C
// network.json has schema, name, and optionally source, license and image (how the inputs came to be), each a
// text or null, and the list layers. Fields of a layer, those in brackets optional:
//   all               type: conv, dwconv, fc, maxpool, avgpool, pool, add; [src]; [relu]: true or "relu" is
//                     this layer's own; false, null, "none", "linear", "identity" and "after residual
//                     add" are none; another text is refused
//   conv dwconv fc    name K C a_scale [w_scale]
//   conv dwconv       R S H W [stride dilation] a number or a pair (y, x), [pad] a number or [pad_tblr] four,
//                     [groups] (C where dwconv does not say), [P Q] checked
//   pools and add     [name] [N C H W] (the output of the layer before)
//   pools             [size] and [stride] (size) a number or a pair, [dilation], [pad] or [pad_tblr], [P Q]
// Errors name file, layer and field, what was found and what was expected.
// Whether a file says it is of that schema; false for whatever is not a .npz with a network.json.
[[nodiscard]] bool is_dense_network(const std::filesystem::path& file);

[[nodiscard]] DenseNetwork read_dense_network(const std::filesystem::path& file);

// Writes that form, whole or not at all; reading it gives the same network. (A pool is written as just that.)
// Throws Error for a layer of more than greatest_images.
void write_dense_network(const DenseNetwork& network, const std::filesystem::path& file);

// `images` made of each layer's first: image i is it rolled to the right by i * max(1, W / images) columns,
// or by as many channels where there is one column only (fc); `activations` says so. Throws Error where
// `images` is below 1 or a tensor becomes too large.
[[nodiscard]] DenseNetwork with_batch(DenseNetwork network, int images);

}  // namespace basil
