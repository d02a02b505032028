// Operators of two tensors or more, repeated to one shape: arithmetic, comparisons, logic.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators/broadcast.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

using Integer = std::int64_t;

// Integers overflow as two's complement does.
Integer low_bits(std::uint64_t value) { return static_cast<Integer>(value); }
std::uint64_t bits(Integer value) { return static_cast<std::uint64_t>(value); }

struct Plus {
  float operator()(float a, float b) const { return a + b; }
  Integer operator()(Integer a, Integer b) const { return low_bits(bits(a) + bits(b)); }
};
struct Minus {
  float operator()(float a, float b) const { return a - b; }
  Integer operator()(Integer a, Integer b) const { return low_bits(bits(a) - bits(b)); }
};
struct Times {
  float operator()(float a, float b) const { return a * b; }
  Integer operator()(Integer a, Integer b) const { return low_bits(bits(a) * bits(b)); }
};
// Towards zero; by zero was refused.
struct Over {
  float operator()(float a, float b) const { return a / b; }
  Integer operator()(Integer a, Integer b) const { return b == -1 ? low_bits(-bits(a)) : a / b; }
};
// The remainder has the divisor's sign; that of fmod the dividend's.
struct Modulo {
  bool fmod;
  float operator()(float a, float b) const { return std::fmod(a, b); }
  Integer operator()(Integer a, Integer b) const {
    const Integer rest = b == -1 ? 0 : a % b;
    return !fmod && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
};
// NaN wins.
struct Greatest {
  float operator()(float a, float b) const { return a > b || std::isnan(a) ? a : b; }
  Integer operator()(Integer a, Integer b) const { return std::max(a, b); }
};
struct Least {
  float operator()(float a, float b) const { return a < b || std::isnan(a) ? a : b; }
  Integer operator()(Integer a, Integer b) const { return std::min(a, b); }
};

void check_alike(const Tensor& a, const Tensor& b, const std::string& where) {
  if (a.real() != b.real())
    throw Error(where, fmt::format("{} and {}", type_name(a.type), type_name(b.type)), "one type");
}

template <class Function>
Tensor combine(const Tensor& a, const Tensor& b, const std::string& where, Function function) {
  check_alike(a, b, where);
  Axes shape = broadcast_shape({a.shape, b.shape}, where);
  return std::visit(
      [&](const auto& first) -> Tensor {
        using List = std::remove_cvref_t<decltype(first)>;
        using Element = typename List::value_type;
        List out = paired<Element>(shape, first, a.shape, std::get<List>(b.elements), b.shape, function);
        if constexpr (std::is_same_v<Element, Integer>) {
          for (Integer& value : out) value = wrapped(a.type, value);
        }
        return {.shape = std::move(shape), .elements = std::move(out), .type = a.type};
      },
      a.elements);
}

void check_divisor(const Call& call) {
  if (call[1].real()) return;
  const auto& divisors = call[1].integers(call.where());
  if (std::find(divisors.begin(), divisors.end(), 0) != divisors.end())
    throw Error(call.where(), "an integer divided by 0", "another divisor");
}

template <class Function>
Tensor two(const Call& call) {
  return combine(call[0], call[1], call.where(), Function{});
}

Tensor divide(const Call& call) {
  check_divisor(call);
  return combine(call[0], call[1], call.where(), Over{});
}

Tensor modulo(const Call& call) {
  check_divisor(call);
  const bool fmod = call.node().integer("fmod", 0) != 0;
  if (call[0].real() && !fmod) throw Error(call.where() + ": fmod", "0 of real numbers", "1");
  return combine(call[0], call[1], call.where(), Modulo{fmod});
}

template <class Function>
Tensor several(const Call& call) {
  Tensor result = call[0];
  for (std::size_t i = 1; i < call.inputs(); ++i) result = combine(result, call[i], call.where(), Function{});
  return result;
}

Tensor mean_of_inputs(const Call& call) {
  Tensor sum = several<Plus>(call);
  (void)sum.reals(call.where());
  for (float& value : std::get<std::vector<float>>(sum.elements)) value /= static_cast<float>(call.inputs());
  return sum;
}

double number(float value) { return static_cast<double>(value); }
double number(Integer value) { return static_cast<double>(value); }

// Base and exponent each of a type of its own; the result is of the base's.
Tensor power(const Call& call) {
  Axes shape = broadcast_shape({call[0].shape, call[1].shape}, call.where());
  return std::visit(
      [&](const auto& base, const auto& exponent) -> Tensor {
        using Element = typename std::remove_cvref_t<decltype(base)>::value_type;
        const ElementType type = call[0].type;
        auto out = paired<Element>(shape, base, call[0].shape, exponent, call[1].shape,
                                   [type](auto a, auto b) -> Element {
                                     if constexpr (std::is_same_v<Element, float>)
                                       return std::pow(a, static_cast<float>(b));
                                     else
                                       return saturated(type, std::trunc(std::pow(number(a), number(b))));
                                   });
        return {.shape = std::move(shape), .elements = std::move(out), .type = type};
      },
      call[0].elements, call[1].elements);
}

// Slopes of what is below 0, one for each channel or for whatever they are repeated to.
Tensor prelu(const Call& call) {
  Tensor result = combine(call[0], call[1], call.where(),
                          [](auto x, auto slope) -> decltype(x) { return x < 0 ? Times{}(x, slope) : x; });
  if (result.shape != call[0].shape)
    throw Error(call.where() + ": slope", shape_text(call[1].shape), "one that fits the input");
  return result;
}

template <class Function>
Tensor compare(const Call& call) {
  check_alike(call[0], call[1], call.where());
  Axes shape = broadcast_shape({call[0].shape, call[1].shape}, call.where());
  return std::visit(
      [&](const auto& a) -> Tensor {
        using List = std::remove_cvref_t<decltype(a)>;
        auto out = paired<Integer>(shape, a, call[0].shape, std::get<List>(call[1].elements), call[1].shape,
                                   [](auto x, auto y) { return Integer{Function{}(x, y)}; });
        return {.shape = std::move(shape), .elements = std::move(out), .type = ElementType::boolean};
      },
      call[0].elements);
}

struct Both {
  bool operator()(auto a, auto b) const { return a != 0 && b != 0; }
};
struct Either {
  bool operator()(auto a, auto b) const { return a != 0 || b != 0; }
};
struct OneAlone {
  bool operator()(auto a, auto b) const { return (a != 0) != (b != 0); }
};

Tensor negation(const Call& call) {
  auto out = call[0].integers(call.where());
  for (Integer& value : out) value = value == 0 ? 1 : 0;
  return {.shape = call[0].shape, .elements = std::move(out), .type = ElementType::boolean};
}

Tensor where(const Call& call) {
  const auto& condition = call[0].integers(call.where() + ": condition");
  check_alike(call[1], call[2], call.where());
  Axes shape = broadcast_shape({call[0].shape, call[1].shape, call[2].shape}, call.where());
  const std::array<Axes, 3> steps{broadcast_steps(call[0].shape, shape),
                                  broadcast_steps(call[1].shape, shape),
                                  broadcast_steps(call[2].shape, shape)};
  return std::visit(
      [&](const auto& yes) -> Tensor {
        using List = std::remove_cvref_t<decltype(yes)>;
        const List& no = std::get<List>(call[2].elements);
        List out(static_cast<std::size_t>(elements_of(shape, call.where())));
        auto next = out.begin();
        walk(shape, steps, [&](const std::array<Integer, 3>& at) {
          *next++ = condition[static_cast<std::size_t>(at[0])] != 0 ? yes[static_cast<std::size_t>(at[1])]
                                                                    : no[static_cast<std::size_t>(at[2])];
        });
        return {.shape = std::move(shape), .elements = std::move(out), .type = call[1].type};
      },
      call[1].elements);
}

// Bits past those of the type are lost.
Tensor bit_shift(const Call& call) {
  (void)call[0].integers(call.where());
  const bool left = call.node().text("direction", "") == "LEFT";
  return combine(call[0], call[1], call.where(), [left](auto a, auto b) -> decltype(a) {
    if constexpr (std::is_same_v<decltype(a), float>)
      return a + b;
    else {
      if (b < 0 || b > 63) return 0;
      return left ? low_bits(bits(a) << b) : low_bits(bits(a) >> b);
    }
  });
}

}  // namespace

const Operators& arithmetic_operators() {
  static const Operators table{{"Add", two<Plus>},
                               {"And", compare<Both>},
                               {"BitShift", bit_shift},
                               {"Div", divide},
                               {"Equal", compare<std::equal_to<>>},
                               {"Greater", compare<std::greater<>>},
                               {"GreaterOrEqual", compare<std::greater_equal<>>},
                               {"Less", compare<std::less<>>},
                               {"LessOrEqual", compare<std::less_equal<>>},
                               {"Max", several<Greatest>},
                               {"Mean", mean_of_inputs},
                               {"Min", several<Least>},
                               {"Mod", modulo},
                               {"Mul", two<Times>},
                               {"Not", negation},
                               {"Or", compare<Either>},
                               {"PRelu", prelu},
                               {"Pow", power},
                               {"Sub", two<Minus>},
                               {"Sum", several<Plus>},
                               {"Where", where},
                               {"Xor", compare<OneAlone>}};
  return table;
}

}  // namespace basil::onnx_import
