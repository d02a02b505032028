#include "models/layer/psum_store.h"

#include <algorithm>
#include <limits>

#include "core/vectorised.h"

namespace basil {
namespace {

// The magnitudes of all sums, bit by bit: as wide as the widest one. Those not started do not count.
BASIL_VECTORISED
std::int64_t magnitudes(const std::int64_t* sums, std::size_t count) {
  std::int64_t bits = 0;
  for (std::size_t i = 0; i < count; ++i) bits |= sums[i] == no_sum ? 0 : sums[i] ^ (sums[i] >> 63);
  return bits;
}

// A sum that went on from one that no pass had started.
bool never_started(std::int64_t sum) { return sum < no_sum / 2; }

// Two's complement of `bits`.
std::int64_t wrapped(std::int64_t sum, int bits) {
  if (bits == 64) return sum;
  const std::uint64_t half = std::uint64_t{1} << (bits - 1), mask = half | (half - 1);
  return static_cast<std::int64_t>(((static_cast<std::uint64_t>(sum) + half) & mask) - half);
}

}  // namespace

void keep_wider(std::optional<WidePsum>& widest, const WidePsum& found) {
  if (!widest || bits_of_sum(found.psum) > bits_of_sum(widest->psum)) widest = found;
}

PsumStore::PsumStore(const Layer& layer, const SumWidth& width, bool narrows)
    : width_(width), narrows_(narrows), sums_(blank_sums(layer)) {
  if (!narrows_) return;
  lost_.resize(sums_.sums.size());
  overflowed_.resize(sums_.sums.size());
}

void PsumStore::set_aside() {
  earlier_ = sums_;
  std::fill(sums_.sums.begin(), sums_.sums.end(), no_sum);
  std::fill(sums_.reals.begin(), sums_.reals.end(), std::numeric_limits<double>::quiet_NaN());
}

template <class Run>
void PsumStore::each_run(const OutputBlock& block, const Run& run) const {
  const auto count = static_cast<std::size_t>(block.filters.size());
  for (int n = block.images.first; n < block.images.end; ++n) {
    for (int pixel = block.pixels.first; pixel < block.pixels.end; ++pixel)
      run(sums_.at(n, 0, pixel, block.filters.first), count);
  }
}

void PsumStore::end(const OutputBlock& block) {
  if (earlier_) each_run(block, [this](std::size_t first, std::size_t count) { add_earlier(first, count); });
  if (narrows_) each_run(block, [this](std::size_t first, std::size_t count) { write(first, count); });
}

void PsumStore::rewrite(const OutputBlock& block) {
  if (earlier_) each_run(block, [this](std::size_t first, std::size_t count) { add_earlier(first, count); });
  if (narrows_) each_run(block, [this](std::size_t first, std::size_t count) { narrow(first, count); });
}

void PsumStore::add_earlier(std::size_t first, std::size_t count) {
  for (std::size_t i = first; i < first + count; ++i) {
    if (sums_.sums.empty()) {
      sums_.reals[i] += earlier_->reals[i];
    } else {
      sums_.sums[i] += earlier_->sums[i];
    }
  }
}

std::int64_t PsumStore::narrowed(std::int64_t sum) const {
  if (width_.overflow == Overflow::error || never_started(sum)) return sum;
  const std::int64_t accumulated = wrapped(sum, width_.accumulator_bits);
  if (width_.overflow == Overflow::wrap) return wrapped(accumulated, width_.psum_bits);
  const std::int64_t half = std::int64_t{1} << (width_.psum_bits - 1);
  return std::clamp(accumulated, -half, half - 1);
}

void PsumStore::write(std::size_t first, std::size_t count) {
  std::int64_t* sums = sums_.sums.data() + first;
  std::int64_t* lost = lost_.data() + first;
  const bool exact = std::all_of(lost, lost + count, [](std::int64_t part) { return part == 0; });
  if (exact && bits_of_sum(magnitudes(sums, count)) <= width_.psum_bits) return;
  for (std::size_t i = 0; i < count; ++i) {
    if (never_started(sums[i])) continue;
    const std::int64_t psum = sums[i] + lost[i];
    const int bits = bits_of_sum(psum);
    if (bits > width_.psum_bits) {
      overflowed_[first + i] = 1;
      keep_wider(widest_overflow_, {first + i, psum});
    }
    sums[i] = narrowed(sums[i]);
    lost[i] = psum - sums[i];
  }
}

void PsumStore::narrow(std::size_t first, std::size_t count) {
  for (std::size_t i = first; i < first + count; ++i) sums_.sums[i] = narrowed(sums_.sums[i]);
}

SumStatistics PsumStore::statistics() const {
  SumStatistics all;
  const std::vector<std::int64_t>& sums = sums_.sums;
  all.count = std::ssize(sums) - std::count(sums.begin(), sums.end(), no_sum);
  if (sums.empty()) {
    all.count = std::ssize(sums_.reals);
    return all;
  }
  if (!narrows_) {
    all.widest_bits = bits_of_sum(magnitudes(sums.data(), sums.size()));
    return all;
  }
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (sums[i] != no_sum) all.widest_bits = std::max(all.widest_bits, bits_of_sum(sums[i] + lost_[i]));
  }
  all.overflowed = std::count(overflowed_.begin(), overflowed_.end(), 1);
  if (widest_overflow_) all.needed_bits = bits_of_sum(widest_overflow_->psum);
  return all;
}

}  // namespace basil
