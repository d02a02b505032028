// Every key that an accelerator's file may have, gathered from the readers themselves.
#pragma once

#include <string>
#include <vector>

#include "core/yaml_keys.h"

namespace basil {

struct KnownKey {
  YamlKey key;           // "[]" for the index in a list; a range that holds those of all units
  int accelerators = 0;  // shipped ones that ask for it
};

// Of all shipped accelerators and all units, section by section in the order of their reading.
[[nodiscard]] std::vector<KnownKey> known_keys();

// A page in Markdown with a table a section.
[[nodiscard]] std::string keys_page(const std::vector<KnownKey>& keys);

// JSON Schema (draft-07) of an accelerator's file, for editors that check YAML by one. It says what a key may
// be, not which keys go together: files may leave out what their base has.
[[nodiscard]] std::string keys_schema(const std::vector<KnownKey>& keys);

}  // namespace basil
