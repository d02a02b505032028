#include "models/sampling/layer_sample.h"

#include <algorithm>
#include <cmath>

#include "models/layer/block_sums.h"
#include "models/layer/schedules.h"
#include "models/result/stratum.h"

namespace basil {

LayerSample::LayerSample(const Layer& layer, const Description& machine, Mapper& mapper,
                         const SampleOptions& options, std::int64_t first_step)
    : layer_(layer),
      machine_(machine),
      mapper_(mapper),
      first_step_(first_step),
      plan_(layer, machine, mapper, options),
      costs_(plan_.blocks().size()) {}

template <class Run>
void LayerSample::each_chosen(const Run& run) {
  const std::unique_ptr<Schedule> schedule = make_schedule(layer_, machine_, mapper_);
  while (const std::optional<Step> step = schedule->next()) {
    if (!plan_.computed(step->id)) continue;
    run(*step);
    if (step->store_ofmap) costs_[plan_.block_of(step->id)].store = *step;
  }
}

void LayerSample::compute(Array& array, PsumStore& psums) {
  counts_.resize(static_cast<std::size_t>(plan_.records()));
  each_chosen([&](const Step& step) {
    counts_[plan_.record_of(step.id)] = array.compute(step, psums.sums());
    psums.end(step.outputs);
  });
}

Bytes LayerSample::ofmap(const Step& step, const LayerTraffic& traffic, const Ofmap& sums) {
  Cost& cost = costs_[plan_.blocks()[plan_.block_of(step.id - first_step_)].stand_in];
  if (!cost.ofmap) cost.ofmap = traffic.ofmap(*cost.store, sums);
  return *cost.ofmap;
}

void LayerSample::account(std::int64_t step, Cycles cycles, Picojoules energy) {
  Cost& cost = costs_[plan_.block_of(step - first_step_)];
  cost.cycles += cycles;
  cost.energy += energy;
}

SampledPart LayerSample::estimate(const Slopes& slopes) const {
  std::vector<Stratum> strata(plan_.strata());
  for (std::size_t i = 0; i < costs_.size(); ++i) {
    const SamplePlan::Block& block = plan_.blocks()[i];
    Stratum& stratum = strata[block.stratum];
    ++stratum.blocks;
    stratum.work.add(block.work);
    if (block.stand_in != i) continue;
    const Cost& cost = costs_[i];
    const auto bytes = static_cast<double>(cost.ofmap.value_or(Bytes()).value);
    const auto cycles = static_cast<double>(cost.cycles.value);
    stratum.stands_in_for(block.uses);
    stratum.cycles.add(cycles + bytes * slopes.cycles_a_byte);
    stratum.energy.add(cost.energy.value + bytes * slopes.pj_a_byte + cycles * slopes.pj_a_cycle);
  }
  SampledPart part{.passes = plan_.records(), .cycles = {}, .energy_pj = {}};
  for (const Stratum& stratum : strata) {
    part.cycles += stratum.spread(stratum.cycles);
    part.energy_pj += stratum.spread(stratum.energy);
  }
  return part;
}

double computed_ofmap_density(const LayerTraffic& traffic, Ofmap sums) {
  std::int64_t computed = 0;
  for (std::int64_t& sum : sums.sums) {
    if (sum == no_sum) {
      sum = 0;
    } else {
      ++computed;
    }
  }
  for (double& sum : sums.reals) {
    if (std::isnan(sum)) {
      sum = 0;
    } else {
      ++computed;
    }
  }
  return static_cast<double>(traffic.nonzero_outputs(sums)) /
         static_cast<double>(std::max<std::int64_t>(1, computed));
}

}  // namespace basil
