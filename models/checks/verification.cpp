#include "models/checks/verification.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "core/error.h"
#include "traces/golden/golden_width.h"

namespace basil {
namespace {

std::string place_of(const Ofmap& ofmap, std::size_t at) {
  const auto filters = static_cast<std::size_t>(ofmap.K), columns = static_cast<std::size_t>(ofmap.Q),
             rows = static_cast<std::size_t>(ofmap.P);
  return fmt::format("output (n {}, p {}, q {}, k {})", at / filters / columns / rows,
                     at / filters / columns % rows, at / filters % columns, at % filters);
}

[[noreturn]] void mismatch(const Layer& layer, const Ofmap& golden, std::size_t at, const std::string& found,
                           const std::string& expected) {
  throw Failure(fmt::format("layer {}: {} is {}, the golden executor says {}", layer.name,
                            place_of(golden, at), found, expected));
}

// The filter of the layer that is the `filter`th on the chip.
std::size_t filter_of(std::span<const int> order, int filter) {
  return static_cast<std::size_t>(order.empty() ? filter : order[static_cast<std::size_t>(filter)]);
}

// Of a block of outputs, from one golden run to another.
void copy_block(const NarrowOfmap& from, const LayerBox& block, std::span<const int> order, NarrowOfmap& to) {
  for (int n = block.images.first; n < block.images.end; ++n) {
    for (int p = block.rows.first; p < block.rows.end; ++p) {
      for (int q = block.columns.first; q < block.columns.end; ++q) {
        for (int k = block.filters.first; k < block.filters.end; ++k) {
          const std::size_t at = to.ofmap.at(n, p, q, 0) + filter_of(order, k);
          to.ofmap.sums[at] = from.ofmap.sums[at];
          to.overflowed[at] = from.overflowed[at];
        }
      }
    }
  }
}

// The golden sums at the machine's width. Tiles of a chip, and pieces of a layer, may take their sums through
// different passes.
NarrowOfmap narrow_golden(const LayerRun& run, const SumWidth& width) {
  std::map<ReductionOrder, std::vector<LayerBox>> blocks;
  for (const LayerPieces::Reduction& reduction : run.chip.reductions())
    blocks[reduction.order].push_back(reduction.box);
  std::optional<NarrowOfmap> all;
  for (const auto& [passes, boxes] : blocks) {
    NarrowOfmap some = run_golden(run.layer, width, passes);
    if (!all) {
      all = std::move(some);
      continue;
    }
    for (const LayerBox& box : boxes) copy_block(some, box, run.order, *all);
  }
  return *all;
}

void compare_sums(const Layer& layer, const Ofmap& sums, const Ofmap& golden) {
  if (golden.sums.size() != sums.sums.size() || golden.reals.size() != sums.reals.size())
    throw Failure(fmt::format("layer {}: {} outputs, the golden executor has {}", layer.name,
                              std::max(sums.sums.size(), sums.reals.size()),
                              std::max(golden.sums.size(), golden.reals.size())));
  for (std::size_t i = 0; i < golden.sums.size(); ++i) {
    if (sums.sums[i] != golden.sums[i])
      mismatch(layer, golden, i, std::to_string(sums.sums[i]), std::to_string(golden.sums[i]));
  }
}

void compare_reals(const Layer& layer, const Ofmap& sums, const Ofmap& golden) {
  const std::vector<double> bound = fp32_bound(layer);
  constexpr double greatest = std::numeric_limits<float>::max();
  for (std::size_t i = 0; i < golden.reals.size(); ++i) {
    if (std::isfinite(sums.reals[i]) && std::abs(golden.reals[i]) <= greatest) continue;
    throw Failure(fmt::format("layer {}: {} overflows fp32: the exact sum is {:g}, the greatest number {:g}",
                              layer.name, place_of(golden, i), golden.reals[i], greatest));
  }
  for (std::size_t i = 0; i < golden.reals.size(); ++i) {
    if (!(std::abs(sums.reals[i] - golden.reals[i]) <= bound[i])) {
      mismatch(layer, golden, i, fmt::format("{}", sums.reals[i]),
               fmt::format("{} +- {}", golden.reals[i], bound[i]));
    }
  }
}

void compare_counts(const Layer& layer, const SumStatistics& counted, const NarrowOfmap& golden) {
  const auto overflowed = std::count(golden.overflowed.begin(), golden.overflowed.end(), 1);
  if (overflowed != counted.overflowed)
    throw Failure(fmt::format("layer {}: {} sums overflowed, the golden executor says {}", layer.name,
                              counted.overflowed, overflowed));
  if (golden.widest_bits != counted.widest_bits)
    throw Failure(fmt::format("layer {}: the widest sum has {} bits, the golden executor says {}", layer.name,
                              counted.widest_bits, golden.widest_bits));
}

}  // namespace

void verify(const LayerRun& run, const SumWidth& width, const SumStatistics& counted, const Ofmap* given) {
  if (may_overflow(run.layer, width)) {
    const NarrowOfmap golden = narrow_golden(run, width);
    compare_sums(run.layer, run.sums, golden.ofmap);
    compare_counts(run.layer, counted, golden);
    return;
  }
  const Ofmap made = given != nullptr ? Ofmap() : run_golden(run.layer);
  const Ofmap& golden = given != nullptr ? *given : made;
  compare_sums(run.layer, run.sums, golden);
  if (!golden.reals.empty()) compare_reals(run.layer, run.sums, golden);
}

void refuse_overflow(const LayerRun& run, const SumWidth& width) {
  const std::optional<WidePsum> found = run.chip.widest_overflow();
  if (width.overflow != Overflow::error || !found) return;
  const auto filters = static_cast<std::size_t>(run.sums.K);
  const std::size_t filter = filter_of(run.order, static_cast<int>(found->output % filters));
  throw Failure(
      fmt::format("layer {}: {} needs a psum of {}, which psum_bits {} does not hold; {} would hold every "
                  "psum of the layer "
                  "(or set overflow: saturate or wrap)",
                  run.layer.name, place_of(run.sums, found->output / filters * filters + filter), found->psum,
                  width.psum_bits, bits_of_sum(found->psum)));
}

}  // namespace basil
