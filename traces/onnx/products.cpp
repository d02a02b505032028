#include "traces/onnx/products.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/convolve.h"
#include "traces/onnx/layer_operators.h"
#include "traces/onnx/operators/broadcast.h"
#include "traces/onnx/operators/operators.h"
#include "traces/onnx/windows.h"

namespace basil::onnx_import {
namespace {

using How = ProductForm::How;

// Where matrix i of the products begins in an operand that is repeated.
std::vector<std::int64_t> matrix_starts(const ProductForm& form, const Axes& shape) {
  Axes own(shape.begin(), shape.end() - 2);
  const std::int64_t matrix = shape[shape.size() - 2] * shape.back();
  std::vector<std::int64_t> starts;
  walk(form.batch, std::array{broadcast_steps(own, form.batch)},
       [&](const std::array<std::int64_t, 1>& at) { starts.push_back(at[0] * matrix); });
  return starts;
}

// Matrices (rows, columns) as (columns, rows), one behind the other.
std::vector<float> transposed_each(const std::vector<std::int64_t>& starts, const std::vector<float>& values,
                                   std::int64_t rows, std::int64_t columns) {
  std::vector<float> out;
  out.reserve(starts.size() * static_cast<std::size_t>(rows * columns));
  for (const std::int64_t start : starts) {
    for (std::int64_t column = 0; column < columns; ++column) {
      for (std::int64_t row = 0; row < rows; ++row)
        out.push_back(values[static_cast<std::size_t>(start + row * columns + column)]);
    }
  }
  return out;
}

std::int64_t product_of(const Axes& axes) {
  std::int64_t product = 1;
  for (const std::int64_t axis : axes) product *= axis;
  return product;
}

void set_shape(const Node& node, ProductForm& form) {
  const auto axis = [&](std::int64_t value) { return bounded(value, 1, node.where() + ": an axis"); };
  LayerShape& s = form.shape;
  if (form.how == How::rows) {
    s.N = axis(product_of(Axes(form.a.begin(), form.a.end() - 1)));
    s.C = axis(form.inner);
    s.K = axis(form.columns);
  } else if (form.how == How::columns) {
    s.N = axis(product_of(Axes(form.b.begin(), form.b.end() - 2)));
    s.C = axis(form.inner);
    s.K = axis(form.rows);
    s.W = axis(form.columns);
    form.kind = &conv_kind;
  } else {
    s.groups = axis(form.products);
    s.C = axis(form.products * form.inner);
    s.K = axis(form.products * form.columns);
    s.W = axis(form.rows);
    form.kind = form.inner == 1 ? &depthwise_kind : &conv_kind;
  }
}

Tensor run_product(const LayerCall& at, const Tensor& a, const Tensor& b, bool a_is_weights, bool computed) {
  const ProductForm form = product_form(at.node(), a.shape, b.shape, a_is_weights);
  const std::vector<float>&left = a.reals(at.where()), &right = b.reals(at.where());
  Filters filters = product_filters(form, left, right);
  const Tensor &weights = a_is_weights ? a : b, &activations = a_is_weights ? b : a;
  if (weights.grid && weights.grid->scale.size() == 1) filters.grid = weights.grid;
  const std::vector<float> input = product_input(form, left, right);
  at.layers
      .add(at.node(), computed ? "by_activation" : "", form.kind, form.shape, filters,
           {input, activations.grid})
      .relu = at.relu;
  return {.shape = form.output, .elements = product_output(form, convolve(form.shape, filters, input))};
}

std::vector<Tensor> taken(const LayerCall& at) {
  const Tensor& from = at.call[0];
  const LayerShape shape = fc_shape(at.node(), *at.filters, from.shape);
  const std::vector<float>& input = from.reals(at.where());
  Axes to(from.shape.begin(), from.shape.end() - 1);
  to.push_back(shape.K);
  (void)elements_of(to, at.where() + ": output");
  at.layers.add(at.node(), "", &fc_kind, shape, *at.filters, {input, from.grid}).relu = at.relu;
  return {{.shape = std::move(to), .elements = convolve(shape, *at.filters, input)}};
}

std::vector<Tensor> matmul(const LayerCall& at) {
  if (at.filters != nullptr) return taken(at);
  const Call& call = at.call;
  const bool a_is_weights = call.is_constant(0) && !call.is_constant(1);
  return {run_product(at, call[0], call[1], a_is_weights, !call.is_constant(0) && !call.is_constant(1))};
}

// alpha * A' * B' + beta * C
std::vector<Tensor> gemm(const LayerCall& at) {
  if (at.filters != nullptr) return taken(at);
  const Call& call = at.call;
  const auto operand = [&](std::size_t index, const char* key) {
    const Tensor& tensor = call[index];
    if (tensor.shape.size() != 2)
      throw Error(at.where(), "an operand of shape " + shape_text(tensor.shape), "two axes");
    if (at.node().integer(key, 0) == 0) return tensor;
    Node turn{.name = at.node().name, .op = "Transpose", .inputs = {}, .outputs = {""}, .attributes = {}};
    return (*find_operator("Transpose"))(Call(turn, {&tensor})).front();
  };
  const Tensor a = operand(0, "transA"), b = operand(1, "transB");
  const float alpha = at.node().real("alpha", 1), beta = at.node().real("beta", 1);
  const Tensor* c = call.optional(2);
  LayerCall plain = at;
  plain.relu = at.relu && alpha == 1 && c == nullptr;  // else it comes behind what is done here
  Tensor out = run_product(plain, a, b, call.is_constant(0) && !call.is_constant(1),
                           !call.is_constant(0) && !call.is_constant(1));
  auto& values = std::get<std::vector<float>>(out.elements);
  for (float& value : values) value *= alpha;
  if (c == nullptr) return {std::move(out)};
  if (broadcast_shape({out.shape, c->shape}, at.where()) != out.shape)
    throw Error(at.where() + ": bias", shape_text(c->shape), "one that fits " + shape_text(out.shape));
  values = paired<float>(out.shape, values, out.shape, c->reals(at.where()), c->shape,
                         [beta](float x, float bias) { return x + beta * bias; });
  return {std::move(out)};
}

}  // namespace

ProductForm product_form(const Node& node, const Axes& a, const Axes& b, bool a_is_weights) {
  if (a.empty() || b.empty()) throw Error(node.where(), "a scalar", "matrices");
  ProductForm form;
  form.a = a.size() == 1 ? Axes{1, a[0]} : a;
  form.b = b.size() == 1 ? Axes{b[0], 1} : b;
  form.rows = form.a[form.a.size() - 2];
  form.inner = form.a.back();
  form.columns = form.b.back();
  if (form.b[form.b.size() - 2] != form.inner)
    throw Error(node.where(), "shapes " + shape_text(a) + " and " + shape_text(b),
                fmt::format("({}, ...) as the second", form.inner));
  form.batch = broadcast_shape(
      {Axes(form.a.begin(), form.a.end() - 2), Axes(form.b.begin(), form.b.end() - 2)}, node.where());
  form.products = product_of(form.batch);
  form.output = form.batch;
  if (a.size() > 1) form.output.push_back(form.rows);
  if (b.size() > 1) form.output.push_back(form.columns);
  (void)elements_of(form.output, node.where() + ": output");
  const bool one_b = product_of(Axes(form.b.begin(), form.b.end() - 2)) == 1;
  const bool one_a = product_of(Axes(form.a.begin(), form.a.end() - 2)) == 1;
  if (a_is_weights && one_a)
    form.how = How::columns;
  else if (!one_b)
    form.how = How::groups;
  set_shape(node, form);
  return form;
}

Filters product_filters(const ProductForm& form, const std::vector<float>& a, const std::vector<float>& b) {
  Filters filters{.K = form.shape.K, .depth = form.inner, .bias = {}};
  if (form.how == How::columns)
    filters.weights = a;
  else if (form.how == How::rows)
    filters.weights = transposed_each({0}, b, form.inner, form.columns);
  else
    filters.weights = transposed_each(matrix_starts(form, form.b), b, form.inner, form.columns);
  return filters;
}

std::vector<float> product_input(const ProductForm& form, const std::vector<float>& a,
                                 const std::vector<float>& b) {
  if (form.how == How::rows) return a;
  if (form.how == How::columns) return b;
  return transposed_each(matrix_starts(form, form.a), a, form.rows, form.inner);
}

const LayerOperators& product_operators() {
  static const LayerOperators table{{"Gemm", gemm}, {"MatMul", matmul}};
  return table;
}

}  // namespace basil::onnx_import
