// The stack that the program was written for.
#pragma once

#include <functional>

namespace basil {

// Runs `work` and returns what it returns: on a stack of 8 MB, the usual one, also where the shell's limit
// (`ulimit -s`) is smaller. For main().
int with_whole_stack(const std::function<int()>& work);

}  // namespace basil
