// A result as a person, a program and a spreadsheet read it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "models/result/result.h"

namespace basil {

// The console's table: cycles, time, utilisation, energy and traffic by layer, then where cycles and energy
// went, the bound and the distance from it.
[[nodiscard]] std::string to_text(const Result& result);

[[nodiscard]] nlohmann::ordered_json to_json(const Result& result);
// The inverse of to_json. Error when a field is missing or of another kind.
[[nodiscard]] Result result_from_json(const nlohmann::ordered_json& json);

// One row a layer, a header first.
[[nodiscard]] std::string to_csv(const Result& result);

}  // namespace basil
