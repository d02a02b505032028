// Results that earlier versions wrote.
#pragma once

#include <nlohmann/json.hpp>

namespace basil {

// A result's JSON with figures by their columns' names. Error for a schema that no version wrote.
[[nodiscard]] nlohmann::ordered_json in_todays_words(const nlohmann::ordered_json& written);

}  // namespace basil
