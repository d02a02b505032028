// What a layer's passes wait for, and what travels under them: the rules of the sequencer, which the mapper
// prices by. SystemC-free; whoever follows them says what a transfer takes.
#pragma once

#include <algorithm>

#include "core/units.h"

namespace basil {

// Which transfers go on while the array works.
struct Overlap {
  bool weights = true, ifmap = false, ofmap = false;
};

// What a pass needs that is not in the buffers yet.
struct PassLoads {
  bool weights = false, ifmap = false;
  bool weights_fit = true;  // into the filter buffer, beside those the array still draws
  friend bool operator==(const PassLoads&, const PassLoads&) = default;
};

// What was asked for under the pass before.
struct PassAsked {
  bool weights = false, ifmap = false;
  friend bool operator==(const PassAsked&, const PassAsked&) = default;
};

// The array is free for a pass: what it lacks and nobody has asked for is asked for now.
// `load_weights(Cycles after_now)` and `load_ifmap(Cycles after_now)` ask for a transfer.
template <class LoadWeights, class LoadIfmap>
void bring_operands(const PassAsked& asked, const PassLoads& pass, LoadWeights&& load_weights,
                    LoadIfmap&& load_ifmap) {
  if (pass.weights && !asked.weights) load_weights(Cycles(0));
  if (pass.ifmap && !asked.ifmap) load_ifmap(Cycles(0));
}

inline Cycles later(Cycles a, Cycles b) { return std::max(a, b); }

// What a pass waits for, of the ends of transfers. `Time` has later(Time, Time).
template <class Time>
Time awaited_by_pass(const Overlap& overlap, const Time& weights, const Time& ifmap, const Time& stores) {
  const Time operands = later(weights, ifmap);
  return overlap.ofmap ? operands : later(operands, stores);
}

// A pass has begun: asks for what the next one lacks and may come under it, weights `room_after` cycles on,
// when the filter buffer has room for them. Tells what that was.
template <class LoadWeights, class LoadIfmap>
PassAsked prefetch_operands(const Overlap& overlap, const PassLoads& next, Cycles room_after,
                            LoadWeights&& load_weights, LoadIfmap&& load_ifmap) {
  const PassAsked asked{next.weights && overlap.weights && next.weights_fit, next.ifmap && overlap.ifmap};
  if (asked.weights) load_weights(room_after);
  if (asked.ifmap) load_ifmap(Cycles(0));
  return asked;
}

}  // namespace basil
