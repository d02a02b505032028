#include "core/yaml_keys.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cstddef>

#include "core/error.h"

namespace basil {
namespace {

// The child of a part of a path: "key", or "key[2]" of a list that is long enough or one short.
YAML::Node child(YAML::Node node, const std::string& part) {
  const std::size_t bracket = part.find('[');
  YAML::Node found = node[part.substr(0, bracket)];
  if (bracket == std::string::npos) return found;
  std::size_t index = 0;
  std::from_chars(part.data() + bracket + 1, part.data() + part.size(), index);
  while (found.size() <= index) found.push_back(YAML::Node(YAML::NodeType::Map));
  return found[index];
}

}  // namespace

std::string to_string(const YamlRange& range) {
  const auto bounds = [&] {
    if (range.type == YamlRange::Type::real) return fmt::format("from {} to {}", range.least, range.most);
    return fmt::format("from {:.0f} to {:.0f}", range.least, range.most);
  };
  switch (range.type) {
    case YamlRange::Type::integer:
      return "a whole number " + bounds();
    case YamlRange::Type::real:
      return "a number " + bounds();
    case YamlRange::Type::flag:
      return "true or false";
    case YamlRange::Type::word:
      return one_of(range.allowed, "");
    case YamlRange::Type::integers:
      return "a list of whole numbers " + bounds();
    case YamlRange::Type::text:
      break;
  }
  return "a text";
}

std::string to_yaml(const std::vector<YamlKey>& keys) {
  YAML::Node root(YAML::NodeType::Map);
  for (const YamlKey& key : keys) {
    YAML::Node node = root;
    std::size_t first = 0;
    for (std::size_t dot = 0; (dot = key.path.find('.', first)) != std::string::npos; first = dot + 1)
      node.reset(child(node, key.path.substr(first, dot - first)));
    const bool list = key.value.starts_with("[");
    child(node, key.path.substr(first)) = list ? YAML::Load(key.value) : YAML::Node(key.value);
  }
  YAML::Emitter out;
  out << root;
  return std::string(out.c_str()) + "\n";
}

}  // namespace basil
