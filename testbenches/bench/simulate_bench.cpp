// Simulated dense-equivalent MAC/s of whole runs, values verified: a unit on a dataflow, layer by kind.
//   build/bench/testbenches/simulate_bench
// Each iteration is one child process on one core: elaboration, schedule, values, golden executor, accounts.
#include <benchmark/benchmark.h>

#include <map>

#include "models/processes/jobs.h"
#include "models/simulate.h"
#include "traces/compress/derive.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

struct LayerKind {
  const char* name;
  int C, H, K, R, groups;
  double weight_density;
  int copies = 1;  // layers of the run
};

struct Machine {
  const char* name;
  const char* accelerator;
  std::vector<std::string> overrides = {};
};

Layer layer_of(const LayerKind& kind) {
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
  layer.weights = encode(kind.weight_density < 1 ? &bitmap_encoding : &dense_encoding, Dtype::int8, weights,
                         values(weights, kind.weight_density), {1.0F});
  layer.ifmap = encode(&dense_encoding, Dtype::int8, ifmap, values(ifmap, 0.5), {1.0F});
  layer.output.relu = true;
  return layer;
}

// Layers in the encoding that the machine's unit is made for, by the machine's own recipe. Fitting takes
// longer than the run, so each is made once.
const Trace& trace_of(const LayerKind& kind, const Description& machine) {
  static std::map<std::string, Trace> made;
  const auto [entry, is_new] = made.try_emplace(machine.name + "/" + kind.name);
  Trace& trace = entry->second;
  if (!is_new) return trace;
  trace.name = "bench";
  trace.synthetic_seed = 7;
  for (int copy = 0; copy < kind.copies; ++copy) {
    trace.layers.push_back(layer_of(kind));
    trace.layers.back().name += std::to_string(copy);
  }
  if (only_weights(native_encoding(*machine.unit))) trace = derive(trace, *machine.recipe);
  return trace;
}

void run_layer(benchmark::State& state, const Machine& machine, const LayerKind& kind) {
  const Description description = load_accelerator(machine.accelerator, machine.overrides);
  const Trace& trace = trace_of(kind, description);
  for (auto _ : state) benchmark::DoNotOptimize(simulate_in_children(trace, description, {}, 1).cycles());
  const std::int64_t macs = kind.copies * trace.layers[0].shape.macs();
  state.counters["MAC/s"] =
      benchmark::Counter(static_cast<double>(macs), benchmark::Counter::kIsIterationInvariantRate);
}

void register_runs(const std::vector<Machine>& machines, const std::vector<LayerKind>& kinds) {
  for (const Machine& machine : machines) {
    for (const LayerKind& kind : kinds) {
      benchmark::RegisterBenchmark(
          (std::string(machine.name) + "/" + kind.name).c_str(),
          [machine, kind](benchmark::State& state) { run_layer(state, machine, kind); })
          ->UseRealTime()
          ->Unit(benchmark::kMillisecond);
    }
  }
}

void register_all() {
  register_runs({{"mac/row_stationary", "eyeriss"},
                 {"mac/weight_stationary", "tpu-like"},
                 {"mac/output_stationary", "tpu-like", {"array.dataflow=output_stationary"}}},
                {{"conv3x3", 128, 56, 128, 3, 1, 1.0},
                 {"conv3x3-bitmap30", 128, 56, 128, 3, 1, 0.3},
                 {"conv1x1", 256, 56, 256, 1, 1, 1.0},
                 {"first7x7", 3, 224, 64, 7, 1, 1.0},
                 {"depthwise3x3", 256, 56, 256, 3, 256, 1.0}});
  // Eight each of the three 3 x 3 shapes that are most of face-resnet34, a larger one, and what a run takes
  // without work.
  register_runs({{"sparse_inner", "sparten"},
                 {"sparse_outer", "scnn"},
                 {"dot", "dcnn"},
                 {"basis_first", "escalate"},
                 {"shift_add", "lightpe2"},
                 {"comparator", "cmp-array"}},
                {{"8x-face35x32", 32, 35, 32, 3, 1, 0.3, 8},
                 {"8x-face17x64", 64, 17, 64, 3, 1, 0.3, 8},
                 {"8x-face8x128", 128, 8, 128, 3, 1, 0.3, 8},
                 {"conv3x3-bitmap30", 128, 56, 128, 3, 1, 0.3},
                 {"one-product", 1, 1, 1, 1, 1, 1.0}});
}

}  // namespace
}  // namespace basil

int main(int argc, char** argv) {
  basil::register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
