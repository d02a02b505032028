// Layers cut into boxes: the boxes' sums are the layer's.
#include "traces/pieces/layer_box.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/testing/property_check.h"
#include "traces/encodings/encode.h"
#include "traces/golden/golden.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

// Two stretches of the axis, or one.
std::vector<Range> cut_in_two(int of) {
  const int cut = *anywhere_in(0, of);
  if (cut == 0) return {{0, of}};
  return {{0, cut}, {cut, of}};
}

std::vector<Range> cut_plane(const PlaneAxis& axis) {
  const std::vector<Range> cut = cut_in_two(axis.out);
  const bool all_see_ifmap =
      std::all_of(cut.begin(), cut.end(), [&](Range range) { return axis.behind(range).size() > 0; });
  return all_see_ifmap ? cut : std::vector<Range>{{0, axis.out}};
}

// Boxes that cover the layer, each axis cut anywhere.
std::vector<LayerBox> draw_boxes(const LayerShape& shape) {
  const int unit = shape.groups > 1 ? shape.filters_per_group() : 1;
  std::vector<LayerBox> boxes;
  const auto images = cut_in_two(shape.N), units = cut_in_two(shape.K / unit);
  const auto rows = cut_plane(down(shape)), columns = cut_plane(across(shape));
  const auto channels = cut_in_two(shape.channels_per_group());
  for (const Range& n : images) {
    for (const Range& p : rows) {
      for (const Range& q : columns) {
        for (const Range& k : units) {
          for (const Range& c : channels) boxes.push_back({n, p, q, {k.first * unit, k.end * unit}, c});
        }
      }
    }
  }
  return boxes;
}

// Adds a box's sums to the layer's.
template <class Sum>
void add(const LayerBox& box, const Ofmap& part, const std::vector<Sum>& from, const Ofmap& whole,
         std::vector<Sum>& to) {
  if (from.empty()) return;  // of the other kind
  for (int n = 0; n < part.N; ++n) {
    for (int p = 0; p < part.P; ++p) {
      for (int q = 0; q < part.Q; ++q) {
        for (int k = 0; k < part.K; ++k) {
          to[whole.at(box.images.first + n, box.rows.first + p, box.columns.first + q,
                      box.filters.first + k)] += from[part.at(n, p, q, k)];
        }
      }
    }
  }
}

TEST(LayerBox, SumsOfTheBoxesAreThoseOfTheLayer) {
  check_property(1000, [] {
    const bool real = *anywhere_in(0, 8) == 0;
    const Layer layer =
        real ? testing::draw_layer(true) : testing::draw_layer_in(testing::draw_any_encoding());
    const Ofmap whole = run_golden(layer);
    Ofmap sums = whole;
    std::fill(sums.sums.begin(), sums.sums.end(), 0);
    std::fill(sums.reals.begin(), sums.reals.end(), 0.0);
    const LayerCutter cutter(layer);
    for (const LayerBox& box : draw_boxes(layer.shape)) {
      const Layer part = cutter.cut(box);
      check(part);
      RC_ASSERT(part.shape == shape_of(layer.shape, box));
      const Ofmap of_box = run_golden(part);
      RC_ASSERT(of_box.N == box.images.size());
      RC_ASSERT(of_box.P == box.rows.size());
      RC_ASSERT(of_box.Q == box.columns.size());
      RC_ASSERT(of_box.K == box.filters.size());
      add(box, of_box, of_box.sums, whole, sums.sums);
      add(box, of_box, of_box.reals, whole, sums.reals);
    }
    RC_ASSERT(sums.sums == whole.sums);
    if (!real) return;
    const std::vector<double> bound = fp32_bound(layer);
    for (std::size_t i = 0; i < bound.size(); ++i)
      RC_ASSERT(std::abs(sums.reals[i] - whole.reals[i]) <= bound[i]);
  });
}

// A row of 10 words, 3 taps, one word of padding on each side: 10 ofmap columns. In two pieces, columns 0-4
// need words -1..5, of which 0..5 are real: 6 words, padding on the left alone; columns 5-9 need words 4..10:
// 6 words, padding on the right alone. 12 words for 10: two more, the halo of R - stride = 2 at the seam.
TEST(LayerBox, LoadsTheHaloAndPadsAtTheEdgesAlone) {
  const LayerShape shape{.W = 10, .S = 3, .pad_left = 1, .pad_right = 1};
  LayerBox box = box_of(shape);
  box.columns = {0, 5};
  const LayerShape left = shape_of(shape, box);
  EXPECT_EQ(left.W, 6);
  EXPECT_EQ(left.pad_left, 1);
  EXPECT_EQ(left.pad_right, 0);
  EXPECT_EQ(left.Q(), 5);
  box.columns = {5, 10};
  const LayerShape right = shape_of(shape, box);
  EXPECT_EQ(right.W, 6);
  EXPECT_EQ(right.pad_left, 0);
  EXPECT_EQ(right.pad_right, 1);
  EXPECT_EQ(right.Q(), 5);
}

// Stride 3, dilation 2, 3 taps: a window spans 5 words. Of 20 words, ofmap columns 2 and 3 (of 6) begin at
// words 6 and 9: words 6..13, 8 of them.
TEST(LayerBox, CountsStrideAndDilation) {
  const LayerShape shape{.W = 20, .S = 3, .stride_x = 3, .dilation_x = 2};
  ASSERT_EQ(shape.Q(), 6);
  EXPECT_EQ(across(shape).behind({2, 4}), (Range{6, 14}));
  LayerBox box = box_of(shape);
  box.columns = {2, 4};
  EXPECT_EQ(shape_of(shape, box).W, 8);
  EXPECT_EQ(shape_of(shape, box).Q(), 2);
}

// The bias belongs to the first channels: it is added once.
TEST(LayerBox, GivesTheBiasToTheFirstChannels) {
  Layer layer;
  layer.name = "a";
  layer.shape = {.C = 4, .K = 1};
  layer.weights = encode(&dense_encoding, Dtype::int8, {1, 1, 1, 4}, {1, 2, 3, 4}, {1.0F});
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 1, 1, 4}, {5, 6, 7, 8}, {1.0F});
  layer.bias = {100};
  const LayerCutter cutter(layer);
  LayerBox box = box_of(layer.shape);
  box.channels = {0, 2};
  EXPECT_EQ(run_golden(cutter.cut(box)).sums, std::vector<std::int64_t>{100 + 1 * 5 + 2 * 6});
  box.channels = {2, 4};
  EXPECT_EQ(run_golden(cutter.cut(box)).sums, std::vector<std::int64_t>{3 * 7 + 4 * 8});
}

}  // namespace
}  // namespace basil
