// Mappings in whole runs: what the mapper says is what the run takes.
#include "models/mapping/mapper.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "dataflows/row_stationary/doubled_array.h"
#include "models/runs/drawn_runs.h"

namespace basil {
namespace {

using testing::draw_shapes;
using testing::layer_of;
using testing::runs_of;
using testing::trace_of;

// Of a layer that ran in one piece.
const RowMapping* used_whole(const Result& result, std::size_t layer) {
  if (result.layers[layer].mapping[0] != 'm') return nullptr;
  for (const GivenMapping& used : result.mappings) {
    if (used.layer == result.layers[layer].name) return &used.mapping;
  }
  return nullptr;
}

// Where no transfer finds its row open, or none need, the price of a mapping is the run's own count.
void expect_priced_as_run(const std::string& name, const std::vector<std::string>& keys) {
  const Description machine = load_accelerator(name, keys);
  const Trace trace = trace_of(draw_shapes(40));
  Options options;
  options.verify = false;
  const Result result = simulate(trace, machine, options);
  const RowArray array = machine.row_array();
  std::size_t whole = 0;
  for (std::size_t i = 0; i < trace.layers.size(); ++i) {
    const RowMapping* const used = used_whole(result, i);
    if (used == nullptr) continue;
    ++whole;
    const LayerShape& shape = trace.layers[i].shape;
    const RowData data = row_data(trace.layers[i], machine);
    const RowPrices none;
    const auto price = RowPricer(shape, data, array, none).price(*used);
    EXPECT_EQ(price.cycles, result.layers[i].cycles) << i << ": " << result.layers[i].mapping;
  }
  EXPECT_GT(2 * whole, trace.layers.size());
}

TEST(Mapper, PricesInt16AsItRuns) { expect_priced_as_run("int16", {"dram.row_miss_ns=0"}); }
TEST(Mapper, PricesASlowLinkAsItRuns) {
  expect_priced_as_run("int16", {"dram.row_miss_ns=0", "dram.link_mhz=100", "overlap.ifmap=false"});
}
TEST(Mapper, PricesNarrowPortsAsTheyRun) {
  expect_priced_as_run("int16", {"dram.row_miss_ns=0", "buffers.fmaps.port_bits=16", "overlap.weights=false",
                                 "buffers.filters.port_bits=16"});
}
TEST(Mapper, PricesEyerissAsItRunsOnDenseMaps) {
  expect_priced_as_run("eyeriss", {"dram.row_miss_ns=0", "dram.fmaps=dense"});
}

// What the energy model says of a run, within what is left out: DRAM's rows that stay open.
TEST(Mapper, PricesEnergyAsTheRunCostsIt) {
  const Description machine = load_accelerator("int16", {"mapper.objective=energy", "dram.row_miss_ns=0"});
  const Trace trace = trace_of(draw_shapes(30));
  Options options;
  options.verify = false;
  const Result result = simulate(trace, machine, options);
  const RowPrices prices = row_prices(machine, EnergyModel(machine, Technology::load(machine.technology)));
  const RowArray array = machine.row_array();
  for (std::size_t i = 0; i < trace.layers.size(); ++i) {
    const RowMapping* const used = used_whole(result, i);
    if (used == nullptr) continue;
    const LayerShape& shape = trace.layers[i].shape;
    const RowData data = row_data(trace.layers[i], machine);
    const RowCost cost = RowPricer(shape, data, array, prices).price(*used);
    EXPECT_NEAR(cost.energy_pj / result.layers[i].energy.total().value, 1, 0.08)
        << i << ": " << result.layers[i].mapping;
  }
}

// Routers: the mapper knows a stream's rate, not what meets on the way: within 12 %.
TEST(Mapper, PricesAMeshByItsRate) {
  const Trace trace = trace_of(draw_shapes(10));
  for (const char* kind : {"mesh", "h-tree", "crossbar"}) {
    const std::vector<std::string> keys{"dram.row_miss_ns=0", std::string("noc.kind=") + kind};
    const Description machine = load_accelerator("int16", keys);
    const EnergyModel energy(machine, Technology::load(machine.technology));
    Mapper mapper(machine, energy);
    const RowArray array = machine.row_array();
    const auto runs = runs_of(trace, "int16", keys);
    for (std::size_t i = 0; i < runs.size(); ++i) {
      const LayerShape& shape = trace.layers[i].shape;
      const auto price = RowPricer(shape, {}, array, {}).price(mapper.mapping(trace.layers[i]));
      EXPECT_NEAR(static_cast<double>(price.cycles.value) / static_cast<double>(runs[i].cycles), 1, 0.12)
          << kind << ' ' << i;
    }
  }
}

// A layer of a shape that was mapped before is not mapped again; one with a mapping of its own takes that.
TEST(Mapper, GivesTheFirstMappingThatFits) {
  Description machine = load_accelerator("eyeriss");
  const EnergyModel energy(machine, Technology::load(machine.technology));
  Layer layer = layer_of({.C = 4, .H = 9, .W = 9, .K = 8, .R = 3, .S = 3});
  layer.name = "a";
  machine.mappings = {{"b", {.m = 1}, 0, 0, 0, "b"},
                      {"a", {.m = 2, .p = 2, .taps_y = 0, .taps_x = 1}, 0, 0, 0, "a"}};
  Mapper mapper(machine, energy);
  const RowMapping given = mapper.mapping(layer);
  EXPECT_EQ(given, (RowMapping{.m = 2, .p = 2, .taps_y = 3, .taps_x = 1}));
  layer.name = "c";
  const RowMapping chosen = mapper.mapping(layer);
  EXPECT_NE(chosen, given);
  layer.name = "d";
  EXPECT_EQ(mapper.mapping(layer), chosen);
  ASSERT_EQ(mapper.used().size(), 3U);
  EXPECT_EQ(mapper.used()[0].layer, "a");
  EXPECT_EQ(mapper.used()[2].mapping, chosen);
}

// Layers of ResNet-50, AlexNet, VGG-16 and MobileNetV2: channels, size, filters, kernel, stride, groups.
struct KnownLayer {
  int C, H, K, R, stride = 1, groups = 1;
};
const std::vector<KnownLayer> few_layers{{3, 224, 64, 7, 2},      {1024, 14, 256, 1}, {384, 14, 64, 1},
                                         {32, 112, 32, 3, 1, 32}, {64, 56, 64, 3},    {48, 27, 256, 5}};
const std::vector<KnownLayer> more_layers{{64, 56, 64, 1},   {64, 56, 256, 1},         {128, 28, 128, 3},
                                          {512, 28, 128, 1}, {256, 14, 256, 3},        {512, 7, 512, 3},
                                          {2048, 7, 512, 1}, {256, 13, 384, 3},        {192, 13, 384, 3},
                                          {64, 112, 128, 3}, {256, 28, 512, 3},        {512, 14, 512, 3},
                                          {32, 112, 16, 1},  {96, 112, 96, 3, 2, 96},  {144, 56, 24, 1},
                                          {960, 7, 160, 1},  {576, 14, 576, 3, 1, 576}};

LayerShape shape_of(const KnownLayer& layer) {
  LayerShape shape;
  shape.groups = layer.groups;
  shape.C = layer.C;
  shape.K = layer.K;
  shape.H = shape.W = layer.H;
  shape.R = shape.S = layer.R;
  shape.stride_y = shape.stride_x = layer.stride;
  shape.pad_top = shape.pad_bottom = shape.pad_left = shape.pad_right = layer.R / 2;
  return shape;
}

// Twice the rows, columns, ports, buses or link.
TEST(Mapper, PricesNoMoreHardwareHigherOnKnownLayers) {
  std::vector<KnownLayer> layers = few_layers;
  std::vector<std::string> machines{"int16"};
  if (std::getenv("BASIL_FULL") != nullptr) {
    layers.insert(layers.end(), more_layers.begin(), more_layers.end());
    machines = {"eyeriss", "int16", "lightpe1", "eyeriss-vgg16"};
  }
  for (const std::string& machine : machines) {
    const RowArray array = load_accelerator(machine, {}).row_array();
    for (const KnownLayer& layer : layers) {
      const LayerShape shape = shape_of(layer);
      const auto few = best_mapping(shape, {}, array, {});
      ASSERT_TRUE(few);
      for (int what = 0; what < ways_to_double; ++what) {
        const auto many = best_mapping(shape, {}, doubled(array, what), {});
        EXPECT_LE(static_cast<double>(many->cost.cycles.value),
                  1.01 * static_cast<double>(few->cost.cycles.value))
            << machine << ", twice " << what << ", C" << layer.C << " H" << layer.H << " K" << layer.K;
      }
    }
  }
}

// A bus of two words that is told to send one is a bus of one, cycle by cycle.
TEST(Mapper, APacedIfmapBusRunsAsANarrowOne) {
  const Trace trace = trace_of(draw_shapes(3));
  const Description narrow = load_accelerator("int16", {"dram.row_miss_ns=0"});
  Description wide = load_accelerator("int16", {"dram.row_miss_ns=0", "noc.ifmap_bits=32"});
  std::vector<Cycles> expected;
  for (const Layer& layer : trace.layers) {
    const RowData data = row_data(layer, narrow);
    const auto choice = best_mapping(layer.shape, data, narrow.row_array(), {});
    ASSERT_TRUE(choice);
    expected.push_back(choice->cost.cycles);
    wide.mappings.push_back({layer.name, choice->mapping, 0, 0, 0, {}});
    wide.mappings.back().mapping.ifmap_words = 1;
  }
  Options options;
  options.fidelity = Fidelity::cycle;
  const Result paced = simulate(trace, wide, options);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(paced.layers[i].cycles.value), static_cast<double>(expected[i].value),
                0.001 * static_cast<double>(expected[i].value))
        << paced.layers[i].mapping;
    EXPECT_NE(paced.layers[i].mapping.find("ifmap_words=1"), std::string::npos);
  }
}

}  // namespace
}  // namespace basil
