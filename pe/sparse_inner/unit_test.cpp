#include "pe/unit.h"

#include <gtest/gtest.h>

#include <functional>

#include "core/error.h"
#include "traces/encodings/encode.h"
#include "traces/trace.h"

namespace basil {
namespace {

const UnitType& inner_unit() { return unit_type("sparse_inner", "test"); }

UnitParameters usual() {
  UnitParameters parameters;
  parameters.rows = 32;
  parameters.dtype = Dtype::int8;
  for (const IntegerKey& key : inner_unit().keys) parameters.own[std::string(key.name)] = key.otherwise;
  parameters.delivery = {.weights = true, .ifmap = true};
  return parameters;
}

Layer one_by_one(Dtype weights, Dtype ifmap) {
  const auto operand = [](Dtype dtype) {
    return dtype == Dtype::fp32 ? encode_real(&dense_encoding, {}, {1.0F})
                                : encode(&dense_encoding, dtype, {}, {1}, {1.0F});
  };
  Layer layer;
  layer.name = "conv9";
  layer.weights = operand(weights);
  layer.ifmap = operand(ifmap);
  return layer;
}

std::string refusal(const std::function<void()>& check) {
  try {
    check();
  } catch (const Error& error) { return error.what(); }
  return {};
}

std::string refusal_of(Dtype weights, Dtype ifmap) {
  return refusal([&] { inner_unit().check(one_by_one(weights, ifmap), usual()); });
}

TEST(SparseInnerUnit, TakesIntegersUpToItsWidth) {
  for (const Dtype dtype : {Dtype::int4, Dtype::int8, Dtype::uint8}) EXPECT_EQ(refusal_of(dtype, dtype), "");
}

TEST(SparseInnerUnit, RefusesWiderOperandsAndFp32) {
  const std::string wide = refusal_of(Dtype::int16, Dtype::int8);
  EXPECT_NE(wide.find("layer conv9: weights"), std::string::npos) << wide;
  EXPECT_NE(wide.find("int16 values"), std::string::npos) << wide;
  const std::string real = refusal_of(Dtype::int8, Dtype::fp32);
  EXPECT_NE(real.find("layer conv9: ifmap"), std::string::npos) << real;
  EXPECT_NE(real.find("fp32 values"), std::string::npos) << real;
}

TEST(SparseInnerUnit, RefusesAChunkThatIsNotWholeWords) {
  UnitParameters parameters = usual();
  parameters.own["chunk"] = 100;
  const std::string text = refusal([&] { inner_unit().array->check(parameters, "m.yaml: unit"); });
  EXPECT_NE(text.find("m.yaml: unit: chunk: 100"), std::string::npos) << text;
  EXPECT_NE(text.find("multiple of 64"), std::string::npos) << text;
  EXPECT_EQ(refusal([] { inner_unit().array->check(usual(), "m.yaml: unit"); }), "");
}

TEST(SparseInnerUnit, RefusesAnArrayOfFp32) {
  UnitParameters parameters = usual();
  parameters.dtype = Dtype::fp32;
  const std::string text = refusal([&] { inner_unit().array->check(parameters, "m.yaml: unit"); });
  EXPECT_NE(text.find("fp32"), std::string::npos) << text;
}

TEST(SparseInnerUnit, CutsAGroupsFiltersByWhatItsUnitsHold) {
  Layer layer = one_by_one(Dtype::int8, Dtype::int8);
  layer.shape.K = 200;
  UnitParameters parameters = usual();
  EXPECT_EQ(inner_unit().array->columns(parameters), 32);
  EXPECT_EQ(inner_unit().array->cut(layer, parameters).filters, 2 * 32);
  parameters.own["balance"] = 0;
  EXPECT_EQ(inner_unit().array->cut(layer, parameters).filters, 32);
  layer.shape.K = 3;
  EXPECT_EQ(inner_unit().array->cut(layer, parameters).filters, 3);
}

// 32 clusters x 32 units; double buffers of 128 positions; masks of the ifmap and of two filters.
TEST(SparseInnerUnit, StatesItsParts) {
  const auto parts = inner_unit().array->parts(usual());
  ASSERT_EQ(parts.size(), 8U);
  EXPECT_EQ(parts[0].name, "mac_int8");
  EXPECT_EQ(parts[0].instances, 32 * 32);
  EXPECT_EQ(parts[1].name, "mac_gated_int8");
  EXPECT_EQ(parts[1].instances, 0);
  EXPECT_EQ(parts[2].name, "inner_join_128");
  EXPECT_EQ(parts[2].weight, 1.0);
  EXPECT_EQ(parts[3].words, 2 * 128);
  EXPECT_EQ(parts[4].words, 2 * 2 * 128);
  EXPECT_EQ(parts[5].instances, 32 * 32 * 2 * 3 * (128 / 16));
  EXPECT_EQ(parts[6].instances, 32 * 32 * 2);
  EXPECT_EQ(parts[7].words, 32);
}

}  // namespace
}  // namespace basil
