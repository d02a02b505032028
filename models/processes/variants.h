// What a run would take on a machine that is a little other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/processes/child_process.h"
#include "models/processes/wire.h"
#include "models/report/why.h"
#include "models/simulate.h"

namespace basil {

// A process made before this one elaborates a machine, which can then be asked for runs on others.
class Variants {
 public:
  // As `basil run TRACE --on accelerator --set overrides` would run them, at transaction fidelity. The trace
  // must outlive it.
  Variants(const Trace& trace, std::string accelerator, std::vector<std::string> overrides, Options options);

  // For each of the run's costliest causes, what its relief gives: that run is made.
  [[nodiscard]] std::vector<Gain> gains(const Result& result, const Description& machine);

 private:
  [[nodiscard]] std::int64_t cycles_of(const WireValue& asked) const;  // in the other process
  int serve(int socket) const;
  [[nodiscard]] Gain gain_of(const Relief& relief, const Result& result);

  const Trace& trace_;
  std::string accelerator_;
  std::vector<std::string> overrides_;
  Options options_;
  std::optional<ChildProcess> process_;
  std::string received_;
};

}  // namespace basil
