#include "traces/encodings/comparator.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "core/error.h"
#include "traces/encodings/draw.h"
#include "traces/encodings/payload.h"
#include "traces/encodings/power_of_two.h"

namespace basil {
namespace {

using comparator::max_taps, comparator::max_window;

std::int64_t window_of(const Extent& extent) { return std::int64_t{extent.rows} * extent.cols; }

void unpack(const Operand& from, std::vector<std::int16_t>& dense) {
  const Extent& e = from.extent;
  const auto& [taps, offsets] = from.parts<Comparator>();
  for (int k = 0; k < e.outer; ++k) {
    for (int c = 0; c < e.depth; ++c) {
      const int pivot = offsets[static_cast<std::size_t>(c * (taps + 1))];
      dense[static_cast<std::size_t>(e.at(k, pivot / e.cols, pivot % e.cols, c))] = static_cast<std::int16_t>(
          power_of_two::value_of(from.values[static_cast<std::size_t>(k * e.depth + c)]));
    }
  }
}

void check_offsets(const Operand& operand, const std::string& where) {
  const Extent& e = operand.extent;
  const auto& [taps, offsets] = operand.parts<Comparator>();
  const std::int64_t window = window_of(e);
  if (window > max_window) {
    throw Error(where + ".extent", fmt::format("a window of {}", window),
                fmt::format("at most {} places", max_window));
  }
  const std::int64_t most = std::min<std::int64_t>(max_taps, window - 1);
  if (taps < 1 || taps > most) {
    throw Error(where + ".taps", std::to_string(taps),
                most < 1 ? "a window of at least two places" : fmt::format("1 to {}", most));
  }
  if (offsets.size() != static_cast<std::size_t>(e.depth) * static_cast<std::size_t>(taps + 1)) {
    throw Error(where + ".offsets", fmt::format("{} offsets", offsets.size()),
                fmt::format("{} for each of {} channels", taps + 1, e.depth));
  }
  const auto outside =
      std::find_if(offsets.begin(), offsets.end(), [=](std::uint8_t offset) { return offset >= window; });
  if (outside != offsets.end()) {
    throw Error(where + ".offsets", fmt::format("{} at {}", *outside, outside - offsets.begin()),
                fmt::format("0 to {}, places of the window", window - 1));
  }
}

void check_comparator(const Operand& operand, const std::string& where) {
  if (operand.dtype != Dtype::int4) {
    throw Error(where + ".dtype", std::string(to_string(operand.dtype)), "int4: a sign and a 3-bit exponent");
  }
  check_offsets(operand, where);
  const Extent& e = operand.extent;
  if (payload_size(operand) != std::int64_t{e.outer} * e.depth) {
    throw Error(where + ".values", fmt::format("{} codes", payload_size(operand)),
                fmt::format("{} x {} of the pointwise stage", e.outer, e.depth));
  }
  const auto low = std::find(operand.values.begin(), operand.values.end(), -power_of_two::max_code - 1);
  if (low != operand.values.end()) {
    throw Error(where + ".values", fmt::format("code {} at {}", *low, low - operand.values.begin()),
                "-7 to 7");
  }
}

std::int64_t bits_before(const Operand& operand, int filter) {
  if (filter == 0) return 0;
  const Extent& e = operand.extent;
  const auto offset_bits = static_cast<std::int64_t>(std::bit_width(static_cast<unsigned>(window_of(e) - 1)));
  return static_cast<std::int64_t>(operand.parts<Comparator>().offsets.size()) * offset_bits +
         std::int64_t{filter} * e.depth * power_of_two::bits_a_term;
}

std::int64_t pointwise_weights(const Operand& operand) {
  return std::int64_t{operand.extent.outer} * operand.extent.depth;
}

std::int16_t word_of(const Operand& weights, int channel, const std::int16_t* window) {
  const auto& [taps, offsets] = weights.parts<Comparator>();
  const std::uint8_t* places = offsets.data() + std::ptrdiff_t{channel} * (taps + 1);
  int word = 0;
  for (int tap = 0; tap < taps; ++tap) word |= (window[places[tap + 1]] > window[places[0]] ? 1 : 0) << tap;
  return static_cast<std::int16_t>(word);
}

constexpr WindowWords window_words{
    .word = word_of,
    .weights =
        [](const Operand& weights) {
          std::vector<std::int16_t> pointwise;
          pointwise.reserve(weights.values.size());
          for (const std::int16_t code : weights.values)
            pointwise.push_back(static_cast<std::int16_t>(power_of_two::value_of(code)));
          return pointwise;
        },
};

constexpr EncodingField fields[] = {
    {.name = "taps",
     .min = 1,
     .max = max_taps,
     .get = [](const Operand& operand) { return operand.parts<Comparator>().taps; },
     .set = [](Operand& operand, int taps) { operand.parts<Comparator>().taps = taps; }}};

void draw(Operand& weights, RandomStream& random, int zeros) {
  const std::int64_t window = window_of(weights.extent);
  auto& [taps, offsets] = weights.parts<Comparator>();
  taps = static_cast<int>(std::min<std::int64_t>(taps, window - 1));
  weights.dtype = Dtype::int4;
  for (int i = 0; i < weights.extent.depth * (taps + 1); ++i)
    offsets.push_back(static_cast<std::uint8_t>(random.below(window)));
  weights.values = draw_codes(pointwise_weights(weights), zeros, random);
}

}  // namespace

const EncodingType comparator_encoding{
    .name = "comparator",
    .summary = "weights: taps compared with a pivot, then powers of two",
    .only_weights = true,
    .fields = fields,
    .unpack = unpack,
    .check = check_comparator,
    .bits_before = bits_before,
    .weights_held = pointwise_weights,
    .take_filters =
        [](const Operand& from, std::span<const int> filters, Operand& to) {
          to.values = chosen(from.values, static_cast<std::size_t>(from.extent.depth), filters);
        },
    .take_channels =
        [](const Operand& from, Range channels, Operand& to) {
          auto& [taps, offsets] = to.parts<Comparator>();
          const int depth = from.extent.depth, places = taps + 1;
          offsets = stretches(from.parts<Comparator>().offsets, depth * places,
                              {channels.first * places, channels.end * places});
          to.values = stretches(from.values, depth, channels);
        },
    .write =
        [](const Operand& operand, PartWriter& file) {
          const auto& [taps, offsets] = operand.parts<Comparator>();
          file.bytes("offsets", offsets, {operand.extent.depth, taps + 1});
        },
    .read =
        [](Operand& operand, PartReader& file) {
          auto& [taps, offsets] = operand.parts<Comparator>();
          offsets = file.bytes("offsets", {operand.extent.depth, taps + 1});
        },
    .values_implied = pointwise_weights,
    .window_words = &window_words,
    .max_weight = [](const Operand&,
                     std::int64_t) { return std::int64_t{power_of_two::value_of(power_of_two::max_code)}; },
    .max_word =
        [](const Operand& weights) { return (std::int64_t{1} << weights.parts<Comparator>().taps) - 1; },
    .own_operations = true,
    .shuffle = [](Operand& weights,
                  RandomStream& random) { weights.values = shuffled(weights.values, random); },
    .draw = draw,
    .min_window = 2,
};

}  // namespace basil
