// An operand as a chip would hold it: an encoding and its parts.
#pragma once

#include <algorithm>
#include <any>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/units.h"
#include "traces/encodings/dtype.h"
#include "traces/encodings/encoding.h"

namespace basil {

// Four axes, `depth` innermost in memory. Weights: K, R, S, C/groups. Activations: N, H, W, C.
struct Extent {
  int outer = 1, rows = 1, cols = 1, depth = 1;

  [[nodiscard]] std::int64_t positions() const { return std::int64_t{outer} * rows * cols * depth; }
  // Flat index of a position.
  [[nodiscard]] std::int64_t at(int o, int r, int c, int d) const {
    return ((std::int64_t{o} * rows + r) * cols + c) * depth + d;
  }
  friend bool operator==(const Extent&, const Extent&) = default;
};

// What an encoding keeps of an operand beside its values: a struct that the encoding's file defines, or none.
class OwnParts {
 public:
  OwnParts() = default;
  template <class Parts>
  OwnParts(Parts parts) : held_(std::move(parts)), equal_(&OwnParts::equal<Parts>) {}  // of any kind
  OwnParts(const OwnParts&) = default;
  OwnParts(OwnParts&&) = default;
  OwnParts& operator=(const OwnParts&) = default;
  OwnParts& operator=(OwnParts&&) = default;
  ~OwnParts() = default;

  [[nodiscard]] bool empty() const { return !held_.has_value(); }
  // Null where other parts are held.
  template <class Parts>
  [[nodiscard]] const Parts* as() const {
    return std::any_cast<Parts>(&held_);
  }
  template <class Parts>
  [[nodiscard]] Parts* as() {
    return std::any_cast<Parts>(&held_);
  }
  friend bool operator==(const OwnParts& a, const OwnParts& b) {
    return a.empty() || b.empty() ? a.empty() == b.empty() : a.equal_(a.held_, b.held_);
  }

 private:
  template <class Parts>
  static bool equal(const std::any& a, const std::any& b) {
    const Parts *x = std::any_cast<Parts>(&a), *y = std::any_cast<Parts>(&b);
    return x != nullptr && y != nullptr && *x == *y;
  }

  std::any held_;
  bool (*equal_)(const std::any&, const std::any&) = nullptr;
};

// The codes of a quantised tensor: what its author's file holds where the operand holds code - zero point, so
// that a zero of the operand is a real zero, and so is padding.
struct Codes {
  Dtype dtype = Dtype::int8;
  std::vector<std::int32_t> zero_points{0};  // one for all, or one for each `outer`

  [[nodiscard]] std::int32_t zero_point(int outer) const {
    return zero_points.size() == 1 ? zero_points[0] : zero_points[static_cast<std::size_t>(outer)];
  }
  friend bool operator==(const Codes&, const Codes&) = default;
};

// Throws Error: an operand holds the parts of another encoding than its own.
[[noreturn]] void refuse_parts(Encoding encoding);

// One encoded tensor. Its values, whose number and meaning are the encoding's, are `values` for integers and
// `reals` for fp32; the other is empty.
struct Operand {
  Encoding encoding = &dense_encoding;
  Dtype dtype = Dtype::int8;
  Extent extent;
  std::vector<float> scales{1.0F};  // real = integer * scale: one for all, or one for each `outer`
  std::vector<std::int16_t> values;
  std::vector<float> reals;
  OwnParts own;
  std::optional<Codes> codes = {};  // none: the integers themselves

  [[nodiscard]] bool is_real() const { return dtype == Dtype::fp32; }
  [[nodiscard]] float scale(int outer) const {
    return scales.size() == 1 ? scales[0] : scales[static_cast<std::size_t>(outer)];
  }
  // Codes differ from the integers.
  [[nodiscard]] bool has_zero_point() const {
    return codes && std::ranges::any_of(codes->zero_points, [](std::int32_t zero) { return zero != 0; });
  }
  // The encoding's own parts, e.g. parts<Basis>().bases. Of an operand that is not constant they are made
  // where there are none.
  template <class Parts>
  [[nodiscard]] const Parts& parts() const {
    const Parts* held = own.as<Parts>();
    if (held == nullptr) refuse_parts(encoding);
    return *held;
  }
  template <class Parts>
  [[nodiscard]] Parts& parts() {
    if (own.empty()) own = Parts();
    Parts* held = own.as<Parts>();
    if (held == nullptr) refuse_parts(encoding);
    return *held;
  }

  friend bool operator==(const Operand&, const Operand&) = default;
};

}  // namespace basil
