#include "traces/file/trace_file.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

#include "core/error.h"
#include "traces/encodings/binary.h"
#include "traces/encodings/comparator.h"
#include "traces/testing/bad_trace.h"
#include "traces/testing/random_layers.h"
#include "traces/testing/trace_surgery.h"

namespace basil {
namespace {

using testing::Members;
using testing::Scratch;

bool same(const Layer& a, const Layer& b) {
  return a.name == b.name && a.kind == b.kind && a.shape == b.shape && a.weights == b.weights &&
         a.ifmap == b.ifmap && a.bias == b.bias && a.bias_real == b.bias_real && a.output == b.output;
}

RC_GTEST_PROP(TraceFile, ReadsWhatWasWritten, ()) {
  const Scratch folder;
  Trace trace;
  trace.name = "drawn";
  trace.history = "one\ntwo";
  if (*rc::gen::arbitrary<bool>()) trace.synthetic_seed = *rc::gen::arbitrary<std::uint64_t>();
  const int layers = *rc::gen::inRange(0, 4);
  for (int i = 0; i < layers; ++i) {
    trace.layers.push_back(*rc::gen::arbitrary<bool>() ? testing::draw_layer_in(testing::draw_any_encoding())
                                                       : testing::draw_layer(*rc::gen::arbitrary<bool>()));
    trace.layers.back().name += std::to_string(i);
  }
  write_trace(trace, folder / "a.npz");
  const Trace read = read_trace(folder / "a.npz");
  RC_ASSERT(read.name == trace.name);
  RC_ASSERT(read.history == trace.history);
  RC_ASSERT(read.synthetic_seed == trace.synthetic_seed);
  RC_ASSERT(read.layers.size() == trace.layers.size());
  for (std::size_t i = 0; i < read.layers.size(); ++i) RC_ASSERT(same(read.layers[i], trace.layers[i]));
  write_trace(read, folder / "b.npz");
  RC_ASSERT(testing::text_of(folder / "a.npz") == testing::text_of(folder / "b.npz"));
}

TEST(TraceFile, KeepsLayersThatRunOffTheArray) {
  const Scratch folder;
  Trace trace = testing::sample_trace();
  Layer pool;
  pool.name = "pool1";
  pool.kind = &pool_kind;
  pool.shape.H = pool.shape.W = pool.shape.R = pool.shape.S = 2;
  trace.layers.push_back(pool);
  write_trace(trace, folder / "a.npz");
  EXPECT_TRUE(same(read_trace(folder / "a.npz").layers.back(), pool));
}

TEST(TraceFile, IsUntouchedWhenTheTraceIsRefused) {
  const Scratch folder;
  Trace trace = testing::sample_trace();
  write_trace(trace, folder / "a.npz");
  const std::string before = testing::text_of(folder / "a.npz");
  trace.layers[0].weights.values.pop_back();
  EXPECT_THROW(write_trace(trace, folder / "a.npz"), Error);
  EXPECT_EQ(testing::text_of(folder / "a.npz"), before);
  EXPECT_THROW(write_trace(testing::sample_trace(), folder / "no" / "a.npz"), Error);
}

using testing::BadTrace;

TEST_F(BadTrace, IsGoodBeforeItIsChanged) { EXPECT_EQ(complaint(), "nothing"); }

TEST_F(BadTrace, IsNotAZip) {
  EXPECT_EQ(complaint("PK, but no more"), "no ZIP archive, or one that was cut off, expected a .npz file");
  EXPECT_EQ(complaint(""), "no ZIP archive, or one that was cut off, expected a .npz file");
}

TEST_F(BadTrace, IsTruncated) {
  const std::string whole = testing::zip_of(members_);
  EXPECT_EQ(complaint(whole.substr(0, whole.size() / 2)),
            "no ZIP archive, or one that was cut off, expected a .npz file");
}

TEST_F(BadTrace, HasAFlippedBit) {
  std::string bytes = testing::zip_of(members_, NpzWriter::Packing::stored);
  const std::string& member = members_.at("conv1.weights.values.npy");
  bytes[bytes.find(member) + member.size() - 1] ^= 1;
  EXPECT_EQ(complaint(bytes),
            "layer conv1: weights.values: member conv1.weights.values.npy is damaged: CRC error");
}

TEST_F(BadTrace, HasNoNetwork) {
  members_.erase("network.json");
  EXPECT_EQ(complaint(), "no member network.json, expected a trace (schema basil-trace/2)");
}

TEST_F(BadTrace, HasBrokenJson) {
  members_.at("network.json") = "{\"schema\": ";
  EXPECT_EQ(complaint(), "network.json: not JSON: it ends too early");
  members_.at("network.json") = "{\n \"schema\": hello}";
  EXPECT_EQ(complaint(), "network.json: not JSON: line 2, column 12: '\"schema\": h'");
  members_.at("network.json") = "{}\n\n}";
  EXPECT_EQ(complaint(), "network.json: not JSON: line 3, column 1: '}'");
}

TEST_F(BadTrace, NestsJsonDeeply) {
  members_.at("network.json") = std::string(1000000, '[');
  EXPECT_EQ(complaint(), "network.json: nested deeper than 64, expected a flatter file");
}

TEST_F(BadTrace, WritesAFieldTwice) {
  edit_json("\"kind\"", "\"name\": \"conv2\", \"kind\"");
  EXPECT_EQ(complaint(), "network.json: field \"name\" twice in one object, expected it once");
}

TEST_F(BadTrace, HasAnotherSchema) {
  edit_json("basil-trace/2", "basil-trace/3");
  EXPECT_EQ(complaint(),
            "network.json.schema: 'basil-trace/3', newer than this program, expected basil-trace/2");
  edit_json("basil-trace/3", "basil-trace/1");
  EXPECT_EQ(complaint(),
            "network.json.schema: 'basil-trace/1', of an earlier version, expected basil-trace/2: make it "
            "again, by 'basil compress' of its network");
  edit_json("basil-trace/1", "dense-network/1");
  EXPECT_EQ(complaint(),
            "network.json.schema: 'dense-network/1', a network before compression, expected basil-trace/2: "
            "compress it first, by 'basil compress'");
}

TEST_F(BadTrace, NamesOtherAxes) {
  edit_json("\"KRSC\"", "\"KCRS\"");
  EXPECT_EQ(complaint(),
            "layer conv1: weights.axes: 'KCRS', expected 'KRSC': the order of positions, the last fastest");
}

TEST_F(BadTrace, HasAnUnknownField) {
  edit_json("\"dilation\"", "\"dillation\"");
  const std::string found = complaint();
  EXPECT_TRUE(found.starts_with("layer conv1: shape.dillation: an unknown field, expected one of ")) << found;
  EXPECT_TRUE(found.ends_with("(did you mean dilation?)")) << found;
}

TEST_F(BadTrace, MisspellsARequiredField) {
  edit_json("\"kind\"", "\"knid\"");
  EXPECT_EQ(complaint(), "layer conv1: knid: an unknown field, expected kind");
}

TEST_F(BadTrace, LacksAField) {
  edit_json("\"kind\": \"conv\",", "");
  EXPECT_EQ(complaint(), "layer conv1: kind: nothing, expected this field");
}

TEST_F(BadTrace, HasAnUnknownWord) {
  edit_json("\"bitmap\"", "\"bitmpa\"");
  EXPECT_EQ(
      complaint(),
      "layer conv1: weights.encoding: 'bitmpa', expected one of basis, binary, bitmap, comparator, dense, "
      "power_of_two, run_length (did you mean bitmap?)");
}

TEST_F(BadTrace, HasAShapeOutOfRange) {
  edit_json("\"K\": 3", "\"K\": 0");
  EXPECT_EQ(complaint(), "layer conv1: shape.K: 0, expected an integer, 1 to 1048576");
  edit_json("\"K\": 0", "\"K\": 3.5");
  EXPECT_EQ(complaint(), "layer conv1: shape.K: 3.5, expected an integer, 1 to 1048576");
  edit_json("\"K\": 3.5", "\"K\": 99999999999999999999");
  EXPECT_TRUE(complaint().starts_with("layer conv1: shape.K: ")) << complaint();
  edit_json("\"K\": 99999999999999999999", "\"K\": 1048576");
  edit_json("\"R\": 2", "\"R\": 1048576");
  EXPECT_EQ(complaint(),
            "layer conv1: R: 1048576 filter rows, dilation 1, expected no more than the padded ifmap has");
}

TEST_F(BadTrace, HasGroupsThatDoNotDivide) {
  edit_json("\"groups\": 1", "\"groups\": 2");
  EXPECT_EQ(complaint(), "layer conv1: groups: 2, expected a divisor of C 2 and K 3");
}

TEST_F(BadTrace, HasAScaleOfZero) {
  edit_json("\"scale\": 0.25", "\"scale\": 0");
  EXPECT_EQ(complaint(), "layer conv1: ifmap.scale: 0, expected a finite number above 0");
}

TEST_F(BadTrace, LacksAMember) {
  members_.erase("conv1.weights.bitmap.npy");
  EXPECT_EQ(complaint(), "layer conv1: weights.bitmap: no member conv1.weights.bitmap.npy");
}

TEST_F(BadTrace, HasAMemberToSpare) {
  members_["conv9.bias.npy"] = members_.at("conv1.bias.npy");
  EXPECT_EQ(complaint(),
            "conv9.bias.npy: a member that no layer names, expected only what network.json names");
}

TEST_F(BadTrace, HasAMemberTwice) {
  std::string bytes = testing::zip_of(members_);
  const std::string from = "conv1.weights.values.npy";
  std::string to = "conv1.weights.bitmap.npy";
  for (std::size_t at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at)) {
    bytes.replace(at, from.size(), to);
  }
  EXPECT_EQ(complaint(bytes),
            "conv1.weights.bitmap.npy: a second member of that name, expected names that differ");
}

TEST_F(BadTrace, HasAWrongDtype) {
  put<std::int16_t>("conv1.weights.values", {1, 2, 3, 4}, {4});
  EXPECT_EQ(complaint(), "layer conv1: weights.values: dtype i2, expected i1");
}

TEST_F(BadTrace, HasAWrongShape) {
  put<std::int8_t>("conv1.ifmap.values", std::vector<std::int8_t>(24), {1, 2, 3, 4});
  EXPECT_EQ(complaint(), "layer conv1: ifmap.values: shape (1, 2, 3, 4), expected (1, 3, 4, 2)");
}

TEST_F(BadTrace, HasABiasOfTheWrongLength) {
  put<std::int64_t>("conv1.bias", {1, 2}, {2});
  EXPECT_EQ(complaint(), "layer conv1: bias: shape (2,), expected (3,)");
}

TEST_F(BadTrace, HasFewerValuesThanBits) {
  put<std::int8_t>("conv1.weights.values", {1, 2, 3}, {3});
  EXPECT_EQ(
      complaint(),
      "layer conv1: weights.values: shape (3,), expected (4,), one value for each bit set in the bitmap");
}

TEST_F(BadTrace, HasFewerValuesThanRuns) {
  put<std::uint8_t>("fc1.ifmap.runs", {1}, {1});
  EXPECT_EQ(complaint(), "layer fc1: ifmap.values: shape (3,), expected (1,), one value for each run");
}

TEST_F(BadTrace, HasARunPastTheEnd) {
  put<std::uint8_t>("fc1.ifmap.runs", {3, 3, 3}, {3});
  EXPECT_EQ(complaint(), "layer fc1: ifmap.runs: pairs that reach position 11, expected at most 7");
}

TEST_F(BadTrace, IsFortranOrdered) {
  edit_header("conv1.ifmap.values", "False", "True ");
  EXPECT_EQ(complaint(),
            "layer conv1: ifmap.values: Fortran order, expected C order (numpy.ascontiguousarray)");
}

TEST_F(BadTrace, IsBigEndian) {
  edit_header("conv1.bias", "<i8", ">i8");
  EXPECT_EQ(complaint(), "layer conv1: bias: big-endian dtype '>i8', expected little-endian '<i8'");
}

TEST_F(BadTrace, HoldsObjects) {
  edit_header("conv1.bias", "<i8", "|O8");
  EXPECT_EQ(complaint(), "layer conv1: bias: dtype '|O8', expected plain integers or reals");
}

TEST_F(BadTrace, HasACutArray) {
  members_.at("conv1.bias.npy").pop_back();
  EXPECT_EQ(complaint(), "layer conv1: bias: 23 bytes of elements, expected shape (3,) of i8");
}

TEST_F(BadTrace, HasAValueOutsideItsDtype) {
  put<std::uint8_t>("fc1.weights.values", {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, {8});
  EXPECT_EQ(complaint(), "nothing");  // sixteen times -1
  edit_json("\"int4\"", "\"fp32\"");
  put<float>("fc1.weights.values", std::vector<float>(16, NAN), {2, 1, 1, 8});
  EXPECT_EQ(complaint(), "layer fc1: weights.values: nan at 0, expected finite numbers");
}

TEST_F(BadTrace, MixesIntegersAndReals) {
  edit_json("\"int4\"", "\"fp32\"");
  put<float>("fc1.weights.values", std::vector<float>(16, 1.0F), {2, 1, 1, 8});
  EXPECT_EQ(complaint(), "layer fc1: ifmap.dtype: uint8, expected a dtype that goes with fp32 weights");
}

TEST_F(BadTrace, NamesTwoLayersAlike) {
  edit_json("\"fc1\"", "\"conv1\"");
  const std::string found = complaint();
  EXPECT_TRUE(found.starts_with("layer conv1: ")) << found;
}

TEST_F(BadTrace, HasANameWithASlash) {
  edit_json("\"conv1\"", "\"a/../../b\"");
  EXPECT_EQ(complaint(), "layer name: character 0x2f at 1, expected no slash and no control character");
}

// One layer for each encoding that is for weights only.
class BadWeights : public BadTrace {
 protected:
  BadWeights() { members_ = testing::members_of(testing::fitted_trace()); }

  static std::string refusal(const Layer& layer) {
    try {
      check(layer);
    } catch (const Error& error) { return error.what(); }
    return "nothing";
  }
};

TEST_F(BadWeights, AreGoodBeforeTheyAreChanged) { EXPECT_EQ(complaint(), "nothing"); }

TEST_F(BadWeights, LackAPart) {
  const Members whole = members_;
  for (const char* part : {"shift.weights.terms", "shift.weights.values", "basis.weights.bitmap",
                           "basis.weights.signs", "basis.weights.values", "compare.weights.offsets",
                           "compare.weights.values", "sign.weights.bitmap", "sign.weights.values"}) {
    members_ = whole;
    members_.erase(std::string(part) + ".npy");
    const std::string layer = std::string(part).substr(0, std::string(part).find('.'));
    EXPECT_EQ(complaint(), "layer " + layer + ": " + std::string(part).substr(layer.size() + 1) +
                               ": no member " + part + ".npy");
  }
}

TEST_F(BadWeights, HaveThreeTermsInAFilter) {
  put<std::uint8_t>("shift.weights.terms", {0, 1, 3}, {3});
  EXPECT_EQ(complaint(), "layer shift: weights.terms: 3 for filter 2, expected 0 to 2");
}

TEST_F(BadWeights, HaveTermsForTooFewFilters) {
  put<std::uint8_t>("shift.weights.terms", {0, 1}, {2});
  EXPECT_EQ(complaint(), "layer shift: weights.terms: shape (2,), expected (3,)");
}

TEST_F(BadWeights, HaveFewerCodesThanTerms) {  // 4 places, 1 + 2 terms: 12 codes, two a byte
  put<std::uint8_t>("shift.weights.values", std::vector<std::uint8_t>(5, 0x11), {5});
  EXPECT_EQ(complaint(), "layer shift: weights.values: shape (5,), expected (6,)");
}

TEST_F(BadWeights, HaveACodeOfMinusEight) {
  put<std::uint8_t>("shift.weights.values", {0x11, 0x81, 0x11, 0x11, 0x11, 0x11}, {6});
  EXPECT_EQ(complaint(), "layer shift: weights.values: code -8 at 3, expected -7 to 7");
  put<std::uint8_t>("shift.weights.values", std::vector<std::uint8_t>(6, 0x11), {6});
  put<std::uint8_t>("compare.weights.values", {0x18, 0x11}, {2});
  EXPECT_EQ(complaint(), "layer compare: weights.values: code -8 at 0, expected -7 to 7");
}

TEST_F(BadWeights, AreOfAnotherDtype) {
  edit_json("\"dtype\": \"int4\"", "\"dtype\": \"fp32\"");  // of shift, the first layer
  EXPECT_EQ(complaint(), "layer shift: weights.dtype: fp32, expected an integer dtype with this encoding");
  edit_json("\"fp32\"", "\"int8\"");
  EXPECT_EQ(complaint(), "layer shift: weights.values: dtype u1, expected i1");
}

TEST_F(BadWeights, HaveNoBases) {
  edit_json("\"bases\": 2", "\"bases\": 0");
  EXPECT_EQ(complaint(), "layer basis: weights.bases: 0, expected an integer, 1 to 64");
  edit_json("\"bases\": 0", "\"bases\": 3");
  EXPECT_EQ(complaint(), "layer basis: weights.bitmap: shape (2,), expected (3,)");
}

TEST_F(BadWeights, HaveACoefficientPastTheLast) {  // 2 x 2 x 3 = 12 coefficients
  put<std::uint8_t>("basis.weights.bitmap", {0x25, 0x10}, {2});
  EXPECT_EQ(complaint(),
            "layer basis: weights.bitmap: a bit set past the last of 12 coefficients, expected zeros there");
}

TEST_F(BadWeights, HaveMoreSignsThanCoefficients) {  // 4 are set
  put<std::uint8_t>("basis.weights.signs", {0x12}, {1});
  EXPECT_EQ(
      complaint(),
      "layer basis: weights.signs: 1 words of 64 bits, or bits past the last, expected one bit for each "
      "of the 4 coefficients set");
  put<std::uint8_t>("basis.weights.signs", {0x02, 0x00}, {2});
  EXPECT_EQ(complaint(), "layer basis: weights.signs: shape (2,), expected (1,)");
}

TEST_F(BadWeights, HaveAKernelTooFew) {
  put<std::int8_t>("basis.weights.values", {1, 2, 3, 4}, {4});
  EXPECT_EQ(complaint(), "layer basis: weights.values: shape (4,), expected (8,)");
}

TEST_F(BadWeights, HaveTapsOutsideTheWindow) {
  put<std::uint8_t>("compare.weights.offsets", {0, 1, 2, 3, 4, 0}, {2, 3});
  EXPECT_EQ(complaint(), "layer compare: weights.offsets: 4 at 4, expected 0 to 3, places of the window");
}

TEST_F(BadWeights, HaveTooManyTaps) {
  edit_json("\"taps\": 2", "\"taps\": 8");
  EXPECT_EQ(complaint(), "layer compare: weights.taps: 8, expected an integer, 1 to 7");
  edit_json("\"taps\": 8", "\"taps\": 3");
  EXPECT_EQ(complaint(), "layer compare: weights.offsets: shape (2, 3), expected (2, 4)");
}

TEST_F(BadWeights, HaveASignPastTheLast) {  // 2 x 2 x 2 x 3 = 24 signs are whole bytes: one byte more
  put<std::uint8_t>("sign.weights.bitmap", {1, 2, 3, 4}, {4});
  EXPECT_EQ(complaint(), "layer sign: weights.bitmap: shape (4,), expected (3,)");
}

TEST_F(BadWeights, HaveAThresholdTooFew) {
  put<std::int16_t>("sign.weights.values", {5, -6}, {2});
  EXPECT_EQ(complaint(), "layer sign: weights.values: shape (2,), expected (3,)");
}

TEST_F(BadWeights, AreInGroupsTheyCannotTake) {
  Layer compare = testing::fitted_trace().layers[2];
  compare.shape.groups = 2;
  compare.weights.extent.depth = 1;
  compare.weights.parts<Comparator>().offsets.resize(3);
  compare.weights.values.resize(2);
  EXPECT_EQ(refusal(compare), "layer compare: shape.groups: 2, expected 1 with comparator weights");
}

TEST_F(BadWeights, AreAnIfmap) {
  Layer shift = testing::fitted_trace().layers[0];
  shift.ifmap.encoding = &binary_encoding;
  shift.ifmap.dtype = Dtype::int16;
  shift.ifmap.own = Binary{{0}};
  shift.ifmap.values = {1};
  EXPECT_EQ(
      refusal(shift),
      "layer shift: ifmap.encoding: binary, expected bitmap, dense, run_length: the others are for weights");
}

// 200 MB of zeros in 200 kB, where the layer has 24 values.
TEST_F(BadTrace, IsAZipBomb) {
  members_.at("conv1.ifmap.values.npy").assign(200'000'000, '\0');
  EXPECT_EQ(
      complaint(),
      "layer conv1: ifmap.values: member conv1.ifmap.values.npy of 200000000 bytes, expected at most 65560");
}

// The layer asks for 2^40 values and more, the file has 24: refused by the shape, before any allocation.
TEST_F(BadTrace, HasALayerBeyondAllMeasure) {
  edit_json("\"H\": 3", "\"H\": 1048576");
  edit_json("\"W\": 4", "\"W\": 1048576");
  EXPECT_EQ(complaint(), "layer conv1: ifmap: a tensor too large, expected at most 2147483648 positions");
}

TEST_F(BadTrace, IsNotThere) {
  try {
    (void)read_trace(folder_ / "none.npz");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), (folder_ / "none.npz").string() + ": no such file, expected a .npz file");
  }
}

}  // namespace
}  // namespace basil
