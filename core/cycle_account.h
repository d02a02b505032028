// Where every PE-cycle went: each is in exactly one bin.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/units.h"

namespace basil {

enum class Bin {
  compute,           // multiplies
  gated,             // the slot is spent on a zero, the multiplier frozen
  imbalance,         // done, or given less work, while its peers go on
  wait_weights,      // weights on their way from the buffer
  wait_activations,  // ifmap words on their way
  wait_psums,        // slots that take in psums, or wait for them
  noc,               // a bus or a buffer port is the bottleneck
  dram,              // operands or results between chip and DRAM
  drain,             // results leaving the array
  idle               // no work mapped to the PE
};
inline constexpr std::size_t bin_count = 10;
[[nodiscard]] std::string_view to_string(Bin bin);

// PE-cycles by bin.
class CycleAccount {
 public:
  void add(Bin bin, std::int64_t pe_cycles) { bins_[static_cast<std::size_t>(bin)] += pe_cycles; }
  [[nodiscard]] std::int64_t operator[](Bin bin) const { return bins_[static_cast<std::size_t>(bin)]; }
  [[nodiscard]] std::int64_t total() const;
  CycleAccount& operator+=(const CycleAccount& other);
  friend bool operator==(const CycleAccount&, const CycleAccount&) = default;

  // Throws Failure unless no bin is negative and all of them sum to pes * cycles.
  void close(std::int64_t pes, Cycles cycles, const std::string& where) const;

 private:
  std::array<std::int64_t, bin_count> bins_{};
};

}  // namespace basil
