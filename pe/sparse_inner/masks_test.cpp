#include "pe/sparse_inner/masks.h"

#include <gtest/gtest.h>

#include "core/testing/property_check.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

bool bit(const std::uint64_t* words, std::int64_t at) { return ((words[at / 64] >> (at % 64)) & 1) != 0; }

TEST(SparseInnerMasks, CopiesAnyStretchToAnyPlace) {
  check_property(2000, [] {
    const auto from = *rc::gen::container<std::vector<std::uint64_t>>(5, rc::gen::arbitrary<std::uint64_t>());
    const int first = *anywhere_in(0, 320), at = *anywhere_in(0, 200);
    const int count = *anywhere_in(0, 320 - first + 1);
    std::vector<std::uint64_t> out(10);
    copy_bits(from.data(), first, count, out.data(), at);
    for (int place = 0; place < 640; ++place) {
      const bool inside = place >= at && place < at + count;
      RC_ASSERT(bit(out.data(), place) == (inside && bit(from.data(), first + place - at)));
    }
  });
}

TEST(SparseInnerMasks, MapsTheNonzerosOfEveryEncoding) {
  check_property(1000, [] {
    const Extent extent{*anywhere_in(1, 4), *anywhere_in(1, 5), *anywhere_in(1, 5), *anywhere_in(1, 30)};
    const Operand operand = testing::draw_operand(Dtype::int8, extent, false);
    const NonzeroMap map(operand);
    const std::vector<std::int16_t> values = decode(operand);
    for (std::size_t i = 0; i < values.size(); ++i) {
      RC_ASSERT(bit(map.words(), static_cast<std::int64_t>(i)) == (values[i] != 0));
    }
  });
}

TEST(SparseInnerMasks, OnesEndWithThePositions) {
  EXPECT_EQ(ones(64), std::vector<std::uint64_t>{~std::uint64_t{0}});
  EXPECT_EQ(ones(67), (std::vector<std::uint64_t>{~std::uint64_t{0}, 7}));
}

}  // namespace
}  // namespace basil
