// How much memory a process may take, and the refusal of what would take more before it takes any.
#pragma once

#include <cstdint>
#include <string>

#include "core/error.h"

namespace basil {

// Three quarters of what this machine, or the control group that this process is in, has.
[[nodiscard]] std::int64_t default_memory_limit();

// "8G", "500M", "2T" or bytes: decimal prefixes. Error (where: "set_memory_limit()") for other words and
// below 1 MB.
[[nodiscard]] std::int64_t parse_memory(const std::string& text);

// From now on, for this process and its children each: what nobody foresaw fails as std::bad_alloc instead of
// taking the machine with it. For main().
void set_memory_limit(std::int64_t bytes);

// Error unless about so many bytes fit under the limit. `where` has the layer or file, `what` takes the
// memory.
void check_memory(double bytes, const std::string& where, const std::string& what);

// What the allocator keeps of what was freed, back to the machine: before processes are forked that go on
// with less than it took to get here.
void return_free_memory();

// What to say of a std::bad_alloc.
[[nodiscard]] Error out_of_memory();

}  // namespace basil
