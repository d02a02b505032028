// Why a run takes its time: the layers' costliest causes in words, and what would relieve each.
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

struct Cause {
  std::size_t layer = 0;  // its place in the result
  CauseKind kind = CauseKind::multiplying;
  double cycles = 0;
};

// All causes of a layer, by kind.
[[nodiscard]] std::vector<double> cause_cycles(const LayerResult& layer, std::int64_t pes);
// The run's three costliest ones, those that cost nothing aside.
[[nodiscard]] std::vector<Cause> costliest_causes(const Result& result);

// What would help, and the keys that make the machine so.
struct Relief {
  std::string words;  // "twice the DRAM link"
  std::vector<std::string> overrides;
};
// Nothing where no key of the machine stands for it.
[[nodiscard]] std::optional<Relief> relief_of(CauseKind kind, const Description& machine);

// "L6: weights from DRAM in steady state, 71 % of its cycles, 40 % of all", and where the relief was run:
// "; twice the DRAM link gives 1.70x".
[[nodiscard]] std::string sentence(const Result& result, const Cause& cause, const std::optional<Gain>& gain);

}  // namespace basil
