#include "traces/onnx/pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators/axes.h"

namespace basil::onnx_import {
namespace {

using Volume = std::array<SlidingAxis, 3>;

// The elements of one window that lie in the input, and how many lie in it or in the padding given.
struct Seen {
  float most = -std::numeric_limits<float>::infinity();
  double sum = 0;
  std::int64_t inside = 0, padded = 0;
};

// Calls visit(place, inside) for what a window's taps see along one axis, up to the padding given.
template <class Visit>
void each_tap(const SlidingAxis& axis, std::int64_t output, Visit visit) {
  for (std::int64_t tap = 0; tap < axis.taps; ++tap) {
    const std::int64_t place = output * axis.stride - axis.before + tap * axis.dilation;
    if (place >= axis.size + axis.given_after) return;
    visit(place, place >= 0 && place < axis.size);
  }
}

Seen look(const Volume& axes, const float* volume, const std::array<std::int64_t, 3>& output) {
  Seen seen;
  each_tap(axes[0], output[0], [&](std::int64_t z, bool z_inside) {
    each_tap(axes[1], output[1], [&](std::int64_t y, bool y_inside) {
      each_tap(axes[2], output[2], [&](std::int64_t x, bool x_inside) {
        ++seen.padded;
        if (!z_inside || !y_inside || !x_inside) return;
        const float value = volume[(z * axes[1].size + y) * axes[2].size + x];
        seen.most = std::max(seen.most, value);
        seen.sum += static_cast<double>(value);
        ++seen.inside;
      });
    });
  });
  return seen;
}

float result(const Seen& seen, bool maximum, bool count_padding, const std::string& where) {
  if (seen.inside == 0 && (maximum || !count_padding))
    throw Error(where, "a window that lies in the padding alone", "less padding");
  return maximum
             ? seen.most
             : static_cast<float>(seen.sum / static_cast<double>(count_padding ? seen.padded : seen.inside));
}

// Of integers: exactly, where a float holds them.
std::vector<float> pool_reals(const Tensor& tensor, const std::string& where) {
  if (tensor.real()) return tensor.reals(where);
  const auto& integers = tensor.integers(where);
  return {integers.begin(), integers.end()};
}

}  // namespace

bool is_pool(const Call& call) {
  static const std::set<std::string> names{"AveragePool", "GlobalAveragePool", "GlobalMaxPool", "MaxPool"};
  if (call.node().op != "ReduceMean") return names.contains(call.node().op);
  const Axes& shape = call[0].shape;
  if ((shape.size() != 3 && shape.size() != 4) || !call[0].real()) return false;
  const auto axes = given_axes(call, 1);
  if (!axes || axes->empty()) return false;
  const std::vector<bool> gone = axis_mask(*axes, shape.size(), call.where());
  return !gone[0] && !gone[1] && std::all_of(gone.begin() + 2, gone.end(), [](bool each) { return each; });
}

Tensor pool(const Call& call, const std::vector<SlidingAxis>& axes) {
  const std::string where = call.where();
  const bool maximum = call.node().op == "MaxPool" || call.node().op == "GlobalMaxPool";
  const bool count_padding = call.node().integer("count_include_pad", 0) != 0;
  Volume volume;
  std::copy(axes.begin(), axes.end(), volume.end() - static_cast<std::ptrdiff_t>(axes.size()));
  Axes shape{call[0].shape[0], call[0].shape[1]};
  for (const SlidingAxis& axis : axes) shape.push_back(axis.outputs());
  const std::vector<float> input = pool_reals(call[0], where);
  Tensor output = make_reals(shape, where);
  auto& values = std::get<std::vector<float>>(output.elements);
  auto out = values.begin();
  const std::int64_t size = volume[0].size * volume[1].size * volume[2].size;
  const float* image = input.data();
  for (std::int64_t i = 0; i < shape[0] * shape[1]; ++i, image += size) {
    std::array<std::int64_t, 3> at{};
    for (at[0] = 0; at[0] < volume[0].outputs(); ++at[0]) {
      for (at[1] = 0; at[1] < volume[1].outputs(); ++at[1]) {
        for (at[2] = 0; at[2] < volume[2].outputs(); ++at[2])
          *out++ = result(look(volume, image, at), maximum, count_padding, where);
      }
    }
  }
  if (!call[0].real()) {
    output.elements = std::vector<std::int64_t>(values.begin(), values.end());
    output.type = call[0].type;
  }
  if (maximum) output.grid = call[0].grid;
  if (call.node().op == "ReduceMean" && call.node().integer("keepdims", 1) == 0)
    output.shape = {shape[0], shape[1]};
  return output;
}

}  // namespace basil::onnx_import
