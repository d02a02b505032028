// Simulated dense-equivalent MAC/s of whole runs, values verified: a unit on a dataflow, layer by kind.
//   build/bench/testbenches/simulate_bench
// Each iteration is one child process on one core: elaboration, schedule, values, golden executor, accounts.
#include <benchmark/benchmark.h>

#include "models/simulate.h"
#include "testbenches/jobs.h"

namespace basil {
namespace {

struct Kind3x3 {
  int C, H, K, R, groups;
  double weight_density;
};

Layer layer_of(const Kind3x3& kind) {
  Layer layer;
  layer.name = "bench";
  LayerShape& s = layer.shape;
  s.C = kind.C;
  s.K = kind.K;
  s.H = s.W = kind.H;
  s.R = s.S = kind.R;
  s.pad_top = s.pad_bottom = s.pad_left = s.pad_right = kind.R / 2;
  s.groups = kind.groups;
  layer.kind = kind.groups == kind.C && kind.C > 1 ? Kind::depthwise : Kind::conv;
  std::uint32_t state = 7;
  const auto values = [&state](const Extent& extent, double density) {
    std::vector<std::int16_t> drawn(static_cast<std::size_t>(extent.positions()));
    for (std::int16_t& value : drawn) {
      state = state * 1664525U + 1013904223U;
      if (static_cast<double>(state >> 8) < density * (1 << 24))
        value = static_cast<std::int16_t>(1 + (state >> 25) % 127);
    }
    return drawn;
  };
  const Extent weights{s.K, s.R, s.S, s.channels_per_group()}, ifmap{s.N, s.H, s.W, s.C};
  layer.weights = encode(kind.weight_density < 1 ? Encoding::bitmap : Encoding::dense, Dtype::int8, weights,
                         values(weights, kind.weight_density), {1.0F});
  layer.ifmap = encode(Encoding::dense, Dtype::int8, ifmap, values(ifmap, 0.5), {1.0F});
  layer.output.relu = true;
  return layer;
}

void run_layer(benchmark::State& state, const char* accelerator, const std::vector<std::string>& overrides,
               const Kind3x3& kind) {
  Trace trace;
  trace.name = "bench";
  trace.synthetic_seed = 7;
  trace.layers.push_back(layer_of(kind));
  const Description machine = load_accelerator(accelerator, overrides);
  for (auto _ : state) benchmark::DoNotOptimize(simulate_in_children(trace, machine, {}, 1).cycles());
  state.counters["MAC/s"] = benchmark::Counter(static_cast<double>(trace.layers[0].shape.macs()),
                                               benchmark::Counter::kIsIterationInvariantRate);
}

constexpr Kind3x3 conv3x3{128, 56, 128, 3, 1, 1.0};
constexpr Kind3x3 conv3x3_bitmap{128, 56, 128, 3, 1, 0.3};
constexpr Kind3x3 conv1x1{256, 56, 256, 1, 1, 1.0};
constexpr Kind3x3 first7x7{3, 224, 64, 7, 1, 1.0};
constexpr Kind3x3 depthwise3x3{256, 56, 256, 3, 256, 1.0};

void register_all() {
  struct Machine {
    const char* name;
    const char* accelerator;
    std::vector<std::string> overrides;
  };
  const std::vector<Machine> machines{
      {"mac/row_stationary", "eyeriss", {}},
      {"mac/weight_stationary", "tpu-like", {}},
      {"mac/output_stationary", "tpu-like", {"array.dataflow=output_stationary"}}};
  const std::vector<std::pair<const char*, Kind3x3>> kinds{{"conv3x3", conv3x3},
                                                           {"conv3x3-bitmap30", conv3x3_bitmap},
                                                           {"conv1x1", conv1x1},
                                                           {"first7x7", first7x7},
                                                           {"depthwise3x3", depthwise3x3}};
  for (const Machine& machine : machines) {
    for (const auto& [name, kind] : kinds) {
      benchmark::RegisterBenchmark((std::string(machine.name) + "/" + name).c_str(),
                                   [machine, kind = kind](benchmark::State& state) {
                                     run_layer(state, machine.accelerator, machine.overrides, kind);
                                   })
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace
}  // namespace basil

int main(int argc, char** argv) {
  basil::register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
