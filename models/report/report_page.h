// The page that --report writes: one file with its data, its scripts and the library that draws its charts.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace basil {

// Whether this build has the library that draws the charts; without it the page has the tables and says so.
[[nodiscard]] bool report_has_charts();

// HTML, complete. `data` goes in as JSON, with `program` (name and version) and `charts` beside what it has;
// `scripts`: those of models/report/page that make the page of it, in order, after the ones that every
// page has.
[[nodiscard]] std::string report_page(const std::string& title, const std::string& program,
                                      const nlohmann::ordered_json& data,
                                      std::initializer_list<std::string_view> scripts);

}  // namespace basil
