// The YAML of an accelerator: its text over its base, with what --set says in place.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/yaml_document.h"

namespace basil {

// `base:` names an accelerator, or a file beside this one, that the keys it lacks come from, key by key;
// where the unit or the dataflow is another, what only goes with the base's stays behind. Bases may have
// bases. Errors: file:line:column and the nearest known key.
[[nodiscard]] YamlDocument accelerator_document(std::string_view text, const std::string& file,
                                                const std::vector<std::string>& overrides);

// Every key of load_accelerator(NAME_OR_PATH, OVERRIDES) that holds a plain value, dotted, with that value,
// in the order of the file: what a result is a result of.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> accelerator_keys(
    const std::string& name_or_path, const std::vector<std::string>& overrides);

// The text of an embedded accelerator or of a YAML file. Error when it is neither.
[[nodiscard]] std::string accelerator_text(const std::string& name_or_path);

}  // namespace basil
