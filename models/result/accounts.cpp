#include "models/result/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/error.h"

namespace basil {

void EnergyAccount::add(EnergyLine line) {
  const auto same = std::find_if(lines_.begin(), lines_.end(), [&](const EnergyLine& other) {
    return other.component == line.component && other.item == line.item && other.each == line.each &&
           other.low == line.low && other.high == line.high;
  });
  if (same != lines_.end()) {
    same->count += line.count;
  } else {
    lines_.push_back(std::move(line));
  }
}

Picojoules EnergyAccount::total() const {
  Picojoules sum;
  for (const EnergyLine& line : lines_) sum += line.energy();
  return sum;
}

EnergyRange EnergyAccount::range() const {
  EnergyRange range;
  for (const EnergyLine& line : lines_) range += {line.count * line.low, line.count * line.high};
  return range;
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
    const double slack = 1e-9 * std::max(1.0, std::abs(total().value));
    if (std::abs(sum.value - total().value) <= slack) return;
    throw Failure(fmt::format("{}: {} sum to {} pJ, but the total is {} pJ: the account does not close",
                              where, what, sum.value, total().value));
  };
  Picojoules components, tags;
  for (const std::string_view component : energy_components) components += of(component);
  for (const Tag tag : {Tag::measured, Tag::published, Tag::derived, Tag::estimated}) tags += of(tag);
  demand("energy components", components);
  demand("energies by tag", tags);
  for (const EnergyLine& line : lines_) {
    if (line.low <= line.each && line.each <= line.high) continue;
    throw Failure(fmt::format("{}: {}: {} pJ lies outside its bracket of {} to {} pJ", where, line.item,
                              line.each.value, line.low.value, line.high.value));
  }
}

}  // namespace basil
