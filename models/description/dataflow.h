// The dataflows there are, by name.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace basil {

enum class Dataflow { row_stationary, weight_stationary, output_stationary, tiles };
[[nodiscard]] std::string_view to_string(Dataflow dataflow);
[[nodiscard]] const std::vector<std::pair<std::string_view, std::string_view>>& dataflow_summaries();

}  // namespace basil
