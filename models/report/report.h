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

// Every key of its machine's description with its value; none where it is not known.
[[nodiscard]] nlohmann::ordered_json description_json(const Result& result);

// "about 62.1 MB in 4 processes, 11.0 MB of it for layer conv1".
[[nodiscard]] std::string memory_text(const MemoryNeed& need);
// What one process was foreseen to take: bytes, and the layer with most of them. null where it was not
// foreseen.
[[nodiscard]] nlohmann::ordered_json memory_json(const Result& result);

// One row a layer, a header first.
[[nodiscard]] std::string to_csv(const Result& result);

}  // namespace basil
