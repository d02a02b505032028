// What tells one model from another, and so one result of a design point from another.
#pragma once

#include <string>

namespace basil {

// A hash, in hexadecimal, of what decides results: the sources of the rooms up to models/ and their tables,
// less what only shows results. The same commit has the same one, whatever compiled it where. Made by
// cmake/BasilModelId.cmake.
[[nodiscard]] std::string build_id();

}  // namespace basil
