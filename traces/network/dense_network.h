// A network before compression: what `basil import` writes and `basil compress` takes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "traces/trace.h"

namespace basil {

// Weights as their author quantised them: real = (code - zero point) * scale.
struct WeightCodes {
  Dtype dtype = Dtype::int8;
  std::vector<float> scales{1.0F};           // one for all, or one a filter
  std::vector<std::int32_t> zero_points{0};  // likewise
  std::vector<std::int16_t> values = {};     // order K, R, S, C/groups

  [[nodiscard]] float scale(std::size_t k) const { return scales[scales.size() == 1 ? 0 : k]; }
  [[nodiscard]] std::int32_t zero_point(std::size_t k) const {
    return zero_points[zero_points.size() == 1 ? 0 : k];
  }
  friend bool operator==(const WeightCodes&, const WeightCodes&) = default;
};

// A layer as its author left it: of real weights, or of codes. Its input is codes always.
struct DenseLayer {
  std::string name;
  Kind kind = &conv_kind;
  LayerShape shape;
  bool relu = false;
  std::vector<float> weights;  // order K, R, S, C/groups; empty where there are codes
  std::vector<float> bias;     // K, or empty
  std::optional<WeightCodes> codes = {};
  std::vector<std::int64_t> bias_sums = {};  // beside codes, in place of bias: K, in units of a sum, or empty
  Dtype activation_dtype = Dtype::int8;      // real = (code - zero point) * scale
  float activation_scale = 1.0F;
  std::int32_t activation_zero_point = 0;
  std::vector<std::int16_t> ifmap;            // order N, H, W, C: codes of activation_dtype
  std::optional<Requantisation> output = {};  // beside codes: how the sums leave, where the author says so

  [[nodiscard]] bool simulated() const { return kind->weighted; }
};

struct DenseNetwork {
  std::string name, source, licence;
  std::string activations;  // how the inputs came to be
  std::vector<DenseLayer> layers;
};

inline constexpr const char* dense_network_schema = "dense-network/2";
inline constexpr const char* first_network_schema = "dense-network/1";  // read as well
inline constexpr int greatest_images = 4096;  // of a layer in a file, which does not say how many it holds

// A .npz with a member network.json and, for each conv, dwconv and fc layer,
//   <layer>.weight  float32 (K, C/groups, R, S), fc (K, C); or codes, see below
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
// dense-network/2 has of conv, dwconv and fc also
//   weight_axes, input_axes   letters in the order of the array's axes: KCRS or another order of them (fc
//   KC),
//                             NCHW (or without N: one image; fc NC)
//   [a_dtype] [a_zero]        of the input's codes, whose array is int8, uint8 or int16: the array's, 0
//   w_dtype                   there: the weights are codes, int8, uint8 or int16 in the array
//   w_scale [w_zero]          of codes: a number, or "per_filter": <layer>.weight_scale f4 (K),
//                             <layer>.weight_zero i4 (K). Their bias is f4, or i4 or i8 in units of a sum
//   [output]                  of codes: how the sums leave, as in a trace (docs/trace-format.md)
// Errors name file, layer and field, what was found and what was expected.
// Whether a file says it is of that schema; false for whatever is not a .npz with a network.json.
[[nodiscard]] bool is_dense_network(const std::filesystem::path& file);

[[nodiscard]] DenseNetwork read_dense_network(const std::filesystem::path& file);

// Writes dense-network/2, whole or not at all; reading it gives the same network. (A pool is written as just
// that.) Throws Error for a layer of more than greatest_images.
void write_dense_network(const DenseNetwork& network, const std::filesystem::path& file);

// `images` made of each layer's first: image i is it rolled to the right by i * max(1, W / images) columns,
// or by as many channels where there is one column only (fc); `activations` says so. Throws Error where
// `images` is below 1 or a tensor becomes too large.
[[nodiscard]] DenseNetwork with_batch(DenseNetwork network, int images);

}  // namespace basil
