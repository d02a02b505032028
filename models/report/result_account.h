// A result's JSON as `basil diff` compares it.
#pragma once

#include <nlohmann/json.hpp>

#include "models/compare/diff.h"

namespace basil {

// Of whatever version wrote it: figures that it did not have are not known. Error when one is of another
// kind, or when what every result has is missing.
[[nodiscard]] ResultAccount account_from_json(const nlohmann::ordered_json& json);

}  // namespace basil
