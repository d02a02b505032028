// The trace file: one .npz with a member network.json. To the byte: docs/trace-format.md.
#pragma once

#include <filesystem>

#include "traces/trace.h"

namespace basil {

inline constexpr const char* trace_schema = "basil-trace/2";

// Reads and checks a whole trace. Errors name the file, the layer, the field, what was found and expected.
[[nodiscard]] Trace read_trace(const std::filesystem::path& file);

// Writes to a temporary name beside `file`, then renames, so that `file` is whole or untouched.
void write_trace(const Trace& trace, const std::filesystem::path& file);

}  // namespace basil
