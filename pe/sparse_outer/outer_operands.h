// The operands of a sparse outer-product pass as lists of non-zeros, channel by channel, and the accumulator
// banks that their products meet.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "pe/sparse_outer/outer_plan.h"
#include "traces/slice.h"
#include "traces/trace.h"

namespace basil {

// What PEs work on between one switch of weights and the next.
struct OuterStream {
  int channel = 0, phase = 0;
};

// A band of ofmap rows with what its pixels have in common for all images. Activations that reach the ofmap
// with the same taps are a class; at the plane's borders some taps are missing.
struct OuterBand {
  struct Pixel {
    std::uint32_t sort = 0;  // class
    std::uint32_t turn = 0;  // (-bank offset) modulo banks
  };

  OuterBand(const LayerShape& shape, const OuterMachine& machine, const StridePhases& phases, Range rows);

  [[nodiscard]] bool meets(std::uint32_t sort, int tap) const {
    return valid[static_cast<std::size_t>(sort) * taps + static_cast<std::size_t>(tap)] != 0;
  }
  // First place of a phase in the list of a tile, counted from the plane's first.
  [[nodiscard]] int place(int tile, int phase) const {
    return places[static_cast<std::size_t>(tile) * (static_cast<std::size_t>(phases) + 1) +
                  static_cast<std::size_t>(phase)];
  }

  [[nodiscard]] const std::vector<std::uint32_t>& sorts_in(int tile, int phase) const {
    return sorts[static_cast<std::size_t>(tile * phases + phase)];
  }
  [[nodiscard]] const Pixel& zero(int phase) const {
    return pixels[tile_of.size() + static_cast<std::size_t>(phase)];
  }

  OuterPlane plane;
  int phases = 0;
  std::size_t taps = 0;
  std::vector<Pixel> pixels;           // of the ifmap plane, row by row; after them a zero of each phase
  std::vector<int> tile_of, phase_of;  // of a pixel; phase -1: never multiplied
  std::vector<int> places;
  std::vector<std::uint8_t> valid;                // by class and tap
  std::vector<std::vector<std::uint32_t>> sorts;  // in each tile and phase

 private:
  void sort_pixels(const LayerShape& shape, const OuterMachine& machine, const StridePhases& phases);
  void place_pixels();
};

// The ifmap plane of an image: for each channel, tile and phase its pixels in raster order, those with a zero
// left out if zeros are skipped.
class OuterActivations {
 public:
  struct List {
    const std::uint32_t* pixels = nullptr;  // of OuterBand::pixels
    int count = 0, nonzeros = 0;
  };

  OuterActivations(const Layer& layer, const OuterMachine& machine, const SliceReader& ifmap,
                   const OuterBand& band, int group, int n);

  [[nodiscard]] List list(const OuterBand& band, int channel, int tile, int phase) const;
  // Of the ifmap RAMs of all tiles.
  [[nodiscard]] std::int64_t vectors() const { return vectors_; }

 private:
  void add(const OuterBand& band, int pixel, const std::int16_t* words, bool skip);

  int channels_;
  std::int64_t vectors_ = 0;
  std::vector<std::uint64_t> map_;
  std::vector<std::uint32_t> lists_;
  std::vector<int> counts_, nonzeros_;  // by channel, tile, phase
};

// The weights of a set's share of filters: for each channel and phase in the order filter, tap.
class OuterWeights {
 public:
  struct Weight {
    int tap = -1;  // -1: a zero
    std::uint32_t bank = 0;
  };
  struct List {
    const Weight* weights = nullptr;
    int count = 0, nonzeros = 0;
  };

  explicit OuterWeights(const LayerShape& shape) : phases_(shape) {}

  void read(const Layer& layer, const OuterMachine& machine, const SliceReader& weights,
            const OuterBand& band, Range filters);
  [[nodiscard]] List list(int channel, int phase) const;

 private:
  void add(int channel, int phase, const Weight& weight);

  StridePhases phases_;
  std::size_t channel_words_ = 0;    // places of a channel
  std::vector<std::size_t> starts_;  // of each phase, in a channel's places
  std::vector<Weight> lists_;
  std::vector<int> counts_, nonzeros_;  // by channel, phase
  std::vector<std::int16_t> filter_;
  std::vector<std::uint64_t> map_;
};

// What the weight vectors of one channel do to the banks, for an activation of each class.
class BankCounts {
 public:
  BankCounts(const OuterMachine& machine, int lanes);

  void forget(const OuterBand& band);  // the channel before
  // Makes the counts of a class, unless they are there.
  void make(const OuterBand& band, std::uint32_t sort, const OuterWeights::List& weights);
  // Valid until the next make().
  [[nodiscard]] const std::int16_t* of(const OuterBand::Pixel& pixel) const {
    return counts_.data() + starts_[pixel.sort] + pixel.turn;
  }
  // Products of an activation of a class that land.
  [[nodiscard]] int landing(std::uint32_t sort) const { return landing_[sort]; }

 private:
  std::size_t banks_, vector_, lanes_;
  std::vector<std::int16_t> counts_;
  std::size_t used_ = 0;
  std::uint64_t channel_ = 0;
  std::vector<std::uint64_t> made_;  // by class: for which channel
  std::vector<std::size_t> starts_;  // by class
  std::vector<int> landing_;         // by class
};

}  // namespace basil
