// The clocked twin of ConvolveFirst: its slices convolve channels, then sum intermediate maps, clock by
// clock.
#pragma once

#include <cstdint>
#include <vector>

#include "pe/basis_first/array_clocked.h"

namespace basil::basis_first {

class ConvolveFirstSlice final : public SliceClocked {
 public:
  explicit ConvolveFirstSlice(ClockedOperands& operands);

  // Stage A: one channel under one basis.
  void start_channel(int channel, int basis);
  // Stage B: an ofmap row, p from the pass's first, of one filter and basis.
  void start_row(int filter, int basis, int p);

  void step(Events& events) override;
  [[nodiscard]] bool done() const override;
  [[nodiscard]] SliceView view() const override;

 private:
  struct Tap {
    int r = 0, s = 0, y = 0, x = 0;  // of the grid
  };
  void next_value();
  void find_taps();
  void convolve(Events& events);
  void sum(Events& events);

  ClockedOperands& operands_;
  bool convolves_ = true;
  int basis_ = 0, channel_ = 0, filter_ = 0;
  int p_ = 0, q_ = 0, end_p_ = 0;  // ofmap value at work
  std::int64_t accumulated_ = 0;   // of the value
  std::vector<Tap> taps_;          // stage A: to come
  LaneWindowClocked window_;       // stage B
  std::int64_t terms_ = 0;         // stage B: of the value, so far
};

class ConvolveFirstClocked final : public ArrayClocked {
 public:
  ConvolveFirstClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass);

 private:
  bool start_next() override;
  [[nodiscard]] int slices_used() const override;
  void load();
  void start_channels();
  void start_row();

  bool convolves_ = true;                    // stage A
  int first_channel_ = 0, first_basis_ = 0;  // of the rounds at work
  int first_filter_ = 0, p_ = 0;             // stage B: of the pass
};

}  // namespace basil::basis_first
