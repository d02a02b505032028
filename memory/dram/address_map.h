// Which channel, rank, bank, row and column an address is in.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "memory/dram/device.h"

namespace basil {

// A burst's place. `group` and `bank` count through the channel: rank by rank, group by group.
struct DramPlace {
  int channel = 0, rank = 0, group = 0, bank = 0;
  std::int64_t row = 0, column = 0;  // column in bursts
};

// By a name like "ro-ra-bg-ba-co-ch": row, rank, bank group, bank, column and channel, the highest address
// bits first, each once; below them the bytes of a burst. Throws Error for another name.
class AddressMap {
 public:
  explicit AddressMap(const DramDevice& device);

  [[nodiscard]] DramPlace place(std::uint64_t address) const;
  [[nodiscard]] std::uint64_t address(const DramPlace& place) const;  // of the burst's first byte

 private:
  enum Part { row, rank, group, bank, column, channel, parts };
  struct Bits {
    int shift = 0, count = 0;
    [[nodiscard]] std::int64_t of(std::uint64_t address) const {
      return static_cast<std::int64_t>((address >> shift) & ((std::uint64_t{1} << count) - 1));
    }
  };

  std::array<Bits, parts> bits_;
};

}  // namespace basil
