// The two accounts of a layer: where every PE-cycle went, and every picojoule.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/units.h"
#include "models/technology.h"

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

  // Throws Failure unless no bin is negative and all of them sum to pes * cycles.
  void close(std::int64_t pes, Cycles cycles, const std::string& where) const;

 private:
  std::array<std::int64_t, bin_count> bins_{};
};

// One line of the energy account: count uses of an item of the technology table.
struct EnergyLine {
  std::string component;  // "mac", "spad", "buffer", "noc", "dram", "leakage"
  std::string item;       // what was used, e.g. "mac_int16", "filter spad read"
  double count = 0;       // uses (of leakage: cycles)
  Picojoules each;
  Tag tag = Tag::estimated;

  [[nodiscard]] Picojoules energy() const { return count * each; }
};

class EnergyAccount {
 public:
  void add(EnergyLine line);
  [[nodiscard]] const std::vector<EnergyLine>& lines() const { return lines_; }
  [[nodiscard]] Picojoules total() const { return total_; }
  [[nodiscard]] Picojoules of(std::string_view component) const;
  [[nodiscard]] Picojoules of(Tag tag) const;
  // Joins the lines of the same component and item.
  EnergyAccount& operator+=(const EnergyAccount& other);

  // Throws Failure unless the components, and the tags, sum to the total (to rounding).
  void close(const std::string& where) const;

 private:
  std::vector<EnergyLine> lines_;
  Picojoules total_;
};

inline constexpr std::array<std::string_view, 6> energy_components{"mac", "spad", "buffer",
                                                                   "noc", "dram", "leakage"};

}  // namespace basil
