// The operands of a sparse outer-product pass as lists of non-zeros, channel by channel and phase by phase.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/sparse_outer/outer_band.h"
#include "traces/encodings/slice.h"
#include "traces/trace.h"

namespace basil {

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

}  // namespace basil
