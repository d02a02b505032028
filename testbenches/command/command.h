// For tests: the built command as a user runs it.
#pragma once

#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include "core/testing/scratch.h"

namespace basil::testing {

struct Outcome {
  int status = -1;     // exit code, or -1 for a signal
  std::string output;  // stdout and stderr
};

// Runs a command line in a shell.
inline Outcome run_shell(const std::string& line) {
  Outcome outcome;
  FILE* pipe = popen((line + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> block{};
  while (const std::size_t got = fread(block.data(), 1, block.size(), pipe))
    outcome.output.append(block.data(), got);
  const int status = pclose(pipe);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

// Runs `basil WORDS`.
inline Outcome run_command(const std::string& words) {
  return run_shell(std::string(BASIL_COMMAND) + " " + words);
}

inline std::string sample(const std::string& name) {
  return std::string(BASIL_SOURCE_DIR) + "/traces/samples/" + name;
}
inline std::string shared_data(const std::string& name) {
  return std::string(BASIL_SOURCE_DIR) + "/../shared/data/" + name;
}

}  // namespace basil::testing
