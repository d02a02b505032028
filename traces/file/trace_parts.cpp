#include "traces/file/trace_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "core/error.h"
#include "traces/encodings/encodings.h"

namespace basil {
namespace {

std::string stored_dtype(Dtype dtype) {
  switch (dtype) {
    case Dtype::int8:
      return "i1";
    case Dtype::int4:
    case Dtype::uint8:
      return "u1";
    case Dtype::int16:
      return "i2";
    case Dtype::fp32:
      return "f4";
  }
  return "";
}

std::string runs_dtype(int run_bits) { return run_bits <= 8 ? "u1" : "u2"; }

std::vector<std::int64_t> values_shape(const Operand& operand, std::int64_t count) {
  if (operand.dtype == Dtype::int4) return {ceil_div(count, 2)};
  const Extent& e = operand.extent;
  if (operand.encoding == Encoding::dense) return {e.outer, e.rows, e.cols, e.depth};
  return {count};
}

template <class To, class From>
std::vector<To> cast_all(const std::vector<From>& from) {
  return std::vector<To>(from.begin(), from.end());
}

std::vector<std::uint8_t> pack_nibbles(const std::vector<std::int16_t>& values) {
  std::vector<std::uint8_t> bytes((values.size() + 1) / 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    bytes[i / 2] = static_cast<std::uint8_t>(bytes[i / 2] | (values[i] & 0xf) << (i % 2 * 4));
  }
  return bytes;
}

std::vector<std::int16_t> unpack_nibbles(const std::vector<std::uint8_t>& bytes, std::size_t count,
                                         const std::string& where) {
  std::vector<std::int16_t> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const int nibble = bytes[i / 2] >> (i % 2 * 4) & 0xf;
    values[i] = static_cast<std::int16_t>(nibble < 8 ? nibble : nibble - 16);
  }
  if (count % 2 != 0 && bytes.back() >> 4 != 0) {
    throw Error(where, fmt::format("{:#x} in the spare half of the last byte", bytes.back() >> 4), "0");
  }
  return values;
}

template <class T>
NpyArray array_of(const std::vector<T>& elements, const std::vector<std::int64_t>& shape) {
  return NpyArray::of(std::span<const T>(elements), shape);
}

template <class T>
NpyArray list_of(const std::vector<T>& elements) {
  return array_of(elements, {static_cast<std::int64_t>(elements.size())});
}

std::int64_t bits_set(const std::vector<std::uint64_t>& words) {
  return std::accumulate(words.begin(), words.end(), std::int64_t{0},
                         [](std::int64_t sum, std::uint64_t word) { return sum + std::popcount(word); });
}

std::vector<std::uint64_t> read_bits(NpzReader& file, const std::string& member, const std::string& where,
                                     std::int64_t count) {
  const std::int64_t bytes = ceil_div(count, 8);
  const NpyArray array = file.read_array(member, bytes, where);
  array.expect("u1", {bytes}, where);
  std::vector<std::uint64_t> words(bitmap::words(count));
  if (bytes > 0) std::memcpy(words.data(), array.payload().data(), array.payload().size());
  return words;
}

NpyArray pack_bits(const std::vector<std::uint64_t>& words, std::int64_t count) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(ceil_div(count, 8)));
  if (count > 0) std::memcpy(bytes.data(), words.data(), bytes.size());
  return list_of(bytes);
}

// Positions that the bitmap covers.
std::int64_t bitmap_length(const Operand& operand) { return weights_held(operand); }

void read_bitmap(NpzReader& file, const std::string& member, const std::string& where, Operand& operand) {
  operand.bitmap = read_bits(file, member, where, bitmap_length(operand));
}

void read_signs(NpzReader& file, const std::string& member, const std::string& where, Operand& operand) {
  operand.signs = read_bits(file, member, where, bits_set(operand.bitmap));
}

void read_terms(NpzReader& file, const std::string& member, const std::string& where, Operand& operand) {
  const NpyArray array = file.read_array(member, operand.extent.outer, where);
  array.expect("u1", {operand.extent.outer}, where);
  operand.terms = array.as<std::uint8_t>();
  const auto most = std::max_element(operand.terms.begin(), operand.terms.end());
  if (*most > power_of_two::greatest_terms) {  // before anything of that size is read
    throw Error(where, fmt::format("{} for filter {}", *most, most - operand.terms.begin()),
                fmt::format("0 to {}", power_of_two::greatest_terms));
  }
}

void read_offsets(NpzReader& file, const std::string& member, const std::string& where, Operand& operand) {
  const std::int64_t places = operand.taps + 1;
  const NpyArray array = file.read_array(member, operand.extent.depth * places, where);
  array.expect("u1", {operand.extent.depth, places}, where);
  operand.offsets = array.as<std::uint8_t>();
}

