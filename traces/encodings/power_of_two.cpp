#include "traces/encodings/power_of_two.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/encodings/draw.h"
#include "traces/encodings/payload.h"
#include "traces/encodings/slice.h"

namespace basil {

namespace {

std::int64_t plane(const Operand& operand) { return operand.extent.positions() / operand.extent.outer; }

const std::vector<std::uint8_t>& terms_of(const Operand& operand) {
  return operand.parts<PowerOfTwo>().terms;
}

}  // namespace

std::vector<std::int64_t> power_of_two::starts(const Operand& operand) {
  std::vector<std::int64_t> before{0};
  for (const std::uint8_t terms : terms_of(operand)) before.push_back(before.back() + terms * plane(operand));
  return before;
}

namespace {

using power_of_two::bits_a_term, power_of_two::bits_of_terms, power_of_two::max_code, power_of_two::max_terms,
    power_of_two::starts, power_of_two::value_of;

void unpack(const Operand& from, std::vector<std::int16_t>& dense) {
  const std::int16_t* code = from.values.data();
  std::int16_t* filter = dense.data();
  for (const std::uint8_t terms : terms_of(from)) {
    for (int term = 0; term < terms; ++term) {
      for (std::int64_t i = 0; i < plane(from); ++i) {
        filter[i] = static_cast<std::int16_t>(filter[i] + value_of(*code++));
      }
    }
    filter += plane(from);
  }
}

void check_terms(const std::vector<std::uint8_t>& terms, const std::string& where) {
  const auto many =
      std::find_if(terms.begin(), terms.end(), [](std::uint8_t count) { return count > max_terms; });
  if (many == terms.end()) return;
  throw Error(where, fmt::format("{} for filter {}", *many, many - terms.begin()),
              fmt::format("0 to {}", max_terms));
}

void check_codes(const Operand& operand, const std::string& where) {
  const std::vector<std::uint8_t>& terms = terms_of(operand);
  if (operand.dtype != Dtype::int4) {
    throw Error(where + ".dtype", std::string(to_string(operand.dtype)), "int4: a sign and a 3-bit exponent");
  }
  if (terms.size() != static_cast<std::size_t>(operand.extent.outer)) {
    throw Error(where + ".terms", fmt::format("{} numbers", terms.size()),
                fmt::format("one for each of the {} filters", operand.extent.outer));
  }
  check_terms(terms, where + ".terms");
  if (payload_size(operand) != starts(operand).back()) {
    throw Error(where + ".values", fmt::format("{} codes", payload_size(operand)),
                fmt::format("{}, one for each weight and term", starts(operand).back()));
  }
  const auto low = std::find(operand.values.begin(), operand.values.end(), -max_code - 1);
  if (low != operand.values.end()) {
    throw Error(where + ".values", fmt::format("code {} at {}", *low, low - operand.values.begin()),
                fmt::format("-{} to {}", max_code, max_code));
  }
}

std::int64_t bits_before(const Operand& operand, int filter) {
  std::int64_t codes = 0;
  for (int k = 0; k < filter; ++k) codes += terms_of(operand)[static_cast<std::size_t>(k)] * plane(operand);
  return codes * bits_a_term + std::int64_t{filter} * bits_of_terms;
}

// Plane after plane of each filter a stretch touches.
class TermSlices final : public FilterSlices {
 public:
  explicit TermSlices(const Operand& operand)
      : FilterSlices(operand), terms_(terms_of(operand)), starts_(starts(operand)) {}

  using FilterSlices::read;
  void read(std::int64_t first, std::int64_t count, std::int16_t* out) const override {
    read_terms(first, count, 0, max_terms, out);
  }

  void read_terms(std::int64_t first, std::int64_t count, int first_term, int last_term,
                  std::int16_t* out) const override {
    const std::int64_t filter = plane(operand());
    std::fill_n(out, count, std::int16_t{0});
    while (count > 0) {
      const std::int64_t offset = first % filter, length = std::min(count, filter - offset);
      const auto k = static_cast<std::size_t>(first / filter);
      for (int term = first_term; term < std::min<int>(last_term, terms_[k]); ++term) {
        const std::int16_t* codes = operand().values.data() + starts_[k] + term * filter + offset;
        for (std::int64_t i = 0; i < length; ++i)
          out[i] = static_cast<std::int16_t>(out[i] + value_of(codes[i]));
      }
      first += length;
      count -= length;
      out += length;
    }
  }

