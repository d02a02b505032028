// What each dataflow's array takes of its machine, by hand, on the smallest layer there is.
#include <gtest/gtest.h>

#include "models/description/description.h"
#include "models/layer/block_sums.h"
#include "models/mapping/mapper.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

// 2 x 1 pixels of 3 channels, 1 filter: six products.
Layer pixels() {
  Layer layer;
  layer.name = "pixels";
  layer.shape = {.C = 3, .H = 2, .W = 1, .K = 1};
  layer.ifmap = encode(&dense_encoding, Dtype::int8, {1, 2, 1, 3}, {1, 2, 3, 4, 5, 6}, {1});
  layer.weights = encode(&dense_encoding, Dtype::int8, {1, 1, 1, 3}, {1, 1, 1}, {1});
  return layer;
}

struct Ran {
  PassWork work;
  PassStreams streams;
  Ofmap sums;
};

// The layer's only pass, with psums of other channels before or after it.
Ran run(const Description& machine, bool psums_in = false, bool psums_out = false) {
  const Layer layer = pixels();
  Mapper mapper(machine);
  std::optional<Step> step = machine.dataflow->schedule(layer, machine, mapper)->next();
  step->psums_in = psums_in;
  step->psums_out = psums_out;
  const std::unique_ptr<Array> array = machine.dataflow->make(machine, nullptr);
  array->take(layer);
  Ran ran{.work = {}, .streams = {}, .sums = blank_sums(layer)};
  if (psums_in) ran.sums.sums = {100, 200};
  const PassCounts counts = array->compute(*step, ran.sums);
  ran.work = array->work(*step, counts, true);
  ran.streams = array->streams(*step, [&](const Step&) -> const PassCounts& { return counts; });
  return ran;
}

// Each product writes an activation of 8 bits and a psum of 20; a weight shifts down to its row: 1 + 2 + 3.
TEST(Dataflows, SystolicPsumRegistersAreAsWideAsAccumulators) {
  const Ran ran = run(load_accelerator("tpu-like", {"psum_bits=16", "accumulator_bits=20"}));
  EXPECT_EQ(ran.work.activity.register_bits, 6 * (8 + 20) + 6 * 8);
  EXPECT_EQ(ran.sums.sums, (std::vector<std::int64_t>{6, 15}));
}

TEST(Dataflows, SystolicPsumsMoveAtTheirWidth) {
  const Ran first = run(load_accelerator("tpu-like", {"psum_bits=20", "accumulator_bits=24"}));
  EXPECT_EQ(first.streams.psums_in, Bytes(0));
  EXPECT_EQ(first.streams.psums_out, Bytes(2 * 20 / 8));
  EXPECT_EQ(first.streams.ifmap.all, Bytes(6));
  EXPECT_EQ(first.streams.weights.all, Bytes(3));
}

TEST(Dataflows, PsumsOfTheChannelsBeforeComeBackAndAreAddedTo) {
  const Ran later = run(load_accelerator("tpu-like"), true);
  EXPECT_EQ(later.streams.psums_in, later.streams.psums_out);
  EXPECT_EQ(later.sums.sums, (std::vector<std::int64_t>{106, 215}));
  EXPECT_EQ(run(load_accelerator("eyeriss"), true).sums.sums, (std::vector<std::int64_t>{106, 215}));
}

// Words of 1 byte where they are finished, psums of 4 where other channels follow.
TEST(Dataflows, AUnitsArrayGivesWordsOrPsums) {
  const Description machine = load_accelerator("dcnn", {"psum_bits=32", "accumulator_bits=32"});
  EXPECT_EQ(run(machine).streams.psums_out, Bytes(2 * machine.word_bytes()));
  EXPECT_EQ(run(machine, false, true).streams.psums_out, Bytes(2 * 4));
}

TEST(Dataflows, OnlyOneThatMapsReadsMappings) {
  for (const DataflowType* type : dataflow_types()) {
    EXPECT_EQ(type->maps, !type->own_keys.empty()) << type->name;
    EXPECT_FALSE(type->summary.empty()) << type->name;
  }
}

}  // namespace
}  // namespace basil
