#include "traces/onnx/operators/quantise.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators/axes.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

// Which scale each element has.
class ScaleIndex {
 public:
  ScaleIndex(const Tensor& in, const Tensor& scale, const Tensor* zero, std::int64_t axis, std::int64_t block,
             const std::string& where) {
    if (zero != nullptr && zero->size() != scale.size())
      throw Error(where + ": zero point", shape_text(zero->shape), shape_text(scale.shape) + " as the scale");
    if (scale.size() == 1) return;
    const std::size_t at = axis_of(axis, in.shape.size(), where + ": axis");
    length_ = std::max<std::int64_t>(1, in.shape[at]);
    inner_ = std::max<std::int64_t>(1, extent(in.shape, at + 1, in.shape.size()));
    block_ = block;
    Axes expected = in.shape;
    if (block > 0)
      expected[at] = (in.shape[at] + block - 1) / block;
    else
      expected = {in.shape[at]};
    blocks_ = block > 0 ? expected[at] : 1;
    if (scale.shape != expected)
      throw Error(where + ": scale", shape_text(scale.shape), shape_text(expected) + ", or one number");
  }

  [[nodiscard]] std::size_t of(std::size_t element) const {
    const auto i = static_cast<std::int64_t>(element);
    const std::int64_t along = i / inner_ % length_;
    if (block_ <= 0) return static_cast<std::size_t>(along);
    return static_cast<std::size_t>((i / inner_ / length_ * blocks_ + along / block_) * inner_ + i % inner_);
  }

 private:
  std::int64_t length_ = 1, inner_ = 1, block_ = 0, blocks_ = 1;
};

std::vector<std::int64_t> zeros_of(const Tensor* zero, std::size_t count, const std::string& where) {
  return zero == nullptr ? std::vector<std::int64_t>(count, 0) : zero->integers(where + ": zero point");
}

Tensor quantize_linear(const Call& call) {
  const Node& node = call.node();
  const Tensor* zero = call.optional(2);
  ElementType type = ElementType::uint8;
  if (const std::int64_t number = node.integer("output_dtype", 0); number != 0) {
    const auto given = element_type(number);
    if (!given || is_real(*given))
      throw Error(call.where() + ": output_dtype", std::to_string(number), "integers");
    type = *given;
  }
  if (zero != nullptr && zero->real()) throw Error(call.where() + ": zero point", "no integer", "integers");
  return quantised(call[0], call[1], zero, zero == nullptr ? type : zero->type, node.integer("axis", 1),
                   node.integer("block_size", 0), call.where());
}

Tensor dequantize_linear(const Call& call) {
  const Node& node = call.node();
  return dequantised(call[0], call[1], call.optional(2), node.integer("axis", 1),
                     node.integer("block_size", 0), call.where());
}

// Scale and zero point from the range of the values and 0, in single precision as ONNX works it out.
std::vector<Tensor> dynamic_quantize_linear(const Call& call) {
  const std::vector<float>& in = call[0].reals(call.where());
  float least = 0, most = 0;
  for (const float x : in) {
    least = std::min(least, x);
    most = std::max(most, x);
  }
  const float span = (most - least) / 255.0F;
  const float step = span == 0 ? 1.0F : span;
  const float zero = std::nearbyint(std::clamp(-least / step, 0.0F, 255.0F));
  Tensor scale{.shape = {}, .elements = std::vector<float>{span}};
  Tensor zero_point{
      .shape = {},
      .elements = std::vector<std::int64_t>{saturated(ElementType::uint8, static_cast<double>(zero))},
      .type = ElementType::uint8};
  Tensor used = scale;
  used.elements = std::vector<float>{step};
  Tensor integers = quantised(call[0], used, &zero_point, ElementType::uint8, 0, 0, call.where());
  return {std::move(integers), std::move(scale), std::move(zero_point)};
}

// Operators of onnxruntime on integers: on the reals they stand for, quantised again.
Tensor input_real(const Call& call, std::size_t index) {
  return dequantised(call[index], call[index + 1], call.optional(index + 2), 0, 0, call.where());
}

