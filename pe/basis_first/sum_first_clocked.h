// The clocked twin of SumFirst: stage 1, queue and stage 2 of every slice move every clock.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/basis_first/array_clocked.h"

namespace basil::basis_first {

class SumFirstSlice final : public SliceClocked {
 public:
  explicit SumFirstSlice(const ClockedOperands& operands);

  // A row of the grid for one filter and basis.
  void start(int filter, int basis, int row);

  void step(Events& events) override;
  void commit() override;
  [[nodiscard]] bool done() const override;
  [[nodiscard]] SliceView view() const override;
  [[nodiscard]] PixelStoreClocked& pixels() { return pixels_; }

 private:
  // A sum of stage 1 and the pixel it belongs to.
  struct Sum {
    std::int64_t value = 0;
    int column = 0;
  };
  // A tap that meets an ofmap value.
  struct Tap {
    int r = 0, s = 0, p = 0, q = 0;
  };
  // The sum that stage 2 works on, and the taps to come.
  struct Operand {
    Sum sum;
    std::vector<Tap> taps;
  };

  void open_window();
  void step_stage_1(Events& events);
  void step_stage_2(Events& events);
  void next_pixel();
  [[nodiscard]] std::vector<Tap> taps_of(int column) const;
  [[nodiscard]] std::ptrdiff_t taps_without_conflict(const std::vector<Tap>& taps) const;

  const ClockedOperands& operands_;
  int filter_ = 0, basis_ = 0, row_ = 0;
  // Stage 1
  PixelStoreClocked pixels_;
  LaneWindowClocked window_;
  bool open_ = false;             // the window, on the pixel at work
  int column_ = 0;                // of the pixel at work; the grid's width after the last
  std::int64_t accumulated_ = 0;  // of the pixel
  std::int64_t terms_ = 0;        // of the pixel, so far
  // Between the stages
  Fifo<Sum> queue_;
  // Stage 2
  Register<Operand> operand_;
};

class SumFirstClocked final : public ArrayClocked {
 public:
  SumFirstClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass);

 private:
  bool start_next() override;
  [[nodiscard]] int slices_used() const override;
  [[nodiscard]] int rows_completed() const override;

  void feed(int block, int slices);

  int row_ = -1;         // of the grid, at work
  int first_basis_ = 0;  // of the round of bases at work
};

}  // namespace basil::basis_first
