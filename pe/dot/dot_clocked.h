// The clocked twin of the dense dot-product array: PEs with an ifmap vector register, a weight vector
// register and a psum store, and the barrier at the end of the pass. Nothing here is computed ahead of its
// cycle.
#pragma once

#include <cstdint>
#include <vector>

#include "core/clocked.h"
#include "pe/dot/dot_work.h"

namespace basil {

// The operands of a pass, decoded: the ifmap group's words of all images of the pass, and the filters.
struct DotOperands {
  DotOperands(const Layer& layer, const TilePass& pass);

  // `count` words of the patch of an ofmap pixel, from place `first` of the reduction on; padding is 0.
  void patch(int n, int p, int q, std::int64_t first, std::int64_t count, std::int16_t* out) const;
  void filter(int k, std::int64_t first, std::int64_t count, std::int16_t* out) const;

  const LayerShape& shape;
  TilePass pass;
  std::vector<std::int16_t> ifmap, weights;
};

class DotPeClocked {
 public:
  // Its tile of the ofmap, its filters; `sums` (n, row, column, filter of the pass) takes finished ones.
  DotPeClocked(const DotMachine& machine, const DotOperands& operands, Range rows, Range cols, Range filters,
               std::vector<std::int64_t>& sums);

  void step(DotEvents& events);
  void commit();
  [[nodiscard]] bool done() const { return place_.get().n == operands_.pass.n.end; }
  // Products of the pass that neither operand makes zero.
  [[nodiscard]] std::int64_t effectual_products() const;
  [[nodiscard]] std::vector<double> view() const;

 private:
  // The next step: pixels and filters from those of the band and of the filters in the store.
  struct Place {
    int n = 0;
    int band = 0, resident = 0;  // first pixel of the band, first filter in the store
    std::int64_t vector = 0;
    int pixel = 0, filter = 0;
  };

  [[nodiscard]] int band_pixels(const Place& place) const;
  [[nodiscard]] int resident_filters(const Place& place) const;
  [[nodiscard]] Place after(Place place) const;
  void fetch(const Place& place, DotEvents& events);
  void finish(const Place& place, std::int64_t sum);

  DotMachine machine_;
  const DotOperands& operands_;
  Range rows_, cols_, filters_;
  std::vector<std::int64_t>& sums_;
  Register<Place> place_;
  std::vector<std::int16_t> ifmap_, weight_;  // vector registers
  std::vector<std::int64_t> psums_;           // by pixel and filter of the store
};

class DotClocked final : public ClockedTile {
 public:
  DotClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass);

  void step() override;
  [[nodiscard]] bool done() const override;
  [[nodiscard]] TileWork work() const override;
  void hand_over(Ofmap& sums) const override;
  [[nodiscard]] std::vector<std::int64_t> effectual_work() const override;
  [[nodiscard]] std::vector<double> view(int row) const override;

 private:
  const Layer& layer_;
  DotMachine machine_;
  DotOperands operands_;
  std::vector<std::int64_t> sums_;
  std::vector<DotPeClocked> pes_;
  std::vector<int> pe_of_row_;  // index into pes_; -1: unmapped
  DotEvents events_;
};

inline constexpr std::size_t dot_signal_count = 6;
[[nodiscard]] std::vector<ClockedSignal> dot_signals(const UnitParameters& parameters);

}  // namespace basil
