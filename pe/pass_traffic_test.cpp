#include "pe/pass_traffic.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/testing/property_check.h"
#include "traces/encodings/encode.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

Range draw_range(int end) {
  const int first = *anywhere_in(0, end);
  return {first, *anywhere_in(first, end) + 1};
}

TEST(PassTraffic, IfmapRowsLieBetweenTheFirstAndLastTap) {
  check_property(2000, [] {
    const LayerShape shape = testing::draw_layer(false).shape;
    const Range rows = draw_range(shape.P()), taps = draw_range(shape.R);
    int low = shape.H, high = -1;
    for (int p = rows.first; p < rows.end; ++p) {
      for (int r = taps.first; r < taps.end; ++r) {
        const int y = p * shape.stride_y - shape.pad_top + r * shape.dilation_y;
        low = std::min(low, y);
        high = std::max(high, y);
      }
    }
    const Range touched = ifmap_rows(shape, rows, taps);
    for (int y = 0; y < shape.H; ++y)
      RC_ASSERT((y >= touched.first && y < touched.end) == (y >= low && y <= high));
    RC_ASSERT(ifmap_rows(shape, rows) == ifmap_rows(shape, rows, {0, shape.R}));
  });
}

// The stretch as an operand of its own, or one a column where channels of other groups lie between.
TEST(PassTraffic, EncodedBitsAreThoseOfTheStretchesAlone) {
  check_property(2000, [] {
    const Layer layer = testing::draw_layer(false);
    const LayerShape& shape = layer.shape;
    const Operand& ifmap = layer.ifmap;
    const int group = *anywhere_in(0, shape.groups), depth = shape.channels_per_group();
    const IfmapStretch stretch{*anywhere_in(0, shape.N), *anywhere_in(0, shape.H), draw_range(shape.W)};
    const std::vector<std::int16_t> words = decode(ifmap);
    const int together = shape.groups == 1 ? stretch.columns.size() : 1;
    std::int64_t bits = 0;
    for (int x = stretch.columns.first; x < stretch.columns.end; x += together) {
      const auto first = words.begin() + ifmap.extent.at(stretch.n, stretch.y, x, group * depth);
      bits += encoded_bits(encode(ifmap.encoding, ifmap.dtype, {1, 1, together, depth},
                                  {first, first + std::ptrdiff_t{together} * depth}, ifmap.scales,
                                  settings_of(ifmap)));
    }
    RC_ASSERT(encoded_bits(SliceReader(ifmap), shape, group, stretch) == bits);
  });
}

TEST(PassTraffic, FinishedPsumsAreFourBytesEach) {
  const LayerShape shape{.N = 2, .C = 1, .H = 5, .W = 7, .K = 4, .R = 3, .S = 3};
  EXPECT_EQ(finished_psums(shape, {0, {0, 2}, {1, 4}, {0, 2}}), Bytes(4 * 2 * 3 * 2 * 5));
}

}  // namespace
}  // namespace basil
