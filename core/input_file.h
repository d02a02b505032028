// Files that are read: a bounded text of each, and which they were.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace basil {

// Everything in `file`, or of standard input where that is "-" (read once, the same text for whoever asks
// again). Error (where: the file) when it is none that can be read, not `expected`, or holds over `limit`
// bytes; no more than these are read.
[[nodiscard]] std::string read_file(const std::filesystem::path& file, std::int64_t limit,
                                    const std::string& expected);

// What messages call a file: its path; "standard input" of "-".
[[nodiscard]] std::string name_in_messages(const std::filesystem::path& file);

// For files that a library opens: Error as above, and the file counts as read.
void check_readable(const std::filesystem::path& file, const std::string& expected);

// Whether this process has read that very file, by device and inode, whatever it was called.
[[nodiscard]] bool was_read(const std::filesystem::path& file);

}  // namespace basil
