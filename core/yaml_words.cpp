#include "core/yaml_words.h"

#include "core/error.h"

namespace basil {

std::string shown(const YAML::Node& node) {
  if (node.IsScalar()) return "'" + node.Scalar().substr(0, 60) + "'";
  if (node.IsMap()) return "a map";
  if (node.IsSequence()) return "a list";
  return "nothing";
}

std::vector<std::string> map_keys(const YAML::Node& map) {
  std::vector<std::string> keys;
  for (const auto& entry : map)
    keys.push_back(entry.first.IsScalar() ? entry.first.Scalar() : std::string("?"));
  return keys;
}

std::string did_you_mean(const std::string& key, const std::vector<std::string>& known) {
  if (const std::string near = nearest(key, known); !near.empty()) return "'" + near + "'";
  std::string all;
  for (const std::string& name : known) all += (all.empty() ? "" : ", ") + name;
  return all.empty() ? "no keys here" : "one of " + all;
}

}  // namespace basil
