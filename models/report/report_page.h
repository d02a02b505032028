// The page that --report writes: one file with its data, its style and its scripts.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace basil {

// What a page has beside results.
struct PageOptions {
  std::string command = {};  // that gives the results again, empty where none was typed
  std::string title = {};    // empty: named after what it shows
};

// HTML, complete. `data` goes in as JSON, with `program` (name and version) and the table of
// columns beside what it has; `scripts`:
// those of models/report/page that make the page of it, in order, after the ones that every page has.
[[nodiscard]] std::string report_page(const std::string& title, const std::string& program,
                                      const nlohmann::ordered_json& data,
                                      std::span<const std::string_view> scripts);

}  // namespace basil
