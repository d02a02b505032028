// Results as one page that needs nothing else: tables, charts, and where the figures come from.
#pragma once

#include <string>
#include <vector>

#include "models/compare/compare.h"
#include "models/description/description.h"
#include "models/report/report_page.h"
#include "models/result/result.h"

namespace basil {

// A run. HTML, complete, under 3 MB for any network of a few hundred
// layers. `title`: where a person gave one.
[[nodiscard]] std::string to_html(const Result& result, const Description& machine,
                                  const std::string& title = {});

// Comparisons one after another, each on its own trace. `program`: name and version.
[[nodiscard]] std::string to_html(const std::vector<Comparison>& comparisons, const std::string& program,
                                  const PageOptions& options = {});

}  // namespace basil
