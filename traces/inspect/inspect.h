// What is in a trace or a network: for `basil inspect`, and for whoever wants the figures.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "traces/network/dense_network.h"
#include "traces/trace.h"

namespace basil {

// A table, one layer a row, with totals; lines end in '\n'.
[[nodiscard]] std::string describe(const Trace& trace);

// The same of a network before compression: its layers, weights and inputs.
[[nodiscard]] std::string describe(const DenseNetwork& network);
[[nodiscard]] nlohmann::ordered_json describe_json(const DenseNetwork& network);

// The same figures: {name, source, ..., layers: [{name, kind, shape, weights: {encoding, dtype, density,
// encoded_bytes, dense_bytes}, ifmap: {...}, macs}], total: {weights, ifmap, macs}}.
[[nodiscard]] nlohmann::ordered_json describe_json(const Trace& trace);

}  // namespace basil
