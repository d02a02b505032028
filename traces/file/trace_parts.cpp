#include "traces/file/trace_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/encodings/bits.h"
#include "traces/encodings/payload.h"

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

std::vector<std::int64_t> values_shape(const Operand& operand, std::int64_t count) {
  if (operand.dtype == Dtype::int4) return {ceil_div(count, 2)};
  const Extent& e = operand.extent;
  if (operand.encoding->tensor) return {e.outer, e.rows, e.cols, e.depth};
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
}

void read_parts(NpzReader& file, const std::string& layer, const std::string& part, Operand& operand) {
  Reader reader(file, layer, part);
  if (operand.encoding->read != nullptr) operand.encoding->read(operand, reader);
  read_values(reader, operand);
}

}  // namespace basil
