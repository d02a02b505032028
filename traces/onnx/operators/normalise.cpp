// Normalisation over channels, groups, instances and trailing axes.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/operators/axes.h"
#include "traces/onnx/operators/broadcast.h"
#include "traces/onnx/operators/operators.h"

namespace basil::onnx_import {
namespace {

std::int64_t channels_of(const Call& call) { return call[0].shape.size() < 2 ? 1 : call[0].shape[1]; }

// An input of one value for each of `count` channels or groups.
const std::vector<float>& one_each(const Call& call, std::size_t index, std::int64_t count) {
  if (call[index].size() != count)
    throw Error(call.where(), fmt::format("input {} of {} values", index, call[index].size()),
                fmt::format("one for each of {} channels", count));
  return call[index].reals(call.where());
}

// scale * (x - mean) / sqrt(variance + epsilon) + bias, for each channel (axis 1).
Tensor batch_normalization(const Call& call) {
  if (call.node().integer("training_mode", 0) != 0 || call.node().integer("spatial", 1) == 0)
    throw Error(call.where() + ": training_mode", "1", "a model exported for inference");
  const std::int64_t channels = channels_of(call);
  const std::vector<float>&scale = one_each(call, 1, channels), &bias = one_each(call, 2, channels);
  const std::vector<float>&mean = one_each(call, 3, channels), &variance = one_each(call, 4, channels);
  const Axes& shape = call[0].shape;
  const float epsilon = call.node().real("epsilon", 1e-5F);
  std::vector<float> out = call[0].reals(call.where());
  const auto planes = static_cast<std::size_t>(shape.empty() ? 1 : shape[0] * channels);
  const std::size_t plane = planes == 0 ? 0 : out.size() / planes;
  for (std::size_t i = 0; i < planes; ++i) {
    const std::size_t c = i % static_cast<std::size_t>(channels);
    const float factor = scale[c] / std::sqrt(variance[c] + epsilon);
    for (std::size_t j = i * plane; j < (i + 1) * plane; ++j) out[j] = (out[j] - mean[c]) * factor + bias[c];
  }
  return {.shape = shape, .elements = std::move(out), .type = call[0].type};
}

struct Moments {
  float mean, deviation_inverse;
};

// Each `length` values less their mean, over their deviation.
std::vector<Moments> standardise(std::vector<float>& values, std::size_t length, float epsilon) {
  std::vector<Moments> all;
  for (std::size_t first = 0; length > 0 && first < values.size(); first += length) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < length; ++i) sum += static_cast<double>(values[first + i]);
    const double mean = sum / static_cast<double>(length);
    for (std::size_t i = 0; i < length; ++i) {
      const double apart = static_cast<double>(values[first + i]) - mean;
      squares += apart * apart;
    }
    const double inverse =
        1 / std::sqrt(squares / static_cast<double>(length) + static_cast<double>(epsilon));
    for (std::size_t i = 0; i < length; ++i)
      values[first + i] = static_cast<float>((static_cast<double>(values[first + i]) - mean) * inverse);
    all.push_back({static_cast<float>(mean), static_cast<float>(inverse)});
  }
  return all;
}

void check_images(const Call& call) {
  if (call[0].shape.size() < 2)
    throw Error(call.where(), "input of shape " + shape_text(call[0].shape), "(N, C, ...)");
}

// values[i] * scale[c] + bias[c], c the channel, or the group of channels, that it is of.
void affine(std::vector<float>& values, std::size_t run, const std::vector<float>& scale,
            const std::vector<float>& bias) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t c = i / run % scale.size();
    values[i] = values[i] * scale[c] + bias[c];
  }
}

Tensor instance_normalization(const Call& call) {
  check_images(call);
  const Axes& shape = call[0].shape;
  const auto plane = static_cast<std::size_t>(extent(shape, 2, shape.size()));
  const auto &scale = one_each(call, 1, shape[1]), &bias = one_each(call, 2, shape[1]);
  std::vector<float> values = call[0].reals(call.where());
  (void)standardise(values, plane, call.node().real("epsilon", 1e-5F));
  if (!values.empty()) affine(values, plane, scale, bias);
  return {.shape = shape, .elements = std::move(values), .type = call[0].type};
}