void read_runs(NpzReader& file, const std::string& member, const std::string& where, Operand& operand) {
  const std::string dtype = runs_dtype(operand.run_bits);
  const std::int64_t element = dtype == "u1" ? 1 : 2;
  const NpyArray array = file.read_array(member, operand.extent.positions() * element, where);
  array.expect(dtype, {static_cast<std::int64_t>(array.payload().size()) / element}, where);
  operand.runs = element == 1 ? cast_all<std::uint16_t>(array.as<std::uint8_t>()) : array.as<std::uint16_t>();
}

// How many values the other parts imply.
std::int64_t implied_values(const Operand& operand) {
  switch (operand.encoding) {
    case Encoding::dense:
      return operand.extent.positions();
    case Encoding::run_length:
      return static_cast<std::int64_t>(operand.runs.size());
    case Encoding::bitmap:
      return bits_set(operand.bitmap);
    case Encoding::power_of_two:
      return power_of_two::starts(operand).back();
    case Encoding::basis:
      return std::int64_t{operand.bases} * operand.extent.rows * operand.extent.cols;
    case Encoding::comparator:
      return std::int64_t{operand.extent.outer} * operand.extent.depth;
    case Encoding::binary:
      return operand.extent.depth;
  }
  return 0;
}

void read_values(NpzReader& file, const std::string& member, const std::string& where, Operand& operand) {
  const std::int64_t count = implied_values(operand);
  const std::int64_t most = std::max(operand.extent.positions(), count) * ceil_div(bits_of(operand.dtype), 8);
  const NpyArray array = file.read_array(member, most, where);
  const std::string dtype = stored_dtype(operand.dtype);
  if (array.dtype() != dtype) throw Error(where, "dtype " + array.dtype(), dtype);
  const std::vector<std::int64_t> shape = values_shape(operand, count);
  if (array.shape() != shape) {
    const char* reason = operand.encoding == Encoding::bitmap ? ", one value for each bit set in the bitmap"
                         : operand.encoding == Encoding::run_length ? ", one value for each run"
                                                                    : "";
    throw Error(where, "shape " + shape_text(array.shape()), shape_text(shape) + reason);
  }
  switch (operand.dtype) {
    case Dtype::int4:
      operand.values = unpack_nibbles(array.as<std::uint8_t>(), static_cast<std::size_t>(count), where);
      break;
    case Dtype::int8:
      operand.values = cast_all<std::int16_t>(array.as<std::int8_t>());
      break;
    case Dtype::uint8:
      operand.values = cast_all<std::int16_t>(array.as<std::uint8_t>());
      break;
    case Dtype::int16:
      operand.values = array.as<std::int16_t>();
      break;
    case Dtype::fp32:
      operand.reals = array.as<float>();
      break;
  }
}

}  // namespace

bool has_bitmap(Encoding encoding) {
  return encoding == Encoding::bitmap || encoding == Encoding::basis || encoding == Encoding::binary;
}

std::string member_name(const std::string& layer, const std::string& part) { return layer + "." + part; }

NpyArray pack_values(const Operand& operand) {
  const std::vector<std::int64_t> shape = values_shape(operand, payload_size(operand));
  switch (operand.dtype) {
    case Dtype::int4:
      return array_of(pack_nibbles(operand.values), shape);
    case Dtype::int8:
      return array_of(cast_all<std::int8_t>(operand.values), shape);
    case Dtype::uint8:
      return array_of(cast_all<std::uint8_t>(operand.values), shape);
    case Dtype::int16:
      return array_of(operand.values, shape);
    case Dtype::fp32:
      break;
  }
  return array_of(operand.reals, shape);
}

NpyArray pack_bitmap(const Operand& operand) { return pack_bits(operand.bitmap, bitmap_length(operand)); }

NpyArray pack_signs(const Operand& operand) { return pack_bits(operand.signs, bits_set(operand.bitmap)); }

NpyArray pack_terms(const Operand& operand) { return list_of(operand.terms); }

NpyArray pack_offsets(const Operand& operand) {
  return array_of(operand.offsets, {operand.extent.depth, operand.taps + 1});
}

NpyArray pack_runs(const Operand& operand) {
  return operand.run_bits <= 8 ? list_of(cast_all<std::uint8_t>(operand.runs)) : list_of(operand.runs);
}

void read_parts(NpzReader& file, const std::string& layer, const std::string& part, Operand& operand) {
  const auto read = [&](auto reader, const std::string& name) {
    const std::string full = part + "." + name;
    reader(file, member_name(layer, full), "layer " + layer + ": " + full, operand);
  };
  if (has_bitmap(operand.encoding)) read(read_bitmap, "bitmap");
  if (operand.encoding == Encoding::basis) read(read_signs, "signs");
  if (operand.encoding == Encoding::power_of_two) read(read_terms, "terms");
  if (operand.encoding == Encoding::comparator) read(read_offsets, "offsets");
  if (operand.encoding == Encoding::run_length) read(read_runs, "runs");
  read(read_values, "values");
}

}  // namespace basil
