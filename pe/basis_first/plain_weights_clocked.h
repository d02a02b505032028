// The clocked twin of PlainWeights: the multipliers of every slice draw from their window every clock.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/basis_first/array_clocked.h"

namespace basil::basis_first {

class PlainSlice final : public SliceClocked {
 public:
  // Its rows of the reduction are first_row, first_row + slices, ...
  PlainSlice(const ClockedOperands& operands, int first_row);

  // A row of the ofmap, p from the pass's first, under weights in the order r, s, channel.
  void start(int filter, const std::vector<std::int16_t>& weights, int p);

  void step(Events& events) override;
  void commit() override;
  [[nodiscard]] bool done() const override;
  [[nodiscard]] SliceView view() const override;
  [[nodiscard]] PixelStoreClocked& pixels() { return pixels_; }

 private:
  void next_part();
  void open_window();
  [[nodiscard]] LaneTerm operands_at(std::int64_t first, int row, int lane) const;

  const ClockedOperands& operands_;
  PixelPlaces places_;
  std::int64_t rows_;  // of the reduction, that are its own
  int filter_ = 0, p_ = 0, first_row_ = 0;
  const std::vector<std::int16_t>* weights_ = nullptr;
  PixelStoreClocked pixels_;
  LaneWindowClocked window_;
  bool open_ = false;             // the window, on the part at work
  int q_ = 0;                     // of the ofmap value at work
  std::int64_t part_ = 0;         // of the value
  std::int64_t accumulated_ = 0;  // of the part
  std::int64_t terms_ = 0;        // of the part, so far
};

class PlainWeightsClocked final : public ArrayClocked {
 public:
  PlainWeightsClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass);

 private:
  bool start_next() override;
  [[nodiscard]] int slices_used() const override;
  void feed(int block);
  [[nodiscard]] RowFeedClocked::Item part_of(const std::vector<PixelStoreClocked*>& stores, int q,
                                             std::int64_t first_row, std::int64_t end_row) const;

  std::vector<std::vector<std::int16_t>> weights_;  // of each block's filter
  int p_ = -1;
};

}  // namespace basil::basis_first
