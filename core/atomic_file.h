// Files that are whole or untouched.
#pragma once

#include <filesystem>
#include <string_view>

namespace basil {

// Writes `bytes` to a temporary name in the folder of `file`, then renames it to `file`. A symbolic
// link is followed; a device or pipe (/dev/stdout) is written straight. Throws Error naming the file
// and the reason; then `file` is as it was and nothing is left behind.
void write_file_atomically(const std::filesystem::path& file, std::string_view bytes);

}  // namespace basil
