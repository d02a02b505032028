// The clocked twin of the inner-join array: clusters that broadcast chunks to units that join them. Nothing
// here is computed ahead of its cycle but which filters share a unit, which is software's.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/sparse_inner/join_unit.h"
#include "pe/sparse_inner/pairing.h"
#include "traces/encodings/slice.h"

namespace basil {

// The filters of a pass cut into chunks, and who holds which.
struct PackedFilters {
  std::vector<std::vector<PackedChunk>> chunks;     // by filter, chunk
  std::vector<std::vector<Collocated>> collocated;  // by chunk, unit
  std::int64_t encoded_bits = 0;

  // Cycles in which the port brings a chunk of every filter.
  [[nodiscard]] std::int64_t set_cycles(const InnerArray& array, std::int64_t chunk) const;

  PackedFilters(const Layer& layer, const InnerArray& array, Range filters);

 private:
  void collocate(const InnerArray& array, const std::vector<std::vector<std::int64_t>>& nonzeros);
};

class InnerCluster {
 public:
  // `pixels`: those of the pass that the cluster is dealt, in order.
  InnerCluster(const Layer& layer, const InnerArray& array, const TilePass& pass,
               const PackedFilters& filters, const FilterSets& sets, std::vector<std::int64_t> pixels);

  // `sets_there`: how many sets of filter chunks have come by the end of the cycle.
  void step(std::int64_t sets_there);
  void commit();
  [[nodiscard]] bool joining() const { return joining_.get(); }
  // Without the set it needs next.
  [[nodiscard]] bool waiting() const { return !joining_.get() && next_set_ < own_sets_; }
  // Has begun on the set, or is through with it; a set it does not use does not count.
  [[nodiscard]] bool begun(std::int64_t set) const { return set >= own_sets_ || set_.get() >= set; }
  [[nodiscard]] bool through(std::int64_t set) const {
    return set >= own_sets_ || (set_.get() == set && !joining_.get()) || set_.get() > set;
  }
  [[nodiscard]] bool uses(std::int64_t set) const { return set < own_sets_; }
  [[nodiscard]] bool pipes_empty() const;
  [[nodiscard]] bool has_pixels() const { return !pixels_.empty(); }
  [[nodiscard]] const std::vector<JoinUnit>& units() const { return units_; }  // that hold a filter
  [[nodiscard]] const InnerEvents& events() const { return events_; }
  [[nodiscard]] std::int64_t ifmap_bits() const { return ifmap_bits_; }
  [[nodiscard]] const std::vector<LeavingPsum>& sums() const { return sums_; }  // without the bias
  // Words of its pixels' patches that are not zero.
  [[nodiscard]] std::int64_t effectual_words() const;
  [[nodiscard]] std::vector<double> view() const;

 private:
  // Returns the bits that the buffer gave for it.
  std::int64_t read_patch(std::int64_t pixel, std::vector<std::int16_t>& patch) const;
  void broadcast(std::int64_t sets_there);
  void advance();
  void take_psums();

  const Layer& layer_;
  InnerArray array_;
  TilePass pass_;
  const PackedFilters& filters_;
  FilterSets sets_;
  SliceReader ifmap_;
  std::vector<std::int64_t> pixels_;
  std::int64_t own_sets_;  // that it uses
  std::vector<JoinUnit> units_;

  // The chunk to broadcast next: of a set and of a pixel, by its place in the group.
  std::int64_t next_set_ = 0, next_place_ = 0;
  std::vector<std::vector<std::int16_t>> patches_;  // of the group's pixels, as the buffer gives them
  PackedChunk ifmap_chunk_;

  Register<bool> joining_;
  Register<std::int64_t> pixel_, set_;
  std::vector<std::vector<std::int64_t>> accumulators_;  // by place and filter, behind the crossbar
  std::vector<LeavingPsum> leaving_;                     // in this cycle
  std::vector<LeavingPsum> sums_;
  InnerEvents events_;
  std::int64_t ifmap_bits_ = 0;
};

// Brings set after set into the clusters that use it.
class FilterPort {
 public:
  FilterPort(const InnerArray& array, const PackedFilters& filters, const FilterSets& sets)
      : array_(array), filters_(filters), sets_(sets) {}

  void step(const std::vector<InnerCluster>& clusters);
  // Sets that have come.
  [[nodiscard]] std::int64_t there() const { return there_; }

 private:
  InnerArray array_;
  const PackedFilters& filters_;
  FilterSets sets_;
  std::int64_t there_ = 1;
  std::int64_t beats_left_ = 0;  // of the set on its way
};

class InnerClocked final : public ClockedTile {
 public:
  InnerClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass);

  void step() override;
  [[nodiscard]] bool done() const override;
  [[nodiscard]] TileWork work() const override;
  void hand_over(Ofmap& sums) const override;
  [[nodiscard]] std::vector<std::int64_t> effectual_work() const override;
  [[nodiscard]] std::vector<double> view(int row) const override;

 private:
  [[nodiscard]] bool any_at_work() const;
  [[nodiscard]] std::int64_t pixels() const {
    return std::int64_t{pass_.n.size()} * pass_.rows.size() * layer_.shape.Q();
  }

  const Layer& layer_;
  InnerArray array_;
  TilePass pass_;
  PackedFilters filters_;
  FilterSets sets_;
  FilterPort port_;
  std::vector<InnerCluster> clusters_;
  std::int64_t cycles_ = 0;
  CycleAccount bins_;
};

[[nodiscard]] std::vector<ClockedSignal> inner_signals(const InnerArray& array);

}  // namespace basil
