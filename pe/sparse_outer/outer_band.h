// The geometry that a band of ofmap rows gives to all images and filters: where its pixels' products land.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/sparse_outer/outer_plan.h"

namespace basil {

// The bank of an accumulator address, which may be negative while only part of it is summed.
[[nodiscard]] constexpr std::uint32_t bank_of(std::int64_t address, int banks) {
  return static_cast<std::uint32_t>((address % banks + banks) % banks);
}

// A band of ofmap rows with what its pixels have in common for all images. Activations that reach the ofmap
// with the same taps are a class; at the plane's borders some taps are missing.
struct OuterBand {
  // Of an activation: its class, and (-bank offset) modulo banks, which is below 256.
  using Entry = std::uint32_t;
  static constexpr int turn_bits = 8;

  OuterBand(const LayerShape& shape, const OuterMachine& machine, const StridePhases& phases, Range rows);

  // For an activation of a class: 1 for each tap that takes it to an ofmap pixel of the band; after the taps
  // a 0, for a zero weight.
  [[nodiscard]] const std::uint8_t* lands(std::uint32_t sort) const {
    return landing.data() + static_cast<std::size_t>(sort) * (taps + 1);
  }
  // A zero takes a slot and lands nowhere.
  [[nodiscard]] Entry zero(int phase) const {
    return entries[tile_of.size() + static_cast<std::size_t>(phase)];
  }
  [[nodiscard]] std::size_t classes() const { return landing.size() / (taps + 1); }

  OuterPlane plane;
  int phases = 0;
  std::size_t taps = 0;
  std::vector<Entry> entries;          // of the ifmap plane, row by row; after them a zero of each phase
  std::vector<int> tile_of, phase_of;  // of a pixel; phase -1: never multiplied
  std::vector<std::uint8_t> landing;   // see lands()

 private:
  void sort_pixels(const LayerShape& shape, const OuterMachine& machine, const StridePhases& stride_phases);
};

}  // namespace basil
