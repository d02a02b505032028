// A layer's shape as JSON: the same fields in traces, descriptions and results.
#pragma once

#include <nlohmann/json.hpp>

#include "traces/shape.h"

namespace basil {

// N C H W K R S, stride and dilation (y, x), padding (top, bottom, left, right), groups.
[[nodiscard]] nlohmann::ordered_json shape_json(const LayerShape& shape);
// The inverse; throws nlohmann's exceptions for a field that is missing or of another kind.
[[nodiscard]] LayerShape shape_from_json(const nlohmann::ordered_json& json);

}  // namespace basil
