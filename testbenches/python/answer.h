// One `basil run` for another program: what is asked, and what a child process answers on its pipe.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
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
  nlohmann::ordered_json result = {};
  std::vector<Ofmap> ofmaps = {};  // of each layer run, where asked for
};

// Runs it in this process, in which nothing may have been simulated: what a child says on the wire. Never
// throws but for lack of memory.
[[nodiscard]] std::string answer(const Request& request, const std::string& program);

// The inverse. Throws the Error or Failure that the run met, and Failure for bytes that `answer` did not
// write.
[[nodiscard]] Answer parse_answer(const std::string& bytes);

}  // namespace basil
