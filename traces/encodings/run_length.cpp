// Encoding `run_length`: pairs of (zeros before, value).
#include <fmt/format.h>

#include "core/error.h"
#include "traces/encodings/encodings.h"

namespace basil::run_length {

template <class T>
std::vector<T> pack(const std::vector<T>& dense, Operand& to) {
  const std::int64_t greatest = greatest_run(to.run_bits);
  std::vector<T> payload;
  to.runs.clear();
  std::int64_t zeros = 0;
  for (const T value : dense) {
    if (value == T{}) {
      ++zeros;
      continue;
    }
    for (; zeros > greatest; zeros -= greatest + 1) {
      to.runs.push_back(static_cast<std::uint16_t>(greatest));
      payload.push_back(T{});
    }
    to.runs.push_back(static_cast<std::uint16_t>(zeros));
    payload.push_back(value);
    zeros = 0;
  }
  return payload;
}

template <class T>
void unpack(const Operand& from, std::vector<T>& dense) {
  const std::vector<T>& payload = payload_of<T>(from);
  std::size_t position = 0;
  for (std::size_t pair = 0; pair < payload.size(); ++pair) {
    position += from.runs[pair];
    dense[position++] = payload[pair];
  }
}

namespace {

bool is_zero(const Operand& operand, std::size_t pair) {
  return operand.is_real() ? operand.reals[pair] == 0.0F : operand.values[pair] == 0;
}

}  // namespace

void check(const Operand& operand, const std::string& where) {
  if (operand.run_bits < 1 || operand.run_bits > 16) {
    throw Error(where + ".run_bits", std::to_string(operand.run_bits), "1 to 16");
  }
  if (static_cast<std::int64_t>(operand.runs.size()) != payload_size(operand)) {
    throw Error(where + ".runs", fmt::format("{} runs", operand.runs.size()),
                fmt::format("one for each of the {} values", payload_size(operand)));
  }
  const std::int64_t greatest = greatest_run(operand.run_bits);
  std::int64_t position = 0;
  for (std::size_t pair = 0; pair < operand.runs.size(); ++pair) {
    const std::int64_t run = operand.runs[pair];
    if (run > greatest) {
      throw Error(where + ".runs", fmt::format("{} in pair {}", run, pair),
                  fmt::format("at most {} for {} bits", greatest, operand.run_bits));
    }
    if (run < greatest && is_zero(operand, pair)) {
      throw Error(where + ".values", fmt::format("zero in pair {} behind a run of {}", pair, run),
                  fmt::format("zero only behind the greatest run, {}", greatest));
    }
    position += run + 1;
  }
  if (position > operand.extent.positions()) {
    throw Error(where + ".runs", fmt::format("pairs that reach position {}", position - 1),
                fmt::format("at most {}", operand.extent.positions() - 1));
  }
}

template std::vector<std::int16_t> pack(const std::vector<std::int16_t>&, Operand&);
template std::vector<float> pack(const std::vector<float>&, Operand&);
template void unpack(const Operand&, std::vector<std::int16_t>&);
template void unpack(const Operand&, std::vector<float>&);

}  // namespace basil::run_length
