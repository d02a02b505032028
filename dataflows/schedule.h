// How a layer is cut up for an array: a lazily generated list of passes and what each must have at hand.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <typeinfo>
#include <utility>

#include "pe/pass.h"
#include "traces/golden/sum_width.h"

namespace basil {

// A block of feature map: ifmaps x channels x rows, all columns. Channels count from 0 over all groups.
struct FmapTile {
  Range n, channels, rows;
  friend bool operator==(const FmapTile&, const FmapTile&) = default;
};

// Weights that a pass draws: of each filter channels x taps, or a stretch of its products.
struct WeightSlice {
  Range filters = {};              // of the layer's K
  Range channels = {};             // of a group
  Range taps_y = {}, taps_x = {};  // filter rows and columns
  Range reduction = {};            // where not empty instead: of R * S * C/groups, C innermost
  bool whole = false;              // filters with all that their encoding keeps of them
  friend auto operator<=>(const WeightSlice&, const WeightSlice&) = default;
};

// Sums that a pass adds to: of these filters at each of these pixels.
struct OutputBlock {
  Range filters = {};  // of the layer's K
  Range images = {};   // each with `pixels`; flat: the first alone
  Range pixels = {};   // of P * Q, those of whole rows
  bool flat = false;   // `pixels` count on over all images, and end anywhere

  // Those of an image, which has `of` of them.
  [[nodiscard]] Range pixels_of(int image, int of) const {
    if (!flat) return pixels;
    return {std::max(pixels.first - image * of, 0), std::min(pixels.end - image * of, of)};
  }
};

// A pass in its dataflow's own words, such as RowPass; cheap to copy.
class OwnPass {
 public:
  OwnPass() = default;
  template <class Pass>
  explicit OwnPass(Pass pass) : type_(&typeid(Pass)), held_(std::make_shared<const Pass>(std::move(pass))) {}

  // Null where it is of another dataflow.
  template <class Pass>
  [[nodiscard]] const Pass* as() const {
    return type_ != nullptr && *type_ == typeid(Pass) ? static_cast<const Pass*>(held_.get()) : nullptr;
  }

 private:
  const std::type_info* type_ = nullptr;
  std::shared_ptr<const void> held_;
};

// One pass and the state of the fmap buffer around it. (What of the weights is still in the filter buffer
// depends on their encoded bytes: whoever runs the schedule keeps account.)
struct Step {
  std::int64_t id = 0;  // 0, 1, 2, ... over the layer
  OwnPass pass;
  std::int64_t active_pes = 0;
  WeightSlice weights;
  OutputBlock outputs;
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
