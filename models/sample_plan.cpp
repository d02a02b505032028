#include "models/sample_plan.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "models/schedules.h"
#include "traces/random_stream.h"

namespace basil {
namespace {

using Corner = std::array<int, 3>;

// First image, filter and row (or flat pixel) of the ofmap block a step adds to.
Corner corner(const Step& step) {
  if (const auto* fold = std::get_if<GemmPass>(&step.pass))
    return {0, fold->filters.first, fold->pixels.first};
  return {step.ofmap.n.first, step.ofmap.channels.first, step.ofmap.rows.first};
}

std::vector<int> extents(const Step& step, const LayerShape& shape, const std::vector<int>& slots) {
  std::vector<int> sizes{step.ofmap.n.size(), step.ofmap.channels.size(), step.ofmap.rows.size(),
                         ifmap_rows(shape, step.ofmap.rows, {0, shape.R}).size()};
  if (const auto* fold = std::get_if<GemmPass>(&step.pass))
    sizes = {fold->pixels.size(), fold->filters.size()};
  if (!slots.empty()) {
    sizes.insert(sizes.end(), slots.begin() + step.ofmap.channels.first,
                 slots.begin() + step.ofmap.channels.end);
  }
  return sizes;
}

void shuffle(std::span<std::size_t> blocks, RandomStream& random) {
  for (std::size_t i = blocks.size(); i > 1; --i)
    std::swap(blocks[i - 1], blocks[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
}

// How many blocks of a class are computed.
std::int64_t computed_of(std::int64_t blocks, double fraction) {
  const auto asked = static_cast<std::int64_t>(std::ceil(fraction * static_cast<double>(blocks)));
  return std::min(blocks, std::max(asked, SamplePlan::least_computed));
}

}  // namespace

std::map<SamplePlan::Class, std::vector<std::size_t>> SamplePlan::place_steps(const Layer& layer,
                                                                              const Description& machine) {
  const std::vector<int> slots = filter_slots(layer, machine);
  const std::unique_ptr<Schedule> schedule = make_schedule(layer, machine);
  std::map<Corner, std::size_t> known;
  std::vector<Class> classes;
  places_.reserve(static_cast<std::size_t>(schedule->size()));
  while (const std::optional<Step> step = schedule->next()) {
    const auto [found, is_new] = known.emplace(corner(*step), blocks_.size());
    if (is_new) {
      blocks_.emplace_back();
      classes.push_back(extents(*step, layer.shape, slots));
    }
    Block& block = blocks_[found->second];
    places_.push_back(
        {static_cast<std::uint32_t>(found->second), static_cast<std::uint32_t>(block.passes++)});
  }
  std::map<Class, std::vector<std::size_t>> by_class;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    classes[i].push_back(static_cast<int>(blocks_[i].passes));
    by_class[classes[i]].push_back(i);
  }
  return by_class;
}

SamplePlan::SamplePlan(const Layer& layer, const Description& machine, const SampleOptions& options) {
  RandomStream random(options.seed, "sample of " + layer.name);
  for (auto& [extents, alike] : place_steps(layer, machine)) {
    const auto count = static_cast<std::int64_t>(alike.size());
    const std::int64_t computed = computed_of(count, options.fraction);
    const std::int64_t strata = std::max<std::int64_t>(1, computed / least_computed);
    for (std::int64_t i = 0; i < strata; ++i, ++strata_) {
      const std::int64_t first = count * i / strata, end = count * (i + 1) / strata;
      const std::span<std::size_t> stratum(alike.data() + first, static_cast<std::size_t>(end - first));
      const auto chosen = static_cast<std::size_t>(
          std::min(end - first, computed * (i + 1) / strata - computed * i / strata));
      shuffle(stratum, random);
      for (std::size_t j = 0; j < stratum.size(); ++j) {
        Block& block = blocks_[stratum[j]];
        block.stratum = strata_;
        block.stand_in = stratum[j % chosen];
        if (j >= chosen) ++blocks_[block.stand_in].uses;
      }
    }
  }
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (blocks_[i].stand_in != i) continue;
    blocks_[i].first_record = records_;
    records_ += blocks_[i].passes;
  }
}

}  // namespace basil
