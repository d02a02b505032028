#include "traces/synth/density_only.h"

#include "core/random_stream.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"

namespace basil {

Trace density_only(const Trace& trace, std::uint64_t seed) {
  Trace moved = trace;
  for (Layer& layer : moved.layers) {
    if (!layer.simulated()) continue;
    RandomStream weights(seed, layer.name + " weights"), ifmap(seed, layer.name + " ifmap");
    layer.weights = shuffled_operand(layer.weights, weights);
    layer.ifmap = shuffled_operand(layer.ifmap, ifmap);
  }
  check(moved);
  return moved;
}

}  // namespace basil
