#include "models/study/accelerator_keys.h"

#include <fmt/format.h>

#include <sstream>

#include "core/error.h"
#include "models/description/accelerator_document.h"
#include "models/description/description.h"

namespace basil {
namespace {

std::vector<std::string> keys_of(const YAML::Node& map) {
  std::vector<std::string> keys;
  for (const auto& entry : map) keys.push_back(entry.first.Scalar());
  return keys;
}

// Where a dotted key leads: to a node, or no further than a map that lacks `word`.
struct Place {
  std::optional<YAML::Node> node;
  YAML::Node map;
  std::string path, word;  // path: what leads to the map, with its dot
};

Place walk(const YAML::Node& root, const std::string& key) {
  Place place{.node = {}, .map = root, .path = {}, .word = {}};
  std::istringstream words(key);
  for (YAML::Node at = root; std::getline(words, place.word, '.'); place.path += place.word + ".") {
    if (!place.path.empty()) at.reset(*place.node);
    place.map.reset(at);
    const YAML::Node& map = place.map;  // a const node does not insert
    const YAML::Node next = map.IsMap() ? map[place.word] : YAML::Node(YAML::NodeType::Undefined);
    place.node.reset();
    if (!next.IsDefined()) break;
    place.node = next;
  }
  return place;
}

}  // namespace

AcceleratorKeys::AcceleratorKeys(const std::string& name_or_path) : name_(name_or_path) {
  static_cast<void>(load_accelerator(name_or_path));
  const YamlDocument document = accelerator_document(accelerator_text(name_or_path), name_or_path, {});
  root_ = document.root();
  for (const auto& [key, value] : document.plain_values()) text_ += fmt::format("{}: {}\n", key, value);
}

std::optional<std::string> AcceleratorKeys::value(const std::string& key) const {
  const auto node = walk(root_, key).node;
  if (!node || !node->IsScalar()) return std::nullopt;
  return node->Scalar();
}

void AcceleratorKeys::check(const std::string& key, const std::string& where) const {
  const Place place = walk(root_, key);
  if (!place.node) {
    const std::vector<std::string> known =
        place.map.IsMap() ? keys_of(place.map) : std::vector<std::string>();
    const std::string near = nearest(place.word, known);
    throw Error(where, "unknown key '" + key + "' of " + name_,
                near.empty() ? one_of(known, place.word) : "'" + place.path + near + "'");
  }
  if (!place.node->IsScalar())
    throw Error(where, "'" + key + "' of " + name_ + " holds more than a plain value",
                "a key with a plain value");
}

}  // namespace basil