 protected:
  [[nodiscard]] std::int64_t filter_bits(int filter) const override {
    const auto at = static_cast<std::size_t>(filter);
    return (starts_[at + 1] - starts_[at]) * bits_a_term + bits_of_terms;
  }

 private:
  const std::vector<std::uint8_t>& terms_;
  std::vector<std::int64_t> starts_;
};

void take_filters(const Operand& from, std::span<const int> filters, Operand& to) {
  const std::vector<std::int64_t> first = starts(from);
  to.own = PowerOfTwo{chosen(terms_of(from), 1, filters)};
  to.values.clear();
  for (const int k : filters) {
    to.values.insert(to.values.end(), from.values.begin() + first[static_cast<std::size_t>(k)],
                     from.values.begin() + first[static_cast<std::size_t>(k) + 1]);
  }
}

// Weights of filters with as many terms change places, all their terms at once.
void shuffle(Operand& weights, RandomStream& random) {
  const std::vector<std::uint8_t>& terms_of_filter = terms_of(weights);
  const std::int64_t filter = plane(weights);
  const std::vector<std::int64_t> first = starts(weights);
  for (int terms = 1; terms <= max_terms; ++terms) {
    std::vector<std::int64_t> places;  // of the weights' first terms
    for (std::size_t k = 0; k < terms_of_filter.size(); ++k) {
      if (terms_of_filter[k] != terms) continue;
      for (std::int64_t i = 0; i < filter; ++i) places.push_back(first[k] + i);
    }
    const std::vector<std::int64_t> from = shuffled(places, random);
    const std::vector<std::int16_t> codes = weights.values;
    for (std::size_t i = 0; i < places.size(); ++i) {
      for (int term = 0; term < terms; ++term) {
        weights.values[static_cast<std::size_t>(places[i] + term * filter)] =
            codes[static_cast<std::size_t>(from[i] + term * filter)];
      }
    }
  }
}

void draw(Operand& weights, RandomStream& random, int zeros) {
  constexpr std::uint8_t likely[] = {0, 1, 1, 2, 2};
  PowerOfTwo parts;
  std::int64_t planes = 0;
  for (int k = 0; k < weights.extent.outer; ++k) {
    parts.terms.push_back(likely[random.below(5)]);
    planes += parts.terms.back();
  }
  weights.dtype = Dtype::int4;
  weights.values = draw_codes(planes * plane(weights), zeros, random);
  weights.own = std::move(parts);
}

}  // namespace

const EncodingType power_of_two_encoding{
    .name = "power_of_two",
    .summary = "weights: 0 to 2 terms a filter, each a sign and a 3-bit exponent",
    .only_weights = true,
    .unpack = unpack,
    .check = check_codes,
    .bits_before = bits_before,
    .slices = [](const Operand& operand) -> std::unique_ptr<const EncodedSlices> {
      return std::make_unique<const TermSlices>(operand);
    },
    .take_filters = take_filters,
    .take_channels = [](const Operand& from, Range channels,
                        Operand& to) { to.values = stretches(from.values, from.extent.depth, channels); },
    .write = [](const Operand& operand,
                PartWriter& file) { file.bytes("terms", terms_of(operand), {operand.extent.outer}); },
    .read =
        [](Operand& operand, PartReader& file) {
          std::vector<std::uint8_t> terms = file.bytes("terms", {operand.extent.outer});
          check_terms(terms, file.where("terms"));  // before anything of that size is read
          operand.own = PowerOfTwo{std::move(terms)};
        },
    .values_implied = [](const Operand& operand) { return starts(operand).back(); },
    .max_weight = [](const Operand&, std::int64_t) { return std::int64_t{max_terms} * value_of(max_code); },
    .shuffle = shuffle,
    .draw = draw,
};

}  // namespace basil
