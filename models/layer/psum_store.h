// A layer's psums where a machine keeps them between passes: narrowed to its width at the end of each.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "dataflows/schedule.h"
#include "models/layer/block_sums.h"
#include "models/result/result.h"
#include "traces/golden/golden.h"
#include "traces/golden/sum_width.h"

namespace basil {

// A psum that does not fit, and where: index as in Ofmap.
struct WidePsum {
  std::size_t output = 0;
  std::int64_t psum = 0;
};
// Puts it in the place of a narrower one.
void keep_wider(std::optional<WidePsum>& widest, const WidePsum& found);

class PsumStore {
 public:
  PsumStore() = default;
  // Of a layer, or a box of it, about to start. Where its operands are too small for any sum to overflow
  // nothing need be narrowed.
  PsumStore(const Layer& layer, const SumWidth& width, bool narrows);

  // Of a unit that writes its sums instead of adding to them: those that follow are of other channels, and
  // each pass ends with those so far added to its block.
  void set_aside();

  // The psums, to which a pass adds; no_sum (of fp32 NaN) before their first pass.
  [[nodiscard]] Ofmap& sums() { return sums_; }
  [[nodiscard]] const Ofmap& sums() const { return sums_; }

  // A pass has added all its products to the block: its psums are written, thus narrowed.
  void end(const OutputBlock& block);
  // A clocked array has put sums as wide as its accumulators in the place of those that end() has narrowed.
  void rewrite(const OutputBlock& block);

  // Once the layer is over.
  [[nodiscard]] SumStatistics statistics() const;
  // The widest psum that did not fit; none where all did.
  [[nodiscard]] const std::optional<WidePsum>& widest_overflow() const { return widest_overflow_; }

 private:
  // Calls `run(first, count)` for the outputs of a block, those of a pixel one after the other.
  template <class Run>
  void each_run(const OutputBlock& block, const Run& run) const;

  void add_earlier(std::size_t first, std::size_t count);
  [[nodiscard]] std::int64_t narrowed(std::int64_t sum) const;
  void write(std::size_t first, std::size_t count);
  void narrow(std::size_t first, std::size_t count);

  SumWidth width_;
  bool narrows_ = false;
  Ofmap sums_;
  std::optional<Ofmap> earlier_;    // of other channels
  std::vector<std::int64_t> lost_;  // by narrowing: what to add to a psum for the exact one
  std::vector<std::uint8_t> overflowed_;
  std::optional<WidePsum> widest_overflow_;
};

}  // namespace basil
