// The product of two tensors, numpy's matmul, as one layer.
#pragma once

#include <vector>

#include "traces/network/dense_network.h"
#include "traces/onnx/filters.h"

namespace basil::onnx_import {

// Which form a product takes: rows of A through one matrix B (fc), a matrix A over the columns of B (a 1 x 1
// convolution, A being the weights), or as many products as the axes before the last two say (a 1 x 1
// convolution in groups).
struct ProductForm {
  enum class How { rows, columns, groups } how = How::rows;
  Axes a, b;    // with two axes at least
  Axes output;  // of the operator
  LayerShape shape;
  Kind kind = &fc_kind;
  Axes batch;  // the axes before the last two, repeated
  std::int64_t products = 1, rows = 1, inner = 1, columns = 1;
};

// `a_is_weights`: A is a constant and B is not. Throws Error for shapes that do not fit.
[[nodiscard]] ProductForm product_form(const Node& node, const Axes& a, const Axes& b, bool a_is_weights);

// The operands as the layer takes them.
[[nodiscard]] Filters product_filters(const ProductForm& form, const std::vector<float>& a,
                                      const std::vector<float>& b);
[[nodiscard]] std::vector<float> product_input(const ProductForm& form, const std::vector<float>& a,
                                               const std::vector<float>& b);

// What the layer makes, as the operator orders it.
template <class Sum>
[[nodiscard]] std::vector<Sum> product_output(const ProductForm& form, std::vector<Sum> made) {
  if (form.how != ProductForm::How::groups) return made;
  std::vector<Sum> out;
  out.reserve(made.size());
  for (std::int64_t i = 0; i < form.products; ++i) {
    for (std::int64_t row = 0; row < form.rows; ++row) {
      for (std::int64_t column = 0; column < form.columns; ++column)
        out.push_back(made[static_cast<std::size_t>((i * form.columns + column) * form.rows + row)]);
    }
  }
  return out;
}

}  // namespace basil::onnx_import
