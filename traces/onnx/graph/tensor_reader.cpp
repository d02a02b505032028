#include "traces/onnx/graph/tensor_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "core/error.h"
#include "traces/onnx/graph/external_data.h"

namespace basil::onnx_import {
namespace {

using onnx::TensorProto;

std::string type_text(int number) {
  if (const auto type = element_type(number)) return type_name(*type);
  return TensorProto::DataType_IsValid(number)
             ? TensorProto::DataType_Name(static_cast<TensorProto::DataType>(number))
             : std::to_string(number);
}

std::int64_t whole_number(const std::string& text, const std::string& where) {
  std::int64_t number = -1;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failed != std::errc() || end != text.data() + text.size() || number < 0)
    throw Error(where, "'" + text.substr(0, 40) + "'", "a number of bytes");
  return number;
}

// How the elements of a tensor lie in the message: packed bytes, or one of protobuf's lists.
class TensorReader {
 public:
  TensorReader(const TensorProto& proto, const std::filesystem::path& model, std::string where)
      : proto_(proto), where_(std::move(where)) {
    const auto type = element_type(proto.data_type());
    if (!type) throw Error(where_, "data type " + type_text(proto.data_type()), "numbers");
    type_ = *type;
    if (proto_.has_segment()) throw Error(where_, "a segment of a tensor", "a whole tensor");
    shape_.assign(proto_.dims().begin(), proto_.dims().end());
    count_ = elements_of(shape_, where_);
    if (proto_.data_location() == TensorProto::EXTERNAL || proto_.external_data_size() > 0)
      external_ = read_external(model, external_data(), packed_bytes(), where_);
  }

  Tensor read() { return {.shape = std::move(shape_), .elements = elements(), .type = type_}; }

 private:
  [[nodiscard]] ExternalData external_data() const {
    ExternalData data;
    for (const auto& entry : proto_.external_data()) {
      const std::string where = where_ + ": external data";
      if (entry.key() == "location") data.location = entry.value();
      if (entry.key() == "offset") data.offset = whole_number(entry.value(), where + ": offset");
      if (entry.key() == "length") data.length = whole_number(entry.value(), where + ": length");
    }
    return data;
  }

  [[nodiscard]] std::int64_t packed_bytes() const {
    if (bits_of(type_) == 4) return (count_ + 1) / 2;
    return count_ * std::max(1, bits_of(type_) / 8);
  }

  [[nodiscard]] decltype(Tensor::elements) elements() const {
    using std::int64_t;
    switch (type_) {
      case ElementType::float32:
        return take<float, float>(proto_.float_data());
      case ElementType::float64:
        return take<double, float>(proto_.double_data());
      case ElementType::float16:
        return take<std::uint16_t, float>(proto_.int32_data(), from_half);
      case ElementType::bfloat16:
        return take<std::uint16_t, float>(proto_.int32_data(), from_bfloat);
      case ElementType::boolean:
        return take<std::uint8_t, int64_t>(proto_.int32_data(),
                                           [](std::uint8_t value) { return int64_t{value != 0}; });
      case ElementType::int4:
      case ElementType::uint4:
        return nibbles();
      case ElementType::int8:
        return take<std::int8_t, int64_t>(proto_.int32_data());
      case ElementType::uint8:
        return take<std::uint8_t, int64_t>(proto_.int32_data());
      case ElementType::int16:
        return take<std::int16_t, int64_t>(proto_.int32_data());
      case ElementType::uint16:
        return take<std::uint16_t, int64_t>(proto_.int32_data());
      case ElementType::int32:
        return take<std::int32_t, int64_t>(proto_.int32_data());
      case ElementType::uint32:
        return take<std::uint32_t, int64_t>(proto_.uint64_data());
      case ElementType::int64:
        return take<int64_t, int64_t>(proto_.int64_data());
      case ElementType::uint64:
        break;
    }
    auto values = take<std::uint64_t, int64_t>(proto_.uint64_data());
    for (const int64_t value : values) {
      if (value < 0) throw Error(where_, "an integer beyond 2^63", "at most 2^63 - 1");
    }
    return values;
  }

  [[nodiscard]] const std::string& raw() const { return external_.empty() ? proto_.raw_data() : external_; }

  void check_held(bool packed, std::int64_t held) const {
    if (held == (packed ? packed_bytes() : count_)) return;
    throw Error(where_, fmt::format("{} {}", held, packed ? "bytes" : "values"),
                fmt::format("{} values for its shape", count_));
  }

  template <class Stored, class Element, class List, class Convert = Element (*)(Stored)>
  [[nodiscard]] std::vector<Element> take(
      const List& list, Convert convert = [](Stored value) { return static_cast<Element>(value); }) const {
    const bool packed = !raw().empty();
    if (packed && std::endian::native != std::endian::little)
      throw Error(where_, "raw data", "a little-endian machine");
    check_held(packed, packed ? static_cast<std::int64_t>(raw().size()) : list.size());
    std::vector<Element> elements(static_cast<std::size_t>(count_));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      Stored value;
      if (packed) {
        std::memcpy(&value, raw().data() + i * sizeof(Stored), sizeof(Stored));
      } else {
        value = static_cast<Stored>(list[static_cast<int>(i)]);
      }
      elements[i] = convert(value);
    }
    return elements;
  }

  // Two to a byte, the first in the low bits.
  [[nodiscard]] std::vector<std::int64_t> nibbles() const {
    const bool packed = !raw().empty();
    const auto held = static_cast<std::int64_t>(packed ? raw().size() : proto_.int32_data().size());
    if (held != packed_bytes())
      throw Error(where_, fmt::format("{} bytes", held), fmt::format("{} values for its shape", count_));
    std::vector<std::int64_t> elements(static_cast<std::size_t>(count_));
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const int byte = packed ? raw()[i / 2] : proto_.int32_data(static_cast<int>(i / 2));
      elements[i] = wrapped(type_, i % 2 == 0 ? byte : byte >> 4);
    }
    return elements;
  }

  const TensorProto& proto_;
  std::string where_, external_;
  ElementType type_ = ElementType::float32;
  Axes shape_;
  std::int64_t count_ = 0;
};

}  // namespace

Tensor read_tensor(const TensorProto& proto, const std::filesystem::path& model, const std::string& where) {
  return TensorReader(proto, model, where).read();
}

}  // namespace basil::onnx_import
