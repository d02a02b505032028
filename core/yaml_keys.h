// The keys that were read of a YAML document: what each may be and is.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace basil {

// How a key is asked for: by its name, and with its unit and what it means where it is to be listed.
struct KeyText {
  KeyText(const char* key) : name(key) {}
  KeyText(std::string key) : name(std::move(key)) {}
  KeyText(std::string key, std::string unit_of_it, std::string meaning_of_it)
      : name(std::move(key)), unit(std::move(unit_of_it)), meaning(std::move(meaning_of_it)) {}
  std::string name, unit, meaning;
};

// What a value may be.
struct YamlRange {
  enum class Type { integer, real, flag, text, word, integers };
  Type type = Type::text;
  double least = 0, most = 0;        // of a number, or of each in a list
  std::vector<std::string> allowed;  // of a word
};
[[nodiscard]] std::string to_string(const YamlRange& range);  // "a whole number from 1 to 64"

struct YamlKey {
  std::string path;           // dotted; "list[0].key" inside a list
  std::string unit, meaning;  // where they are declared
  YamlRange range;
  std::string value;                     // as YAML has it
  std::optional<std::string> otherwise;  // where it may be left out
  bool given = false;
};

// A document with every one of these keys, left out or not: read again it says the same. Of keys that were
// read twice the last counts.
[[nodiscard]] std::string to_yaml(const std::vector<YamlKey>& keys);

}  // namespace basil
