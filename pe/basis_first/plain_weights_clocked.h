// The clocked twin of PlainWeights: the multipliers of every slice draw from their window every clock.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/basis_first/array_clocked.h"

namespace basil::basis_first {

class PlainSlice final : public SliceClocked {
 public:
  explicit PlainSlice(const ClockedOperands& operands);

  // A row of the ofmap, p from the pass's first, under weights in the order r, s, channel; the slice's rows
  // of the reduction are first_row, first_row + slices, ...
  void start(int filter, const std::vector<std::int16_t>& weights, int p, int first_row);

  void step(Events& events) override;
  [[nodiscard]] bool done() const override;
  [[nodiscard]] SliceView view() const override;

 private:
  void next_value();
  [[nodiscard]] LaneTerm operands_at(int row, int lane) const;

  const ClockedOperands& operands_;
  int filter_ = 0, p_ = 0, first_row_ = 0;
  const std::vector<std::int16_t>* weights_ = nullptr;
  LaneWindowClocked window_;
  int q_ = 0;                     // of the ofmap value at work
  std::int64_t accumulated_ = 0;  // of the value
  std::int64_t terms_ = 0;        // of the value, so far
  SliceView view_;
};

class PlainWeightsClocked final : public ArrayClocked {
 public:
  PlainWeightsClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass);

 private:
  bool start_next() override;
  [[nodiscard]] int slices_used() const override;

  std::vector<std::vector<std::int16_t>> weights_;  // of each block's filter
  int p_ = -1;
};

}  // namespace basil::basis_first
