// The reference of keys: whole, held by the page in the docs, and a schema that shipped files keep to.
#include "models/description/key_reference.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "models/description/description.h"
#include "models/presets/embedded.h"

namespace basil {
namespace {

using Json = nlohmann::json;

TEST(KeyReference, EveryKeySaysWhatItMeans) {
  for (const KnownKey& known : known_keys()) EXPECT_FALSE(known.key.meaning.empty()) << known.key.path;
}

// Units no shipped accelerator has bring keys, too.
TEST(KeyReference, HasTheKeysOfAllUnits) {
  const std::vector<KnownKey> keys = known_keys();
  for (const UnitType* unit : unit_types()) {
    for (const IntegerKey& key : unit->keys) {
      const bool there = std::any_of(keys.begin(), keys.end(), [&](const KnownKey& known) {
        return known.key.path == "unit." + std::string(key.name) &&
               known.key.range.least <= static_cast<double>(key.min) &&
               known.key.range.most >= static_cast<double>(key.max);
      });
      EXPECT_TRUE(there) << unit->name << ": " << key.name;
    }
  }
}

// basil list keys --markdown > docs/keys.md, below its first lines.
TEST(KeyReference, IsThePageInTheDocs) {
  std::ifstream file(std::string(BASIL_SOURCE_DIR) + "/docs/keys.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::size_t tables = page.str().find("\n## ");
  ASSERT_NE(tables, std::string::npos);
  EXPECT_EQ(page.str().substr(tables), keys_page(known_keys()));
}

// The parts of JSON Schema that ours uses.
std::string violation(const Json& value, const Json& schema, const std::string& path) {
  if (schema.contains("anyOf")) {
    std::string first;
    for (const Json& option : schema["anyOf"]) {
      std::string found = violation(value, option, path);
      if (found.empty()) return {};
      if (first.empty()) first = found;
    }
    return first;
  }
  if (schema.contains("enum"))
    return std::count(schema["enum"].begin(), schema["enum"].end(), value) == 1 ? "" : path;
  const std::string type = schema["type"];
  if (type == "object") {
    if (!value.is_object()) return path;
    for (const auto& [key, child] : value.items()) {
      if (!schema["properties"].contains(key)) return fmt::format("{}.{}", path, key);
      std::string found = violation(child, schema["properties"][key], fmt::format("{}.{}", path, key));
      if (!found.empty()) return found;
    }
    return {};
  }
  if (type == "array") {
    if (!value.is_array()) return path;
    for (const Json& entry : value) {
      std::string found = violation(entry, schema["items"], path + "[]");
      if (!found.empty()) return found;
    }
    return {};
  }
  const bool number = type == "integer" || type == "number";
  const bool typed = type == "boolean"   ? value.is_boolean()
                     : type == "string"  ? value.is_string()
                     : type == "integer" ? value.is_number_integer()
                                         : value.is_number();
  const bool held = !number || !typed || (value >= schema["minimum"] && value <= schema["maximum"]);
  return typed && held ? "" : path;
}

// As an editor reads a file: words that look like numbers are numbers.
Json typed(const std::string& text) {
  if (text == "true" || text == "false") return text == "true";
  const Json number = Json::parse(text, nullptr, false);
  return number.is_number() ? number : Json(text);
}

Json document_of(const std::string& accelerator) {
  Json document = Json::object();
  for (const YamlKey& key : keys_of_accelerator(accelerator)) {
    if (!key.given) continue;
    std::string pointer = "/" + key.path;
    for (const auto& [from, to] : {std::pair{".", "/"}, {"[", "/"}, {"]", ""}}) {
      for (std::size_t at = 0; (at = pointer.find(from, at)) != std::string::npos;)
        pointer.replace(at, 1, to);
    }
    document[Json::json_pointer(pointer)] = typed(key.value);
  }
  return document;
}

TEST(KeyReference, TheSchemaHoldsShippedFilesAndRefusesWrongOnes) {
  const Json schema = Json::parse(keys_schema(known_keys()));
  for (const std::string& name : embedded_names("accelerators"))
    EXPECT_EQ(violation(document_of(name), schema, name), "");
  const Json good = document_of("eyeriss");
  for (const auto& [pointer, value] : {std::pair{"/array/rows", Json(0)},
                                       {"/array/row", Json(12)},
                                       {"/noc/kind", Json("ring")},
                                       {"/unit/zero_gating", Json(1)},
                                       {"/clock_mhz", Json("fast")},
                                       {"/dram/bits", Json(64.5)}}) {
    Json wrong = good;
    wrong[Json::json_pointer(pointer)] = value;
    EXPECT_NE(violation(wrong, schema, "eyeriss"), "") << pointer;
  }
}

}  // namespace
}  // namespace basil
