#include "traces/requantisation.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "core/words.h"
#include "traces/encodings/limits.h"

namespace basil {
namespace {

constexpr Words<RequantisationRule, 3> rules = {{{RequantisationRule::real, "real"},
                                                 {RequantisationRule::onnx, "onnx"},
                                                 {RequantisationRule::tflite, "tflite"}}};

void check_codes(const Requantisation& output, const std::string& where) {
  const CodeRange all{lowest(output.dtype), highest(output.dtype)};
  const auto expected = [&] {
    return fmt::format("within {} to {} ({})", all.least, all.greatest, to_string(output.dtype));
  };
  if (output.zero_point < all.least || output.zero_point > all.greatest)
    throw Error(where + "zero_point", std::to_string(output.zero_point), expected());
  if (!output.clamp) return;
  const auto [least, greatest] = *output.clamp;
  if (least < all.least || greatest > all.greatest || least > greatest)
    throw Error(where + "clamp", fmt::format("{} to {}", least, greatest), expected());
}

void check_factors(const Requantisation& output, int filters, const std::string& where) {
  const std::size_t count = output.factors.size();
  if (output.rule != RequantisationRule::tflite) {
    if (count == 0) return;
    throw Error(where + "multiplier", fmt::format("{} factors", count),
                fmt::format("none with the rule {}", to_string(output.rule)));
  }
  if (count != 1 && count != static_cast<std::size_t>(filters))
    throw Error(where + "multiplier", fmt::format("{} factors", count), fmt::format("1 or {}", filters));
  for (const auto& [multiplier, shift] : output.factors) {
    if (multiplier != 0 && multiplier < 1 << 30)
      throw Error(where + "multiplier", std::to_string(multiplier), "0, or 2^30 to 2^31 - 1");
    if (shift < -31 || shift > 30) throw Error(where + "shift", std::to_string(shift), "-31 to 30");
  }
}

}  // namespace

std::string_view to_string(RequantisationRule rule) { return word_of(rules, rule); }

RequantisationRule parse_rule(const std::string& word, const std::string& where) {
  return parse_word(rules, word, where);
}

CodeRange Requantisation::codes() const {
  CodeRange range = clamp.value_or(CodeRange{lowest(dtype), highest(dtype)});
  if (relu) range.least = std::clamp(zero_point, range.least, range.greatest);
  return range;
}

Requantisation Requantisation::of_filters(std::span<const int> filters) const {
  Requantisation part = *this;
  if (factors.size() <= 1) return part;
  part.factors.clear();
  for (const int k : filters) part.factors.push_back(factors[static_cast<std::size_t>(k)]);
  return part;
}

Requantisation Requantisation::of_filters(int first, int end) const {
  std::vector<int> filters(static_cast<std::size_t>(end - first));
  std::iota(filters.begin(), filters.end(), first);
  return of_filters(filters);
}

void check(const Requantisation& output, int filters, const std::string& where) {
  check_scale(output.scale, where + "scale");
  if (output.dtype == Dtype::fp32) {
    const Requantisation plain{.dtype = Dtype::fp32, .scale = output.scale, .relu = output.relu};
    if (output != plain) throw Error(where + "dtype", "fp32", "an integer dtype to requantise to");
    return;
  }
  check_codes(output, where);
  check_factors(output, filters, where);
}

}  // namespace basil
