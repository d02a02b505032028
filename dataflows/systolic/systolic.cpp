#include "dataflows/systolic/systolic.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

#include "core/error.h"
#include "pe/pass_traffic.h"

namespace basil {
namespace {

// Sizes of the pieces a layer is cut into, and which of them the grid's rows hold.
struct Fold {
  int pixels = 1, filters = 1, reduction = 1;
  bool weights_stay = true;
};

// What of the ofmap the ifmap buffer serves at a time: several whole images, or rows of one.
struct Block {
  int images = 1, rows = 1;
};

int count(int of, int by) { return static_cast<int>(ceil_div(of, by)); }

class GemmSchedule final : public Schedule {
 public:
  GemmSchedule(const LayerShape& shape, const Block& held, const Fold& fold)
      : shape_(shape), block_(held), fold_(fold), reduction_(static_cast<int>(shape.reduction())) {
    row_blocks_ = count(shape.P(), held.rows);
    bounds_ = {shape.groups, count(shape.N, held.images) * row_blocks_, 0,
               count(shape.filters_per_group(), fold.filters), count(reduction_, fold.reduction)};
    enter_block();
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
    std::int64_t tiles = 0;
    for (int i = 0; i < bounds_[block]; ++i) tiles += count(pixels_of(i).size(), fold_.pixels);
    return tiles * bounds_[group] * bounds_[filter] * bounds_[reduction];
  }

  [[nodiscard]] ReductionOrder reduction_order() const override {
    ReductionOrder order;
    for (int product = 0; product < reduction_; ++product) order.push_back(product / fold_.reduction);
    return order;
  }

  [[nodiscard]] std::string describe() const override {
    return fmt::format("block={}x{} rows, tile={} pixels, folds={}x{}", block_.images, block_.rows,
                       std::min(fold_.pixels, pixels_of(0).size()), bounds_[reduction], bounds_[filter]);
  }

 private:
  enum Level : std::size_t { group, block, tile, filter, reduction, levels };

  [[nodiscard]] Range images_of(int index) const {
    return piece(index / row_blocks_, block_.images, shape_.N);
  }
  [[nodiscard]] Range rows_of(int index) const { return piece(index % row_blocks_, block_.rows, shape_.P()); }
  // Of N * P * Q.
  [[nodiscard]] Range pixels_of(int index) const {
    const Range n = images_of(index), rows = rows_of(index);
    const int first = (n.first * shape_.P() + rows.first) * shape_.Q();
    return {first, first + n.size() * rows.size() * shape_.Q()};
  }

  void enter_block() { bounds_[tile] = count(pixels_of(at_[block]).size(), fold_.pixels); }

  void advance() {
    for (std::size_t level = levels; level-- > 0;) {
      if (++at_[level] < bounds_[level]) {
        enter_block();
        return;
      }
      at_[level] = 0;
    }
    done_ = true;
  }

  // Images and, of a single one, rows that hold these pixels.
  [[nodiscard]] FmapTile ofmap_tile(Range pixels, Range filters) const {
    const int row = shape_.Q(), image = shape_.P() * row;
    const Range n{pixels.first / image, (pixels.end - 1) / image + 1};
    if (n.size() > 1) return {n, filters, {0, shape_.P()}};
    return {n, filters, {pixels.first % image / row, (pixels.end - 1) % image / row + 1}};
  }

  [[nodiscard]] Step at_counters() const {
    const int filters = shape_.filters_per_group(), depth = shape_.channels_per_group();
    const Range chunk = piece(at_[filter], fold_.filters, filters);
    const Range all = pixels_of(at_[block]), part = piece(at_[tile], fold_.pixels, all.size());
    const GemmPass pass{.group = at_[group],
                        .pixels = {all.first + part.first, all.first + part.end},
                        .reduction = piece(at_[reduction], fold_.reduction, reduction_),
                        .filters = {at_[group] * filters + chunk.first, at_[group] * filters + chunk.end},
                        .first = at_[reduction] == 0,
                        .last = at_[reduction] + 1 == bounds_[reduction]};
    Step step;
    step.pass = OwnPass(pass);
    step.weights = {.filters = pass.filters, .channels = {0, depth}, .reduction = pass.reduction};
    step.outputs = fold_outputs(pass);
    step.ifmap = {images_of(at_[block]),
                  {pass.group * depth, (pass.group + 1) * depth},
                  ifmap_rows(shape_, rows_of(at_[block]))};
    step.ofmap = ofmap_tile(pass.pixels, pass.filters);
    step.store_ofmap = pass.last;
    step.active_pes =
        std::int64_t{fold_.weights_stay ? pass.reduction.size() : pass.pixels.size()} * pass.filters.size();
    step.load_ifmap = !previous_ || !(step.ifmap == previous_->ifmap);
    return step;
  }

