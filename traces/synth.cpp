#include "traces/synth.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/error.h"
#include "traces/golden.h"
#include "traces/limits.h"

namespace basil {
namespace {

// SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a stream for each layer and operand, the same on every
// machine.
class Random {
 public:
  Random(std::uint64_t seed, std::uint64_t stream)
      : state_(seed * 0x9E3779B97F4A7C15U + stream * 0xD1342543DE82EF95U) {}

  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15U;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
  }
  // 0 .. below - 1
  std::int64_t below(std::int64_t below) {
    return static_cast<std::int64_t>((next() >> 11) % static_cast<std::uint64_t>(below));
  }

 private:
  std::uint64_t state_;
};

// Exactly round(density * count) non-zeros, at places chosen by selection sampling (Knuth, TAOCP 3.4.2 S).
std::vector<std::int16_t> draw(Random& random, std::int64_t count, double density, std::int64_t most,
                               bool either_sign) {
  std::vector<std::int16_t> values(static_cast<std::size_t>(count));
  std::int64_t wanted = std::llround(density * static_cast<double>(count)), left = count;
  for (std::int16_t& value : values) {
    if (random.below(left--) >= wanted) continue;
    --wanted;
    const std::int64_t magnitude = 1 + random.below(most);
    value = static_cast<std::int16_t>(either_sign && random.below(2) == 1 ? -magnitude : magnitude);
  }
  return values;
}

// The bias that lets the share `density` of the sums be positive, and the scale that keeps them from zero
// when requantised: the least positive sum becomes one step or more, the greatest may saturate.
void reach_ofmap_density(Layer& layer, double density) {
  std::vector<std::int64_t> sums = run_golden(layer).sums;
  const auto wanted = static_cast<std::size_t>(std::llround(density * static_cast<double>(sums.size())));
  std::sort(sums.begin(), sums.end(), std::greater<>());
  const std::int64_t bias = wanted == 0             ? -sums.front()
                            : wanted >= sums.size() ? 1 - sums.back()
                                                    : -sums[wanted];
  layer.bias.assign(static_cast<std::size_t>(layer.shape.K), bias);
  layer.output.scale = layer.ifmap.scale(0) * layer.weights.scale(0);
}

void spread_outputs(Layer& layer) {
  const std::vector<std::int64_t> sums = run_golden(layer).sums;
  const double most =
      static_cast<double>(std::max<std::int64_t>(1, *std::max_element(sums.begin(), sums.end())));
  layer.output.scale = static_cast<float>(most / highest(layer.output.dtype));
}

Layer draw_layer(const SynthLayer& wanted, int batch, Dtype dtype, std::uint64_t seed, std::size_t index) {
  Layer layer;
  layer.name = wanted.name;
  layer.kind = wanted.kind;
  layer.shape = wanted.shape;
  layer.shape.N = batch;
  const LayerShape& s = layer.shape;
  check_positions({s.N, s.H, s.W, s.C}, "layer " + layer.name + ": batch");
  const std::int64_t most = dtype == Dtype::int16 ? 2047 : highest(dtype);
  const Extent weights{s.K, s.R, s.S, s.channels_per_group()}, ifmap{s.N, s.H, s.W, s.C};
  Random weight_stream(seed, 2 * index), ifmap_stream(seed, 2 * index + 1);
  layer.weights =
      encode(Encoding::dense, dtype, weights,
             draw(weight_stream, weights.positions(), wanted.density.weights, most, true), {1.0F});
  layer.ifmap = encode(Encoding::dense, dtype, ifmap,
                       draw(ifmap_stream, ifmap.positions(), wanted.density.ifmap, most, index == 0), {1.0F});
  Operand bitmap = re_encode(layer.weights, Encoding::bitmap);
  if (encoded_bits(bitmap) < encoded_bits(layer.weights)) layer.weights = std::move(bitmap);
  layer.output = {dtype, 1.0F, true};
  if (wanted.density.ofmap) {
    reach_ofmap_density(layer, *wanted.density.ofmap);
  } else {
    spread_outputs(layer);
  }
  return layer;
}

}  // namespace

Trace synthesise(const SynthList& list, const SynthOptions& options) {
  const int bits = options.bits.value_or(list.bits), batch = options.batch.value_or(list.batch);
  if (bits != 4 && bits != 8 && bits != 16) throw Error("bits", std::to_string(bits), "4, 8 or 16");
  if (batch < 1 || batch > 1024) throw Error("batch", std::to_string(batch), "1 to 1024");
  for (const auto& density : {options.weight_density, options.ifmap_density}) {
    if (density && !(*density >= 0 && *density <= 1))
      throw Error("density", fmt::format("{}", *density), "0 to 1");
  }
  Trace trace;
  trace.name = list.name;
  trace.source = list.source;
  trace.synthetic_seed = options.seed.value_or(list.seed);
  trace.activations = fmt::format("synthetic, seed {}", *trace.synthetic_seed);
  trace.history = "drawn by basil synth from the shapes of " + list.name;
  const Dtype dtype = bits == 4 ? Dtype::int4 : bits == 8 ? Dtype::int8 : Dtype::int16;
  for (std::size_t i = 0; i < list.layers.size(); ++i) {
    SynthLayer wanted = list.layers[i];
    if (options.weight_density) wanted.density.weights = *options.weight_density;
    if (options.ifmap_density) wanted.density.ifmap = *options.ifmap_density;
    trace.layers.push_back(draw_layer(wanted, batch, dtype, *trace.synthetic_seed, i));
  }
  check(trace);
  return trace;
}

}  // namespace basil
