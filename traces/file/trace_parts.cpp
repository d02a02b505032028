#include "traces/file/trace_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/encodings/bits.h"
#include "traces/encodings/payload.h"

namespace basil {
namespace {

// Values of other widths than these are packed, one after the other.
bool is_packed(Dtype dtype) {
  const int bits = bits_of(dtype);
  return bits != 8 && bits != 16 && bits != 32;
}

std::string stored_dtype(Dtype dtype) {
  if (dtype == Dtype::fp32) return "f4";
  if (dtype == Dtype::int16) return "i2";
  return dtype == Dtype::int8 ? "i1" : "u1";
}

std::vector<std::int64_t> values_shape(const Operand& operand, std::int64_t count) {
  if (is_packed(operand.dtype)) return {ceil_div(count * bits_of(operand.dtype), 8)};
  const Extent& e = operand.extent;
  if (operand.encoding->tensor) return {e.outer, e.rows, e.cols, e.depth};
  return {count};
}

template <class To, class From>
std::vector<To> cast_all(const std::vector<From>& from) {
  return std::vector<To>(from.begin(), from.end());
}

// Value i takes the bits from i x width on, the lowest first.
std::vector<std::uint8_t> pack_bits(const std::vector<std::int16_t>& values, int width) {
  std::vector<std::uint8_t> bytes(
      static_cast<std::size_t>(ceil_div(static_cast<std::int64_t>(values.size()) * width, 8)));
  std::uint64_t waiting = 0;
  int bits = 0;
  std::size_t at = 0;
  for (const std::int16_t value : values) {
    waiting |= (static_cast<std::uint64_t>(value) & ((std::uint64_t{1} << width) - 1)) << bits;
    for (bits += width; bits >= 8; bits -= 8, waiting >>= 8)
      bytes[at++] = static_cast<std::uint8_t>(waiting & 0xff);
  }
  if (bits > 0) bytes[at] = static_cast<std::uint8_t>(waiting & 0xff);
  return bytes;
}

std::vector<std::int16_t> unpack_bits(const std::vector<std::uint8_t>& bytes, std::size_t count, Dtype dtype,
                                      const std::string& where) {
  const int width = bits_of(dtype);
  const std::int32_t above = std::int32_t{1} << width, high = highest(dtype);
  std::vector<std::int16_t> values(count);
  std::uint64_t waiting = 0;
  int bits = 0;
  std::size_t at = 0;
  for (std::int16_t& value : values) {
    for (; bits < width; bits += 8) waiting |= std::uint64_t{bytes[at++]} << bits;
    const auto field = static_cast<std::int32_t>(waiting & static_cast<std::uint64_t>(above - 1));
    value = static_cast<std::int16_t>(field > high ? field - above : field);
    waiting >>= width;
    bits -= width;
  }
  if (waiting != 0) throw Error(where, fmt::format("{:#x} in the spare bits of the last byte", waiting), "0");
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

class Writer final : public PartWriter {
 public:
  Writer(NpzWriter& file, std::string prefix) : file_(file), prefix_(std::move(prefix)) {}

  void add(const std::string& name, const NpyArray& array, NpzWriter::Packing packing) {
    file_.add(prefix_ + name + ".npy", array.member(), packing);
  }

  void bits(const std::string& name, const std::vector<std::uint64_t>& words, std::int64_t count) override {
    std::vector<std::uint8_t> packed(static_cast<std::size_t>(ceil_div(count, 8)));
    if (count > 0) std::memcpy(packed.data(), words.data(), packed.size());
    add(name, list_of(packed), NpzWriter::Packing::stored);
  }
  void bytes(const std::string& name, const std::vector<std::uint8_t>& numbers,
             const std::vector<std::int64_t>& shape) override {
    add(name, array_of(numbers, shape), NpzWriter::Packing::stored);
  }
  void numbers(const std::string& name, const std::vector<std::uint16_t>& numbers, int number_bits) override {
    add(name, number_bits <= 8 ? list_of(cast_all<std::uint8_t>(numbers)) : list_of(numbers),
        NpzWriter::Packing::stored);
  }

 private:
  NpzWriter& file_;
  std::string prefix_;
};

class Reader final : public PartReader {
 public:
  Reader(NpzReader& file, std::string layer, std::string part)
      : file_(file), layer_(std::move(layer)), part_(std::move(part)) {}

  [[nodiscard]] std::string where(const std::string& name) const override {
    return "layer " + layer_ + ": " + part_ + "." + name;
  }
  [[nodiscard]] NpyArray array(const std::string& name, std::int64_t max_bytes) const {
    return file_.read_array(member_name(layer_, part_ + "." + name), max_bytes, where(name));
  }

  std::vector<std::uint64_t> bits(const std::string& name, std::int64_t count) override {
    const std::int64_t size = ceil_div(count, 8);
    const NpyArray packed = array(name, size);
    packed.expect("u1", {size}, where(name));
    std::vector<std::uint64_t> words(bits::words(count));
    if (size > 0) std::memcpy(words.data(), packed.payload().data(), packed.payload().size());
    return words;
  }
  std::vector<std::uint8_t> bytes(const std::string& name, const std::vector<std::int64_t>& shape) override {
    std::int64_t size = 1;
    for (const std::int64_t length : shape) size *= length;
    const NpyArray numbers = array(name, size);
    numbers.expect("u1", shape, where(name));
    return numbers.as<std::uint8_t>();
  }
  std::vector<std::uint16_t> numbers(const std::string& name, int number_bits,
                                     std::int64_t max_count) override {
    const bool narrow = number_bits <= 8;
    const std::int64_t element = narrow ? 1 : 2;
    const NpyArray list = array(name, max_count * element);
    list.expect(narrow ? "u1" : "u2", {static_cast<std::int64_t>(list.payload().size()) / element},
                where(name));
    return narrow ? cast_all<std::uint16_t>(list.as<std::uint8_t>()) : list.as<std::uint16_t>();
  }

 private:
  NpzReader& file_;
  std::string layer_, part_;
};

void read_values(const Reader& file, Operand& operand) {
  const std::string where = file.where("values");
  const std::int64_t count = operand.encoding->values_implied(operand);
  const std::int64_t most = std::max(operand.extent.positions(), count) * ceil_div(bits_of(operand.dtype), 8);
  const NpyArray array = file.array("values", most);
  const std::string dtype = stored_dtype(operand.dtype);
  if (array.dtype() != dtype) throw Error(where, "dtype " + array.dtype(), dtype);
  const std::vector<std::int64_t> shape = values_shape(operand, count);
  if (array.shape() != shape) {
    const std::string_view reason = operand.encoding->values_are;
    throw Error(where, "shape " + shape_text(array.shape()),
                shape_text(shape) + (reason.empty() ? "" : ", " + std::string(reason)));
  }
  if (operand.is_real()) {
    operand.reals = array.as<float>();
  } else if (is_packed(operand.dtype)) {
    operand.values =
        unpack_bits(array.as<std::uint8_t>(), static_cast<std::size_t>(count), operand.dtype, where);
  } else if (operand.dtype == Dtype::int16) {
    operand.values = array.as<std::int16_t>();
  } else if (operand.dtype == Dtype::int8) {
    operand.values = cast_all<std::int16_t>(array.as<std::int8_t>());
  } else {
    operand.values = cast_all<std::int16_t>(array.as<std::uint8_t>());
  }
}

NpyArray pack_values(const Operand& operand) {
  const std::vector<std::int64_t> shape = values_shape(operand, payload_size(operand));
  if (operand.is_real()) return array_of(operand.reals, shape);
  if (is_packed(operand.dtype)) return array_of(pack_bits(operand.values, bits_of(operand.dtype)), shape);
  if (operand.dtype == Dtype::int16) return array_of(operand.values, shape);
  if (operand.dtype == Dtype::int8) return array_of(cast_all<std::int8_t>(operand.values), shape);
  return array_of(cast_all<std::uint8_t>(operand.values), shape);
}

}  // namespace

std::string member_name(const std::string& layer, const std::string& part) { return layer + "." + part; }

// Only a tensor holds zeros enough to be worth deflating: other encodings are compressed already.
void write_parts(const Operand& operand, const std::string& layer, const std::string& part, NpzWriter& file) {
  using Packing = NpzWriter::Packing;
  Writer writer(file, member_name(layer, part) + ".");
  writer.add("values", pack_values(operand), operand.encoding->tensor ? Packing::deflated : Packing::stored);
  if (operand.encoding->write != nullptr) operand.encoding->write(operand, writer);
  if (operand.scales.size() > 1)
    writer.add("scale", array_of(operand.scales, {operand.extent.outer}), Packing::stored);
  if (operand.codes && operand.codes->zero_points.size() > 1)
    writer.add("zero_point", array_of(operand.codes->zero_points, {operand.extent.outer}), Packing::stored);
}

void read_parts(NpzReader& file, const std::string& layer, const std::string& part, Operand& operand) {
  Reader reader(file, layer, part);
  if (operand.encoding->read != nullptr) operand.encoding->read(operand, reader);
  read_values(reader, operand);
}

}  // namespace basil
