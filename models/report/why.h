// Why a run takes its time: the costliest causes in words, and what would relieve each.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/description/description.h"
#include "models/result/result.h"

namespace basil {

// What a layer's cycles go to. They add up to the layer: the array waits for DRAM, or it has a pass, of which
// each PE-cycle counts as one PE-th of a cycle.
enum class CauseKind {
  weights_first,   // waits for weights from DRAM before the layer's first pass
  weights_steady,  // and before later ones
  ifmap_first,
  ifmap_steady,
  ofmap_steady,  // waits for results on their way to DRAM between passes
  ofmap_last,    // and after the last one
  multiplying,
  gated,
  imbalance,
  wait_weights,
  wait_activations,
  wait_psums,
  noc,
  drain,
  idle,
};
inline constexpr int cause_kinds = 15;

[[nodiscard]] std::string_view to_string(CauseKind kind);

// Of all layers together.
struct Cause {
  CauseKind kind = CauseKind::multiplying;
  double cycles = 0;
  std::size_t layers = 0;   // how many have it
  std::size_t worst = 0;    // that which loses most by it: its place in the result
  double worst_cycles = 0;  // of it
};

// All causes of a layer, by kind.
[[nodiscard]] std::vector<double> cause_cycles(const LayerResult& layer, std::int64_t pes);
// The run's three costliest ones, those that cost nothing aside. What each layer of many loses a little by is
// as costly as what one loses by alone.
[[nodiscard]] std::vector<Cause> costliest_causes(const Result& result);

// What would help, and the keys that make the machine so.
struct Relief {
  std::string words;  // "twice the DRAM link"
  std::vector<std::string> overrides;
};
// Nothing where no key of the machine stands for it.
[[nodiscard]] std::optional<Relief> relief_of(CauseKind kind, const Description& machine);

// "weights from DRAM in steady state, 40 % of all cycles, worst in L6 (71 % of its own)", and where the run
// was made with the relief: "; twice the DRAM link gives 1.70x".
[[nodiscard]] std::string sentence(const Result& result, const Cause& cause, const std::optional<Gain>& gain);

}  // namespace basil
