// What tells one build of the program from another.
#pragma once

#include <string>

namespace basil {

// The GNU build id of the executable or shared library that holds this code, in hexadecimal: the linker's
// hash of all that it put there, so that other sources or other options of the compiler are another build.
// Failure when the linker was told to leave it out.
[[nodiscard]] std::string build_id();

}  // namespace basil
