#include "models/presets/embedded.h"

#include <algorithm>

namespace basil {

std::optional<std::string_view> embedded(std::string_view folder, std::string_view name) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.folder == folder && file.name == name) return file.text;
  }
  return std::nullopt;
}

std::vector<std::string> embedded_names(std::string_view folder) {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : embedded_files()) {
    if (file.folder == folder) names.emplace_back(file.name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace basil
