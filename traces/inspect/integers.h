// The integers that a network's author chose, layer by layer: width, scale and zero point of each operand.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "traces/network/dense_network.h"
#include "traces/trace.h"

namespace basil {

// Of layers that carry such integers: a table, empty where there are none.
[[nodiscard]] std::string integers_table(const Trace& trace);
[[nodiscard]] std::string integers_table(const DenseNetwork& network);

// {dtype, bits, scale, zero_point}: a number, or [least, greatest] of those of the filters.
[[nodiscard]] nlohmann::ordered_json integers_json(Dtype dtype, const std::vector<float>& scales,
                                                   const std::vector<std::int32_t>& zero_points);

}  // namespace basil
