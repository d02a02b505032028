// Layers in integers: sums of products less the zero points, exact; scaled in single precision, rounded half
// to even, saturated.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/conv.h"
#include "traces/onnx/convolve.h"
#include "traces/onnx/layer_operators.h"
#include "traces/onnx/operators/broadcast.h"
#include "traces/onnx/products.h"

namespace basil::onnx_import {
namespace {

using Reals = std::vector<float>;

// An operand: its integers less their zero point, as reals that hold them exactly, and what they stand for.
struct Operand {
  Axes shape;
  Reals integers, reals;
  std::shared_ptr<const Grid> grid;  // of one scale, or one for each index of its axis
};

// One number, or one for each index of `axis`, as a tensor that repeats over the operand.
Tensor along(const Tensor& numbers, const Axes& shape, std::size_t axis, const std::string& where) {
  Tensor out = numbers;
  if (numbers.size() == 1) {
    out.shape = {};
    return out;
  }
  if (numbers.shape.size() > 1) return out;  // as many axes as the operand, those of 1 repeated
  if (axis >= shape.size() || numbers.size() != shape[axis])
    throw Error(where, fmt::format("{} scales or zero points", numbers.size()),
                "one, or one for each row or filter");
  out.shape.assign(shape.size() - axis, 1);
  out.shape[0] = numbers.size();
  return out;
}

Operand operand_of(const Tensor& tensor, const Tensor* zero, const Tensor* scale, std::size_t axis,
                   const std::string& where) {
  Operand operand{.shape = tensor.shape, .integers = {}, .reals = {}, .grid = nullptr};
  const std::vector<std::int64_t>& values = tensor.integers(where);
  Tensor none{.shape = {}, .elements = std::vector<std::int64_t>{0}, .type = tensor.type};
  Tensor one{.shape = {}, .elements = Reals{1}};
  const Tensor zeros = along(zero == nullptr ? none : *zero, tensor.shape, axis, where);
  const Tensor scales = along(scale == nullptr ? one : *scale, tensor.shape, axis, where);
  if (broadcast_shape({tensor.shape, zeros.shape, scales.shape}, where) != tensor.shape)
    throw Error(where, "scale or zero point of shape " + shape_text(scales.shape), shape_text(tensor.shape));
  operand.integers = paired<float>(tensor.shape, values, tensor.shape, zeros.integers(where), zeros.shape,
                                   [](std::int64_t x, std::int64_t z) { return static_cast<float>(x - z); });
  operand.reals = paired<float>(tensor.shape, operand.integers, tensor.shape, scales.reals(where),
                                scales.shape, [](float x, float s) { return x * s; });
  const auto count = std::max(zeros.size(), scales.size());
  if (zeros.shape.size() > 1 && zeros.shape.size() == tensor.shape.size() && zeros.shape[0] == 1 &&
      count != 1)
    return operand;  // by more than one axis
  Grid grid{.type = tensor.type, .bits = bits_of(tensor.type), .scale = {}, .zero = {}, .axis = axis};
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    grid.scale.push_back(scales.reals(where)[scales.size() == 1 ? 0 : at]);
    grid.zero.push_back(zeros.integers(where)[zeros.size() == 1 ? 0 : at]);
  }
  operand.grid = std::make_shared<const Grid>(std::move(grid));
  return operand;
}

// How sums leave, where a file can say it.
std::optional<Requantisation> leaving(ElementType type, float scale, std::int64_t zero) {
  if (type != ElementType::int8 && type != ElementType::uint8) return {};
  if (!std::isnormal(scale) || scale < 0) return {};
  return Requantisation{.dtype = type == ElementType::int8 ? Dtype::int8 : Dtype::uint8,
                        .scale = scale,
                        .zero_point = static_cast<std::int32_t>(zero),
                        .rule = RequantisationRule::onnx};
}

// Integers of int32, as an accumulator of that width holds them.
Tensor accumulators(Axes shape, const std::vector<double>& sums) {
  std::vector<std::int64_t> out;
  out.reserve(sums.size());
  for (const double sum : sums) out.push_back(wrapped(ElementType::int32, static_cast<std::int64_t>(sum)));
  return {.shape = std::move(shape), .elements = std::move(out), .type = ElementType::int32};
}

// A sum as the output's integer: times multiplier, which is in single precision.
std::int64_t requantised(double sum, float multiplier, std::int64_t zero, ElementType type) {
  const float whole = std::nearbyint(static_cast<float>(sum) * multiplier);
  return saturated(type, static_cast<double>(whole) + static_cast<double>(zero));
}

// Both filters of one layer: integers to compute with, reals to note.
struct BothFilters {
  Filters integers, reals;
};

BothFilters both_filters(const Node& node, const Operand& weights) {
  const Tensor integers{.shape = weights.shape, .elements = weights.integers},
      reals{.shape = weights.shape, .elements = weights.reals, .grid = weights.grid};
  return {conv_filters(node, integers, nullptr), conv_filters(node, reals, nullptr)};
}

std::vector<double> convolved(const LayerCall& at, const Operand& x, const BothFilters& filters,
                              const ConvForm& form, const std::optional<Requantisation>& output = {}) {
  (void)elements_of(form.output, at.where() + ": output");
  const Reals noted = form.volume() ? conv_input(form, x.reals) : x.reals;
  DenseLayer& layer = at.layers.add(at.node(), "", form.kind, form.shape, filters.reals, {noted, x.grid});
  if (layer.codes) layer.output = output;
  return conv_output(form, convolve_integers(form.shape, filters.integers,
                                             form.volume() ? conv_input(form, x.integers) : x.integers));
}

// (x, w, x's zero point, w's)
std::vector<Tensor> conv_integer(const LayerCall& at) {
  const Call& call = at.call;
  const Operand x = operand_of(call[0], call.optional(2), nullptr, 99, at.where());
  const Operand w = operand_of(call[1], call.optional(3), nullptr, 0, at.where() + ": weights");
  const BothFilters filters = both_filters(at.node(), w);
  const ConvForm form = conv_form(at.node(), filters.integers, x.shape);
  return {accumulators(form.output, convolved(at, x, filters, form))};
}

// Integers of int32 in the scale of the sums, one a filter.
std::vector<std::int64_t> integer_bias(const LayerCall& at, std::size_t index, std::int64_t filters) {
  const Tensor* bias = at.call.optional(index);
  if (bias == nullptr) return {};
  if (bias->size() != filters)
    throw Error(at.where() + ": bias", shape_text(bias->shape), fmt::format("({},)", filters));
  return bias->integers(at.where() + ": bias");
}

float single_real(const LayerCall& at, std::size_t index) {
  const Tensor& tensor = at.call[index];
  if (tensor.size() != 1) throw Error(at.where(), "several scales of a feature map", "one");
  return tensor.reals(at.where()).front();
}

std::int64_t single_integer(const LayerCall& at, std::size_t index) {
  const Tensor& tensor = at.call[index];
  if (tensor.size() != 1) throw Error(at.where(), "several zero points of a feature map", "one");
  return tensor.integers(at.where()).front();
}

// (x, scale, zero, w, scale, zero, scale of the output, zero, bias)
std::vector<Tensor> qlinear_conv(const LayerCall& at) {
  const Call& call = at.call;
  const float x_scale = single_real(at, 1), y_scale = single_real(at, 6);
  const std::int64_t y_zero = single_integer(at, 7);
  const ElementType type = call[7].type;
  const Operand x = operand_of(call[0], &call[2], &call[1], 99, at.where());
  const Operand w = operand_of(call[3], &call[5], &call[4], 0, at.where() + ": weights");
  BothFilters filters = both_filters(at.node(), w);
  const ConvForm form = conv_form(at.node(), filters.integers, x.shape);
  const std::vector<std::int64_t> bias = integer_bias(at, 8, filters.integers.K);
  std::vector<float> multipliers;
  for (std::size_t k = 0; k < static_cast<std::size_t>(form.shape.K); ++k) {
    const float w_scale = call[4].reals(at.where())[call[4].size() == 1 ? 0 : k];
    multipliers.push_back(x_scale * w_scale / y_scale);
    if (!bias.empty()) filters.reals.bias.push_back(static_cast<float>(bias[k]) * (x_scale * w_scale));
  }
  filters.reals.bias_sums = bias;
  const std::vector<double> sums = convolved(at, x, filters, form, leaving(type, y_scale, y_zero));
  std::int64_t plane = 1;
  for (std::size_t i = 2; i < form.output.size(); ++i) plane *= form.output[i];
  std::vector<std::int64_t> out;
  out.reserve(sums.size());
  for (const double sum : sums) {
    const std::size_t k = out.size() / static_cast<std::size_t>(plane) % multipliers.size();
    const double whole = sum + (bias.empty() ? 0.0 : static_cast<double>(bias[k]));
    out.push_back(requantised(whole, multipliers[k], y_zero, type));
  }
  return {{.shape = form.output, .elements = std::move(out), .type = type}};
}

// Products of integers; the layer notes what they stand for.
std::vector<double> product_sums(const LayerCall& at, const ProductForm& form, const Operand& a,
                                 const Operand& b, bool computed,
                                 const std::optional<Requantisation>& output = {}) {
  Filters noted = product_filters(form, a.reals, b.reals);
  const bool a_weighs = form.how == ProductForm::How::columns;
  const Operand &weights = a_weighs ? a : b, &activations = a_weighs ? b : a;
  if (weights.grid && (weights.grid->scale.size() == 1 || form.how != ProductForm::How::groups))
    noted.grid = weights.grid;
  const Reals input = product_input(form, a.reals, b.reals);
  DenseLayer& layer = at.layers.add(at.node(), computed ? "by_activation" : "", form.kind, form.shape, noted,
                                    {input, activations.grid});
  if (layer.codes) layer.output = output;
  return product_output(form, convolve_integers(form.shape, product_filters(form, a.integers, b.integers),
                                                product_input(form, a.integers, b.integers)));
}

// A's scales and zero points may go by rows, B's by columns.
Operand left(const LayerCall& at, std::size_t index, const Tensor* zero, const Tensor* scale) {
  const std::size_t rank = at.call[index].shape.size();
  return operand_of(at.call[index], zero, scale, rank < 2 ? 99 : rank - 2, at.where());
}

Operand right(const LayerCall& at, std::size_t index, const Tensor* zero, const Tensor* scale) {
  const std::size_t rank = at.call[index].shape.size();
  return operand_of(at.call[index], zero, scale, rank < 1 ? 99 : rank - 1, at.where() + ": weights");
}

ProductForm form_of(const LayerCall& at, std::size_t a, std::size_t b) {
  return product_form(at.node(), at.call[a].shape, at.call[b].shape,
                      at.call.is_constant(a) && !at.call.is_constant(b));
}

bool both_computed(const LayerCall& at, std::size_t a, std::size_t b) {
  return !at.call.is_constant(a) && !at.call.is_constant(b);
}

// (a, b, a's zero point, b's)
std::vector<Tensor> matmul_integer(const LayerCall& at) {
  const Operand a = left(at, 0, at.call.optional(2), nullptr), b = right(at, 1, at.call.optional(3), nullptr);
  const ProductForm form = form_of(at, 0, 1);
  return {accumulators(form.output, product_sums(at, form, a, b, both_computed(at, 0, 1)))};
}

// (a, scale, zero, b, scale, zero, scale of the output, zero)
std::vector<Tensor> qlinear_matmul(const LayerCall& at) {
  const Call& call = at.call;
  const Operand a = left(at, 0, &call[2], &call[1]), b = right(at, 3, &call[5], &call[4]);
  const ProductForm form = form_of(at, 0, 3);
  const ElementType type = call[7].type;
  const float y_scale = single_real(at, 6);
  const std::int64_t y_zero = single_integer(at, 7);
  const std::vector<double> sums =
      product_sums(at, form, a, b, both_computed(at, 0, 3), leaving(type, y_scale, y_zero));
  const auto number = [&](std::size_t index, std::size_t of) {
    const Reals& all = call[index].reals(at.where());
    if (all.size() != 1 && of >= all.size())
      throw Error(at.where(), "too few scales", "one for each row or column");
    return all[all.size() == 1 ? 0 : of];
  };
  std::vector<std::int64_t> out;
  out.reserve(sums.size());
  for (const double sum : sums) {
    const auto column = out.size() % static_cast<std::size_t>(form.columns),
               row =
                   out.size() / static_cast<std::size_t>(form.columns) % static_cast<std::size_t>(form.rows);
    out.push_back(requantised(sum, number(1, row) * number(4, column) / y_scale, y_zero, type));
  }
  return {{.shape = form.output, .elements = std::move(out), .type = type}};
}

}  // namespace

const LayerOperators& integer_operators() {
  static const LayerOperators table{{"ConvInteger", conv_integer},
                                    {"MatMulInteger", matmul_integer},
                                    {"QLinearConv", qlinear_conv},
                                    {"QLinearMatMul", qlinear_matmul}};
  return table;
}

}  // namespace basil::onnx_import
