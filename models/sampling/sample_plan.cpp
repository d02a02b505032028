#include "models/sampling/sample_plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "models/layer/schedules.h"
#include "pe/pass_traffic.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/slice.h"

namespace basil {
namespace {

using Corner = std::array<int, 3>;

// First image, filter and pixel of the ofmap block a step adds to.
Corner corner(const Step& step) {
  const OutputBlock& block = step.outputs;
  return {block.images.first, block.filters.first, block.pixels.first};
}

std::vector<int> extents(const Step& step, const LayerShape& shape, const std::vector<int>& slots) {
  std::vector<int> sizes{step.ofmap.n.size(), step.ofmap.channels.size(), step.ofmap.rows.size(),
                         ifmap_rows(shape, step.ofmap.rows).size()};
  if (step.outputs.flat) sizes = {step.outputs.pixels.size(), step.outputs.filters.size()};
  if (!slots.empty()) {
    sizes.insert(sizes.end(), slots.begin() + step.ofmap.channels.first,
                 slots.begin() + step.ofmap.channels.end);
  }
  return sizes;
}

// What the non-zeros of operands promise of the work in an ofmap block: those of its filters (in other
// encodings their bits) times those of its ifmap rows. It orders blocks, no more.
class PromisedWork {
 public:
  explicit PromisedWork(const Layer& layer) : shape_(layer.shape) {
    const SliceReader weights(layer.weights), ifmap(layer.ifmap);
    const std::int64_t filter = layer.weights.extent.positions() / shape_.K;
    for (std::int64_t k = 0; k < shape_.K; ++k) {
      weights_.push_back(only_weights(layer.weights.encoding) ? weights.encoded_bits(k * filter, filter)
                                                              : weights.nonzeros(k * filter, filter));
    }
    const std::int64_t row = std::int64_t{shape_.W} * shape_.C;
    for (std::int64_t y = 0; y < std::int64_t{shape_.N} * shape_.H; ++y)
      words_.push_back(ifmap.nonzeros(y * row, row));
  }

  [[nodiscard]] double of(const Step& step) const {
    const Range filters = step.ofmap.channels;
    const auto weights = static_cast<double>(
        std::accumulate(weights_.begin() + filters.first, weights_.begin() + filters.end, std::int64_t{0}));
    if (step.outputs.flat) return weights;  // its rows count over all images
    const Range rows = ifmap_rows(shape_, step.ofmap.rows);
    std::int64_t words = 0;
    for (int n = step.ofmap.n.first; n < step.ofmap.n.end; ++n) {
      const auto image = words_.begin() + std::int64_t{n} * shape_.H;
      words = std::accumulate(image + rows.first, image + rows.end, words);
    }
    return weights * static_cast<double>(words);
  }

 private:
  LayerShape shape_;
  std::vector<std::int64_t> weights_;  // of each filter
  std::vector<std::int64_t> words_;    // of each ifmap row
};

// How many blocks of a class are computed.
std::int64_t computed_of(std::int64_t blocks, double fraction) {
  if (blocks < SamplePlan::least_sampled) return blocks;
  const auto asked = static_cast<std::int64_t>(std::ceil(fraction * static_cast<double>(blocks)));
  return std::min(blocks, std::max(asked, SamplePlan::least_computed));
}

}  // namespace

std::map<SamplePlan::Class, std::vector<std::size_t>> SamplePlan::place_steps(const Layer& layer,
                                                                              const Description& machine,
                                                                              Mapper& mapper) {
  const std::vector<int> slots = filter_slots(layer, machine);
  const std::unique_ptr<Schedule> schedule = make_schedule(layer, machine, mapper);
  const PromisedWork work(layer);
  std::map<Corner, std::size_t> known;
  std::vector<Class> classes;
  places_.reserve(static_cast<std::size_t>(schedule->size()));
  while (const std::optional<Step> step = schedule->next()) {
    const auto [found, is_new] = known.emplace(corner(*step), blocks_.size());
    if (is_new) {
      blocks_.emplace_back().work = work.of(*step);
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

void SamplePlan::draw(std::span<const std::size_t> stratum, std::size_t computed, RandomStream& random) {
  for (std::size_t i = 0; i < computed; ++i) {
    const std::size_t first = stratum.size() * i / computed, end = stratum.size() * (i + 1) / computed;
    const std::size_t drawn =
        stratum[first + static_cast<std::size_t>(random.below(static_cast<std::int64_t>(end - first)))];
    for (std::size_t j = first; j < end; ++j) {
      blocks_[stratum[j]].stratum = strata_;
      blocks_[stratum[j]].stand_in = drawn;
    }
    blocks_[drawn].uses = static_cast<std::int64_t>(end - first) - 1;
  }
  ++strata_;
}

SamplePlan::SamplePlan(const Layer& layer, const Description& machine, Mapper& mapper,
                       const SampleOptions& options) {
  RandomStream random(options.seed, "sample of " + layer.name);
  for (auto& [extents, alike] : place_steps(layer, machine, mapper)) {
    std::stable_sort(alike.begin(), alike.end(),
                     [&](std::size_t a, std::size_t b) { return blocks_[a].work < blocks_[b].work; });
    const auto count = static_cast<std::int64_t>(alike.size());
    const std::int64_t computed = computed_of(count, options.fraction);
    const std::int64_t strata = std::max<std::int64_t>(1, computed / least_computed);
    for (std::int64_t i = 0; i < strata; ++i) {
      const std::int64_t first = count * i / strata, end = count * (i + 1) / strata;
      const std::int64_t drawn = computed * (i + 1) / strata - computed * i / strata;
      draw({alike.data() + first, static_cast<std::size_t>(end - first)},
           static_cast<std::size_t>(std::min(end - first, drawn)), random);
    }
  }
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (blocks_[i].stand_in != i) continue;
    blocks_[i].first_record = records_;
    records_ += blocks_[i].passes;
  }
}

}  // namespace basil
