// What systolic arrays bring from DRAM and hold in their buffers, against counts written from the loop nest
// that dataflows/systolic/systolic.h states, and against numbers done by hand.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "dataflows/systolic/systolic.h"
#include "models/layer/filter_ring.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

struct Machine {
  SystolicArray array;
  std::int64_t filter_buffer = 0;
  bool weights_stay = true;
};

std::unique_ptr<Schedule> schedule_of(const LayerShape& shape, const Machine& machine) {
  return machine.weights_stay ? weight_stationary_schedule(shape, machine.array, "test")
                              : output_stationary_schedule(shape, machine.array, "test");
}

struct Traffic {
  std::int64_t weights = 0, ifmap = 0;
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

// Ifmap rows from the first tap of ofmap row `first` to the last tap of row end - 1, those on padding left
// out.
Range rows_behind(const LayerShape& s, int first, int end) {
  Range rows{s.H, 0};
  const int top = first * s.stride_y - s.pad_top;
  const int bottom = (end - 1) * s.stride_y - s.pad_top + (s.R - 1) * s.dilation_y;
  for (int y = std::max(0, top); y < s.H && y <= bottom; ++y) rows = {std::min(rows.first, y), y + 1};
  return rows;
}

// Bytes that a step has in the ifmap buffer; every row its pixels need is there, of every image.
std::int64_t held_bytes(const LayerShape& s, const Step& step) {
  const auto& pass = *step.pass.as<GemmPass>();
  for (int pixel = pass.pixels.first; pixel < pass.pixels.end; ++pixel) {
    const int n = pixel / (s.P() * s.Q()), p = pixel / s.Q() % s.P();
    const Range rows = rows_behind(s, p, p + 1);
    RC_ASSERT(step.ifmap.n.first <= n);
    RC_ASSERT(n < step.ifmap.n.end);
    if (rows.end == 0) continue;  // padding alone
    RC_ASSERT(step.ifmap.rows.first <= rows.first);
    RC_ASSERT(rows.end <= step.ifmap.rows.end);
  }
  return std::int64_t{step.ifmap.n.size()} * step.ifmap.rows.size() * s.W * step.ifmap.channels.size();
}

Traffic run(const LayerShape& shape, const Machine& machine) {
  Traffic traffic;
  FilterRing ring{Bytes(machine.filter_buffer)};
  const LayerBox box = box_of(shape);
  const auto schedule = schedule_of(shape, machine);
  while (const auto step = schedule->next()) {
    const auto& pass = *step->pass.as<GemmPass>();
    const std::int64_t ifmap = held_bytes(shape, *step) * machine.array.word_bytes;
    const std::int64_t psums =
        std::int64_t{pass.pixels.size()} * pass.filters.size() * machine.array.psum_bytes;
    RC_ASSERT(psums <= machine.array.accumulators.value);
    RC_ASSERT(ifmap + (machine.array.accumulators_apart ? 0 : psums) <= machine.array.ifmap_buffer.value);
    if (step->load_ifmap) traffic.ifmap += ifmap;
    const Bytes slice(std::int64_t{pass.reduction.size()} * pass.filters.size() * machine.array.word_bytes);
    if (ring.holds(FilterRing::slice_of(*step, box))) continue;
    ring.put(FilterRing::slice_of(*step, box), slice);
    traffic.weights += slice.value;
  }
  return traffic;
}

// The same from the loop nest alone: group, block of ifmap, tile of pixels; the ifmap once a block; a group's
// weights once where all of them fit the filter buffer, else once a tile.
Traffic by_the_loops(const LayerShape& s, const Machine& machine) {
  const SystolicArray& array = machine.array;
  const std::int64_t depth = s.C / s.groups, filters = s.K / s.groups;
  const std::int64_t psums = std::min<std::int64_t>(array.cols, filters) * array.psum_bytes;
  const std::int64_t room_for_psums = array.accumulators.value / (array.accumulators_apart ? 1 : 2);
  std::int64_t tile = std::min<std::int64_t>(room_for_psums / psums, std::int64_t{s.N} * s.P() * s.Q());
  if (!machine.weights_stay) tile = std::min<std::int64_t>(tile, array.rows);
  const std::int64_t room = array.ifmap_buffer.value - (array.accumulators_apart ? 0 : tile * psums);
  const std::int64_t row = s.W * depth * array.word_bytes;
  const auto bytes = [&](int rows) {
    return row * std::min(s.H, (rows - 1) * s.stride_y + (s.R - 1) * s.dilation_y + 1);
  };
  int images = 0, rows = 0;
  while (images < s.N && (images + 1) * bytes(s.P()) <= room) ++images;
  while (rows < s.P() && bytes(rows + 1) <= room) ++rows;

  Traffic group;
  std::int64_t tiles = 0;
  const auto block = [&](int n, int first, int end) {
    const Range behind = rows_behind(s, first, end);
    group.ifmap += n * row * std::max(0, behind.size());
    tiles += (std::int64_t{n} * (end - first) * s.Q() + tile - 1) / tile;
  };
  for (int n = 0; n < s.N; n += std::max(1, images)) {
    if (images > 0) {
      block(std::min(images, s.N - n), 0, s.P());
    } else {
      for (int p = 0; p < s.P(); p += rows) block(1, p, std::min(s.P(), p + rows));
    }
  }
  const std::int64_t weights = filters * depth * s.R * s.S * array.word_bytes;
  group.weights = weights * (weights <= machine.filter_buffer ? 1 : tiles);
  return {group.weights * s.groups, group.ifmap * s.groups};
}

TEST(SystolicTraffic, IsThatOfTheLoopsAndFitsTheBuffers) {
  int ran = 0;
  check_property(1500, [&] {
    LayerShape shape = testing::draw_shape(*rc::gen::element(Kind::conv, Kind::depthwise, Kind::fc));
    shape.N = *anywhere_in(1, 6);
    const Machine machine{.array = {.rows = *anywhere_in(1, 10),
                                    .cols = *anywhere_in(1, 10),
                                    .ifmap_buffer = Bytes(*anywhere_in(60, 4000)),
                                    .accumulators = Bytes(*anywhere_in(60, 2000)),
                                    .accumulators_apart = *anywhere_in(0, 3) > 0,
                                    .word_bytes = *anywhere_in(1, 3)},
                          .filter_buffer = *anywhere_in(1, 3000),
                          .weights_stay = *anywhere_in(0, 2) == 0};
    try {
      (void)schedule_of(shape, machine);
    } catch (const Error&) { return; }
    ++ran;
    const Traffic found = run(shape, machine), wanted = by_the_loops(shape, machine);
    RC_ASSERT(found.weights == wanted.weights);
    RC_ASSERT(found.ifmap == wanted.ifmap);
  });
  EXPECT_GE(ran, 1000);
}

// Three images of 4 x 5 words of 6 channels, 120 bytes each, in 250 bytes: two images, then one. All come in
// once: 360 bytes. A tile of 7 pixels never reaches from an image that is there into one that is not.
TEST(SystolicTraffic, HoldsWholeImagesAsFarAsTheyFit) {
  const LayerShape shape{.N = 3, .C = 6, .H = 4, .W = 5, .K = 2};
  const Machine machine{
      .array = {.rows = 8, .cols = 8, .ifmap_buffer = Bytes(250), .accumulators = Bytes(7 * 2 * 4)},
      .filter_buffer = 12};
  EXPECT_EQ(run(shape, machine), (Traffic{.weights = 12, .ifmap = 360}));
  // One byte less for the filters: for each of the tiles, 6 of the first 40 pixels and 3 of the other 20.
  Machine smaller = machine;
  smaller.filter_buffer = 11;
  EXPECT_EQ(run(shape, smaller), (Traffic{.weights = 9 * 12, .ifmap = 360}));
}

// 6 rows, 3 of them behind an ofmap row, 20 bytes each: 4 rows of 80 bytes serve 2 ofmap rows, so the 4 ofmap
// rows take 2 blocks of 4 rows, 160 bytes: the 2 rows at the seam come in twice.
TEST(SystolicTraffic, BringsInTheRowsAtASeamTwice) {
  const LayerShape shape{.C = 2, .H = 6, .W = 10, .K = 3, .R = 3};
  const Machine machine{.array = {.rows = 4, .cols = 4, .ifmap_buffer = Bytes(99)}, .filter_buffer = 100};
  EXPECT_EQ(run(shape, machine), (Traffic{.weights = 18, .ifmap = 160}));
}

}  // namespace
}  // namespace basil
