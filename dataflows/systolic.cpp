#include "dataflows/systolic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.h"
#include "pe/pass_traffic.h"

namespace basil {
namespace {

// Sizes of the pieces a layer is cut into, and which of them the grid's rows hold.
struct Fold {
  int pixels = 1, filters = 1, reduction = 1;
  bool weights_stay = true;
};

class GemmSchedule final : public Schedule {
 public:
  GemmSchedule(const LayerShape& shape, const Fold& fold)
      : shape_(shape),
        fold_(fold),
        pixels_(shape.N * shape.P() * shape.Q()),
        reduction_(static_cast<int>(shape.reduction())) {
    const auto count = [](int of, int by) { return static_cast<int>(ceil_div(of, by)); };
    bounds_ = {shape.groups, count(pixels_, fold.pixels), count(shape.filters_per_group(), fold.filters),
               count(reduction_, fold.reduction)};
  }

  std::optional<Step> next() override {
    if (done_) return std::nullopt;
    Step step = at_counters();
    step.id = id_++;
    previous_ = step;
    advance();
    return step;
  }

  [[nodiscard]] std::int64_t size() const override {
    std::int64_t steps = 1;
    for (const int bound : bounds_) steps *= bound;
    return steps;
  }

  [[nodiscard]] ReductionOrder reduction_order() const override {
    ReductionOrder order;
    for (int product = 0; product < reduction_; ++product) order.push_back(product / fold_.reduction);
    return order;
  }

  [[nodiscard]] std::string describe() const override {
    return fmt::format("tile={} pixels, folds={}x{}x{}", std::min(fold_.pixels, pixels_), bounds_[tile],
                       bounds_[reduction], bounds_[filter]);
  }

 private:
  enum Level : std::size_t { group, tile, filter, reduction, levels };

  void advance() {
    for (std::size_t level = levels; level-- > 0;) {
      if (++at_[level] < bounds_[level]) return;
      at_[level] = 0;
    }
    done_ = true;
  }

  // Whole ifmap rows, over the images the pixels lie in, that a tile touches.
  [[nodiscard]] FmapTile ifmap_tile(Range pixels, Range channels) const {
    const int row_pixels = shape_.Q();
    const int image_pixels = shape_.P() * row_pixels;
    const Range n{pixels.first / image_pixels, (pixels.end - 1) / image_pixels + 1};
    Range rows{0, shape_.P()};
    if (n.size() == 1) {
      rows = {pixels.first % image_pixels / row_pixels, (pixels.end - 1) % image_pixels / row_pixels + 1};
    }
    return {n, channels, ifmap_rows(shape_, rows)};
  }

  [[nodiscard]] Step at_counters() const {
    const int filters = shape_.filters_per_group();
    const Range chunk = piece(at_[filter], fold_.filters, filters);
    const GemmPass pass{.group = at_[group],
                        .pixels = piece(at_[tile], fold_.pixels, pixels_),
                        .reduction = piece(at_[reduction], fold_.reduction, reduction_),
                        .filters = {at_[group] * filters + chunk.first, at_[group] * filters + chunk.end},
                        .first = at_[reduction] == 0,
                        .last = at_[reduction] + 1 == bounds_[reduction]};
    const int depth = shape_.channels_per_group();
    Step step;
    step.pass = pass;
    step.ifmap = ifmap_tile(pass.pixels, {pass.group * depth, (pass.group + 1) * depth});
    step.ofmap = {
        step.ifmap.n, pass.filters, {pass.pixels.first / shape_.Q(), (pass.pixels.end - 1) / shape_.Q() + 1}};
    step.store_ofmap = pass.last;
    step.active_pes =
        std::int64_t{fold_.weights_stay ? pass.reduction.size() : pass.pixels.size()} * pass.filters.size();
    step.load_ifmap = !previous_ || !(step.ifmap == previous_->ifmap);
    step.load_weights = true;
    if (previous_) {
      const auto& before = std::get<GemmPass>(previous_->pass);
      step.load_weights = !(pass.filters == before.filters && pass.reduction == before.reduction);
    }
    return step;
  }

  LayerShape shape_;
  Fold fold_;
  int pixels_, reduction_;
  std::array<int, levels> bounds_{};
  std::array<int, levels> at_{};
  std::optional<Step> previous_;
  std::int64_t id_ = 0;
  bool done_ = false;
};

// The most ofmap rows (over all images) whose ifmap rows fit the buffer.
int rows_that_fit(const LayerShape& shape, const SystolicArray& array, const std::string& where) {
  const std::int64_t row_bytes = std::int64_t{shape.channels_per_group()} * shape.W * array.word_bytes;
  const std::int64_t image_bytes = row_bytes * shape.H;
  const std::int64_t images =
      std::min<std::int64_t>(shape.N, array.ifmap_buffer.value / std::max<std::int64_t>(1, image_bytes));
  if (images >= 1) return static_cast<int>(images) * shape.P();
  const std::int64_t window_rows = std::int64_t{shape.R - 1} * shape.dilation_y + 1;
  const std::int64_t held = array.ifmap_buffer.value / row_bytes;
  if (held < std::min<std::int64_t>(window_rows, shape.H)) {
    throw Error(where + ": buffer.bytes", fmt::format("{} bytes for ifmaps", array.ifmap_buffer.value),
                fmt::format("at least {}: the ifmap rows behind one ofmap row",
                            std::min<std::int64_t>(window_rows, shape.H) * row_bytes));
  }
  return static_cast<int>(
      std::min<std::int64_t>(shape.P(), std::max<std::int64_t>(0, held - window_rows) / shape.stride_y + 1));
}

}  // namespace

std::unique_ptr<Schedule> weight_stationary_schedule(const LayerShape& shape, const SystolicArray& array,
                                                     const std::string& where) {
  const std::int64_t fold_row_bytes =
      std::int64_t{std::min(array.cols, shape.filters_per_group())} * array.psum_bytes;
  const std::int64_t held = array.accumulators.value / fold_row_bytes;
  if (held < 1) {
    throw Error(where + ": accumulators.bytes", fmt::format("{} bytes", array.accumulators.value),
                fmt::format("at least {}: the psums of one pixel", fold_row_bytes));
  }
  const std::int64_t pixels = std::int64_t{rows_that_fit(shape, array, where)} * shape.Q();
  return std::make_unique<GemmSchedule>(shape, Fold{.pixels = static_cast<int>(std::min(pixels, held)),
                                                    .filters = array.cols,
                                                    .reduction = array.rows});
}

std::unique_ptr<Schedule> output_stationary_schedule(const LayerShape& shape, const SystolicArray& array,
                                                     const std::string& where) {
  const std::int64_t pixels = std::int64_t{rows_that_fit(shape, array, where)} * shape.Q();
  return std::make_unique<GemmSchedule>(
      shape, Fold{.pixels = static_cast<int>(std::min<std::int64_t>(pixels, array.rows)),
                  .filters = array.cols,
                  .reduction = static_cast<int>(shape.reduction()),
                  .weights_stay = false});
}

}  // namespace basil
