// The clocked twin of the inner-join array: clusters that broadcast chunks to units that join them. Nothing
// here is computed ahead of its cycle but which filters share a unit, which is software's.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/sparse_inner/join_unit.h"
#include "pe/sparse_inner/pairing.h"
#include "traces/slice.h"

namespace basil {

// The filters of a pass cut into chunks, and who holds which.
struct PackedFilters {
  std::vector<std::vector<PackedChunk>> chunks;     // by filter, chunk
  std::vector<std::vector<Collocated>> collocated;  // by chunk, unit
  std::int64_t encoded_bits = 0;

  PackedFilters(const Layer& layer, const InnerArray& array, Range filters);

 private:
  void collocate(const InnerArray& array, const std::vector<std::vector<std::int64_t>>& nonzeros);
};

class InnerCluster {
 public:
  // `pixels`: those of the pass that the cluster is dealt, in order.
  InnerCluster(const Layer& layer, const InnerArray& array, const TilePass& pass,
               const PackedFilters& filters, std::vector<std::int64_t> pixels);

  void step();
  void commit();
  [[nodiscard]] bool joining() const { return joining_.get(); }
  [[nodiscard]] bool pipes_empty() const;
  [[nodiscard]] bool has_pixels() const { return !pixels_.empty(); }
  [[nodiscard]] const std::vector<JoinUnit>& units() const { return units_; }  // that hold a filter
  [[nodiscard]] const InnerEvents& events() const { return events_; }
  [[nodiscard]] std::int64_t ifmap_bits() const { return ifmap_bits_; }
  [[nodiscard]] const std::vector<LeavingPsum>& sums() const { return sums_; }  // without the bias
  [[nodiscard]] std::vector<double> view() const;

 private:
  void fetch_patch(std::int64_t pixel);
  void broadcast();
  void take_psums();

  const Layer& layer_;
  InnerArray array_;
  TilePass pass_;
  const PackedFilters& filters_;
  SliceReader ifmap_;
  std::vector<std::int64_t> pixels_;
  std::vector<JoinUnit> units_;

  // The chunk to broadcast next.
  std::size_t next_pixel_ = 0;
  int next_chunk_ = 0;
  std::vector<std::int16_t> patch_;
  PackedChunk ifmap_chunk_;

  Register<bool> joining_;
  Register<std::int64_t> pixel_;
  Register<int> chunk_;
  std::vector<Register<std::int64_t>> accumulators_;  // by filter, behind the crossbar
  std::vector<LeavingPsum> leaving_;                  // in this cycle
  std::vector<LeavingPsum> sums_;
  InnerEvents events_;
  std::int64_t ifmap_bits_ = 0;
};

class InnerClocked final : public ClockedTile {
 public:
  InnerClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass);

  void step() override;
  [[nodiscard]] bool done() const override;
  [[nodiscard]] TileWork work() const override;
  void hand_over(Ofmap& sums) const override;
  [[nodiscard]] std::vector<double> view(int row) const override;

 private:
  [[nodiscard]] bool any_joining() const;

  const Layer& layer_;
  InnerArray array_;
  TilePass pass_;
  PackedFilters filters_;
  std::vector<InnerCluster> clusters_;
  std::int64_t cycles_ = 0;
  CycleAccount bins_;
};

[[nodiscard]] std::vector<ClockedSignal> inner_signals(const InnerArray& array);

}  // namespace basil
