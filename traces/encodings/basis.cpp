#include "traces/encodings/basis.h"

#include <fmt/format.h>

#include <bit>

#include "core/error.h"
#include "traces/encodings/bits.h"
#include "traces/encodings/draw.h"
#include "traces/encodings/limits.h"
#include "traces/encodings/payload.h"

namespace basil {

std::int64_t basis::coefficient_count(const Operand& operand) {
  return std::int64_t{operand.extent.outer} * operand.parts<Basis>().bases * operand.extent.depth;
}

std::vector<std::int16_t> basis::coefficients(const Operand& operand) {
  const Basis& parts = operand.parts<Basis>();
  std::vector<std::int16_t> all(static_cast<std::size_t>(coefficient_count(operand)));
  std::int64_t rank = 0;
  for (std::size_t word = 0; word < parts.bitmap.size(); ++word) {
    for (std::uint64_t bits = parts.bitmap[word]; bits != 0; bits &= bits - 1, ++rank) {
      all[word * 64 + static_cast<std::size_t>(std::countr_zero(bits))] =
          bits::at(parts.signs, rank) ? -1 : 1;
    }
  }
  return all;
}

void basis::put_coefficients(const std::vector<std::int16_t>& coefficients, Basis& to) {
  to.bitmap.assign(bits::words(static_cast<std::int64_t>(coefficients.size())), 0);
  to.signs.clear();
  std::int64_t rank = 0;
  for (std::size_t i = 0; i < coefficients.size(); ++i) {
    if (coefficients[i] == 0) continue;
    bits::set(to.bitmap, static_cast<std::int64_t>(i));
    to.signs.resize(bits::words(rank + 1));
    bits::set(to.signs, rank++, coefficients[i] < 0);
  }
}

namespace {

using basis::coefficient_count, basis::coefficients, basis::max_bases, basis::put_coefficients;

void unpack(const Operand& from, std::vector<std::int16_t>& dense) {
  const std::vector<std::int16_t> ternary = coefficients(from);
  const Extent& e = from.extent;
  const int bases = from.parts<Basis>().bases;
  const std::int64_t kernel = std::int64_t{e.rows} * e.cols;
  const std::int16_t* row = ternary.data();
  for (int k = 0; k < e.outer; ++k) {
    for (int m = 0; m < bases; ++m, row += e.depth) {
      for (std::int64_t tap = 0; tap < kernel; ++tap) {
        const std::int16_t weight = from.values[static_cast<std::size_t>(m * kernel + tap)];
        std::int16_t* out = dense.data() + (k * kernel + tap) * e.depth;
        for (int c = 0; c < e.depth; ++c) out[c] = static_cast<std::int16_t>(out[c] + row[c] * weight);
      }
    }
  }
}

void check_kernels(const Operand& operand, const std::string& where) {
  const Extent& e = operand.extent;
  const int bases = operand.parts<Basis>().bases;
  if (bases < 1 || bases > max_bases)
    throw Error(where + ".bases", std::to_string(bases), fmt::format("1 to {}", max_bases));
  if (operand.dtype != Dtype::int8) {
    throw Error(where + ".dtype", std::string(to_string(operand.dtype)), "int8 basis kernels");
  }
  check_positions({e.outer, bases, e.depth}, where + ".bases");
  if (payload_size(operand) != std::int64_t{bases} * e.rows * e.cols) {
    throw Error(where + ".values", fmt::format("{} values", payload_size(operand)),
                fmt::format("{} kernels of {} x {}", bases, e.rows, e.cols));
  }
}

void check_basis(const Operand& operand, const std::string& where) {
  check_kernels(operand, where);
  const auto& [bases, bitmap, signs] = operand.parts<Basis>();
  const std::int64_t count = coefficient_count(operand);
  if (bitmap.size() != bits::words(count)) {
    throw Error(where + ".bitmap", fmt::format("{} words of 64 bits", bitmap.size()),
                fmt::format("{} for {} coefficients", bits::words(count), count));
  }
  if (!bits::tail_is_clear(bitmap, count)) {
    throw Error(where + ".bitmap", fmt::format("a bit set past the last of {} coefficients", count),
                "zeros there");
  }
  const std::int64_t set = bits::count(bitmap);
  if (signs.size() != bits::words(set) || !bits::tail_is_clear(signs, set)) {
    throw Error(where + ".signs", fmt::format("{} words of 64 bits, or bits past the last", signs.size()),
                fmt::format("one bit for each of the {} coefficients set", set));
  }
}

std::int64_t bits_before(const Operand& operand, int filter) {
  if (filter == 0) return 0;
  const Basis& parts = operand.parts<Basis>();
  const std::int64_t maps = std::int64_t{filter} * parts.bases * operand.extent.depth;
  return payload_bits(operand) + maps + bits::set_before(parts.bitmap, maps);
}

void take_filters(const Operand& from, std::span<const int> filters, Operand& to) {
  const Basis& parts = from.parts<Basis>();
  const std::int64_t map = std::int64_t{parts.bases} * from.extent.depth;
  std::vector<std::int64_t> ranks{0};  // signs before each filter
  for (int k = 0; k < from.extent.outer; ++k) ranks.push_back(bits::set_before(parts.bitmap, (k + 1) * map));
  Basis taken{.bases = parts.bases, .bitmap = {}, .signs = {}};
  std::int64_t mapped = 0, signs = 0;
  for (const int k : filters) {
    bits::append(parts.bitmap, k * map, (k + 1) * map, taken.bitmap, mapped);
    bits::append(parts.signs, ranks[static_cast<std::size_t>(k)], ranks[static_cast<std::size_t>(k) + 1],
                 taken.signs, signs);
  }
  to.own = std::move(taken);
}

constexpr EncodingField fields[] = {
    {.name = "bases",
     .min = 1,
     .max = max_bases,
     .get = [](const Operand& operand) { return operand.parts<Basis>().bases; },
     .set = [](Operand& operand, int bases) { operand.parts<Basis>().bases = bases; }}};

void draw(Operand& weights, RandomStream& random, int zeros) {
  const Extent& e = weights.extent;
  auto& [bases, bitmap, signs] = weights.parts<Basis>();
  weights.values = draw_values(Dtype::int8, std::int64_t{bases} * e.rows * e.cols, zeros / 2, random);
  bitmap = draw_bits(std::int64_t{e.outer} * bases * e.depth, zeros, random);
  signs = draw_bits(bits::count(bitmap), 50, random);
}

}  // namespace

const EncodingType basis_encoding{
    .name = "basis",
    .summary = "weights: basis kernels and ternary coefficients",
    .only_weights = true,
    .fields = fields,
    .unpack = unpack,
    .check = check_basis,
    .bits_before = bits_before,
    .weights_held = coefficient_count,
    .nonzeros = [](const Operand& operand) { return bits::count(operand.parts<Basis>().bitmap); },
    .take_filters = take_filters,
    .take_channels =
        [](const Operand& from, Range channels, Operand& to) {
          put_coefficients(stretches(coefficients(from), from.extent.depth, channels), to.parts<Basis>());
        },
    .write =
        [](const Operand& operand, PartWriter& file) {
          const Basis& parts = operand.parts<Basis>();
          file.bits("bitmap", parts.bitmap, coefficient_count(operand));
          file.bits("signs", parts.signs, bits::count(parts.bitmap));
        },
    .read =
        [](Operand& operand, PartReader& file) {
          auto& [bases, bitmap, signs] = operand.parts<Basis>();
          bitmap = file.bits("bitmap", coefficient_count(operand));
          signs = file.bits("signs", bits::count(bitmap));
        },
    .values_implied =
        [](const Operand& operand) {
          return std::int64_t{operand.parts<Basis>().bases} * operand.extent.rows * operand.extent.cols;
        },
    .max_weight = [](const Operand& weights,
                     std::int64_t max_value) { return weights.parts<Basis>().bases * max_value; },
    .own_operations = true,
    .shared = "basis kernels and coefficients",
    .shuffle =
        [](Operand& weights, RandomStream& random) {
          put_coefficients(shuffled(coefficients(weights), random), weights.parts<Basis>());
        },
    .draw = draw,
};

}  // namespace basil
