// An encoding is one file: what the library does with every encoding it does with the toy.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/testing/property_check.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"
#include "traces/encodings/slice.h"
#include "traces/golden/golden.h"
#include "traces/testing/random_layers.h"
#include "traces/testing/trace_surgery.h"

namespace basil {
namespace {

constexpr int works = 1000;

Encoding blocks() { return parse_encoding("blocks", "test"); }

// 20 positions, 3 in the first block and -1 in the last, short one: 8 + 4 values of 8 bits, 3 bits of map.
TEST(ToyEncoding, IsWorkedOutByHand) {
  std::vector<std::int16_t> dense(20);
  dense[5] = 3;
  dense[19] = -1;
  const Operand operand = encode(blocks(), Dtype::int8, {1, 1, 1, 20}, dense, {1.0F});
  check(operand, "toy");
  EXPECT_EQ(operand.values, (std::vector<std::int16_t>{0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, -1}));
  EXPECT_EQ(decode(operand), dense);
  EXPECT_EQ(encoded_bits(operand), 12 * 8 + 3);
  EXPECT_EQ(nonzeros(operand), 2);
}

TEST(ToyEncoding, IsCutAndReadLikeAnyOther) {
  check_property(works, [] {
    const Extent e{*anywhere_in(1, 6), *anywhere_in(1, 5), *anywhere_in(1, 5), *anywhere_in(1, 40)};
    const Operand weights = testing::draw_weights(blocks(), e);
    check(weights, "drawn");
    const std::vector<std::int16_t> dense = decode(weights);
    const auto positions = static_cast<int>(e.positions());
    const int first = *anywhere_in(0, positions), count = *anywhere_in(0, positions - first + 1);
    std::vector<std::int16_t> found(static_cast<std::size_t>(count), 99);
    SliceReader(weights).read(first, count, found.data());
    RC_ASSERT(found == std::vector<std::int16_t>(dense.begin() + first, dense.begin() + first + count));

    const int filter = *anywhere_in(0, e.outer), channel = *anywhere_in(0, e.depth);
    const std::vector<int> filters{filter, 0};
    const Operand taken = take_filters(weights, filters),
                  channels = take_channels(weights, {channel, e.depth});
    check(taken, "filters");
    check(channels, "channels");
    const std::vector<std::int16_t> of_filters = decode(taken);
    const auto size = static_cast<std::ptrdiff_t>(positions / e.outer);
    RC_ASSERT(std::equal(of_filters.begin(), of_filters.begin() + size, dense.begin() + filter * size));
    RC_ASSERT(channels.extent.depth == e.depth - channel);
    RC_ASSERT(decode(channels).front() == dense[static_cast<std::size_t>(channel)]);
  });
}

TEST(ToyEncoding, MeansWhatItDecodesToAndGoesThroughAFile) {
  const testing::TemporaryFolder folder;
  check_property(20, [&] {
    Trace trace;
    trace.name = "toy";
    trace.layers.push_back(testing::draw_layer_in(blocks()));
    Layer& layer = trace.layers.front();
    layer.ifmap = re_encode(layer.ifmap, blocks());  // it serves activations too
    check(layer);
    Layer dense = layer;
    dense.weights = re_encode(layer.weights, &dense_encoding);
    dense.ifmap = re_encode(layer.ifmap, &dense_encoding);
    RC_ASSERT(run_golden(layer).sums == run_golden(dense).sums);
    write_trace(trace, folder / "toy.npz");
    const Layer again = read_trace(folder / "toy.npz").layers.front();
    RC_ASSERT(again.weights == layer.weights && again.ifmap == layer.ifmap);
  });
}

}  // namespace
}  // namespace basil
