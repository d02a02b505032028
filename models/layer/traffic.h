// Bytes that the slices of a layer take between chip and DRAM, from the real data.
#pragma once

#include <cstdint>
#include <vector>

#include "core/units.h"
#include "dataflows/schedule.h"
#include "models/description/description.h"
#include "traces/encodings/run_length_code.h"
#include "traces/encodings/slice.h"
#include "traces/golden/requantise.h"
#include "traces/trace.h"

namespace basil {

// The least a layer needs on a machine: see Bound in models/result/result.h.
[[nodiscard]] std::int64_t effectual_macs(const Layer& layer);

// `coded_ifmap`: the ifmap comes coded as the machine's feature maps are. Keeps references to the layer and
// the machine.
class LayerTraffic {
 public:
  LayerTraffic(const Layer& layer, const Description& machine, bool coded_ifmap);

  // From DRAM for a step, and what the slice takes in the filter buffer.
  [[nodiscard]] Bytes weights(const Step& step) const;
  [[nodiscard]] Bytes ifmap(const FmapTile& tile) const;
  // Of the block of sums that a step finishes, on its way out after ReLU and requantisation.
  [[nodiscard]] Bytes ofmap(const Step& step, const Ofmap& sums) const;
  // All of it, each output once.
  [[nodiscard]] Bytes all_ofmap(const Ofmap& sums) const;
  // Outputs in it.
  [[nodiscard]] std::int64_t outputs(const Step& step) const;
  // The same block in the buffer.
  [[nodiscard]] Bytes ofmap_in_buffer(const Step& step) const;

  [[nodiscard]] Bytes ifmap_tile_in_buffer(const FmapTile& tile) const;
  [[nodiscard]] std::int64_t ifmap_words(const FmapTile& tile) const;
  [[nodiscard]] Bytes all_weights() const;
  [[nodiscard]] Bytes encoded_weights() const;  // as the trace holds them, whatever the machine does
  [[nodiscard]] Bytes needed_ifmap() const;     // rows that some window touches
  // Whether the ifmap goes through the coder on its way in; and uses of the coder for words that come to so
  // many bytes.
  [[nodiscard]] bool codes_ifmap() const { return coder_ != nullptr && (coded_ifmap_ || coder_->in_buffer); }
  [[nodiscard]] std::int64_t coder_uses(Bytes coded, std::int64_t words) const {
    return coder_->uses(coded, words, machine_.word_bits());
  }
  // Outputs that leave the chip as other than zero.
  [[nodiscard]] std::int64_t nonzero_outputs(const Ofmap& sums) const;

 private:
  void count_ifmap_pairs();
  [[nodiscard]] Range pixels(const Step& step, int n) const;
  // Marks the outputs of one pixel, filters `filters`, that leave the chip as other than the zero point.
  void mark_nonzeros(const Ofmap& sums, std::size_t pixel, Range filters, std::uint8_t* marks) const;
  // Of a stretch of image n's pixels, all these filters.
  [[nodiscard]] Bytes coded_ofmap(const Ofmap& sums, int n, Range filters, Range pixels) const;
  [[nodiscard]] std::int64_t pairs(int n, int channel, Range rows) const;
  // `values` coded levels (pairs or non-zeros) of `positions` words.
  [[nodiscard]] Bytes coded(std::int64_t values, std::int64_t positions) const;
  [[nodiscard]] Bytes words(std::int64_t count) const {
    return Bytes(ceil_div(count * machine_.word_bits(), 8));
  }

  const Layer& layer_;
  const Description& machine_;
  SliceReader weights_;
  const FmapCoder* coder_;  // of the machine's feature maps; null where they leave as they are
  bool coded_ifmap_;
  std::vector<std::int32_t> pairs_before_;  // [n][channel][row 0..H]: pairs (non-zeros) of the rows before
  std::vector<ZeroSums> zero_sums_;         // by k
};

// One byte a position, 1 where the operand is not zero, in the order of Extent.
[[nodiscard]] std::vector<std::uint8_t> nonzero_mask(const Operand& operand);

}  // namespace basil
