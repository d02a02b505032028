// A point of a study as `basil diff` compares it.
#pragma once

#include <filesystem>

#include "models/compare/diff.h"

namespace basil {

// Point `point` of the database `file`. Error when there is none of that number, or when it is not done.
[[nodiscard]] ResultAccount account_of_point(const std::filesystem::path& file, std::size_t point);

}  // namespace basil
