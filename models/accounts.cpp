#include "models/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"

namespace basil {

std::string_view to_string(Bin bin) {
  static constexpr std::array<std::string_view, bin_count> names{
      "compute",    "gated", "imbalance", "wait-weights", "wait-activations",
      "wait-psums", "noc",   "dram",      "drain",        "idle"};
  return names[static_cast<std::size_t>(bin)];
}

std::int64_t CycleAccount::total() const {
  return std::accumulate(bins_.begin(), bins_.end(), std::int64_t{0});
}

CycleAccount& CycleAccount::operator+=(const CycleAccount& other) {
  for (std::size_t i = 0; i < bin_count; ++i) bins_[i] += other.bins_[i];
  return *this;
}

void CycleAccount::close(std::int64_t pes, Cycles cycles, const std::string& where) const {
  for (std::size_t i = 0; i < bin_count; ++i) {
    if (bins_[i] < 0) {
      throw Failure(fmt::format("{}: cycle bin '{}' is {}: the account does not close", where,
                                to_string(static_cast<Bin>(i)), bins_[i]));
    }
  }
  if (total() != pes * cycles.value) {
    throw Failure(fmt::format(
        "{}: cycle bins sum to {} PE-cycles, but {} PEs x {} cycles are {}: the account does not close",
        where, total(), pes, cycles.value, pes * cycles.value));
  }
}

void EnergyAccount::add(EnergyLine line) {
  total_ += line.energy();
  const auto same = std::find_if(lines_.begin(), lines_.end(), [&](const EnergyLine& other) {
    return other.component == line.component && other.item == line.item && other.each == line.each;
  });
  if (same != lines_.end()) {
    same->count += line.count;
  } else {
    lines_.push_back(std::move(line));
  }
}

Picojoules EnergyAccount::of(std::string_view component) const {
  Picojoules sum;
  for (const EnergyLine& line : lines_) {
    if (line.component == component) sum += line.energy();
  }
  return sum;
}

Picojoules EnergyAccount::of(Tag tag) const {
  Picojoules sum;
  for (const EnergyLine& line : lines_) {
    if (line.tag == tag) sum += line.energy();
  }
  return sum;
}

EnergyAccount& EnergyAccount::operator+=(const EnergyAccount& other) {
  for (const EnergyLine& line : other.lines_) add(line);
  return *this;
}

void EnergyAccount::close(const std::string& where) const {
  const auto demand = [&](const char* what, Picojoules sum) {
    const double slack = 1e-9 * std::max(1.0, std::abs(total_.value));
    if (std::abs(sum.value - total_.value) <= slack) return;
    throw Failure(fmt::format("{}: {} sum to {} pJ, but the total is {} pJ: the account does not close",
                              where, what, sum.value, total_.value));
  };
  Picojoules components, tags;
  for (const std::string_view component : energy_components) components += of(component);
  for (const Tag tag : {Tag::measured, Tag::published, Tag::derived, Tag::estimated}) tags += of(tag);
  demand("energy components", components);
  demand("energies by tag", tags);
}

}  // namespace basil
