// Replays a channel's command log against JEDEC's rules. It shares no code with the controller: the rules
// are a table of pairs of commands and the clocks between them, written from the standards (JESD79-4,
// JESD209-4, JESD235), and the checker remembers only when each command was last sent.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "memory/dram/command.h"
#include "memory/dram/device.h"

namespace basil {

struct DramViolation {
  std::string rule;         // "tRCD"
  std::size_t command = 0;  // its index in the log
  std::string text;         // "RD of bank 3 at 16: tRCD, ACT was at 0, 17 clocks are needed"
};

// What of the log breaks a rule, the first `most`.
[[nodiscard]] std::vector<DramViolation> check_protocol(const DramDevice& device,
                                                        std::span<const LoggedDramCommand> log,
                                                        std::size_t most = 100);

}  // namespace basil
