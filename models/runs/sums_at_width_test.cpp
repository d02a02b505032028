// Every dataflow and unit at any width of psums: passes on units, and on clocked arrays, against the golden
// executor, which knows of the schedule only the pass of each product.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <ostream>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "dataflows/array.h"
#include "models/layer/psum_store.h"
#include "models/layer/schedules.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/power_of_two.h"
#include "traces/encodings/run_length.h"
#include "traces/golden/golden_width.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

struct Machine {
  std::string name;
  std::vector<std::string> overrides;
  std::vector<Encoding> weights;
};

void PrintTo(const Machine& machine, std::ostream* out) { *out << machine.name; }

SumWidth draw_width() {
  SumWidth width;
  width.psum_bits = *anywhere_in(1, 41);
  width.overflow = *rc::gen::element(Overflow::saturate, Overflow::wrap, Overflow::error);
  width.accumulator_bits = width.psum_bits + *anywhere_in(width.overflow == Overflow::saturate ? 1 : 0, 24);
  return width;
}

Layer draw_layer(const Machine& machine, int widest) {
  Layer layer = testing::draw_layer_in(*rc::gen::elementOf(machine.weights));
  const Extent weights = layer.weights.extent, ifmap = layer.ifmap.extent;
  if (bits_of(layer.ifmap.dtype) > widest) layer.ifmap = testing::draw_operand(Dtype::int8, ifmap, false);
  if (!only_weights(layer.weights.encoding) && bits_of(layer.weights.dtype) > widest)
    layer.weights = testing::draw_operand(Dtype::int8, weights, false);
  return layer;
}

Description machine_at(const Machine& drawn, const SumWidth& width) {
  std::vector<std::string> overrides = drawn.overrides;
  overrides.push_back("psum_bits=" + std::to_string(width.psum_bits));
  overrides.push_back("accumulator_bits=" + std::to_string(width.accumulator_bits));
  overrides.push_back("overflow=" + std::string(to_string(width.overflow)));
  return load_accelerator(drawn.name, overrides);
}

// Runs the layer's passes; `run` computes one into the store.
template <class Run>
PsumStore each_pass(const Layer& layer, const Description& machine, const Run& run) {
  PsumStore psums(layer, machine.sum_width(), may_overflow(layer, machine.sum_width()));
  Mapper mapper(machine);
  const std::unique_ptr<Array> array = machine.dataflow->make(machine, nullptr);
  array->take(layer);
  const std::unique_ptr<Schedule> schedule = make_schedule(layer, machine, mapper);
  const std::int64_t steps = schedule->size();
  while (const std::optional<Step> step = schedule->next()) run(*array, *step, step->id + 1 == steps, psums);
  return psums;
}

PsumStore on_the_unit(const Layer& layer, const Description& machine) {
  return each_pass(layer, machine, [](Array& array, const Step& step, bool, PsumStore& psums) {
    static_cast<void>(array.compute(step, psums.sums()));
    psums.end(step.outputs);
  });
}

PsumStore on_the_clocked_array(const Layer& layer, const Description& machine) {
  return each_pass(layer, machine, [](Array& array, const Step& step, bool last, PsumStore& psums) {
    const std::unique_ptr<ClockedPass> clocked = array.clocked(step, last, psums.sums(), {});
    while (!clocked->done()) clocked->step();
    clocked->hand_over(psums.sums());
    psums.rewrite(step.outputs);
  });
}

class SumsAtWidth : public ::testing::TestWithParam<Machine> {};

TEST_P(SumsAtWidth, EqualTheGoldenExecutorAtBothFidelities) {
  const Machine& drawn = GetParam();
  int overflows = 0, several_passes = 0, run = 0;
  check_property(160, [&] {
    const SumWidth width = draw_width();
    const Description machine = machine_at(drawn, width);
    const Layer layer = draw_layer(drawn, machine.word_bits());
    std::unique_ptr<Schedule> schedule;
    try {
      Mapper mapper(machine);
      schedule = make_schedule(layer, machine, mapper);
    } catch (const Error&) { return; }  // too small an array for this layer
    const NarrowOfmap golden = run_golden(layer, width, schedule->reduction_order());
    const PsumStore psums = on_the_unit(layer, machine);
    RC_ASSERT(psums.sums().sums == golden.ofmap.sums);
    RC_ASSERT(on_the_clocked_array(layer, machine).sums().sums == golden.ofmap.sums);

    const SumStatistics counted = psums.statistics();
    const auto overflowed = std::count(golden.overflowed.begin(), golden.overflowed.end(), 1);
    RC_ASSERT(counted.count == static_cast<std::int64_t>(golden.ofmap.sums.size()));
    RC_ASSERT(counted.widest_bits == golden.widest_bits);
    RC_ASSERT(counted.overflowed == overflowed);
    // What `error` refuses: exactly when some psum does not fit.
    RC_ASSERT(psums.widest_overflow().has_value() == (golden.needed_bits > width.psum_bits));
    if (overflowed > 0) { RC_ASSERT(counted.needed_bits == golden.needed_bits); }
    const ReductionOrder order = schedule->reduction_order();
    several_passes += !order.empty() && *std::max_element(order.begin(), order.end()) > 0 ? 1 : 0;
    overflows += overflowed > 0 ? 1 : 0;
    ++run;
  });
  EXPECT_GE(run, 100);
  EXPECT_GE(overflows, 30);
  if (load_accelerator(drawn.name, drawn.overrides).dataflow->maps) { EXPECT_GE(several_passes, 30); }
}

const std::vector<Encoding> plain{&dense_encoding, &bitmap_encoding, &run_length_encoding};

INSTANTIATE_TEST_SUITE_P(
    Machines, SumsAtWidth,
    ::testing::Values(
        Machine{"eyeriss", {"array.rows=4", "array.cols=5", "pe.ifmap_spad=4", "pe.filter_spad=9"}, plain},
        Machine{"tpu-like", {"array.rows=5", "array.cols=3"}, plain},
        Machine{"tpu-like", {"array.dataflow=output_stationary", "array.rows=5", "array.cols=3"}, plain},
        Machine{"lightpe2",
                {"array.rows=4", "array.cols=5", "pe.ifmap_spad=4", "pe.filter_spad=9"},
                {&power_of_two_encoding}},
        Machine{"flightnn",
                {"array.rows=4", "array.cols=5", "pe.ifmap_spad=4", "pe.filter_spad=9"},
                {&power_of_two_encoding}},
        Machine{"dcnn", {}, plain}, Machine{"scnn", {}, plain}, Machine{"sparten", {}, plain},
        Machine{"escalate", {}, {&basis_encoding, &basis_encoding, &dense_encoding}},
        Machine{"cmp-array", {}, {&comparator_encoding, &comparator_encoding, &power_of_two_encoding}}),
    [](const auto& machine) {
      std::string name = machine.param.name + std::to_string(machine.index);
      name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
      return name;
    });

}  // namespace
}  // namespace basil
