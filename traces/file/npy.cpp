#include "traces/file/npy.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <set>

#include "core/error.h"

namespace basil {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are stored little-endian");

constexpr std::string_view magic("\x93NUMPY", 6);
constexpr std::int64_t greatest_elements = std::int64_t{1} << 40;

// Reads the header, a Python dict such as {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  void parse() {
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      if (!keys_.insert(key).second) throw Error(where_, "a npy header with '" + key + "' twice", "it once");
      expect(':');
      value_of(key);
      if (!accept(',') && peek() != '}') fail();
    }
    if (text_.find_first_not_of(" \n", at_) != std::string_view::npos) fail();
    if (keys_.size() != 3) throw Error(where_, "an incomplete npy header", "descr, fortran_order and shape");
  }

  [[nodiscard]] const std::string& descr() const { return descr_; }
  [[nodiscard]] bool fortran_order() const { return fortran_order_; }
  [[nodiscard]] const std::vector<std::int64_t>& shape() const { return shape_; }

 private:
  [[noreturn]] void fail() const {
    throw Error(where_, fmt::format("a npy header that cannot be read at byte {}", at_), "a numpy array");
  }
  char peek() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    return at_ < text_.size() ? text_[at_] : '\0';
  }
  bool accept(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail();
  }
  std::string quoted() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail();
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail();
    std::string word(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return word;
  }
  bool boolean() {
    for (const std::string_view word : {"True", "False"}) {
      if (peek() == word[0] && text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return word == "True";
      }
    }
    fail();
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> axes;
    expect('(');
    while (!accept(')')) {
      std::int64_t axis = 0;
      if (peek() == '\0') fail();
      const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), axis);
      if (error != std::errc() || axis < 0) fail();
      at_ = static_cast<std::size_t>(end - text_.data());
      axes.push_back(axis);
      if (!accept(',') && peek() != ')') fail();
    }
    return axes;
  }
  void value_of(const std::string& key) {
    if (key == "descr") {
      descr_ = quoted();
    } else if (key == "fortran_order") {
      fortran_order_ = boolean();
    } else if (key == "shape") {
      shape_ = tuple();
    } else {
      fail();
    }
  }

  std::string_view text_;
  const std::string& where_;
  std::size_t at_ = 0;
  std::set<std::string> keys_;
  std::string descr_;
  bool fortran_order_ = false;
  std::vector<std::int64_t> shape_;
};

// "<f4" or "|u1" to "f4" or "u1".
std::string plain_dtype(const std::string& descr, const std::string& where) {
  static const std::set<std::string> known{"i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"};
  std::string dtype = descr.empty() ? descr : descr.substr(1);
  if (!known.contains(dtype) || std::string_view("<>|=").find(descr[0]) == std::string_view::npos) {
    throw Error(where, "dtype '" + descr + "'", "plain integers or reals");
  }
  if (descr[0] == '>' && dtype[1] != '1') {
    throw Error(where, "big-endian dtype '" + descr + "'", "little-endian '<" + dtype + "'");
  }
  return dtype;
}

// Product of the axes, or -1 where it is beyond any sense.
std::int64_t elements_of(const std::vector<std::int64_t>& shape) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::int64_t elements = 1;
  for (const std::int64_t axis : shape) {
    if (axis > greatest_elements / elements) return -1;
    elements *= axis;
  }
  return elements;
}

}  // namespace

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (const std::int64_t axis : shape) text += fmt::format("{}{}", text.size() == 1 ? "" : ", ", axis);
  return text + (shape.size() == 1 ? ",)" : ")");
}

NpyArray::NpyArray(std::string dtype, std::vector<std::int64_t> shape, std::string member,
                   std::size_t payload_at)
    : dtype_(std::move(dtype)),
      shape_(std::move(shape)),
      member_(std::move(member)),
      payload_at_(payload_at) {}

std::int64_t NpyArray::elements() const { return elements_of(shape_); }

NpyArray NpyArray::parse(std::string member, const std::string& where) {
  const auto byte = [&member](std::size_t at) { return std::size_t{static_cast<unsigned char>(member[at])}; };
  if (member.size() < 12 || !member.starts_with(magic)) {
    throw Error(where, "no npy header", "a numpy array");
  }
  if (byte(6) < 1 || byte(6) > 3) throw Error(where, fmt::format("npy version {}", byte(6)), "1 to 3");
  const bool short_length = byte(6) == 1;
  const std::size_t header_at = short_length ? 10 : 12;
  std::size_t length = byte(8) | byte(9) << 8;
  if (!short_length) length |= byte(10) << 16 | byte(11) << 24;
  if (length > member.size() - header_at) {
    throw Error(where, fmt::format("a npy header of {} bytes", length), "no more than the member has");
  }
  HeaderParser header(std::string_view(member).substr(header_at, length), where);
  header.parse();
  const std::string dtype = plain_dtype(header.descr(), where);
  if (header.fortran_order()) throw Error(where, "Fortran order", "C order (numpy.ascontiguousarray)");
  const std::int64_t elements = elements_of(header.shape());
  const auto found = static_cast<std::int64_t>(member.size() - header_at - length);
  if (elements < 0 || found != elements * (dtype[1] - '0')) {
    throw Error(where, fmt::format("{} bytes of elements", found),
                fmt::format("shape {} of {}", shape_text(header.shape()), dtype));
  }
  return {dtype, header.shape(), std::move(member), header_at + length};
}

NpyArray NpyArray::make(const std::string& dtype, const std::vector<std::int64_t>& shape,
                        std::string_view payload) {
  const char order = dtype[1] == '1' ? '|' : '<';
  std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': {}, }}", order, dtype,
                                   shape_text(shape));
  constexpr std::size_t prefix = 10;
  constexpr std::size_t alignment = 64;  // of the payload in the member, as numpy does
  const std::size_t length = (prefix + header.size() + 1 + alignment - 1) / alignment * alignment - prefix;
  header.resize(length - 1, ' ');
  std::string member(magic);
  member.reserve(prefix + length + payload.size());
  member += {'\x01', '\x00', static_cast<char>(length & 0xff), static_cast<char>(length >> 8)};
  member.append(header).append("\n").append(payload);
  return {dtype, shape, std::move(member), prefix + length};
}

void NpyArray::expect(const std::string& dtype, const std::vector<std::int64_t>& shape,
                      const std::string& where) const {
  if (dtype_ != dtype) throw Error(where, "dtype " + dtype_, dtype);
  if (shape_ != shape) throw Error(where, "shape " + shape_text(shape_), shape_text(shape));
}

}  // namespace basil
