// The commands a controller sends to a DRAM.
#pragma once

#include <cstdint>
#include <string_view>

namespace basil {

enum class DramCommand : std::uint8_t {
  activate,
  read,
  read_precharge,  // the bank closes by itself as soon as tRAS and tRTP allow
  write,
  write_precharge,  // as soon as tWR allows
  precharge,
  precharge_all,  // of a rank
  refresh         // of a rank, all its banks precharged
};

[[nodiscard]] constexpr std::string_view to_string(DramCommand command) {
  constexpr std::string_view names[] = {"ACT", "RD", "RDA", "WR", "WRA", "PRE", "PREA", "REF"};
  return names[static_cast<int>(command)];
}

// A command of a channel's log. Group and bank count through the channel; those of a rank's command are -1.
struct LoggedDramCommand {
  std::int64_t clock = 0;
  DramCommand command = DramCommand::activate;
  int rank = 0, group = -1, bank = -1;
  std::int64_t row = -1;     // of ACT, RD, WR
  std::int64_t column = -1;  // of RD, WR, in bursts
};

}  // namespace basil
