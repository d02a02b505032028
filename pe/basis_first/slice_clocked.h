// A slice of a block, clock by clock, and what all kinds of it share.
#pragma once

#include <cstdint>
#include <vector>

#include "core/clocked.h"
#include "pe/basis_first/events.h"
#include "pe/basis_first/lane_window_clocked.h"
#include "pe/basis_first/tile_input.h"

namespace basil::basis_first {

// What the slices of an array work on.
struct ClockedOperands {
  ClockedOperands(const Layer& work, const Design& array, const TilePass& block);

  const Layer& layer;
  const Design& design;
  const TilePass& pass;
  TileInput input;                         // of the image at work
  std::vector<std::int16_t> coefficients;  // K, M, C/groups; empty for plain weights
  int n = 0;                               // the image
  std::vector<std::vector<std::int64_t>>
      maps;  // intermediate ones: of each basis, pixel by pixel, channels innermost

  [[nodiscard]] std::int64_t activation(int row, int column, int channel) const {
    return input.plane(channel)[std::int64_t{row} * input.grid().columns + column];
  }
  // At a position of the reduction (r, s, channel) of an ofmap value; p from the pass's first row.
  [[nodiscard]] std::int64_t reduction(int p, int q, std::int64_t at) const;
  // Of a channel; 0 beyond the last.
  [[nodiscard]] std::int64_t coefficient(int filter, int basis, int channel) const;
  [[nodiscard]] std::int64_t kernel(int basis, int r, int s) const;
  // Place of a psum among those of the pass; p from the pass's first ofmap row.
  [[nodiscard]] std::size_t psum(int filter, int p, int q) const;
};

// A value on its way to a psum.
struct PsumAdd {
  std::size_t psum = 0;
  std::int64_t value = 0;
};

// A slice as a waveform shows it.
struct SliceView {
  int window_terms = 0;  // effectual ones, before the coming cycle
  int lanes_busy = 0;    // in the cycle before
  int queue_fill = 0;
  int stalled = 0;     // stage 1, in the cycle before, by a full queue
  int multiplies = 0;  // products in the cycle before
};

class SliceClocked {
 public:
  virtual ~SliceClocked() = default;
  // One cycle; adds what it did, and the bins of its multipliers, to the events.
  virtual void step(Events& events) = 0;
  virtual void commit() { leaving_.commit(); }
  // The work it was given is done, except for what is leaving.
  [[nodiscard]] virtual bool done() const = 0;
  [[nodiscard]] virtual SliceView view() const = 0;
  // A cycle without work.
  void rest() {
    leaving_.set({});
    view_ = {};
  }
  // What the psums take in this cycle.
  [[nodiscard]] const std::vector<PsumAdd>& leaving() const { return leaving_.get(); }

 protected:
  Register<std::vector<PsumAdd>> leaving_;
  SliceView view_;  // of the cycle before; what can be read off the registers is not kept here
};

}  // namespace basil::basis_first
