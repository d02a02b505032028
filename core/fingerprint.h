// What tells inputs apart: 122 bits of SHA-1, as a name-based UUID.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace basil {

[[nodiscard]] std::string fingerprint(std::string_view bytes);
// Of the bytes of a file. Error when it cannot be read.
[[nodiscard]] std::string fingerprint_of_file(const std::filesystem::path& file);

}  // namespace basil
