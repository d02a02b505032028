// --report OUT.html, as every verb that has results takes it.
#pragma once

#include <string>

namespace basil {

// Writes the page whole or not at all; says on stderr when this build draws no charts.
void write_report(const std::string& file, const std::string& html);

}  // namespace basil
