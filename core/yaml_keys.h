// The keys that were read of a YAML document: what each may be and is.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace basil {

struct YamlKey {
  std::string path;                      // dotted; "list[0].key" inside a list
  std::string range;                     // in words: "a whole number from 1 to 64"
  std::string value;                     // as YAML has it
  std::optional<std::string> otherwise;  // where it may be left out
  bool given = false;
};

// A document with every one of these keys, left out or not: read again it says the same. Of keys that were
// read twice the last counts.
[[nodiscard]] std::string to_yaml(const std::vector<YamlKey>& keys);

}  // namespace basil
