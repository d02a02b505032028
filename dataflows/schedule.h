// How a layer is cut up for an array: a lazily generated list of passes and what each must have at hand.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "pe/pass.h"
#include "traces/golden/sum_width.h"

namespace basil {

// A block of feature map: ifmaps x channels x rows, all columns. Channels count from 0 over all groups.
struct FmapTile {
  Range n, channels, rows;
  friend bool operator==(const FmapTile&, const FmapTile&) = default;
};

// One pass and the state of the fmap buffer around it. (What of the weights is still in the filter buffer
// depends on their encoded bytes: whoever runs the schedule keeps account.)
struct Step {
  std::int64_t id = 0;  // 0, 1, 2, ... over the layer
  std::variant<RowPass, GemmPass, TilePass> pass;
  std::int64_t active_pes = 0;
  FmapTile ifmap;            // rows clipped to the ifmap: padding is made on the way to the PEs
  bool load_ifmap = false;   // the tile is not in the buffer yet
  FmapTile ofmap;            // block the sums belong to
  bool store_ofmap = false;  // the block is complete after this pass and leaves the chip
  // Of a layer that is cut in channels: sums of the channels before come back from the buffer; the block goes
  // there and waits for the channels to come.
  bool psums_in = false, psums_out = false;
};

class Schedule {
 public:
  virtual ~Schedule() = default;
  // The next step, or nothing after the last.
  virtual std::optional<Step> next() = 0;
  // Number of steps in all.
  [[nodiscard]] virtual std::int64_t size() const = 0;
  // In which pass each product of an output is added; the same for all outputs. Here: all in one.
  [[nodiscard]] virtual ReductionOrder reduction_order() const { return {}; }
  // The choices made, in the dataflow's own letters, for the report.
  [[nodiscard]] virtual std::string describe() const = 0;
};

// The block of `of` that is `index`th when cut into pieces of `size`.
[[nodiscard]] Range piece(int index, int size, int of);

}  // namespace basil
