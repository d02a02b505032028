// The library speaks of its own fields; who typed options reads of those.
#pragma once

#include <string>

#include "core/error.h"

namespace basil {

// What an error says: "options.layers conv9: no such layer" is "--layer conv9: no such layer".
[[nodiscard]] std::string in_options(const Error& error);

}  // namespace basil
