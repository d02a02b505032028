#include "traces/onnx/pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "traces/file/npy.h"

namespace basil::onnx_import {
namespace {

// The elements of one window that lie in the input, and how many lie in it or in the padding given.
struct Seen {
  float most = -std::numeric_limits<float>::infinity();
  double sum = 0;
  std::int64_t inside = 0, padded = 0;
};

Seen look(const Window& window, const float* plane, std::int64_t top, std::int64_t left) {
  const LayerShape& s = window.shape;
  Seen seen;
  for (std::int64_t r = 0; r < s.R; ++r) {
    const std::int64_t y = top + r * s.dilation_y;
    if (y >= s.H + window.given_bottom) break;
    for (std::int64_t c = 0; c < s.S; ++c) {
      const std::int64_t x = left + c * s.dilation_x;
      if (x >= s.W + window.given_right) break;
      ++seen.padded;
      if (y < 0 || y >= s.H || x < 0 || x >= s.W) continue;
      const float value = plane[y * s.W + x];
      seen.most = std::max(seen.most, value);
      seen.sum += static_cast<double>(value);
      ++seen.inside;
    }
  }
  return seen;
}

float result(const Seen& seen, bool maximum, bool count_padding, const std::string& where) {
  if (seen.inside == 0 && (maximum || !count_padding))
    throw Error(where, "a window that lies in the padding alone", "less padding");
  return maximum
             ? seen.most
             : static_cast<float>(seen.sum / static_cast<double>(count_padding ? seen.padded : seen.inside));
}

Axes output_shape(const Call& call, const LayerShape& s) {
  if (call.node().op == "ReduceMean" && call.node().integer("keepdims", 1) == 0) return {s.N, s.K};
  if (call[0].shape.size() == 3) return {s.N, s.K, s.Q()};
  return {s.N, s.K, s.P(), s.Q()};
}

void check_mean(const Call& call) {
  const Tensor* input = call.optional(1);
  std::vector<std::int64_t> axes = input != nullptr
                                       ? input->integers(call.where() + ": axes")
                                       : call.node().integers("axes").value_or(std::vector<std::int64_t>{});
  const auto rank = static_cast<std::int64_t>(call[0].shape.size());
  for (std::int64_t& axis : axes) axis += axis < 0 ? rank : 0;
  std::sort(axes.begin(), axes.end());
  if (axes != (rank == 3 ? Axes{2} : Axes{2, 3}))
    throw Error(call.where() + ": axes", shape_text(axes), "all rows and columns: (2, 3), or (2,) in 1-D");
}

}  // namespace

const std::set<std::string>& pool_operators() {
  static const std::set<std::string> names{"AveragePool", "GlobalAveragePool", "GlobalMaxPool", "MaxPool",
                                           "ReduceMean"};
  return names;
}

Tensor pool(const Call& call, const Window& window) {
  if (call.node().op == "ReduceMean") check_mean(call);
  const std::string where = call.where();
  const LayerShape& s = window.shape;
  const bool maximum = call.node().op == "MaxPool" || call.node().op == "GlobalMaxPool";
  const bool count_padding = call.node().integer("count_include_pad", 0) != 0;
  const float* plane = call[0].reals(where).data();
  Tensor output = make_reals(output_shape(call, s), where);
  auto out = std::get<std::vector<float>>(output.elements).begin();
  for (std::int64_t i = 0; i < std::int64_t{s.N} * s.C; ++i, plane += std::int64_t{s.H} * s.W) {
    for (std::int64_t p = 0; p < s.P(); ++p) {
      for (std::int64_t q = 0; q < s.Q(); ++q) {
        const Seen seen = look(window, plane, p * s.stride_y - s.pad_top, q * s.stride_x - s.pad_left);
        *out++ = result(seen, maximum, count_padding, where);
      }
    }
  }
  return output;
}

}  // namespace basil::onnx_import
