#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pe/basis_first/drawn_work.h"
#include "pe/basis_first/events.h"

namespace basil::basis_first {
namespace {

// A slice, by its places among the signals of a row.
struct SliceRow {
  int window_terms, lanes_busy, queue_fill, stalled, multiplies;
};

// Of all slices of all blocks.
std::vector<SliceRow> seen(const ClockedTile& tile, const UnitParameters& parameters) {
  std::vector<SliceRow> slices;
  for (int row = 0; row < parameters.rows; ++row) {
    const std::vector<double> values = tile.view(row);
    for (std::size_t at = 0; at < values.size(); at += 5) {
      const auto value = [&](std::size_t i) { return static_cast<int>(values[at + i]); };
      slices.push_back({value(0), value(1), value(2), value(3), value(4)});
    }
  }
  return slices;
}

// What a slice did in a cycle against what was in its window before it.
void check_slice(const SliceRow& before, const SliceRow& after, const UnitParameters& parameters) {
  RC_ASSERT(after.lanes_busy <= before.window_terms);
  RC_ASSERT((after.lanes_busy > 0) == (before.window_terms > 0 && after.stalled == 0));
  RC_ASSERT(after.multiplies <= parameters.at("multipliers"));
  RC_ASSERT(after.queue_fill <= parameters.at("queue"));
  if (after.stalled != 0) RC_ASSERT(before.queue_fill == parameters.at("queue"));
}

// Clock by clock the slices' rows of a waveform add up to what the array booked in that cycle, and over the
// pass to what the unit says of it without a clock.
void compare_rows_with_work(const Work& work) {
  const bool plain = work.layer.weights.encoding != &basis_encoding;
  const auto fast = unit().array->make(work.layer, work.parameters);
  Ofmap sums = testing::untouched_ofmap(work.layer.shape);
  for (const TilePass& pass : draw_passes(work)) {
    const auto tile = unit().array->clocked(work.layer, work.parameters, pass);
    TileWork booked = tile->work();
    std::vector<SliceRow> slices = seen(*tile, work.parameters);
    std::int64_t products_seen = 0, terms_seen = 0;
    while (!tile->done()) {
      tile->step();
      const TileWork now = tile->work();
      const std::vector<SliceRow> before = std::move(slices);
      slices = seen(*tile, work.parameters);
      std::int64_t multiplies = 0, lanes = 0;
      for (std::size_t i = 0; i < slices.size(); ++i) {
        check_slice(before[i], slices[i], work.parameters);
        multiplies += slices[i].multiplies;
        lanes += slices[i].lanes_busy;
      }
      RC_ASSERT(multiplies == now.products - booked.products);
      RC_ASSERT(lanes ==
                (plain ? multiplies : now.uses[ternary_adds].count - booked.uses[ternary_adds].count));
      products_seen += multiplies;
      terms_seen += lanes;
      booked = now;
    }
    const TileWork done = fast->run(pass, sums);
    RC_ASSERT(products_seen == done.products);
    RC_ASSERT(terms_seen == (plain ? done.products : done.uses[ternary_adds].count));
    for (const SliceRow& slice : slices) RC_ASSERT(slice.lanes_busy + slice.stalled + slice.multiplies == 0);
  }
}

TEST(SliceView, OfSumFirstIsWhatItsTwinDid) {
  check_property(200, [] { compare_rows_with_work(draw_basis_work(0)); });
}

TEST(SliceView, OfConvolveFirstIsWhatItsTwinDid) {
  check_property(200, [] { compare_rows_with_work(draw_basis_work(1)); });
}

TEST(SliceView, OfPlainWeightsIsWhatItsTwinDid) {
  check_property(200, [] { compare_rows_with_work(draw_plain()); });
}

}  // namespace
}  // namespace basil::basis_first
