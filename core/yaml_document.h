// A YAML document put together of several.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/yaml.h"

namespace basil {

// A document before it is read: another may be put under it, and values may be overridden. Errors of its
// reader name the file and line that a value came from, or the override.
class YamlDocument {
 public:
  // Errors as YamlReader::parse().
  YamlDocument(std::string_view text, std::string file);

  // Keys that it lacks come from `base`, also inside of maps that both have. The key that named the base has
  // done its work and goes.
  void put_over(const YamlDocument& base, const std::string& naming_key);
  // Forgets a key of the top level, where it is.
  void remove(const std::string& key) { root_.remove(key); }
  [[nodiscard]] const YAML::Node& root() const { return root_; }
  // The plain value at "map.key", where there is one.
  [[nodiscard]] std::optional<std::string> plain_value(const std::string& path) const;
  // "array.rows=16". The key must exist already, or be one of `omissible`, each "map.key" or "key", that a
  // document may leave out; an unknown one is an Error with the nearest known key.
  void set(const std::string& override_text, const std::vector<std::string>& omissible = {});

  // `read`: takes note of the keys as they are read; it must outlive the reader.
  [[nodiscard]] YamlReader reader(std::vector<YamlKey>* read = nullptr) const;
  // Each key that holds a plain value, dotted ("list[0].key" inside a list), in the order of the document.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> plain_values() const;

 private:
  [[nodiscard]] YAML::Node merged(const YAML::Node& own, const YAML::Node& inherited, const std::string& path,
                                  const YamlDocument& base);
  void inherit(const std::string& path, const YamlDocument& base);

  YAML::Node root_;
  std::string file_;
  YamlOrigins origins_;
};

}  // namespace basil
