// What a layer would take on a machine that is a little other.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "models/simulate.h"

namespace basil {

// A process made before this one elaborates a machine, which can then be asked for runs on others.
class Variants {
 public:
  // As `basil run TRACE --on accelerator --set overrides` would run them, at transaction fidelity. The trace
  // must outlive it.
  Variants(const Trace& trace, std::string accelerator, std::vector<std::string> overrides, Options options);
  ~Variants();  // ends it
  Variants(const Variants&) = delete;
  Variants& operator=(const Variants&) = delete;

  // For each of the run's costliest causes, what its relief gives: that run is made.
  [[nodiscard]] std::vector<Gain> gains(const Result& result, const Description& machine);

 private:
  [[nodiscard]] std::string answer(const std::string& request) const;  // in the other process
  [[nodiscard]] std::string ask(const std::string& request);

  const Trace& trace_;
  std::string accelerator_;
  std::vector<std::string> overrides_;
  Options options_;
  pid_t pid_ = -1;
  int pipe_ = -1;
};

}  // namespace basil
