// What errors of YAML readers say of nodes and keys.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

namespace basil {

// A value in quotes and cut short, or "a map", "a list", "nothing".
[[nodiscard]] std::string shown(const YAML::Node& node);
// In the file's order.
[[nodiscard]] std::vector<std::string> map_keys(const YAML::Node& map);
// The nearest of the known keys, or all of them.
[[nodiscard]] std::string did_you_mean(const std::string& key, const std::vector<std::string>& known);

}  // namespace basil
