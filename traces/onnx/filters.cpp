#include "traces/onnx/filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "traces/file/npy.h"

namespace basil::onnx_import {
namespace {

const Tensor* find_constant(const Graph& graph, const Node& node, std::size_t input) {
  const auto found =
      input < node.inputs.size() ? graph.constants.find(node.inputs[input]) : graph.constants.end();
  return found == graph.constants.end() ? nullptr : &found->second;
}

// K values, or one that stands for all.
std::vector<float> bias_values(const Node& node, const Tensor* bias, std::int64_t filters) {
  if (bias == nullptr) return {};
  std::vector<float> values = bias->reals(node.where() + ": bias");
  if (values.size() == 1) values.resize(static_cast<std::size_t>(filters), values[0]);
  if (static_cast<std::int64_t>(values.size()) != filters ||
      (!bias->shape.empty() && bias->shape.back() == 1 && bias->size() != 1)) {
    throw Error(node.where() + ": bias", shape_text(bias->shape), fmt::format("({},)", filters));
  }
  return values;
}

// The integers of a bias that was dequantised, up to which a float tells them apart.
std::vector<std::int64_t> whole_bias(const Tensor* bias, std::int64_t filters) {
  if (bias == nullptr || !bias->grid || bias->size() != filters) return {};
  const Grid& grid = *bias->grid;
  std::vector<std::int64_t> sums;
  for (const float value : bias->reals("bias")) {
    const std::size_t k = grid.scale.size() == 1 ? 0 : sums.size();
    const double sum = std::nearbyint(static_cast<double>(value) / static_cast<double>(grid.scale[k]));
    if (!(std::abs(sum) < 4194304.0)) return {};
    sums.push_back(static_cast<std::int64_t>(sum));
  }
  return sums;
}

// The integers of weights whose filters lie along `axis`, where each filter has one scale.
std::shared_ptr<const Grid> filter_grid(const Tensor& weights, std::size_t axis) {
  const bool fits = weights.grid && (weights.grid->scale.size() == 1 || weights.grid->axis == axis);
  return fits ? weights.grid : nullptr;
}

std::vector<float> transposed(const std::vector<float>& matrix, std::int64_t rows, std::int64_t columns) {
  std::vector<float> out;
  out.reserve(matrix.size());
  for (std::int64_t c = 0; c < columns; ++c) {
    for (std::int64_t r = 0; r < rows; ++r) out.push_back(matrix[static_cast<std::size_t>(r * columns + c)]);
  }
  return out;
}

// For each filter k: what it makes is multiplied by factor[k], then offset[k] is added.
struct Linear {
  std::vector<float> factor, offset;
};

// The constants of a BatchNormalization, one a filter.
std::optional<Linear> normalisation_of(const Graph& graph, const Node& node, std::size_t filters) {
  if (node.integer("training_mode", 0) != 0) return {};
  std::vector<float> parts[4];  // scale, bias, mean, variance
  for (std::size_t i = 0; i < 4; ++i) {
    const Tensor* constant = find_constant(graph, node, i + 1);
    if (constant == nullptr) return {};
    parts[i] = constant->reals(node.where());
    if (parts[i].size() != filters)
      throw Error(node.where(), fmt::format("input {} of {} values", i + 1, parts[i].size()),
                  fmt::format("one for each of {} channels", filters));
  }
  Linear linear;
  const float epsilon = node.real("epsilon", 1e-5F);
  for (std::size_t k = 0; k < filters; ++k) {
    linear.factor.push_back(parts[0][k] / std::sqrt(parts[3][k] + epsilon));
    linear.offset.push_back(parts[1][k] - parts[2][k] * linear.factor[k]);
  }
  return linear;
}

// The constant of an Add, where it is one for all or one a filter: (K) behind an fc layer, (K, 1, 1) and the
// like behind a conv layer, whose outputs have `trailing` axes after the channels.
std::optional<Linear> addition(const Graph& graph, const Node& node, std::size_t filters,
                               std::size_t trailing) {
  const Tensor* constant = find_constant(graph, node, 0);
  if (constant == nullptr) constant = find_constant(graph, node, 1);
  if (constant == nullptr || constant->shape.size() > trailing + 2) return {};
  Axes shape = constant->shape;
  shape.erase(shape.begin(), std::find_if(shape.begin(), shape.end(), [](auto axis) { return axis != 1; }));
  Axes one_a_filter(trailing + 1, 1);
  one_a_filter[0] = static_cast<std::int64_t>(filters);
  if (!shape.empty() && shape != one_a_filter) return {};
  std::vector<float> offset = constant->reals(node.where());
  offset.resize(filters, offset.front());
  return Linear{.factor = std::vector<float>(filters, 1.0F), .offset = std::move(offset)};
}

std::optional<Linear> linear_of(const Graph& graph, const Node& layer, const Node& next,
                                const Filters& filters) {
  const auto count = static_cast<std::size_t>(filters.K);
  // The output of a MatMul may have its channels elsewhere than in axis 1.
  if (next.op == "BatchNormalization" && layer.op != "MatMul" && next.inputs[0] == layer.outputs[0])
    return normalisation_of(graph, next, count);
  if (next.op == "Add") return addition(graph, next, count, filters.axes);
  return {};
}

void apply(const Linear& linear, Filters& filters) {
  filters.bias_sums.clear();
  const auto count = static_cast<std::size_t>(filters.K), size = filters.weights.size() / count;
  if (linear.factor != std::vector<float>(count, 1.0F))
    filters.grid.reset();  // no integers of one scale any more
  filters.bias.resize(count, 0.0F);
  for (std::size_t k = 0; k < count; ++k) {
    for (std::size_t i = k * size; i < (k + 1) * size; ++i) filters.weights[i] *= linear.factor[k];
    filters.bias[k] = filters.bias[k] * linear.factor[k] + linear.offset[k];
  }
}

// Drops the constants that no node reads.
void drop_unread(Graph& graph) {
  const Readers readers(graph);
  std::erase_if(graph.constants, [&](const auto& entry) { return readers.count(entry.first) == 0; });
}

// Constant weights in a form that one layer runs: those of a convolution, or a matrix whose every output has
// one bias.
bool can_take(const Graph& graph, const Node& node) {
  const Tensor* weights = find_constant(graph, node, 1);
  if (weights == nullptr || !weights->real() || weights->size() == 0) return false;
  const bool biased = node.inputs.size() > 2 && !node.inputs[2].empty();
  const Tensor* bias = biased ? find_constant(graph, node, 2) : nullptr;
  if (biased && bias == nullptr) return false;
  if (node.op == "Conv") return true;
  if ((node.op != "Gemm" && node.op != "MatMul") || weights->shape.size() != 2) return false;
  if (node.op == "MatMul" || bias == nullptr) return node.integer("transA", 0) == 0;
  return node.integer("transA", 0) == 0 && (bias->shape.size() <= 1 || bias->shape[0] == 1);
}

Filters filters_of(const Graph& graph, const Node& node) {
  const Tensor &weights = *find_constant(graph, node, 1), *bias = find_constant(graph, node, 2);
  return node.op == "Conv" ? conv_filters(node, weights, bias) : fc_filters(node, weights, bias);
}

}  // namespace

Filters conv_filters(const Node& node, const Tensor& weights, const Tensor* bias) {
  const Axes& shape = weights.shape;
  if (shape.size() < 3 || shape.size() > 5) {
    throw Error(node.where() + ": weights", "shape " + shape_text(shape),
                "(K, C/groups, S), (K, C/groups, R, S) or (K, C/groups, T, R, S)");
  }
  return {.K = shape[0],
          .depth = shape[1],
          .T = shape.size() < 5 ? 1 : shape[2],
          .R = shape.size() < 4 ? 1 : shape[shape.size() - 2],
          .S = shape.back(),
          .axes = shape.size() - 2,
          .weights = weights.reals(node.where() + ": weights"),
          .bias = bias_values(node, bias, shape[0]),
          .grid = filter_grid(weights, 0),
          .bias_sums = whole_bias(bias, shape[0])};
}

Filters fc_filters(const Node& node, const Tensor& weights, const Tensor* bias) {
  if (weights.shape.size() != 2)
    throw Error(node.where() + ": weights", "shape " + shape_text(weights.shape), "two axes");
  const std::vector<float>& values = weights.reals(node.where() + ": weights");
  const bool as_is = node.integer("transB", 0) != 0;
  const std::int64_t rows = weights.shape[0], columns = weights.shape[1];
  Filters filters{.K = as_is ? rows : columns,
                  .depth = as_is ? columns : rows,
                  .weights = as_is ? values : transposed(values, rows, columns),
                  .bias = {},
                  .grid = filter_grid(weights, as_is ? 0 : 1),
                  .bias_sums = whole_bias(bias, as_is ? rows : columns)};
  filters.bias = bias_values(node, bias, filters.K);
  const float alpha = node.real("alpha", 1), beta = node.real("beta", 1);
  for (float& weight : filters.weights) weight *= alpha;
  for (float& value : filters.bias) value *= beta;
  if (alpha != 1) filters.grid.reset();
  return filters;
}

void check_finite(const Filters& filters, const Node& node) {
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::all_of(filters.weights.begin(), filters.weights.end(), finite) ||
      !std::all_of(filters.bias.begin(), filters.bias.end(), finite)) {
    throw Error(node.where() + ": weights", "a value that is not finite once all is folded into them",
                "finite numbers");
  }
}

std::map<std::string, Filters> take_filters(Graph& graph) {
  const Readers readers(graph);
  std::vector<bool> folded(graph.nodes.size());
  std::map<std::string, Filters> taken;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    if (!can_take(graph, node)) continue;
    Filters filters = filters_of(graph, node);
    std::size_t last = i;
    while (const auto next = readers.sole(node.outputs[0])) {
      if (*next <= last) break;  // out of order: running the graph says so
      last = *next;
      const auto linear = linear_of(graph, node, graph.nodes[*next], filters);
      if (!linear) break;
      apply(*linear, filters);
      folded[*next] = true;
      node.outputs[0] = graph.nodes[*next].outputs[0];
    }
    check_finite(filters, node);
    if (!taken.emplace(node.outputs[0], std::move(filters)).second)
      throw Error(node.where(), "a second value of its output's name", "names that differ");
  }
  std::vector<Node> kept;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (folded[i]) continue;
    kept.push_back(std::move(graph.nodes[i]));
    if (taken.contains(kept.back().outputs[0])) kept.back().inputs.resize(1);
  }
  graph.nodes = std::move(kept);
  drop_unread(graph);
  return taken;
}

}  // namespace basil::onnx_import
