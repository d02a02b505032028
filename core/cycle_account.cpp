#include "core/cycle_account.h"

#include <fmt/format.h>

#include <numeric>

#include "core/checked.h"
#include "core/error.h"

namespace basil {

std::string_view to_string(Bin bin) {
  static constexpr std::array<std::string_view, bin_count> names{
      "compute",    "gated", "imbalance", "wait-weights", "wait-activations",
      "wait-psums", "noc",   "dram",      "drain",        "idle"};
  return names[static_cast<std::size_t>(bin)];
}

std::int64_t CycleAccount::total() const {
  return std::accumulate(bins_.begin(), bins_.end(), std::int64_t{0}, checked_sum);
}

CycleAccount& CycleAccount::operator+=(const CycleAccount& other) {
  for (std::size_t i = 0; i < bin_count; ++i) bins_[i] = checked_sum(bins_[i], other.bins_[i]);
  return *this;
}

void CycleAccount::close(std::int64_t pes, Cycles cycles, const std::string& where) const {
  for (std::size_t i = 0; i < bin_count; ++i) {
    if (bins_[i] < 0) {
      throw Failure(fmt::format("{}: cycle bin '{}' is {}: the account does not close", where,
                                to_string(static_cast<Bin>(i)), bins_[i]));
    }
  }
  const std::int64_t there_are = checked_product(pes, cycles.value);
  if (total() != there_are) {
    throw Failure(fmt::format(
        "{}: cycle bins sum to {} PE-cycles, but {} PEs x {} cycles are {}: the account does not close",
        where, total(), pes, cycles.value, there_are));
  }
}

}  // namespace basil
