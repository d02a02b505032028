// Estimates from a part: Student's t, which blocks are drawn, and a part that is the whole.
#include "models/result/sampling.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <limits>

#include "core/error.h"
#include "models/layer/schedules.h"
#include "models/report/report.h"
#include "models/sampling/sample_plan.h"
#include "models/simulate.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

// Percentage points of Student's t, two-sided 95 % (any table): 12.706 for 1 degree, 2.776 for 4.
TEST(Spread, IsWhatTablesOfStudentsTSay) {
  EXPECT_EQ(Spread().half_width(), 0);
  EXPECT_NEAR((Spread{.variance = 4, .degrees = 1}.half_width()), 2 * 12.706, 2e-3);
  EXPECT_NEAR((Spread{.variance = 1, .degrees = 4}.half_width()), 2.776, 1e-3);
}

// Two equal variances of 3 degrees each: (1 + 1)^2 / (1/3 + 1/3) = 6.
TEST(Spread, AddsDegreesAsWelchAndSatterthwaiteDo) {
  Spread sum{.variance = 1, .degrees = 3};
  sum += Spread{.variance = 1, .degrees = 3};
  EXPECT_DOUBLE_EQ(sum.variance, 2);
  EXPECT_DOUBLE_EQ(sum.degrees, 6);
  sum += Spread();
  EXPECT_DOUBLE_EQ(sum.degrees, 6);
}

TEST(Spread, NothingIsBelowZero) {
  const Interval sure = interval(1, {.variance = 100, .degrees = 4});
  EXPECT_EQ(sure.low, 0);
  EXPECT_GT(sure.high, 20);
}

Layer draw_named_layer() {
  Layer layer = testing::draw_layer(false);
  layer.name = "L0";
  return layer;
}

// Every block has one that stands in for it, with as many passes, itself where it is computed; every computed
// block counts for itself and its uses; a stratum has the least that are computed, or is computed whole.
TEST(SamplePlan, CountsEveryBlockOnce) {
  const Description machine =
      load_accelerator("eyeriss", {"array.rows=4", "array.cols=2", "buffers.fmaps.bytes=4096"});
  const EnergyModel energy(machine, Technology::load(machine.technology));
  Mapper mapper(machine, energy);
  rc::check([&] {
    const Layer layer = draw_named_layer();
    const double fraction = *rc::gen::element(0.05, 0.3, 0.9, 1.0);
    const SamplePlan plan(layer, machine, mapper,
                          {.fraction = fraction, .seed = *rc::gen::arbitrary<std::uint64_t>()});
    std::int64_t counted = 0, passes = 0, records = 0;
    std::vector<std::int64_t> all(plan.strata()), computed(plan.strata());
    for (std::size_t i = 0; i < plan.blocks().size(); ++i) {
      const SamplePlan::Block& block = plan.blocks()[i];
      const SamplePlan::Block& stand_in = plan.blocks()[block.stand_in];
      RC_ASSERT(stand_in.stand_in == block.stand_in);
      RC_ASSERT(stand_in.stratum == block.stratum);
      RC_ASSERT(stand_in.passes == block.passes);
      ++all[block.stratum];
      passes += block.passes;
      if (block.stand_in != i) continue;
      ++computed[block.stratum];
      counted += 1 + block.uses;
      records += block.passes;
    }
    RC_ASSERT(counted == static_cast<std::int64_t>(plan.blocks().size()));
    RC_ASSERT(passes == make_schedule(layer, machine, mapper)->size());
    RC_ASSERT(records == plan.records());
    RC_ASSERT(fraction < 1 || records == passes);
    for (std::size_t i = 0; i < all.size(); ++i) {
      RC_ASSERT(computed[i] >= std::min(all[i], SamplePlan::least_computed));
      RC_ASSERT(computed[i] == all[i] || all[i] >= SamplePlan::least_computed);
    }
  });
}

// All of a layer, taken the way a part of it is, is verified and certain. (That it is the full run to the
// last count is seen where runs have processes of their own: testbenches/runs/sample_test.cpp.)
void expect_whole(const std::string& accelerator, const std::vector<std::string>& overrides) {
  Trace trace;
  trace.name = "drawn";
  rc::check([&] {
    if (trace.layers.size() == 8) return;
    trace.layers.push_back(draw_named_layer());
    trace.layers.back().name = "L" + std::to_string(trace.layers.size());
  });
  const Description machine = load_accelerator(accelerator, overrides);
  Options options;
  options.sample = SampleOptions{.fraction = 1, .seed = 3};
  Result part = simulate(trace, machine, options);
  for (LayerResult& layer : part.layers) {
    EXPECT_TRUE(layer.verified);
    EXPECT_EQ(layer.sample->passes, layer.passes);
    EXPECT_EQ(layer.sample->cycles.half_width(), 0);
  }
  const auto json = to_json(part);
  EXPECT_EQ(to_json(result_from_json(json)).dump(), json.dump());
}

TEST(Sample, OfEverythingOnEyerissIsVerified) { expect_whole("eyeriss", {}); }
TEST(Sample, OfEverythingOnASystolicArrayIsVerified) {
  expect_whole("tpu-like", {"unit.dtype=int16", "array.rows=5", "array.cols=7"});
}
TEST(Sample, OfEverythingOnTilesOfScnnIsVerified) { expect_whole("scnn", {"tiles=2"}); }

TEST(Sample, RefusesAPartThatIsNone) {
  Trace trace;
  trace.name = "drawn";
  rc::check([&] {
    if (trace.layers.empty()) trace.layers.push_back(draw_named_layer());
  });
  for (const double fraction : {0.0, -0.5, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    Options options;
    options.sample = SampleOptions{.fraction = fraction, .seed = 1};
    EXPECT_THROW((void)simulate(trace, load_accelerator("eyeriss"), options), Error) << fraction;
  }
}

}  // namespace
}  // namespace basil
