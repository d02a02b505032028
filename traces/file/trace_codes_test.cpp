// Trace files of a network's own integers: what lies in them, and what is refused.
#include <gtest/gtest.h>

#include "traces/encodings/encode.h"
#include "traces/file/trace_file.h"
#include "traces/testing/bad_trace.h"

namespace basil {
namespace {

using testing::BadTrace;

// The sample's first layer with codes of int8 about 3 in its ifmap, and an output by TensorFlow Lite's rule.
class BadCodes : public BadTrace {
 protected:
  BadCodes() {
    Trace trace = testing::sample_trace();
    Layer& layer = trace.layers[0];
    layer.ifmap.dtype = Dtype::int9;
    layer.ifmap.codes = Codes{.dtype = Dtype::int8, .zero_points = {3}};
    layer.weights.codes = Codes{.dtype = Dtype::int8, .zero_points = {0, 0, -1}};
    layer.weights.values[2] = 126;
    layer.output.zero_point = -7;
    layer.output.rule = RequantisationRule::tflite;
    layer.output.factors = {{1 << 30, 0}, {1 << 30, -1}, {1 << 30, -2}};
    layer.output.clamp = CodeRange{-7, 100};
    members_ = testing::members_of(trace);
  }
};

TEST_F(BadCodes, AreGoodBeforeTheyAreChanged) { EXPECT_EQ(complaint(), "nothing"); }

TEST_F(BadCodes, SayWhatIsWrong) {
  const testing::Members whole = members_;
  const auto said = [&](const std::string& from, const std::string& to) {
    members_ = whole;
    edit_json(from, to);
    return complaint();
  };
  EXPECT_EQ(said("\"zero_point\": 3", "\"zero_point\": 130"),
            "layer conv1: ifmap.zero_point: 130, expected -128 to 127 (int8)");
  EXPECT_EQ(said("\"zero_point\": 3", "\"zero_point\": 126"),
            "layer conv1: ifmap.values: code 129 at 0, expected -128 to 127 (int8)");
  EXPECT_EQ(said("\"zero_point\": 3", "\"zero_point\": \"per_channel\""),
            "layer conv1: ifmap.zero_point: 'per_channel', expected a number or 'per_filter'");
  EXPECT_EQ(said("\"zero_point\": -7", "\"zero_point\": -129"),
            "layer conv1: output.zero_point: -129, expected within -128 to 127 (int8)");
  EXPECT_EQ(said("\"rule\": \"tflite\"", "\"rule\": \"torch\""),
            "layer conv1: output.rule: 'torch', expected one of real, onnx, tflite");
  EXPECT_EQ(said("   -7,", "   101,"),
            "layer conv1: output.clamp: 101 to 100, expected within -128 to 127 (int8)");
  members_ = whole;
  put<std::int32_t>("conv1.output.shift", {0, 1, 31}, {3});
  EXPECT_EQ(complaint(), "layer conv1: output.shift: 31, expected -31 to 30");
  members_ = whole;
  put<std::int32_t>("conv1.output.multiplier", {1 << 30, 5, 0}, {3});
  EXPECT_EQ(complaint(), "layer conv1: output.multiplier: 5, expected 0, or 2^30 to 2^31 - 1");
  members_ = whole;
  put<std::int32_t>("conv1.weights.zero_point", {0, 0}, {2});
  EXPECT_EQ(complaint(), "layer conv1: weights.zero_point: shape (2,), expected (3,)");
}

// Two bits each, and nine: value i takes the bits from i x width on, the lowest first.
TEST_F(BadTrace, PacksOddWidths) {
  Trace trace = testing::sample_trace();
  Layer& fc = trace.layers[1];
  fc.weights = encode(&dense_encoding, Dtype::int2, {2, 1, 1, 8},
                      {1, -1, -2, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, -2}, {1.0F});
  fc.ifmap = encode(&dense_encoding, Dtype::int9, {1, 1, 1, 8}, {1, -1, 255, -256, 0, 0, 0, 1}, {1.0F});
  members_ = testing::members_of(trace);
  const std::string packed = members_.at("fc1.weights.values.npy");
  EXPECT_EQ(packed.substr(packed.size() - 4), (std::string{'\x2d', '\x55', '\0', '\x80'}));
  const std::string nine =
      members_.at("fc1.ifmap.values.npy");  // 1 + 511 x 2^9 + 255 x 2^18 + 256 x 2^27 + 2^63
  EXPECT_EQ(nine.substr(nine.size() - 9),
            (std::string{'\x01', '\xfe', '\xff', '\x03', '\x08', '\0', '\0', '\x80', '\0'}));
  EXPECT_EQ(complaint(), "nothing");
}

}  // namespace
}  // namespace basil
