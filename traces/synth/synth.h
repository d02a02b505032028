// Synthetic traces: given shapes and densities, seeded values. Marked synthetic for good.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "traces/trace.h"

namespace basil {

inline constexpr int greatest_batch = 1024;

// Shares of non-zeros. Without an ofmap density there is no bias.
struct SynthDensity {
  double weights = 1, ifmap = 1;
  std::optional<double> ofmap;  // after ReLU and requantisation: reached by the bias
};

struct SynthLayer {
  std::string name;
  Kind kind = &conv_kind;
  LayerShape shape;
  SynthDensity density;
};

// A list of layers as its YAML file says it: name, source, seed, batch, bits, density, layers; a layer has
// name, kind (conv, depthwise, fc), C, H, W (H), K, R, S (R), stride, pad, dilation (each a number or [y, x];
// of a layer with H = R = 1, which has one axis, a number is x alone), pad_tblr (in place of pad), groups,
// density; an fc layer only C and K of the shape. A layer's density keeps what it does not name from the
// list's.
struct SynthList {
  std::string name, source;
  std::uint64_t seed = 1;
  int batch = 1;
  int bits = 8;
  std::vector<SynthLayer> layers;
};

// What a command line overrides.
struct SynthOptions {
  std::optional<std::uint64_t> seed;
  std::optional<int> batch, bits;
  std::optional<double> weight_density, ifmap_density;
};

// Errors: file:line:column, key, found, expected.
[[nodiscard]] SynthList parse_synth(std::string_view text, const std::string& file);
[[nodiscard]] SynthList read_synth(const std::filesystem::path& file);

// Draws the trace: exactly round(density * positions) non-zeros at random places; weights symmetric about
// zero, ifmaps not negative as after a ReLU, the first layer's of either sign. 16-bit values stay below 2048
// in magnitude. Weights are bitmap where that is smaller. A layer's values follow from the seed, its name and
// its own description alone. Errors: an option or, with the batch, a layer out of range.
[[nodiscard]] Trace synthesise(const SynthList& list, const SynthOptions& options);

}  // namespace basil
