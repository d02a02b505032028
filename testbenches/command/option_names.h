// The library speaks of its own fields; who typed options reads of those.
#pragma once

#include <string>

namespace basil {

// "options.layers conv9: no such layer" is "--layer conv9: no such layer".
[[nodiscard]] std::string in_options(std::string said);

}  // namespace basil
