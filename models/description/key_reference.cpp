#include "models/description/key_reference.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "models/description/description.h"
#include "models/presets/embedded.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

// "mappings[3].m": of any entry.
std::string any_entry(std::string path) {
  for (std::size_t open = 0; (open = path.find('[', open)) != std::string::npos; ++open)
    path.erase(open + 1, path.find(']', open) - open - 1);
  return path;
}

std::string section_of(const std::string& path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string::npos ? "" : path.substr(0, dot);
}

void widen(YamlRange& range, const YamlRange& other) {
  range.least = std::min(range.least, other.least);
  range.most = std::max(range.most, other.most);
  for (const std::string& word : other.allowed) {
    if (std::find(range.allowed.begin(), range.allowed.end(), word) == range.allowed.end())
      range.allowed.push_back(word);
  }
}

// Units may give one name to keys of their own.
void add(std::vector<KnownKey>& keys, const YamlKey& key, int accelerators) {
  const auto known = std::find_if(keys.begin(), keys.end(),
                                  [&](const KnownKey& other) { return other.key.path == key.path; });
  if (known == keys.end()) {
    keys.push_back({key, accelerators});
    return;
  }
  known->accelerators += accelerators;
  widen(known->key.range, key.range);
  if (known->key.otherwise != key.otherwise) known->key.otherwise = "by unit or dataflow";
  if (known->key.meaning.find(key.meaning) == std::string::npos) known->key.meaning += "; or " + key.meaning;
}

// A whole number that a unit, or a memory, reads from a section.
void add_own(std::vector<KnownKey>& keys, const std::string& section, const IntegerKey& key) {
  YamlKey declared{.path = section + std::string(key.name),
                   .unit = "",
                   .meaning = std::string(key.meaning),
                   .range = {},
                   .value = {},
                   .otherwise = std::to_string(key.otherwise)};
  declared.range.type = YamlRange::Type::integer;
  declared.range.least = static_cast<double>(key.min);
  declared.range.most = static_cast<double>(key.max);
  add(keys, declared, 0);
}

void by_section(std::vector<KnownKey>& keys) {
  std::vector<std::string> sections;
  const auto rank = [&](const KnownKey& known) {
    const std::string section = section_of(known.key.path);
    const auto at = std::find(sections.begin(), sections.end(), section);
    if (at == sections.end()) sections.push_back(section);
    return at - sections.begin();
  };
  for (const KnownKey& known : keys) static_cast<void>(rank(known));
  std::stable_sort(keys.begin(), keys.end(),
                   [&](const KnownKey& a, const KnownKey& b) { return rank(a) < rank(b); });
}

std::string cell(std::string text) {
  for (std::size_t bar = 0; (bar = text.find('|', bar)) != std::string::npos; bar += 2)
    text.insert(bar, "\\");
  return text;
}

Json schema_of(const YamlKey& key) {
  Json schema;
  switch (key.range.type) {
    case YamlRange::Type::integer:
      schema = {{"type", "integer"},
                {"minimum", static_cast<std::int64_t>(key.range.least)},
                {"maximum", static_cast<std::int64_t>(key.range.most)}};
      break;
    case YamlRange::Type::real:
      schema = {{"type", "number"}, {"minimum", key.range.least}, {"maximum", key.range.most}};
      break;
    case YamlRange::Type::flag:
      schema = {{"type", "boolean"}};
      break;
    case YamlRange::Type::word:
      schema = {{"enum", key.range.allowed}};
      break;
    case YamlRange::Type::integers:
      schema = {{"type", "array"}, {"items", {{"type", "integer"}}}};
      break;
    case YamlRange::Type::text:
      schema = {{"type", "string"}};
      break;
  }
  std::string text = key.meaning;
  if (!key.unit.empty()) text += fmt::format(" [{}]", key.unit);
  if (key.otherwise) text += fmt::format("; left out: {}", key.otherwise->empty() ? "none" : *key.otherwise);
  schema["description"] = text;
  return schema;
}

Json map_schema() {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", Json::object()}};
}

// The schema of the map that a path's last part lies in; "list[]" is a list of maps.
Json& map_of(Json& root, const std::string& path) {
  Json* map = &root;
  std::size_t first = 0;
  for (std::size_t dot = 0; (dot = path.find('.', first)) != std::string::npos; first = dot + 1) {
    std::string part = path.substr(first, dot - first);
    const bool list = part.ends_with("[]");
    if (list) part.resize(part.size() - 2);
    Json& child = (*map)["properties"][part];
    if (child.is_null()) child = list ? Json{{"type", "array"}, {"items", map_schema()}} : map_schema();
    map = list ? &child["items"] : &child;
  }
  return *map;
}

}  // namespace

std::vector<KnownKey> known_keys() {
  std::vector<KnownKey> keys;
  for (const std::string& name : embedded_names("accelerators")) {
    std::vector<std::string> counted;
    for (YamlKey key : keys_of_accelerator(name)) {
      key.path = any_entry(key.path);
      const bool again = std::find(counted.begin(), counted.end(), key.path) != counted.end();
      counted.push_back(key.path);
      add(keys, key, again ? 0 : 1);
    }
  }
  for (const UnitType* unit : unit_types()) {
    for (const IntegerKey& key : unit->keys) add_own(keys, "unit.", key);
  }
  for (const DataflowType* dataflow : dataflow_types()) {
    for (const IntegerKey& key : dataflow->keys) add_own(keys, "array.", key);
  }
  for (const MemoryType* memory : memory_types()) {
    for (const IntegerKey& key : memory->keys) add_own(keys, "dram.", key);
  }
  by_section(keys);
  return keys;
}

std::string keys_page(const std::vector<KnownKey>& keys) {
  std::string page;
  std::string section = "-";
  for (const KnownKey& known : keys) {
    const YamlKey& key = known.key;
    if (const std::string own = section_of(key.path); own != section) {
      section = own;
      page += fmt::format("\n## {}\n\n", section.empty() ? "At the top" : "`" + section + "`");
      page += "| key | unit | may be | left out | meaning |\n|---|---|---|---|---|\n";
    }
    const std::string name = section.empty() ? key.path : key.path.substr(section.size() + 1);
    const std::string otherwise = !key.otherwise           ? "required"
                                  : key.otherwise->empty() ? "none"
                                                           : *key.otherwise;
    page += fmt::format("| `{}` | {} | {} | {} | {} |\n", name, key.unit, cell(to_string(key.range)),
                        otherwise, cell(key.meaning));
  }
  return page;
}

std::string keys_schema(const std::vector<KnownKey>& keys) {
  Json root = map_schema();
  for (const KnownKey& known : keys) {
    const std::string& path = known.key.path;
    map_of(root, path)["properties"][path.substr(path.rfind('.') + 1)] = schema_of(known.key);
  }
  Json& top = root["properties"];
  top["base"] = {{"type", "string"},
                 {"description", "an accelerator, or a file beside this one, that keys left out come from"}};
  if (top.contains("mappings"))
    top["mappings"] = {{"anyOf", Json::array({top["mappings"], {{"type", "string"}}})},
                       {"description", "mappings of layers, or the file that holds them"}};
  const Json head{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", "Basil accelerator"}};
  Json schema = head;
  schema.update(root);
  return schema.dump(2) + "\n";
}

}  // namespace basil
