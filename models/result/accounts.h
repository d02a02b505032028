// The energy account of a layer: where every picojoule went. (Its twin is core/cycle_account.h.)
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/cycle_account.h"
#include "core/units.h"
#include "models/technology/technology.h"

namespace basil {

// One line of the energy account: count uses of an item of the technology table.
struct EnergyLine {
  std::string component;  // one of energy_components
  std::string item;       // what was used, e.g. "mac_int16", "filter spad read"
  double count = 0;       // uses (of leakage: cycles)
  Picojoules each;
  Tag tag = Tag::estimated;
  Picojoules low = each, high = each;  // what brackets `each`; itself where the table knows one figure only

  [[nodiscard]] Picojoules energy() const { return count * each; }
};

// From all lines' lows to all their highs: every figure errs to the same side at once, so it is the widest
// there can be.
struct EnergyRange {
  Picojoules low, high;

  EnergyRange& operator+=(const EnergyRange& other) {
    low += other.low;
    high += other.high;
    return *this;
  }
};

class EnergyAccount {
 public:
  void add(EnergyLine line);
  [[nodiscard]] const std::vector<EnergyLine>& lines() const { return lines_; }
  [[nodiscard]] Picojoules total() const;  // summed line by line, so that it does not depend on how they came
  [[nodiscard]] EnergyRange range() const;
  [[nodiscard]] Picojoules of(std::string_view component) const;
  [[nodiscard]] Picojoules of(Tag tag) const;
  // Joins the lines of the same component and item.
  EnergyAccount& operator+=(const EnergyAccount& other);

  // Throws Failure unless the components, and the tags, sum to the total (to rounding), and each figure lies
  // in its bracket.
  void close(const std::string& where) const;

 private:
  std::vector<EnergyLine> lines_;
};

inline constexpr std::array<std::string_view, 7> energy_components{"mac", "index", "spad",   "buffer",
                                                                   "noc", "dram",  "leakage"};

}  // namespace basil
