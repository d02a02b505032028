#include "traces/encodings/binary.h"

#include <fmt/format.h>

#include "core/error.h"
#include "traces/encodings/bits.h"
#include "traces/encodings/draw.h"
#include "traces/encodings/payload.h"

namespace basil {
namespace {

const bits::Words& map_of(const Operand& operand) { return operand.parts<Binary>().bitmap; }

std::int64_t filter_of(const Operand& operand) { return operand.extent.positions() / operand.extent.outer; }

void unpack(const Operand& from, std::vector<std::int16_t>& dense) {
  const bits::Words& bitmap = map_of(from);
  for (std::size_t i = 0; i < dense.size(); ++i)
    dense[i] = bits::at(bitmap, static_cast<std::int64_t>(i)) ? 1 : -1;
}

void check_binary(const Operand& operand, const std::string& where) {
  const bits::Words& bitmap = map_of(operand);
  const std::int64_t positions = operand.extent.positions();
  if (operand.dtype != Dtype::int16) {
    throw Error(where + ".dtype", std::string(to_string(operand.dtype)), "int16 thresholds");
  }
  if (bitmap.size() != bits::words(positions)) {
    throw Error(where + ".bitmap", fmt::format("{} words of 64 bits", bitmap.size()),
                fmt::format("{} for {} positions", bits::words(positions), positions));
  }
  if (!bits::tail_is_clear(bitmap, positions)) {
    throw Error(where + ".bitmap", fmt::format("a bit set past the last of {} positions", positions),
                "zeros there");
  }
  if (payload_size(operand) != operand.extent.depth) {
    throw Error(where + ".values", fmt::format("{} thresholds", payload_size(operand)),
                fmt::format("one for each of the {} channels", operand.extent.depth));
  }
}

void take_filters(const Operand& from, std::span<const int> filters, Operand& to) {
  Binary taken;
  std::int64_t length = 0;
  for (const int k : filters)
    bits::append(map_of(from), k * filter_of(from), (k + 1) * filter_of(from), taken.bitmap, length);
  to.own = std::move(taken);
}

void take_channels(const Operand& from, Range channels, Operand& to) {
  const int depth = from.extent.depth;
  to.own = Binary{bits::stretches(map_of(from), from.extent.positions() / depth, depth, channels)};
  to.values = stretches(from.values, depth, channels);
}

void draw(Operand& weights, RandomStream& random, int) {
  constexpr int zeros = 20;  // of the thresholds
  weights.dtype = Dtype::int16;
  weights.own = Binary{draw_bits(weights.extent.positions(), 50, random)};
  weights.values = draw_values(Dtype::int8, weights.extent.depth, zeros, random);
}

}  // namespace

const EncodingType binary_encoding{
    .name = "binary",
    .summary = "weights: signs, and a threshold for each ifmap channel",
    .only_weights = true,
    .unpack = unpack,
    .check = check_binary,
    .bits_before = [](const Operand& operand, int filter) -> std::int64_t {
      return filter == 0 ? 0 : filter_of(operand) * filter + payload_bits(operand);
    },
    .take_filters = take_filters,
    .take_channels = take_channels,
    .write = [](const Operand& operand,
                PartWriter& file) { file.bits("bitmap", map_of(operand), operand.extent.positions()); },
    .read = [](Operand& operand,
               PartReader& file) { operand.own = Binary{file.bits("bitmap", operand.extent.positions())}; },
    .values_implied = [](const Operand& operand) { return std::int64_t{operand.extent.depth}; },
    .ifmap_word = [](const Operand& weights, int channel, std::int16_t word) -> std::int16_t {
      return word > weights.values[static_cast<std::size_t>(channel)] ? 1 : -1;
    },
    .max_weight = [](const Operand&, std::int64_t) { return std::int64_t{1}; },
    .max_word = [](const Operand&) { return std::int64_t{1}; },
    .stated_bits = 1,
    .shuffle = [](Operand&, RandomStream&) {},  // there is no zero to put elsewhere
    .draw = draw,
};

}  // namespace basil
