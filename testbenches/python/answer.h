// One `basil run` for another program: what is asked, and what a child process answers on its pipe.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "traces/golden/golden.h"

namespace basil {

// As the options of `basil run` of these names.
struct Request {
  std::filesystem::path trace = {};
  std::string accelerator = {};             // a name or a YAML file
  std::vector<std::string> overrides = {};  // "key.path=value"
  std::vector<std::string> layers = {};     // globs, all when empty
  std::string fidelity = "transaction";
  std::optional<std::string> memory = {};  // most it may take, such as "8G"
  bool verify = true;
  bool ofmaps = false;  // the answer has them
};

struct Answer {
  enum class Kind : char { result = 'r', error = 'e', failure = 'f' };
  Kind kind = Kind::failure;
  std::string text = {};  // the result's JSON, or the line of an error, which speaks of Python's arguments
  std::vector<Ofmap> ofmaps = {};  // of each layer run, where asked for
};

// Runs it in this process, in which nothing may have been simulated. Never throws but for lack of memory.
[[nodiscard]] std::string answer(const Request& request, const std::string& program);

// The inverse of what `answer` packs. Throws Failure for bytes that it did not write.
[[nodiscard]] Answer parse_answer(const std::string& bytes);

}  // namespace basil
