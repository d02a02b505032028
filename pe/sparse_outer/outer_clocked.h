// The clocked twin of the sparse outer-product array: PEs (outer_pe_clocked.h), the barrier that ends a
// round, and the halo exchange after it. Nothing here is computed ahead of its cycle.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "pe/sparse_outer/outer_pe_clocked.h"

namespace basil {

class OuterClocked final : public ClockedTile {
 public:
  OuterClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass);

  void step() override;
  [[nodiscard]] bool done() const override { return band_ == bands_.size(); }
  [[nodiscard]] TileWork work() const override;
  void hand_over(Ofmap& sums) const override;
  [[nodiscard]] std::vector<std::int64_t> effectual_work() const override;  // of the first round
  [[nodiscard]] std::vector<double> view(int row) const override;

 private:
  void load_band();
  void load_image();
  void load_weights(Range share, OuterWeightStreams& streams) const;
  void begin_round();
  void end_round();
  void next_round();
  [[nodiscard]] bool all_at_barrier() const;
  [[nodiscard]] bool all_gave() const;
  [[nodiscard]] std::size_t streams() const;
  [[nodiscard]] std::size_t place_of(int n, int p, int q, int k) const;  // in sums_
  [[nodiscard]] const OuterPlane& plane() const { return bands_[band_]; }

  const Layer& layer_;
  OuterMachine machine_;
  TilePass pass_;
  StridePhases phases_;
  std::vector<std::int16_t> weights_;  // of the pass's filters
  std::vector<OuterPlane> bands_;

  // The round at work: a band, an image, filters. After the last, band_ is past the end.
  std::size_t band_ = 0;
  int n_ = 0;
  std::vector<Range> rounds_;
  std::size_t round_ = 0;
  std::vector<Range> shares_;                             // of each set; empty ones have no PEs
  std::vector<OuterActivationStreams> activations_;       // of each tile
  std::vector<OuterWeightStreams> weight_streams_;        // of each set
  std::vector<std::unique_ptr<OuterPeClocked>> pes_;      // by index in the array; null: unmapped
  std::vector<std::vector<OuterPeClocked*>> pe_of_tile_;  // of each set

  OuterEvents events_;
  std::int64_t ifmap_bits_ = 0, ifmap_vectors_ = 0;  // in all; in the RAMs of all sets
  std::vector<std::int64_t> sums_;                   // of the pass: n, row, column, filter
};

inline constexpr std::size_t outer_signal_count = 8;
[[nodiscard]] std::vector<ClockedSignal> outer_signals(const UnitParameters& parameters);

}  // namespace basil