Tensor output_integers(const Call& call, const Tensor& real, std::size_t index) {
  return quantised(real, call[index], call.optional(index + 1), call[0].type, 0, 0, call.where());
}

Tensor of_reals(const Call& call, const char* op, const std::vector<const Tensor*>& inputs) {
  Node node = call.node();
  node.op = op;
  return (*find_operator(op))(Call(node, inputs)).front();
}

// (a, scale, zero, b, scale, zero, scale of the result, zero)
template <const char* const& op>
Tensor two_integers(const Call& call) {
  const Tensor a = input_real(call, 0), b = input_real(call, 3);
  return output_integers(call, of_reals(call, op, {&a, &b}), 6);
}

// (x, scale, zero, scale of the result, zero)
template <const char* const& op>
Tensor one_integer(const Call& call) {
  const Tensor x = input_real(call, 0);
  return output_integers(call, of_reals(call, op, {&x}), 3);
}

const char* const add_name = "Add";
const char* const mul_name = "Mul";
const char* const sigmoid_name = "Sigmoid";
const char* const leaky_name = "LeakyRelu";

}  // namespace

Tensor quantised(const Tensor& in, const Tensor& scale, const Tensor* zero, ElementType type,
                 std::int64_t axis, std::int64_t block, const std::string& where) {
  const ScaleIndex index(in, scale, zero, axis, block, where);
  const std::vector<float>& scales = scale.reals(where + ": scale");
  const std::vector<std::int64_t> zeros = zeros_of(zero, scales.size(), where);
  std::vector<std::int64_t> out(static_cast<std::size_t>(in.size()));
  std::visit(
      [&](const auto& values) {
        for (std::size_t i = 0; i < out.size(); ++i) {
          const std::size_t at = index.of(i);
          const float whole = std::nearbyint(static_cast<float>(values[i]) / scales[at]);
          out[i] = saturated(type, static_cast<double>(whole) + static_cast<double>(zeros[at]));
        }
      },
      in.elements);
  return {.shape = in.shape, .elements = std::move(out), .type = type};
}

Tensor dequantised(const Tensor& in, const Tensor& scale, const Tensor* zero, std::int64_t axis,
                   std::int64_t block, const std::string& where) {
  const ScaleIndex index(in, scale, zero, axis, block, where);
  const std::vector<float>& scales = scale.reals(where + ": scale");
  std::vector<std::int64_t> zeros = zeros_of(zero, scales.size(), where);
  const std::vector<std::int64_t>& integers = in.integers(where);
  Tensor out{.shape = in.shape, .elements = std::vector<float>(integers.size()), .type = scale.type};
  auto& reals = std::get<std::vector<float>>(out.elements);
  for (std::size_t i = 0; i < reals.size(); ++i) {
    const std::size_t at = index.of(i);
    const double apart = static_cast<double>(integers[i]) - static_cast<double>(zeros[at]);
    reals[i] = static_cast<float>(apart) * scales[at];
  }
  if (scales.size() != 1 && block > 0) return out;
  const std::size_t along = scales.size() == 1 ? 0 : axis_of(axis, in.shape.size(), where);
  out.grid = std::make_shared<const Grid>(Grid{in.type, bits_of(in.type), scales, std::move(zeros), along});
  return out;
}

const Operators& quantise_operators() {
  static const Operators table{{"DequantizeLinear", dequantize_linear},
                               {"DynamicQuantizeLinear", dynamic_quantize_linear},
                               {"QuantizeLinear", quantize_linear},
                               {"com.microsoft.DequantizeLinear", dequantize_linear},
                               {"com.microsoft.QLinearAdd", two_integers<add_name>},
                               {"com.microsoft.QLinearLeakyRelu", one_integer<leaky_name>},
                               {"com.microsoft.QLinearMul", two_integers<mul_name>},
                               {"com.microsoft.QLinearSigmoid", one_integer<sigmoid_name>},
                               {"com.microsoft.QuantizeLinear", quantize_linear}};
  return table;
}

}  // namespace basil::onnx_import
