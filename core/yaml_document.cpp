#include "core/yaml_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <sstream>

#include "core/error.h"
#include "core/yaml_words.h"

namespace basil {
namespace {

// Gives "map.key", or "key" at the top, an empty value where the document has the map but not the key.
void make_room(const YAML::Node& root, const std::string& path) {
  const std::size_t dot = path.find('.');
  YAML::Node map = dot == std::string::npos ? root : root[path.substr(0, dot)];
  if (!map.IsDefined() || !map.IsMap()) return;
  const std::string key = dot == std::string::npos ? path : path.substr(dot + 1);
  if (!static_cast<const YAML::Node&>(map)[key].IsDefined()) map[key] = "";
}

}  // namespace

YamlDocument::YamlDocument(std::string_view text, std::string file)
    : root_(parse_yaml(text, file)), file_(std::move(file)) {
  static_cast<void>(YamlReader(root_, file_, ""));  // a map, its keys words
}

namespace {

std::string below(const std::string& path, const std::string& key) {
  return path.empty() ? key : fmt::format("{}.{}", path, key);
}

}  // namespace

void YamlDocument::put_over(const YamlDocument& base, const std::string& naming_key) {
  root_.remove(naming_key);
  root_ = merged(root_, base.root_, "", base);
}

// A map of its own, since one that is written once may stand in several places.
YAML::Node YamlDocument::merged(const YAML::Node& own, const YAML::Node& inherited, const std::string& path,
                                const YamlDocument& base) {
  YAML::Node map(YAML::NodeType::Map);
  for (const auto& entry : own) {
    const std::string& key = entry.first.Scalar();
    const YAML::Node there = inherited[key];
    const bool both = entry.second.IsMap() && there.IsDefined() && there.IsMap();
    map[entry.first] = both ? merged(entry.second, there, below(path, key), base) : entry.second;
  }
  const YAML::Node& known = map;  // a const node does not insert
  for (const auto& entry : inherited) {
    const std::string& key = entry.first.Scalar();
    if (known[key].IsDefined()) continue;
    map[entry.first] = entry.second;
    inherit(below(path, key), base);
  }
  return map;
}

// Takes note of where what is at a path came from.
void YamlDocument::inherit(const std::string& path, const YamlDocument& base) {
  origins_.files[path] = base.origins_.file_of(path, base.file_);
  for (const auto& [inside, file] : base.origins_.files) {
    if (inside.starts_with(path + ".")) origins_.files[inside] = file;
  }
}

std::optional<std::string> YamlDocument::plain_value(const std::string& path) const {
  for (const auto& [known, value] : plain_values()) {
    if (known == path) return value;
  }
  return std::nullopt;
}

void YamlDocument::set(const std::string& override_text, const std::vector<std::string>& omissible) {
  const std::string where = field_name("overrides") + " " + override_text;
  const std::size_t equals = override_text.find('=');
  if (equals == std::string::npos || equals == 0) throw Error(where, "no '='", "key.path=value");
  const std::string path = override_text.substr(0, equals);
  if (std::find(omissible.begin(), omissible.end(), path) != omissible.end()) make_room(root_, path);
  YAML::Node node = root_;
  std::stringstream parts(path);
  for (std::string part; std::getline(parts, part, '.');) {
    const YAML::Node& map = node;
    if (!map.IsMap())
      throw Error(where, fmt::format("'{}' lies inside a plain value of {}", part, file_), "a key of a map");
    const YAML::Node value = map[part];
    if (!value.IsDefined())
      throw Error(where, fmt::format("unknown key '{}' in {}", part, file_),
                  did_you_mean(part, map_keys(map)));
    node.reset(value);
  }
  if (!node.IsScalar()) throw Error(where, "'" + path + "' holds " + shown(node), "a key with a plain value");
  node = override_text.substr(equals + 1);
  origins_.overridden.push_back(node);
}

namespace {

void add_plain_values(const YAML::Node& node, const std::string& path,
                      std::vector<std::pair<std::string, std::string>>& values) {
  if (node.IsScalar()) values.emplace_back(path, node.Scalar());
  if (node.IsMap()) {
    for (const auto& entry : node)
      add_plain_values(entry.second, (path.empty() ? "" : path + ".") + entry.first.Scalar(), values);
  }
  if (node.IsSequence()) {
    for (std::size_t i = 0; i < node.size(); ++i)
      add_plain_values(node[i], fmt::format("{}[{}]", path, i), values);
  }
}

}  // namespace

std::vector<std::pair<std::string, std::string>> YamlDocument::plain_values() const {
  std::vector<std::pair<std::string, std::string>> values;
  add_plain_values(root_, "", values);
  return values;
}

std::string YamlDocument::text() const {
  YAML::Emitter out;
  out << root_;
  return std::string(out.c_str()) + "\n";
}

YamlReader YamlDocument::reader(std::vector<YamlKey>* read) const {
  YamlOrigins origins = origins_;
  origins.read = read;
  return {root_, file_, "", std::make_shared<const YamlOrigins>(std::move(origins))};
}

}  // namespace basil
