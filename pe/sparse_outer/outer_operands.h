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

// The ifmap plane of an image as streams: for a channel and phase the pixels of tile after tile, each in
// raster order, those with a zero left out if zeros are skipped.
class OuterActivations {
 public:
  struct Stream {
    const OuterBand::Entry* entries = nullptr;
    const int* by_tile = nullptr;  // entries of each tile
    int count = 0, nonzeros = 0;
    std::int64_t vectors = 0;
  };

  OuterActivations(const Layer& layer, const OuterMachine& machine, const SliceReader& ifmap,
                   const OuterBand& band, int group, int n);
  // Streams point into it.
  OuterActivations(const OuterActivations&) = delete;
  OuterActivations(OuterActivations&&) noexcept = default;

  [[nodiscard]] const Stream& stream(std::size_t index) const { return streams_[index]; }
  // Indices of the streams that hold anything: channel * phases + phase, in order.
  [[nodiscard]] const std::vector<std::size_t>& busy() const { return busy_; }
  // Of the ifmap RAMs of all tiles.
  [[nodiscard]] std::int64_t vectors() const { return vectors_; }

 private:
  using Visit = void (OuterActivations::*)(const OuterBand&, int, const std::int16_t*);
  void each_pixel(const OuterBand& band, Visit visit);
  void count(const OuterBand& band, int pixel, const std::int16_t* words);
  void place(const OuterBand& band, int pixel, const std::int16_t* words);
  void lay_streams(const OuterMachine& machine, int tiles);

  int channels_, phases_;
  bool skip_;
  std::int64_t vectors_ = 0;
  std::vector<std::int16_t> words_;  // of the plane, channels innermost
  std::vector<std::uint64_t> map_;
  std::vector<OuterBand::Entry> entries_;
  std::vector<int> counts_;        // by channel, phase, tile
  std::vector<std::size_t> next_;  // the same: where the next entry goes
  std::vector<Stream> streams_;    // by channel, phase
  std::vector<std::size_t> busy_;
};

// The weights of a set's share of filters: for each channel and phase in the order filter, tap.
class OuterWeights {
 public:
  struct Weight {
    int tap = 0;  // past the last: a zero
    std::uint32_t bank = 0;
  };
  struct List {
    const Weight* weights = nullptr;
    int count = 0, nonzeros = 0;
    int vectors = 0;
  };

  explicit OuterWeights(const LayerShape& shape) : phases_(shape) {}

  void read(const Layer& layer, const OuterMachine& machine, const SliceReader& weights,
            const OuterBand& band, Range filters);
  // Of a stream: channel * phases + phase.
  [[nodiscard]] List list(std::size_t stream) const;
  // Of all streams.
  [[nodiscard]] std::int64_t vectors() const { return vectors_; }

 private:
  void make_room(const LayerShape& shape, const OuterMachine& machine, int filters);
  void add(int channel, int phase, const Weight& weight, bool zero);

  StridePhases phases_;
  std::size_t channel_words_ = 0;    // places of a channel
  std::vector<std::size_t> starts_;  // of each phase, in a channel's places
  std::vector<Weight> lists_;
  std::vector<int> counts_, nonzeros_;  // by channel, phase
  std::vector<int> vectors_for_;        // so many weights
  std::int64_t vectors_ = 0;
  std::vector<int> phase_of_;  // of a tap
  std::vector<std::int16_t> filter_;
  std::vector<std::uint64_t> map_;
};

// What the weight vectors of one channel and phase do to the banks, for an activation of each class. Made for
// the classes that occur. Lane: see bank_queues.h.
template <class Lane>
class BankCounts {
 public:
  BankCounts(const OuterMachine& machine, int lanes);

  // The next stream of weights. Without conflicts no counts by bank are made.
  void begin(const OuterBand& band, const OuterWeights::List& weights, bool conflicts);
  // Finds for each entry the place of its counts; returns how many of its products land.
  [[nodiscard]] std::int64_t find(const OuterBand& band, const OuterBand::Entry* entries, int count,
                                  std::uint32_t* places);
  // Counts by bank with the first weight vector at a place; with the next one 2 * lanes words further.
  [[nodiscard]] const Lane* counts() const { return counts_.data(); }
  // Of an entry that was found: a product with the last weight vector lands.
  [[nodiscard]] bool last_lands(OuterBand::Entry entry) const {
    return classes_[entry >> OuterBand::turn_bits].last_lands;
  }

 private:
  struct Class {
    std::uint64_t made = 0;  // for which stream
    std::uint32_t start = 0;
    int landing = 0;
    bool last_lands = false;
  };

  void make(const OuterBand& band, std::uint32_t sort);

  std::size_t banks_, vector_, lanes_;
  OuterWeights::List weights_;
  bool conflicts_ = true;
  std::uint64_t stream_ = 0;
  std::size_t used_ = 0;
  std::vector<Lane> counts_;
  std::vector<Class> classes_;
};

extern template class BankCounts<std::int8_t>;
extern template class BankCounts<std::int16_t>;

}  // namespace basil
