// One multiplier behind an inner join, clock by clock: masks, operand buffers, encoder and pipe.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "core/clocked.h"
#include "pe/sparse_inner/inner_array.h"
#include "pe/sparse_inner/packed_chunk.h"

namespace basil {

// What a cluster sends to its units.
struct ChunkBroadcast {
  const PackedChunk* ifmap = nullptr;
  std::int64_t pixel = 0;  // of the pass
  std::int64_t place = 0;  // among the pixels of the group: where its psums are kept
  int chunk = 0;
  bool ends_pixel = false;
};

// A filter's share of a unit for a chunk.
struct FilterChunk {
  int filter = -1;  // place in the pass; -1 for none
  const PackedChunk* packed = nullptr;
};

// A sum on its way out: of a pixel, or of a chunk of it where psums are routed.
struct LeavingPsum {
  int filter = 0;
  std::int64_t pixel = 0, place = 0, psum = 0;
  bool starts_pixel = false, ends_pixel = false;
};

class JoinUnit {
 public:
  // `group`: pixels whose psums it keeps.
  JoinUnit(const InnerArray& array, std::int64_t group)
      : array_(array), kept_(static_cast<std::size_t>(group)) {}

  // Writes the chunk into the buffers that are not being read; it is joined from the next cycle on.
  void load(const ChunkBroadcast& broadcast, const std::array<FilterChunk, 2>& filters, InnerEvents& events);
  // Joins, multiplies and accumulates one slot each. Appends the psums that leave.
  void step(std::vector<LeavingPsum>& leaving, InnerEvents& events);
  void commit();

  // Of the cycle last stepped: compute, gated, or imbalance where there was nothing to join.
  [[nodiscard]] Bin bin() const { return bin_; }
  // Nothing will be left to join after the cycle being stepped.
  [[nodiscard]] bool finishes() const { return finishes_; }
  [[nodiscard]] bool pipe_empty() const { return !operands_.get().valid && !product_.get().from.valid; }

  // For the waveform.
  [[nodiscard]] bool joining() const { return cursor_.get().joining; }
  [[nodiscard]] std::int64_t matches_left() const;
  [[nodiscard]] std::int16_t ifmap_word() const { return operands_.get().ifmap; }
  [[nodiscard]] std::int16_t weight() const { return operands_.get().weight; }
  [[nodiscard]] std::int64_t product() const { return product_.get().product; }
  [[nodiscard]] std::int64_t psum(std::size_t which) const { return psums_[which].get(); }

 private:
  // Of the chunk being joined.
  struct Tag {
    std::int64_t pixel = 0, place = 0;
    bool starts_pixel = false, ends_pixel = false;
  };
  // Where the priority encoder goes on: filter and position.
  struct Cursor {
    bool joining = false, first = false;  // the chunk's first slot
    std::size_t which = 0;
    std::int64_t position = 0;
  };
  struct Match {
    bool found = false;
    std::size_t which = 0;
    std::int64_t position = 0;
  };
  // Between encoder and multiplier. `first`, `last`: the unit's slots of the chunk.
  struct Operands {
    bool valid = false, multiplies = false, first = false, last = false;
    std::size_t which = 0;
    std::array<int, 2> filters{-1, -1};
    Tag tag;
    std::int16_t ifmap = 0, weight = 0;
  };
  // Between multiplier and adder.
  struct Product {
    Operands from;
    std::int64_t product = 0;
  };
  struct HeldFilter {
    int filter = -1, chunk = -1;
    PackedChunk packed;
  };

  void load_filter(std::size_t which, const FilterChunk& filter, int chunk, InnerEvents& events);
  [[nodiscard]] const PackedChunk& ifmap() const {
    return ifmap_[static_cast<std::size_t>(ifmap_side_.get())];
  }
  [[nodiscard]] const HeldFilter& filter(std::size_t which) const {
    return filters_[which][static_cast<std::size_t>(filter_side_[which].get())];
  }
  [[nodiscard]] std::uint64_t common(std::size_t which, std::size_t word) const;
  // The first match from there on.
  [[nodiscard]] Match find(std::size_t which, std::int64_t position) const;
  [[nodiscard]] Match find_after(const Match& match) const { return find(match.which, match.position + 1); }
  [[nodiscard]] Operands join(InnerEvents& events);
  void accumulate(const Product& product, std::vector<LeavingPsum>& leaving, InnerEvents& events);
  [[nodiscard]] std::int64_t psum_before(const Operands& from, std::size_t which, InnerEvents& events) const;

  InnerArray array_;

  // Double buffers: one side is read, the other written.
  std::array<PackedChunk, 2> ifmap_;
  std::array<std::array<HeldFilter, 2>, 2> filters_;  // by which, side
  Register<int> ifmap_side_;
  std::array<Register<int>, 2> filter_side_;
  Register<Tag> tag_;  // of the chunk being joined

  Register<Cursor> cursor_;
  Register<Operands> operands_;
  Register<Product> product_;
  std::array<Register<std::int64_t>, 2> psums_;
  std::vector<std::array<std::int64_t, 2>> kept_;  // the psum store: by place in the group

  // Of the cycle being stepped.
  bool finishes_ = true;
  Bin bin_ = Bin::imbalance;
};

}  // namespace basil
