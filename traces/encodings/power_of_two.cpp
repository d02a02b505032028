// Encoding `power_of_two`: each filter a sum of planes of signed powers of two.
#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/encodings/encodings.h"
#include "traces/encodings/names.h"

namespace basil::power_of_two {
namespace {

std::int64_t plane(const Operand& operand) { return operand.extent.positions() / operand.extent.outer; }

}  // namespace

std::vector<std::int64_t> starts(const Operand& operand) {
  std::vector<std::int64_t> before{0};
  for (const std::uint8_t terms : operand.terms) before.push_back(before.back() + terms * plane(operand));
  return before;
}

void unpack(const Operand& from, std::vector<std::int16_t>& dense) {
  const std::int16_t* code = from.values.data();
  std::int16_t* filter = dense.data();
  for (const std::uint8_t terms : from.terms) {
    for (int term = 0; term < terms; ++term) {
      for (std::int64_t i = 0; i < plane(from); ++i) {
        filter[i] = static_cast<std::int16_t>(filter[i] + value_of(*code++));
      }
    }
    filter += plane(from);
  }
}

void check(const Operand& operand, const std::string& where) {
  if (operand.dtype != Dtype::int4) {
    throw Error(where + ".dtype", std::string(to_string(operand.dtype)), "int4: a sign and a 3-bit exponent");
  }
  if (operand.terms.size() != static_cast<std::size_t>(operand.extent.outer)) {
    throw Error(where + ".terms", fmt::format("{} numbers", operand.terms.size()),
                fmt::format("one for each of the {} filters", operand.extent.outer));
  }
  const auto many = std::find_if(operand.terms.begin(), operand.terms.end(),
                                 [](std::uint8_t terms) { return terms > greatest_terms; });
  if (many != operand.terms.end()) {
    throw Error(where + ".terms", fmt::format("{} for filter {}", *many, many - operand.terms.begin()),
                fmt::format("0 to {}", greatest_terms));
  }
  if (payload_size(operand) != starts(operand).back()) {
    throw Error(where + ".values", fmt::format("{} codes", payload_size(operand)),
                fmt::format("{}, one for each weight and term", starts(operand).back()));
  }
  const auto low = std::find(operand.values.begin(), operand.values.end(), -greatest_code - 1);
  if (low != operand.values.end()) {
    throw Error(where + ".values", fmt::format("code {} at {}", *low, low - operand.values.begin()),
                fmt::format("-{} to {}", greatest_code, greatest_code));
  }
}

std::int64_t bits_before(const Operand& operand, int filter) {
  std::int64_t codes = 0;
  for (int k = 0; k < filter; ++k) codes += operand.terms[static_cast<std::size_t>(k)] * plane(operand);
  return codes * bits_a_term + std::int64_t{filter} * bits_of_terms;
}

}  // namespace basil::power_of_two
