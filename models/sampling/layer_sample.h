// A layer of which a part is computed: what the array takes for every pass, and how sure the sums are.
#pragma once

#include <optional>
#include <vector>

#include "dataflows/array.h"
#include "models/layer/psum_store.h"
#include "models/layer/traffic.h"
#include "models/sampling/sample_plan.h"

namespace basil {

// The machine still takes every pass of the schedule through its buffers, buses and DRAM; only what the unit
// says of a pass, and what leaves the chip of a block of sums, is taken from a block that stands in.
class LayerSample {
 public:
  // Machine and mapper must outlive it, the layer until all of it has run. Its steps count from `first_step`
  // on.
  LayerSample(const Layer& layer, const Description& machine, Mapper& mapper, const SampleOptions& options,
              std::int64_t first_step = 0);

  // Computes the chosen passes into `psums`; the others' stay as they are.
  void compute(Array& array, PsumStore& psums);

  [[nodiscard]] bool computed(std::int64_t step) const { return plan_.computed(step - first_step_); }
  // What a step of the schedule takes.
  [[nodiscard]] const PassCounts& counts(std::int64_t step) const {
    return counts_[plan_.record_of(step - first_step_)];
  }
  // Bytes of the block that a step finishes, on their way out.
  [[nodiscard]] Bytes ofmap(const Step& step, const LayerTraffic& traffic, const Ofmap& sums);

  // A computed pass took this on the array, streams and leakage included.
  void account(std::int64_t step, Cycles cycles, Picojoules energy);

  // What a byte of the ofmap costs on its way to DRAM, and a cycle of DRAM's standby.
  struct Slopes {
    double cycles_a_byte = 0, pj_a_byte = 0, pj_a_cycle = 0;
  };
  // Once the layer is over.
  [[nodiscard]] SampledPart estimate(const Slopes& slopes) const;

 private:
  // Of a computed block.
  struct Cost {
    Cycles cycles;
    Picojoules energy;
    std::optional<Step> store;  // the step that finishes it
    std::optional<Bytes> ofmap;
  };
  // Calls `run(step)` for each chosen step, in the schedule's order.
  template <class Run>
  void each_chosen(const Run& run);

  const Layer& layer_;
  const Description& machine_;
  Mapper& mapper_;
  std::int64_t first_step_;
  SamplePlan plan_;
  std::vector<PassCounts> counts_;  // by record
  std::vector<Cost> costs_;         // by block
};

// Outputs of the computed blocks that leave the chip as other than zero, as a part of them.
[[nodiscard]] double computed_ofmap_density(const LayerTraffic& traffic, Ofmap sums);

}  // namespace basil