// A scale and bias for each group at opset 18 to 20, for each channel since.
Tensor group_normalization(const Call& call) {
  check_images(call);
  const Axes& shape = call[0].shape;
  const std::int64_t groups = call.node().integer("num_groups", 0);
  if (groups < 1 || shape[1] % groups != 0)
    throw Error(call.where() + ": num_groups", std::to_string(groups),
                fmt::format("a divisor of {}", shape[1]));
  const auto plane = static_cast<std::size_t>(extent(shape, 2, shape.size()));
  const std::size_t group = plane * static_cast<std::size_t>(shape[1] / groups);
  const bool by_group = call.node().opset < 21;
  const auto &scale = one_each(call, 1, by_group ? groups : shape[1]),
             &bias = one_each(call, 2, by_group ? groups : shape[1]);
  std::vector<float> values = call[0].reals(call.where());
  (void)standardise(values, group, call.node().real("epsilon", 1e-5F));
  if (!values.empty()) affine(values, by_group ? group : plane, scale, bias);
  return {.shape = shape, .elements = std::move(values), .type = call[0].type};
}

// Over `axis` and all behind it; mean and 1 / deviation are outputs too.
std::vector<Tensor> layer_normalization(const Call& call) {
  const Axes& shape = call[0].shape;
  const std::size_t axis = axis_of(call.node().integer("axis", -1), shape.size(), call.where() + ": axis");
  std::vector<float> values = call[0].reals(call.where());
  const auto moments = standardise(values, static_cast<std::size_t>(extent(shape, axis, shape.size())),
                                   call.node().real("epsilon", 1e-5F));
  const auto combine = [&](const Tensor& other, auto function) {
    if (broadcast_shape({shape, other.shape}, call.where()) != shape)
      throw Error(call.where(), "scale or bias of shape " + shape_text(other.shape), "the normalised axes");
    values = paired<float>(shape, values, shape, other.reals(call.where()), other.shape, function);
  };
  combine(call[1], [](float x, float scale) { return x * scale; });
  if (const Tensor* bias = call.optional(2)) combine(*bias, [](float x, float b) { return x + b; });
  Axes kept(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis));
  kept.resize(shape.size(), 1);
  Tensor mean = make_reals(kept, call.where()), inverse = make_reals(kept, call.where());
  for (std::size_t i = 0; i < moments.size(); ++i) {
    std::get<std::vector<float>>(mean.elements)[i] = moments[i].mean;
    std::get<std::vector<float>>(inverse.elements)[i] = moments[i].deviation_inverse;
  }
  return {{.shape = shape, .elements = std::move(values), .type = call[0].type},
          std::move(mean),
          std::move(inverse)};
}

Tensor mean_variance_normalization(const Call& call) {
  const Axes& shape = call[0].shape;
  const Lines lines = lines_of(
      shape, axis_mask(call.node().integers("axes").value_or(Axes{0, 2, 3}), shape.size(), call.where()));
  std::vector<float> values = call[0].reals(call.where()), line(lines.along.size());
  for (const std::int64_t start : lines.starts) {
    for (std::size_t j = 0; j < line.size(); ++j)
      line[j] = values[static_cast<std::size_t>(start + lines.along[j])];
    (void)standardise(line, line.size(), 1e-9F);
    for (std::size_t j = 0; j < line.size(); ++j)
      values[static_cast<std::size_t>(start + lines.along[j])] = line[j];
  }
  return {.shape = shape, .elements = std::move(values), .type = call[0].type};
}

// x over (bias + alpha / size * the squares of `size` channels around) ^ beta.
Tensor local_response_normalization(const Call& call) {
  check_images(call);
  const Axes& shape = call[0].shape;
  const std::int64_t size = call.node().integer("size", 1), channels = shape[1];
  if (size < 1) throw Error(call.where() + ": size", std::to_string(size), "1 or more");
  const float alpha = call.node().real("alpha", 1e-4F), beta = call.node().real("beta", 0.75F),
              bias = call.node().real("bias", 1);
  const std::int64_t plane = extent(shape, 2, shape.size());
  const std::vector<float>& in = call[0].reals(call.where());
  std::vector<float> out(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i);
    const std::int64_t c = at / plane % channels;
    const std::int64_t first = std::max<std::int64_t>(0, c - (size - 1) / 2),
                       last = size / 2 >= channels - c ? channels - 1 : c + size / 2;
    float squares = 0;
    for (std::int64_t other = first; other <= last; ++other) {
      const float x = in[static_cast<std::size_t>(at + (other - c) * plane)];
      squares += x * x;
    }
    out[i] = in[i] / std::pow(bias + alpha / static_cast<float>(size) * squares, beta);
  }
  return {.shape = shape, .elements = std::move(out), .type = call[0].type};
}

}  // namespace

const Operators& normalise_operators() {
  static const Operators table{{"BatchNormalization", batch_normalization},
                               {"GroupNormalization", group_normalization},
                               {"InstanceNormalization", instance_normalization},
                               {"LRN", local_response_normalization},
                               {"LayerNormalization", layer_normalization},
                               {"MeanVarianceNormalization", mean_variance_normalization}};
  return table;
}

}  // namespace basil::onnx_import
