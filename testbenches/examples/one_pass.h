// A layer of one pass for the examples: its operands are read, it is computed, its results are written.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "memory/off_chip/off_chip.h"
#include "models/simulate.h"
#include "traces/encodings/encode.h"

namespace basil::examples {

inline constexpr std::int64_t payload_bytes = 64;

inline Trace one_pass() {
  Layer layer;
  layer.name = "conv";
  layer.shape = {.C = 2, .H = 10, .W = 10, .K = 4, .R = 3, .S = 3};
  layer.weights =
      encode(&dense_encoding, Dtype::int8, {4, 3, 3, 2}, std::vector<std::int16_t>(4 * 9 * 2, 3), {1.0F});
  layer.ifmap =
      encode(&dense_encoding, Dtype::int8, {1, 10, 10, 2}, std::vector<std::int16_t>(10 * 10 * 2, 2), {1.0F});
  Trace trace;
  trace.name = "one pass";
  trace.layers.push_back(layer);
  return trace;
}

inline std::int64_t payloads(Bytes bytes) { return ceil_div(bytes.value, payload_bytes); }

// Four stretches of a memory of so many bytes.
inline constexpr std::uint64_t region_bytes = 1 << 20;

// 0 when the array waited for the memory as long as it should, else 1; says so.
inline int compare(const LayerResult& layer, std::int64_t expected, const std::string& formula) {
  const std::int64_t found = layer.dram_stall.value;
  fmt::print("{} passes, {} cycles of which {} wait for the memory; expected {} = {}: {}\n", layer.passes,
             layer.cycles.value, found, expected, formula, found == expected ? "equal" : "DIFFERENT");
  return found == expected && layer.verified ? 0 : 1;
}

}  // namespace basil::examples
