#include "traces/encodings/encode.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/error.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/operand.h"
#include "traces/encodings/run_length.h"
#include "traces/encodings/slice.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

Extent draw_extent() {
  const auto axis = [](int high) { return *rc::gen::resize(100, rc::gen::inRange(1, high)); };
  return {axis(5), axis(6), axis(6), axis(80)};
}

RC_GTEST_PROP(Operand, DecodesToWhatWasEncoded, ()) {
  const Extent extent = draw_extent();
  const Dtype dtype = *rc::gen::element(Dtype::int4, Dtype::int8, Dtype::uint8, Dtype::int16);
  const int zeros = *rc::gen::element(0, 50, 95, 100);
  const std::vector<std::int16_t> dense = testing::draw_values(dtype, extent.positions(), zeros);
  const Operand operand = encode(testing::draw_encoding(), dtype, extent, dense, {1.0F},
                                 RunLength{.run_bits = *rc::gen::inRange(1, 17), .runs = {}});
  check(operand, "drawn");
  RC_ASSERT(decode(operand) == dense);
  RC_ASSERT(nonzeros(operand) == std::count_if(dense.begin(), dense.end(), [](auto v) { return v != 0; }));
  const Operand other = re_encode(operand, testing::draw_encoding());
  check(other, "re-encoded");
  RC_ASSERT(decode(other) == dense);
}

RC_GTEST_PROP(Operand, DecodesRealsToWhatWasEncoded, ()) {
  const Extent extent = draw_extent();
  const std::vector<float> dense = testing::draw_reals(extent.positions(), 60);
  const Operand operand = encode_real(testing::draw_encoding(), extent, dense,
                                      RunLength{.run_bits = *rc::gen::inRange(1, 17), .runs = {}});
  check(operand, "drawn");
  RC_ASSERT(decode_real(operand) == dense);
  RC_ASSERT(decode_real(re_encode(operand, testing::draw_encoding())) == dense);
}

RC_GTEST_PROP(SliceReader, ReadsWhatDecodingGives, ()) {
  const Extent extent = draw_extent();
  const int zeros = *rc::gen::element(0, 50, 95, 100);
  const std::vector<std::int16_t> dense = testing::draw_values(Dtype::int8, extent.positions(), zeros);
  const Encoding encoding = testing::draw_encoding();
  const OwnParts settings = testing::draw_settings(encoding);
  const Operand operand = encode(encoding, Dtype::int8, extent, dense, {1.0F}, settings);
  const SliceReader reader(operand);
  const std::int64_t first = *rc::gen::inRange<std::int64_t>(0, extent.positions() + 1);
  const std::int64_t count = *rc::gen::inRange<std::int64_t>(0, extent.positions() - first + 1);
  const std::vector<std::int16_t> expected(dense.begin() + first, dense.begin() + first + count);
  std::vector<std::int16_t> found(expected.size(), 99);
  reader.read(first, count, found.data());
  RC_ASSERT(found == expected);
  if (count == 0) return;
  // Shipped by itself, the stretch is an operand of its own.
  const Operand alone =
      encode(encoding, Dtype::int8, {1, 1, 1, static_cast<int>(count)}, expected, {1.0F}, settings);
  RC_ASSERT(reader.nonzeros(first, count) == nonzeros(alone));
  RC_ASSERT(reader.encoded_bits(first, count) == encoded_bits(alone));
}

RC_GTEST_PROP(SliceReader, ReadsReals, ()) {
  const Extent extent = draw_extent();
  const std::vector<float> dense = testing::draw_reals(extent.positions(), 60);
  const Operand operand = encode_real(testing::draw_encoding(), extent, dense);
  const std::int64_t first = *rc::gen::inRange<std::int64_t>(0, extent.positions());
  std::vector<float> found(static_cast<std::size_t>(extent.positions() - first));
  SliceReader(operand).read(first, extent.positions() - first, found.data());
  RC_ASSERT(found == std::vector<float>(dense.begin() + first, dense.end()));
}

// 70 positions, non-zeros at 2 and 69: bits of the map and of two values.
TEST(Operand, CountsTheBitsOfABitmap) {
  std::vector<std::int16_t> dense(70);
  dense[2] = 7;
  dense[69] = -1;
  const Operand operand = encode(&bitmap_encoding, Dtype::int8, {1, 1, 1, 70}, dense, {1.0F});
  EXPECT_EQ(operand.parts<Bitmap>().bitmap, (std::vector<std::uint64_t>{0x4, 0x20}));
  EXPECT_EQ(encoded_bits(operand), 70 + 2 * 8);
}

