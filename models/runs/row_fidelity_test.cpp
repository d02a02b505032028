// Row stationary at both fidelities: the clocked array, which draws its words from buffers and flits itself,
// and the fast form that follows them. On a bus they take the same cycles; over routers the fast form leaves
// out how packets of one stream hold up another's, and stays within 3 % a layer.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "models/presets/shapes.h"
#include "models/processes/child_pool.h"
#include "models/report/report.h"
#include "models/simulate.h"
#include "traces/synth/synth.h"

namespace basil {
namespace {

bool full() { return std::getenv("BASIL_FULL") != nullptr; }

int at_most(int value, int most) { return full() ? value : std::min(value, most); }

// Layers of the three networks; in the quick form three a network, with few channels and filters and of at
// most 28 rows: passes of full height and width, but few of them.
std::vector<SynthLayer> drawn_layers() {
  std::mt19937 random(20);  // a fixed draw
  std::vector<SynthLayer> drawn;
  for (const char* network : {"alexnet", "vgg16", "mobilenetv2"}) {
    std::vector<SynthLayer> layers = load_shapes(network, "test").list.layers;
    std::erase_if(layers, [](const SynthLayer& layer) { return layer.kind == &fc_kind; });
    if (!full()) std::shuffle(layers.begin(), layers.end(), random);
    const std::size_t count = full() ? layers.size() : std::min<std::size_t>(3, layers.size());
    for (std::size_t i = 0; i < count; ++i) {
      SynthLayer layer = layers[i];
      LayerShape& shape = layer.shape;
      const bool depthwise = shape.groups > 1 && shape.groups == shape.C;
      shape.H = std::max(at_most(shape.H, 28), shape.R);
      shape.W = std::max(at_most(shape.W, 56), shape.S);
      shape.C = at_most(shape.C, depthwise ? 4 : 24);
      shape.K = depthwise ? shape.C : at_most(shape.K, 40);
      shape.groups = depthwise ? shape.C : 1;
      layer.name = std::string(network) + "." + layer.name;
      drawn.push_back(layer);
    }
  }
  return drawn;
}

Result simulated(const Trace& trace, const Description& machine, Fidelity fidelity) {
  ChildPool child(1, {});  // a process simulates once
  child.start(0, [&] {
    Options options;
    options.fidelity = fidelity;
    return to_json(simulate(trace, machine, options)).dump();
  });
  std::vector<ChildEnd> ends;
  while (ends.empty()) ends = child.wait(std::chrono::milliseconds(1000));
  if (!ends[0].answered) throw std::runtime_error(ends[0].text);
  return result_from_json(nlohmann::json::parse(ends[0].text));
}

void expect_within(double percent, const std::vector<std::string>& overrides) {
  const Description machine = load_accelerator("eyeriss", overrides);
  for (const SynthLayer& layer : drawn_layers()) {
    SynthList list{.name = "drawn", .source = "test", .layers = {layer}};
    const Trace trace = synthesise(list, {});
    const Result clocked = simulated(trace, machine, Fidelity::cycle);
    const Result fast = simulated(trace, machine, Fidelity::transaction);
    const auto cycles = static_cast<double>(clocked.layers[0].processing.value);
    const double off = 100 * (static_cast<double>(fast.layers[0].processing.value) - cycles) / cycles;
    EXPECT_LE(std::abs(off), percent) << layer.name << ": " << fast.layers[0].processing.value << " against "
                                      << cycles << " processing cycles";
    EXPECT_EQ(fast.layers[0].buffer_array.value, clocked.layers[0].buffer_array.value) << layer.name;
  }
}

TEST(RowFidelity, OnABus) { expect_within(0.1, {}); }
TEST(RowFidelity, OverAMesh) { expect_within(3, {"noc.kind=mesh"}); }
TEST(RowFidelity, OverAnHTree) { expect_within(3, {"noc.kind=h-tree"}); }
TEST(RowFidelity, OverACrossbar) { expect_within(3, {"noc.kind=crossbar"}); }

}  // namespace
}  // namespace basil
