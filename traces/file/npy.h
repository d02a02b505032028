// One array as numpy stores it (.npy format, versions 1 to 3).
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace basil {

// A C-ordered, little-endian array. Holds the member's bytes as read, header included.
class NpyArray {
 public:
  // Throws Error "WHERE: ..." for anything but a whole, plain, C-ordered, little-endian array.
  [[nodiscard]] static NpyArray parse(std::string member, const std::string& where);

  template <class T>
  [[nodiscard]] static NpyArray of(std::span<const T> elements, const std::vector<std::int64_t>& shape);

  // numpy's letter and bytes an element: i1 u1 i2 u2 i4 u4 i8 u8 f4 f8.
  [[nodiscard]] const std::string& dtype() const { return dtype_; }
  [[nodiscard]] const std::vector<std::int64_t>& shape() const { return shape_; }
  [[nodiscard]] std::int64_t elements() const;
  [[nodiscard]] std::string_view payload() const { return std::string_view(member_).substr(payload_at_); }
  [[nodiscard]] const std::string& member() const { return member_; }  // header and payload

  // Throws Error unless dtype and shape are these.
  void expect(const std::string& dtype, const std::vector<std::int64_t>& shape,
              const std::string& where) const;

  // The elements as T, which must be the array's dtype.
  template <class T>
  [[nodiscard]] std::vector<T> as() const;

 private:
  NpyArray(std::string dtype, std::vector<std::int64_t> shape, std::string member, std::size_t payload_at);
  [[nodiscard]] static NpyArray make(const std::string& dtype, const std::vector<std::int64_t>& shape,
                                     std::string_view payload);

  std::string dtype_;
  std::vector<std::int64_t> shape_;
  std::string member_;
  std::size_t payload_at_;
};

// numpy's name of a C++ number.
template <class T>
[[nodiscard]] std::string npy_dtype() {
  static_assert(std::is_arithmetic_v<T>);
  const char letter = std::is_floating_point_v<T> ? 'f' : (std::is_signed_v<T> ? 'i' : 'u');
  return letter + std::to_string(sizeof(T));
}

// "(16, 3, 3, 1)".
[[nodiscard]] std::string shape_text(const std::vector<std::int64_t>& shape);

// A header takes less than this; a member is limited to it and the payload that its layer implies.
inline constexpr std::int64_t npy_header_limit = 65536;

template <class T>
NpyArray NpyArray::of(std::span<const T> elements, const std::vector<std::int64_t>& shape) {
  const std::string_view payload(reinterpret_cast<const char*>(elements.data()), elements.size_bytes());
  return make(npy_dtype<T>(), shape, payload);
}

template <class T>
std::vector<T> NpyArray::as() const {
  std::vector<T> elements(payload().size() / sizeof(T));
  if (!elements.empty()) std::memcpy(elements.data(), payload().data(), elements.size() * sizeof(T));
  return elements;
}

}  // namespace basil
