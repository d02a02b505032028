// Leaps over repeating windows change nothing: the pass followed word by word is the same in every count.
#include "dataflows/row_stationary/row_flow.h"

#include <gtest/gtest.h>

#include "core/testing/property_check.h"
#include "dataflows/row_stationary/row_flow_array.h"

namespace basil {
namespace {

RowFlowShape draw_flow_shape() {
  RowFlowShape shape;
  shape.n = in(1, 2);
  shape.rows = in(1, 6);
  shape.windows = in(1, 90);
  shape.taps_y = in(1, 4);
  shape.taps_x = in(1, 4);
  shape.stride_y = in(1, 3);
  shape.stride_x = in(1, 5);
  shape.dilation_y = in(1, 2);
  shape.dilation_x = in(1, 3);
  const int p = in(1, 6), q = in(1, 4);
  const bool of_terms = *rc::gen::arbitrary<bool>();  // one or two slots a weight
  shape.slots.assign(static_cast<std::size_t>(in(1, 3)), {});
  for (std::vector<int>& set : shape.slots) {
    for (int filter = &set == &shape.slots.back() ? in(1, p) : p; filter > 0; --filter)
      set.push_back(of_terms ? in(1, 2) : 1);
  }
  shape.channels.assign(static_cast<std::size_t>(in(1, 3)), q);
  shape.channels.back() = in(1, q);
  shape.psums_in = *rc::gen::arbitrary<bool>();
  if (in(0, 3) == 0)
    shape.ahead = {.filter_beats = in(0, 20), .ifmap_cycles = in(0, 30), .ifmap_early = true};
  return shape;
}

RowArray draw_array(const RowFlowShape& shape) {
  const RowShape share{.n = shape.n,
                       .p = static_cast<int>(shape.slots.front().size()),
                       .q = shape.channels.front(),
                       .taps = shape.taps_x,
                       .stride = shape.stride_x,
                       .dilation = shape.dilation_x,
                       .windows = shape.windows,
                       .psums_in = false};
  RowArray array;
  array.pe.ifmap_spad = ifmap_spad_needed(share) + *rc::gen::element(0, 0, 2, 40);
  array.pe.filter_words_per_beat = in(1, 6);
  array.pe.pipeline = in(1, 4);
  array.ifmap_words_per_cycle = in(1, 4);
  array.ifmap_fifo = in(1, 6);
  array.psum_fifo = in(1, 8);
  array.psum_words_per_beat = in(1, 8);
  return array;
}

void expect_same(const RowBeats& a, const RowBeats& b) {
  RC_ASSERT(a.beats == b.beats);
  RC_ASSERT(a.words == b.words);
  RC_ASSERT(a.from == b.from);
  RC_ASSERT(a.until == b.until);
}

void expect_same(const RowFlow& a, const RowFlow& b) {
  RC_ASSERT(a.cycles.value == b.cycles.value);
  RC_ASSERT(a.slots_over.value == b.slots_over.value);
  for (const std::int64_t RowFlow::*count :
       {&RowFlow::products, &RowFlow::wait_weights, &RowFlow::wait_activations, &RowFlow::wait_psums,
        &RowFlow::noc, &RowFlow::drain, &RowFlow::imbalance})
    RC_ASSERT((a.*count) == (b.*count));
  expect_same(a.filter_bus, b.filter_bus);
  expect_same(a.ifmap_bus, b.ifmap_bus);
  expect_same(a.psum_in_bus, b.psum_in_bus);
  expect_same(a.psum_out_bus, b.psum_out_bus);
}

TEST(RowFlow, LeapsAndStepsAlike) {
  check_property(1000, [] {
    const RowFlowShape shape = draw_flow_shape();
    const RowArray array = draw_array(shape);
    expect_same(RowFlowArray(shape, array, nullptr).run(), RowFlowArray(shape, array, nullptr).run(false));
  });
}

TEST(RowFlow, CountsTheColumnsThatItsWindowsTouch) {
  check_property(300, [] {
    const RowFlowShape shape = draw_flow_shape();
    RC_ASSERT(touched_columns(shape) == ColumnOrder(shape).columns());
  });
}

// Whatever it could send.
TEST(RowFlow, APacedIfmapBusIsANarrowerOne) {
  check_property(300, [] {
    RowFlowShape shape = draw_flow_shape();
    const RowArray narrow = draw_array(shape);
    RowArray wide = narrow;
    wide.ifmap_words_per_cycle += in(0, 4);
    const RowFlow expected = flow_of(shape, narrow);
    shape.ifmap_words = narrow.ifmap_words_per_cycle;
    expect_same(flow_of(shape, wide), expected);
  });
}

}  // namespace
}  // namespace basil