  LayerShape shape_;
  Block block_;
  Fold fold_;
  int reduction_, row_blocks_ = 1;
  std::array<int, levels> bounds_{};
  std::array<int, levels> at_{};
  std::optional<Step> previous_;
  std::int64_t id_ = 0;
  bool done_ = false;
};

// The ifmap of a group behind `rows` ofmap rows of an image.
std::int64_t ifmap_bytes(const LayerShape& shape, const SystolicArray& array, int rows) {
  const std::int64_t window =
      std::int64_t{rows - 1} * shape.stride_y + std::int64_t{shape.R - 1} * shape.dilation_y + 1;
  return std::min<std::int64_t>(window, shape.H) * shape.W * shape.channels_per_group() * array.word_bytes;
}

Block largest_block(const LayerShape& shape, const SystolicArray& array, std::int64_t room,
                    const std::string& where) {
  const std::int64_t images = room / ifmap_bytes(shape, array, shape.P());
  if (images >= 1) return {static_cast<int>(std::min<std::int64_t>(images, shape.N)), shape.P()};
  if (ifmap_bytes(shape, array, 1) > room) {
    throw Error(
        where + ": buffers.fmaps.bytes", fmt::format("{} bytes for ifmaps", room),
        fmt::format("at least {}: the ifmap rows behind one ofmap row", ifmap_bytes(shape, array, 1)));
  }
  int low = 1, high = shape.P();  // bytes grow with the rows
  while (high - low > 1) {
    const int middle = low + (high - low) / 2;
    (ifmap_bytes(shape, array, middle) <= room ? low : high) = middle;
  }
  return {1, low};
}

std::unique_ptr<Schedule> gemm_schedule(const LayerShape& shape, const SystolicArray& array, Fold fold,
                                        const std::string& where) {
  const std::int64_t psums_a_pixel =
      std::int64_t{std::min(fold.filters, shape.filters_per_group())} * array.psum_bytes;
  const std::int64_t for_psums = array.accumulators.value / (array.accumulators_apart ? 1 : 2);
  if (for_psums < psums_a_pixel) {
    throw Error(where + ": buffers.accumulators.bytes", fmt::format("{} bytes for psums", for_psums),
                fmt::format("at least {}: those of one pixel", psums_a_pixel));
  }
  const std::int64_t all = std::int64_t{shape.N} * shape.P() * shape.Q();
  fold.pixels = static_cast<int>(std::min({std::int64_t{fold.pixels}, all, for_psums / psums_a_pixel}));
  const std::int64_t room =
      array.ifmap_buffer.value - (array.accumulators_apart ? 0 : fold.pixels * psums_a_pixel);
  return std::make_unique<GemmSchedule>(shape, largest_block(shape, array, room, where), fold);
}

}  // namespace

OutputBlock fold_outputs(const GemmPass& pass) {
  return {.filters = pass.filters, .images = {0, 1}, .pixels = pass.pixels, .flat = true};
}

std::unique_ptr<Schedule> weight_stationary_schedule(const LayerShape& shape, const SystolicArray& array,
                                                     const std::string& where) {
  return gemm_schedule(shape, array,
                       {.pixels = std::numeric_limits<int>::max(),
                        .filters = array.cols,
                        .reduction = array.rows,
                        .weights_stay = true},
                       where);
}

std::unique_ptr<Schedule> output_stationary_schedule(const LayerShape& shape, const SystolicArray& array,
                                                     const std::string& where) {
  return gemm_schedule(shape, array,
                       {.pixels = array.rows,
                        .filters = array.cols,
                        .reduction = static_cast<int>(shape.reduction()),
                        .weights_stay = false},
                       where);
}

}  // namespace basil
