#include "traces/synth/synth.h"

#include <fmt/format.h>

#include <cmath>

#include "core/error.h"
#include "core/random_stream.h"
#include "traces/encodings/bitmap.h"
#include "traces/encodings/encode.h"
#include "traces/synth/synth_outputs.h"

namespace basil {
namespace {

enum class Signs { either, positive };

// What of a list and its overrides holds for every layer.
struct Draw {
  std::uint64_t seed;
  int batch;
  Dtype dtype;

  // 16-bit values stay below 2^11, so that products fit 22 bits and sums stay far from any limit.
  [[nodiscard]] std::int64_t greatest() const { return dtype == Dtype::int16 ? 2047 : highest(dtype); }
};

Dtype dtype_of(int bits) {
  switch (bits) {
    case 4:
      return Dtype::int4;
    case 8:
      return Dtype::int8;
    case 16:
      return Dtype::int16;
    default:
      throw Error("bits", std::to_string(bits), "4, 8 or 16");
  }
}

void check_density(const std::optional<double>& density, const std::string& where) {
  if (density && !(*density >= 0 && *density <= 1)) {
    throw Error(where, fmt::format("{}", *density), "a number from 0 to 1");
  }
}

Draw checked(const SynthList& list, const SynthOptions& options) {
  const int batch = options.batch.value_or(list.batch);
  if (batch < 1 || batch > greatest_batch) {
    throw Error("batch", std::to_string(batch), fmt::format("1 to {}", greatest_batch));
  }
  check_density(options.weight_density, "weight density");
  check_density(options.ifmap_density, "ifmap density");
  return {options.seed.value_or(list.seed), batch, dtype_of(options.bits.value_or(list.bits))};
}

// Exactly round(density * count) non-zeros, at places chosen by selection sampling (Knuth, TAOCP 3.4.2 S).
std::vector<std::int16_t> draw_values(RandomStream random, std::int64_t count, double density,
                                      std::int64_t greatest, Signs signs) {
  std::vector<std::int16_t> values(static_cast<std::size_t>(count));
  std::int64_t wanted = std::llround(density * static_cast<double>(count)), left = count;
  for (std::int16_t& value : values) {
    if (random.below(left--) >= wanted) continue;
    --wanted;
    const std::int64_t magnitude = 1 + random.below(greatest);
    const bool negative = signs == Signs::either && random.below(2) == 1;
    value = static_cast<std::int16_t>(negative ? -magnitude : magnitude);
  }
  return values;
}

Operand draw_weights(const SynthLayer& wanted, const Draw& draw) {
  const LayerShape& s = wanted.shape;
  const Extent extent{s.K, s.R, s.S, s.channels_per_group()};
  Operand dense = encode(&dense_encoding, draw.dtype, extent,
                         draw_values({draw.seed, wanted.name + "/weights"}, extent.positions(),
                                     wanted.density.weights, draw.greatest(), Signs::either),
                         {1.0F});
  Operand bitmap = re_encode(dense, &bitmap_encoding);
  return encoded_bits(bitmap) < encoded_bits(dense) ? bitmap : dense;
}

Operand draw_ifmap(const SynthLayer& wanted, const LayerShape& s, const Draw& draw, Signs signs) {
  const Extent extent{s.N, s.H, s.W, s.C};
  return encode(&dense_encoding, draw.dtype, extent,
                draw_values({draw.seed, wanted.name + "/ifmap"}, extent.positions(), wanted.density.ifmap,
                            draw.greatest(), signs),
                {1.0F});
}

Layer draw_layer(const SynthLayer& wanted, const Draw& draw, Signs ifmap_signs) {
  Layer layer;
  layer.name = wanted.name;
  layer.kind = wanted.kind;
  layer.shape = wanted.shape;
  layer.shape.N = draw.batch;
  check_shape(layer);  // a batch can make it too large
  layer.weights = draw_weights(wanted, draw);
  layer.ifmap = draw_ifmap(wanted, layer.shape, draw, ifmap_signs);
  layer.output = {draw.dtype, 1.0F, true};
  if (wanted.density.ofmap) {
    reach_ofmap_density(layer, *wanted.density.ofmap);
  } else {
    spread_outputs(layer);
  }
  return layer;
}

std::string history(const SynthList& list, const SynthOptions& options, const Draw& draw) {
  std::string text = fmt::format("synth {}: seed {}, batch {}, {} bits", list.name, draw.seed, draw.batch,
                                 bits_of(draw.dtype));
  if (options.weight_density) text += fmt::format(", weight density {}", *options.weight_density);
  if (options.ifmap_density) text += fmt::format(", ifmap density {}", *options.ifmap_density);
  return text;
}

}  // namespace

Trace synthesise(const SynthList& list, const SynthOptions& options) {
  const Draw draw = checked(list, options);
  Trace trace;
  trace.name = list.name;
  trace.source = list.source;
  trace.synthetic_seed = draw.seed;
  trace.activations = fmt::format("synthetic, seed {}", draw.seed);
  trace.history = history(list, options, draw);
  for (SynthLayer wanted : list.layers) {
    if (options.weight_density) wanted.density.weights = *options.weight_density;
    if (options.ifmap_density) wanted.density.ifmap = *options.ifmap_density;
    trace.layers.push_back(draw_layer(wanted, draw, trace.layers.empty() ? Signs::either : Signs::positive));
  }
  check(trace);
  return trace;
}

}  // namespace basil
