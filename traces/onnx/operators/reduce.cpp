// Reductions over any axes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "core/error.h"
#include "traces/onnx/operators/axes.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

using Line = std::span<const double>;

double sum(Line line) { return std::accumulate(line.begin(), line.end(), 0.0); }
double mean(Line line) { return sum(line) / static_cast<double>(line.size()); }
double product(Line line) { return std::accumulate(line.begin(), line.end(), 1.0, std::multiplies<>()); }
double greatest(Line line) { return line.empty() ? -INFINITY : *std::max_element(line.begin(), line.end()); }
double least(Line line) { return line.empty() ? INFINITY : *std::min_element(line.begin(), line.end()); }
double magnitudes(Line line) {
  return std::accumulate(line.begin(), line.end(), 0.0, [](double a, double x) { return a + std::abs(x); });
}
double squares(Line line) {
  return std::accumulate(line.begin(), line.end(), 0.0, [](double a, double x) { return a + x * x; });
}
double length(Line line) { return std::sqrt(squares(line)); }
double log_sum(Line line) { return std::log(sum(line)); }
double log_sum_exp(Line line) {
  const double most = greatest(line);
  if (!std::isfinite(most)) return most;
  return most + std::log(std::accumulate(line.begin(), line.end(), 0.0,
                                         [most](double a, double x) { return a + std::exp(x - most); }));
}

// Axes are an input of ReduceSum since opset 13, of the others since 18; none given are all, or with
// noop_with_empty_axes none.
std::vector<bool> reduced_axes(const Call& call) {
  const std::size_t rank = call[0].shape.size();
  const auto axes = given_axes(call, 1);
  if (axes && !axes->empty()) return axis_mask(*axes, rank, call.where());
  return std::vector<bool>(rank, call.node().integer("noop_with_empty_axes", 0) == 0);
}

Axes reduced_shape(const Call& call, const std::vector<bool>& gone) {
  const bool kept = call.node().integer("keepdims", 1) != 0;
  Axes shape;
  for (std::size_t i = 0; i < gone.size(); ++i) {
    if (!gone[i] || kept) shape.push_back(gone[i] ? 1 : call[0].shape[i]);
  }
  return shape;
}

// Line are summed in double precision; so are integers, exactly up to 2^53.
template <double reduce(Line)>
Tensor over(const Call& call) {
  const std::vector<bool> gone = reduced_axes(call);
  const Lines lines = lines_of(call[0].shape, gone);
  std::vector<double> line(lines.along.size());
  const ElementType type = call[0].type;
  return std::visit(
      [&](const auto& in) -> Tensor {
        using List = std::remove_cvref_t<decltype(in)>;
        List out;
        out.reserve(lines.starts.size());
        for (const std::int64_t start : lines.starts) {
          for (std::size_t j = 0; j < line.size(); ++j)
            line[j] = static_cast<double>(in[static_cast<std::size_t>(start + lines.along[j])]);
          const double value = reduce(line);
          if constexpr (std::is_same_v<List, std::vector<float>>)
            out.push_back(static_cast<float>(value));
          else
            out.push_back(saturated(type, std::trunc(value)));
        }
        return {.shape = reduced_shape(call, gone), .elements = std::move(out), .type = type};
      },
      call[0].elements);
}

}  // namespace

const Operators& reduce_operators() {
  static const Operators table{{"ReduceL1", over<magnitudes>},  {"ReduceL2", over<length>},
                               {"ReduceLogSum", over<log_sum>}, {"ReduceLogSumExp", over<log_sum_exp>},
                               {"ReduceMax", over<greatest>},   {"ReduceMean", over<mean>},
                               {"ReduceMin", over<least>},      {"ReduceProd", over<product>},
                               {"ReduceSum", over<sum>},        {"ReduceSumSquare", over<squares>}};
  return table;
}

}  // namespace basil::onnx_import
