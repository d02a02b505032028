// The YAML files that travel inside the library, so that a program works from any folder.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace basil {

// One file of models/technologies, models/accelerators, models/dram_devices or traces/shapes.
struct EmbeddedFile {
  std::string_view folder;  // "technologies", "accelerators", "dram_devices", "shapes"
  std::string_view name;    // without ".yaml"
  std::string_view text;
};

// All of them, by folder, then by name.
[[nodiscard]] std::span<const EmbeddedFile> embedded_files();

// The pieces of the page that --report writes: files of models/report/page.
[[nodiscard]] std::span<const EmbeddedFile> report_pieces();

// The text of one file, e.g. embedded("technologies", "65nm"), or nothing.
[[nodiscard]] std::optional<std::string_view> embedded(std::string_view folder, std::string_view name);

// The names in a folder, sorted; empty for an unknown folder.
[[nodiscard]] std::vector<std::string> embedded_names(std::string_view folder);

}  // namespace basil