// 2 zeros and 7; then 66 zeros = 2 carriers of 31 + 1 and 2 more, and -1: four pairs of 5 + 8 bits.
TEST(Operand, CarriesLongRunsInPairsOfTheirOwn) {
  std::vector<std::int16_t> dense(70);
  dense[2] = 7;
  dense[69] = -1;
  const Operand operand = encode(&run_length_encoding, Dtype::int8, {1, 1, 1, 70}, dense, {1.0F});
  EXPECT_EQ(operand.parts<RunLength>().runs, (std::vector<std::uint16_t>{2, 31, 31, 2}));
  EXPECT_EQ(operand.values, (std::vector<std::int16_t>{7, 0, 0, -1}));
  EXPECT_EQ(encoded_bits(operand), 4 * (5 + 8));
}

std::string complaint(const Operand& operand) {
  try {
    check(operand, "conv1: weights");
  } catch (const Error& error) { return error.what(); }
  return "";
}

Operand sample(Encoding encoding) {
  return encode(encoding, Dtype::int8, {1, 1, 2, 4}, {0, 1, 0, 2, 0, 0, 0, 3}, {1.0F},
                RunLength{.run_bits = 2, .runs = {}});
}

TEST(OperandCheck, SaysWhichPartIsWrong) {
  Operand bad = sample(&dense_encoding);
  bad.values[3] = 128;
  EXPECT_EQ(complaint(bad), "conv1: weights.values: 128 at 3, expected -128 to 127 (int8)");
  bad = sample(&dense_encoding);
  bad.values.pop_back();
  EXPECT_EQ(complaint(bad), "conv1: weights.values: 7 values, expected 8, one a position");
  bad.own = RunLength();
  EXPECT_EQ(complaint(bad), "operand: parts of another encoding, expected those of dense, or none to fill");
  bad = sample(&dense_encoding);
  bad.scales = {0.0F};
  EXPECT_EQ(complaint(bad), "conv1: weights.scale: 0, expected a finite number above 0");
  bad.scales = {1.0F, 1.0F};
  EXPECT_EQ(complaint(bad), "conv1: weights.scale: 2 scales, expected 1");
  bad = encode_real(&dense_encoding, {1, 1, 1, 2}, {1.0F, std::numeric_limits<float>::infinity()});
  EXPECT_EQ(complaint(bad), "conv1: weights.values: inf at 1, expected finite numbers");
}

TEST(OperandCheck, ChecksABitmap) {
  Operand bad = sample(&bitmap_encoding);
  bad.parts<Bitmap>().bitmap[0] |= 1;
  EXPECT_EQ(complaint(bad), "conv1: weights.bitmap: 4 bits set, expected one for each of the 3 values");
  bad.parts<Bitmap>().bitmap[0] |= 0x100;
  EXPECT_EQ(complaint(bad),
            "conv1: weights.bitmap: a bit set past the last of 8 positions, expected zeros there");
  bad.parts<Bitmap>().bitmap.push_back(0);
  EXPECT_EQ(complaint(bad), "conv1: weights.bitmap: 2 words of 64 bits, expected 1 for 8 positions");
  bad = sample(&bitmap_encoding);
  bad.values[1] = 0;
  EXPECT_EQ(complaint(bad), "conv1: weights.values: a stored zero at 1, expected non-zeros only");
}

TEST(OperandCheck, ChecksRunLengths) {
  Operand bad = sample(&run_length_encoding);  // runs 1 1 3
  bad.parts<RunLength>().runs[0] = 2;
  EXPECT_EQ(complaint(bad), "conv1: weights.runs: pairs that reach position 8, expected at most 7");
  bad.parts<RunLength>().runs[0] = 4;
  EXPECT_EQ(complaint(bad), "conv1: weights.runs: 4 in pair 0, expected at most 3 for 2 bits");
  bad = sample(&run_length_encoding);
  bad.values[1] = 0;
  EXPECT_EQ(complaint(bad),
            "conv1: weights.values: zero in pair 1 behind a run of 1, expected zero only behind the greatest "
            "run, 3");
  bad.parts<RunLength>().runs.pop_back();
  EXPECT_EQ(complaint(bad), "conv1: weights.runs: 2 runs, expected one for each of the 3 values");
  bad.parts<RunLength>().run_bits = 17;
  EXPECT_EQ(complaint(bad), "conv1: weights.run_bits: 17, expected 1 to 16");
}

TEST(OperandCheck, RefusesExtentsThatOverflow) {
  Operand bad;
  bad.extent = {1 << 20, 1 << 20, 1 << 20, 1 << 20};
  EXPECT_EQ(complaint(bad),
            "conv1: weights.extent: a tensor too large, expected at most 2147483648 positions");
  bad.extent = {1, 0, 1, 1};
  EXPECT_EQ(complaint(bad), "conv1: weights.extent: an axis of 0, expected 1 to 1048576");
}

}  // namespace
}  // namespace basil
