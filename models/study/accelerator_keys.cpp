#include "models/study/accelerator_keys.h"

#include <sstream>

#include "core/error.h"
#include "core/yaml.h"
#include "models/description.h"
#include "models/embedded.h"

namespace basil {
namespace {

std::vector<std::string> keys_of(const YAML::Node& map) {
  std::vector<std::string> keys;
  for (const auto& entry : map) keys.push_back(entry.first.Scalar());
  return keys;
}

// What a dotted key leads to: a node, undefined where `word` is not in `map`.
struct Place {
  YAML::Node map, node;
  std::string path, word;  // path: what leads to map, with its dot
};

Place walk(const YAML::Node& root, const std::string& key) {
  Place place;
  place.node.reset(root);
  std::istringstream words(key);
  while (std::getline(words, place.word, '.')) {
    place.map.reset(place.node);
    const YAML::Node& map = place.map;
    place.node.reset(map.IsMap() ? map[place.word] : YAML::Node(YAML::NodeType::Undefined));
    if (!place.node.IsDefined()) return place;
    place.path += place.word + ".";
  }
  return place;
}

}  // namespace

AcceleratorKeys::AcceleratorKeys(const std::string& name_or_path) : name_(name_or_path) {
  static_cast<void>(load_accelerator(name_or_path));
  const auto known = embedded("accelerators", name_or_path);
  text_ = known ? std::string(*known) : read_yaml_text(name_or_path);
  root_ = YAML::Load(text_);
  if (const YAML::Node base = root_["base"]) {
    const std::string base_text(embedded("accelerators", base.Scalar()).value_or(""));
    for (const auto& entry : YAML::Load(base_text)) {
      if (!root_[entry.first.Scalar()]) root_[entry.first.Scalar()] = entry.second;
    }
    text_ += base_text;
  }
}

std::optional<std::string> AcceleratorKeys::value(const std::string& key) const {
  const YAML::Node node = walk(root_, key).node;
  if (!node.IsDefined() || !node.IsScalar()) return std::nullopt;
  return node.Scalar();
}

void AcceleratorKeys::check(const std::string& key, const std::string& where) const {
  const Place place = walk(root_, key);
  if (!place.node.IsDefined()) {
    const std::vector<std::string> known =
        place.map.IsMap() ? keys_of(place.map) : std::vector<std::string>();
    const std::string near = nearest(place.word, known);
    throw Error(where, "unknown key '" + key + "' of " + name_,
                near.empty() ? one_of(known, place.word) : "'" + place.path + near + "'");
  }
  if (!place.node.IsScalar())
    throw Error(where, "'" + key + "' of " + name_ + " holds more than a plain value",
                "a key with a plain value");
}

}  // namespace basil
