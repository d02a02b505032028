// AVERAGE_POOL_2D and MAX_POOL_2D, over the part of each window that lies on the ifmap.
#include <algorithm>
#include <limits>

#include "core/error.h"
#include "traces/tflite/windows.h"

namespace basil::tflite_import {
namespace {

// Calls visit(value) for each value of channel c under the window of output (n, p, q).
template <class T, class Visit>
void under_window(const LayerShape& s, const std::vector<T>& ifmap, std::int64_t n, int p, int q, int c,
                  Visit visit) {
  for (int r = 0; r < s.R; ++r) {
    const int y = p * s.stride_y - s.pad_top + r;
    if (y < 0 || y >= s.H) continue;
    for (int t = 0; t < s.S; ++t) {
      const int x = q * s.stride_x - s.pad_left + t;
      if (x >= 0 && x < s.W) visit(ifmap[static_cast<std::size_t>(((n * s.H + y) * s.W + x) * s.C + c)]);
    }
  }
}

// Of each output, in order N, P, Q, C.
template <class T, class Pool>
std::vector<T> pooled(const LayerShape& s, Pool pool) {
  std::vector<T> ofmap;
  ofmap.reserve(static_cast<std::size_t>(std::int64_t{s.N} * s.P() * s.Q() * s.C));
  for (int n = 0; n < s.N; ++n) {
    for (int p = 0; p < s.P(); ++p) {
      for (int q = 0; q < s.Q(); ++q) {
        for (int c = 0; c < s.C; ++c) ofmap.push_back(pool(n, p, q, c));
      }
    }
  }
  return ofmap;
}

// The mean, halves away from zero.
std::int64_t rounded_mean(std::int64_t sum, std::int64_t count) {
  return count == 0 ? 0 : (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

std::vector<std::int16_t> pool_codes(const LayerShape& s, const std::vector<std::int16_t>& ifmap,
                                     bool average, const CodeRange& range) {
  return pooled<std::int16_t>(s, [&](int n, int p, int q, int c) {
    std::int64_t sum = 0, count = 0, most = std::numeric_limits<std::int16_t>::min();
    under_window(s, ifmap, n, p, q, c, [&](std::int16_t code) {
      sum += code;
      ++count;
      most = std::max<std::int64_t>(most, code);
    });
    return static_cast<std::int16_t>(
        std::clamp<std::int64_t>(average ? rounded_mean(sum, count) : most, range.least, range.greatest));
  });
}

std::vector<float> pool_reals(const LayerShape& s, const std::vector<float>& ifmap, bool average,
                              model::Activation activation) {
  return pooled<float>(s, [&](int n, int p, int q, int c) {
    float sum = 0, count = 0, most = std::numeric_limits<float>::lowest();
    under_window(s, ifmap, n, p, q, c, [&](float value) {
      sum += value;
      ++count;
      most = std::max(most, value);
    });
    return real_after(activation, average ? sum / std::max(count, 1.0F) : most);
  });
}

}  // namespace

void run_pool(Run& run, const Operation& operation) {
  const auto& options = options_of<model::Pool2DOptions>(operation);
  const Tensor &ifmap = run.tensor(operation.inputs[0]), &ofmap = run.tensor(operation.outputs[0]);
  const bool average = operation.op == model::BuiltinOperator_AVERAGE_POOL_2D;
  DenseLayer layer;
  layer.name = run.unique_name(operation);
  layer.kind = &pool_kind;
  LayerShape& shape = layer.shape;
  set_ifmap(ifmap, shape);
  shape.K = shape.groups = shape.C;
  shape.R = options.filter_height();
  shape.S = options.filter_width();
  shape.stride_y = options.stride_h();
  shape.stride_x = options.stride_w();
  set_padding(options.padding(), shape);
  Layer shaped;
  shaped.name = layer.name;
  shaped.kind = layer.kind;
  shaped.shape = shape;
  check_shape(shaped);
  if (ofmap.shape != Axes{shape.N, shape.P(), shape.Q(), shape.C})
    throw Error(where_of(ofmap), "shape " + shape_text(ofmap.shape),
                shape_text({shape.N, shape.P(), shape.Q(), shape.C}));
  const Value& input = run.value(operation.inputs[0]);
  Value result{.shape = ofmap.shape, .codes = {}, .reals = {}};
  if (input.is_real()) {
    result.reals = pool_reals(shape, input.reals, average, options.activation());
  } else {
    const Step in = step_of(ifmap), out = step_of(ofmap);
    if (in.scale != out.scale || in.zero_point != out.zero_point)
      throw Error(where_of(ofmap), "another scale or zero point than the input's", "the same");
    result.codes = pool_codes(shape, input.codes, average, codes_after(options.activation(), ofmap));
  }
  run.put(operation.outputs[0], std::move(result));
  run.add_layer(std::move(layer));
}

}  // namespace basil::tflite_import
