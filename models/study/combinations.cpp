#include "models/study/combinations.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "core/random_stream.h"

namespace basil {

bool shapes_the_layers(const std::string& key, const StudyAccelerator& accelerator) {
  return key.starts_with("unit.") || key == "recipe" || key == "array.dataflow" ||
         (key.starts_with("array.") && accelerator.keys.value("array.dataflow") == "tiles");
}

Combinations::Combinations(const StudyAccelerator& accelerator, const Sampling& sampling)
    : accelerator_(&accelerator), sampled_(sampling.latin_hypercube.has_value()) {
  const std::vector<Parameter>& parameters = accelerator.parameters;
  turn_.resize(parameters.size());
  std::iota(turn_.begin(), turn_.end(), std::size_t{0});
  const auto others = std::stable_partition(turn_.begin(), turn_.end(), [&](std::size_t parameter) {
    return shapes_the_layers(parameters[parameter].key, accelerator);
  });
  shaping_ = static_cast<std::size_t>(others - turn_.begin());
  if (sampled_) {
    draw(sampling);
    return;
  }
  strides_.resize(parameters.size());
  for (std::size_t i = parameters.size(); i-- > 0;) {
    strides_[i] = size_;
    size_ *= parameters[i].values.size();
  }
}

// n samples: each parameter's range in n strata, each stratum once (McKay, Beckman, Conover, 1979).
void Combinations::draw(const Sampling& sampling) {
  const std::vector<Parameter>& parameters = accelerator_->parameters;
  size_ = static_cast<std::size_t>(*sampling.latin_hypercube);
  samples_.resize(size_ * parameters.size());
  for (std::size_t p = 0; p < parameters.size(); ++p) {
    RandomStream stream(sampling.seed, accelerator_->name + "/" + parameters[p].key);
    std::vector<std::uint32_t> strata(size_);
    std::iota(strata.begin(), strata.end(), std::uint32_t{0});
    for (std::size_t i = size_; i > 1; --i)
      std::swap(strata[i - 1], strata[static_cast<std::size_t>(stream.below(static_cast<std::int64_t>(i)))]);
    constexpr std::int64_t fine = 1 << 20;  // places within a stratum
    for (std::size_t i = 0; i < size_; ++i) {
      const auto place = std::uint64_t{strata[i]} * fine + static_cast<std::uint64_t>(stream.below(fine));
      samples_[i * parameters.size() + p] =
          static_cast<std::uint16_t>(place * parameters[p].values.size() / (size_ * fine));
    }
  }
  drop_equal_samples();
  if (shaping_ > 0) sort_samples();
}

// Samples that fall on the same values are one; the first of them stays.
void Combinations::drop_equal_samples() {
  const std::size_t width = accelerator_->parameters.size();
  const auto row = [&](std::size_t i) { return std::span(samples_).subspan(i * width, width); };
  const auto compare = [&](std::size_t a, std::size_t b) {
    return std::lexicographical_compare_three_way(row(a).begin(), row(a).end(), row(b).begin(), row(b).end());
  };
  std::vector<std::uint32_t> order(size_);
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto found = compare(a, b);
    return found < 0 || (found == 0 && a < b);
  });
  std::vector<bool> again(size_, false);
  for (std::size_t i = 1; i < size_; ++i) again[order[i]] = compare(order[i - 1], order[i]) == 0;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < size_; ++i) {
    if (again[i]) continue;
    std::copy(row(i).begin(), row(i).end(), row(kept++).begin());
  }
  size_ = kept;
  samples_.resize(size_ * width);
}

void Combinations::sort_samples() {
  sorted_.resize(size_);
  std::iota(sorted_.begin(), sorted_.end(), std::uint32_t{0});
  std::stable_sort(sorted_.begin(), sorted_.end(), [&](std::size_t a, std::size_t b) {
    for (std::size_t i = 0; i < shaping_; ++i) {
      const std::size_t of_a = digit(a, turn_[i]), of_b = digit(b, turn_[i]);
      if (of_a != of_b) return of_a < of_b;
    }
    return false;
  });
}

std::size_t Combinations::digit(std::size_t number, std::size_t parameter) const {
  const std::vector<Parameter>& parameters = accelerator_->parameters;
  if (sampled_) return samples_[number * parameters.size() + parameter];
  return number / strides_[parameter] % parameters[parameter].values.size();
}

std::vector<std::pair<std::string, std::string>> Combinations::values(std::size_t number) const {
  std::vector<std::pair<std::string, std::string>> values;
  const std::vector<Parameter>& parameters = accelerator_->parameters;
  values.reserve(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i)
    values.emplace_back(parameters[i].key, parameters[i].values[digit(number, i)]);
  return values;
}

// The grid's numbers with its parameters in another order, the last one fastest again.
std::size_t Combinations::in_turn(std::size_t k) const {
  if (sampled_) return sorted_.empty() ? k : sorted_[k];
  std::size_t number = 0;
  for (std::size_t i = turn_.size(); i-- > 0;) {
    const std::size_t values = accelerator_->parameters[turn_[i]].values.size();
    number += k % values * strides_[turn_[i]];
    k /= values;
  }
  return number;
}

}  // namespace basil
