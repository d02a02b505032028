// Machines whose unit brings its own array, whole: random layers in every encoding they take, values
// verified, both accounts closed, at both fidelities.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <ostream>

#include "models/simulate.h"
#include "traces/encodings/basis.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/power_of_two.h"
#include "traces/encodings/run_length.h"
#include "traces/testing/random_layers.h"

namespace basil {
namespace {

struct Machine {
  std::string name;
  std::vector<std::string> overrides;
  std::vector<Encoding> weights;
  Fidelity fidelity = Fidelity::transaction;
  int layers = 40;
};

void PrintTo(const Machine& machine, std::ostream* out) { *out << machine.name; }

Trace draw_trace(const Machine& machine, int widest) {
  Trace trace;
  trace.name = "drawn";
  rc::check([&] {
    if (static_cast<int>(trace.layers.size()) >= machine.layers) return;
    Layer layer = testing::draw_layer_in(*rc::gen::elementOf(machine.weights));
    const Extent weights = layer.weights.extent, ifmap = layer.ifmap.extent;
    if (bits_of(layer.ifmap.dtype) > widest) layer.ifmap = testing::draw_operand(Dtype::int8, ifmap, false);
    if (!only_weights(layer.weights.encoding) && bits_of(layer.weights.dtype) > widest)
      layer.weights = testing::draw_operand(Dtype::int8, weights, false);
    layer.name = "L" + std::to_string(trace.layers.size());
    trace.layers.push_back(std::move(layer));
  });
  return trace;
}

class TileMachines : public ::testing::TestWithParam<Machine> {};

TEST_P(TileMachines, RunRandomLayers) {
  const Machine& drawn = GetParam();
  const Description machine = load_accelerator(drawn.name, drawn.overrides);
  Options options;
  options.fidelity = drawn.fidelity;
  const Result result = simulate(draw_trace(drawn, machine.word_bits()), machine, options);
  EXPECT_EQ(result.layers.size(), static_cast<std::size_t>(drawn.layers));
  for (const LayerResult& layer : result.layers) {
    EXPECT_TRUE(layer.verified) << layer.name;
    EXPECT_EQ(layer.bins.total(), result.pes * layer.cycles.value) << layer.name;
    EXPECT_GE(layer.cycles, layer.processing) << layer.name;
    EXPECT_GE(layer.cycles, layer.bound.cycles) << layer.name << ": beats its bound";
  }
}

const std::vector<Encoding> plain{&dense_encoding, &bitmap_encoding, &run_length_encoding};
const std::vector<Encoding> decomposed{&basis_encoding, &basis_encoding, &dense_encoding, &bitmap_encoding};
const std::vector<Encoding> compared{&comparator_encoding, &comparator_encoding, &power_of_two_encoding};
using Overrides = std::vector<std::string>;

Machine clocked(const std::string& name, const Overrides& overrides, const std::vector<Encoding>& weights) {
  return {name, overrides, weights, Fidelity::cycle, 15};
}

INSTANTIATE_TEST_SUITE_P(
    All, TileMachines,
    ::testing::Values(
        Machine{"sparten", {}, plain}, Machine{"scnn", {}, plain}, Machine{"dcnn", {}, plain},
        Machine{"escalate", {}, decomposed}, Machine{"escalate", {"unit.order=1"}, decomposed},
        Machine{"cmp-array", {}, compared},
        clocked("sparten", {"array.rows=3", "unit.units=2", "unit.balance=2", "unit.chunk=64"}, plain),
        clocked("scnn", {"array.rows=4", "unit.tile_cols=2", "unit.banks=4", "unit.queue=1"}, plain),
        clocked("dcnn", {"array.rows=4", "unit.tile_cols=2", "unit.width=3"}, plain),
        clocked("escalate", {"array.rows=3", "unit.slices=2", "unit.lanes=3", "unit.queue=1"}, decomposed),
        clocked("escalate", {"array.rows=3", "unit.slices=2", "unit.lanes=3", "unit.order=1"}, decomposed),
        clocked("cmp-array", {"array.rows=3", "unit.compare_lanes=3", "unit.add_lanes=2"}, compared)),
    [](const ::testing::TestParamInfo<Machine>& machine) {
      std::string name = machine.param.name + (machine.param.fidelity == Fidelity::cycle ? "Clocked" : "");
      name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
      return name + std::to_string(machine.index);
    });

}  // namespace
}  // namespace basil
