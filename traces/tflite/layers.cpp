// CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED: layers with weights, run by the golden executor.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/compress/keep.h"
#include "traces/encodings/limits.h"
#include "traces/golden/golden_layers.h"
#include "traces/golden/requantise.h"
#include "traces/network/axes.h"
#include "traces/tflite/windows.h"

namespace basil::tflite_import {
namespace {

// The tensors of a layer, its bias -1 where it has none.
struct Tensors {
  int ifmap, weights, bias, ofmap;
};

Tensors tensors_of(const Operation& operation) {
  if (operation.inputs.size() < 2 || operation.inputs[1] < 0)
    throw Error("inputs", std::to_string(operation.inputs.size()),
                "an ifmap, weights, and a bias if need be");
  return {operation.inputs[0], operation.inputs[1], operation.inputs.size() > 2 ? operation.inputs[2] : -1,
          operation.outputs[0]};
}

void check_axes_of(const Tensor& tensor, const Axes& wanted) {
  if (tensor.shape != wanted)
    throw Error(where_of(tensor), "shape " + shape_text(tensor.shape), shape_text(wanted));
}

void set_bias(Run& run, int bias, DenseLayer& layer) {
  if (bias < 0) return;
  const Tensor& tensor = run.tensor(bias);
  check_axes_of(tensor, {layer.shape.K});
  if (layer.codes) {
    layer.bias_sums = integers(tensor);
    for (const std::int64_t sum : layer.bias_sums) {
      if (sum < -greatest_bias || sum > greatest_bias)
        throw Error(where_of(tensor), std::to_string(sum), "a magnitude of at most 2^53");
    }
  } else {
    layer.bias = run.value(bias).reals;
    if (layer.bias.size() != static_cast<std::size_t>(layer.shape.K))
      throw Error(where_of(tensor), "integers", "reals, as the weights are");
  }
}

// Of codes: what the file says of them, and the factors by which TensorFlow Lite requantises their sums.
void set_codes(Run& run, const Tensors& tensors, model::Activation activation, const std::string& axes,
               DenseLayer& layer) {
  const Tensor &ifmap = run.tensor(tensors.ifmap), &weights = run.tensor(tensors.weights),
               &ofmap = run.tensor(tensors.ofmap);
  const Quantisation& quantisation = weights.quantisation;
  const std::size_t count = quantisation.scales.size();
  if (count != 1 && count != static_cast<std::size_t>(layer.shape.K))
    throw Error(where_of(weights), fmt::format("{} scales", count), fmt::format("1 or {}", layer.shape.K));
  if (count > 1 && quantisation.axis != static_cast<int>(axes.find('K')))
    throw Error(where_of(weights), fmt::format("scales along axis {}", quantisation.axis),
                fmt::format("along the filters', {}", axes.find('K')));
  const Value& constant = run.value(tensors.weights);
  WeightCodes codes{.dtype = code_dtype(weights.type).value(), .scales = quantisation.scales};
  codes.zero_points.assign(quantisation.zero_points.begin(), quantisation.zero_points.end());
  codes.values = arranged<std::int16_t, std::int16_t>(constant.codes, axes, weight_lengths(layer.shape, axes),
                                                      weight_order);
  layer.codes = std::move(codes);
  const Step in = step_of(ifmap), out = step_of(ofmap);
  layer.activation_dtype = code_dtype(ifmap.type).value();
  layer.activation_scale = in.scale;
  layer.activation_zero_point = in.zero_point;
  Requantisation output{.dtype = code_dtype(ofmap.type).value_or(Dtype::fp32),
                        .scale = out.scale,
                        .zero_point = out.zero_point,
                        .rule = RequantisationRule::tflite};
  set_activation(activation, ofmap, output);
  // A fully connected layer of one scale, and uint8 ones, multiply the two scales in fp32.
  const bool in_fp32 = count == 1 && (layer.kind == &fc_kind || weights.type == model::TensorType_UINT8);
  for (const float scale : quantisation.scales) {
    const double product = in_fp32 ? double{in.scale * scale} : double{in.scale} * double{scale};
    output.factors.push_back(fixed_point(product / double{out.scale}));
  }
  layer.relu = output.relu;
  layer.output = output;
}

// Of reals: the input becomes symmetric int8, as other importers have it.
void set_reals(Run& run, const Tensors& tensors, model::Activation activation, const std::string& axes,
               DenseLayer& layer) {
  layer.weights = arranged<float, float>(run.value(tensors.weights).reals, axes,
                                         weight_lengths(layer.shape, axes), weight_order);
  layer.relu = activation == model::Activation_RELU;
  const std::vector<float>& ifmap = run.value(tensors.ifmap).reals;
  float most = 0;
  for (const float value : ifmap) most = std::max(most, std::abs(value));
  if (!std::isfinite(most))
    throw Error(where_of(run.tensor(tensors.ifmap)), "a value that is not finite", "finite numbers");
  const float scale = most / 127;
  layer.activation_scale = std::isnormal(scale) ? scale : 1.0F;
  for (const float value : ifmap)
    layer.ifmap.push_back(static_cast<std::int16_t>(
        std::clamp(std::nearbyint(value / layer.activation_scale), -127.0F, 127.0F)));
}

void check_layer(const DenseLayer& layer) {
  Layer shaped;
  shaped.name = layer.name;
  shaped.kind = layer.kind;
  shaped.shape = layer.shape;
  check_shape(shaped);
}

Value run_reals(Run& run, const Tensors& tensors, model::Activation activation, const DenseLayer& layer) {
  Value result{.shape = run.tensor(tensors.ofmap).shape, .codes = {}, .reals = {}};
  for (const double sum :
       golden::run_reals(layer.shape, run.value(tensors.ifmap).reals, layer.weights, layer.bias))
    result.reals.push_back(real_after(activation, static_cast<float>(sum)));
  return result;
}

Value run_codes(const Tensor& ofmap, const DenseLayer& layer) {
  const Layer kept = kept_layer(layer);
  check(kept);
  return {.shape = ofmap.shape, .codes = requantise(kept, run_golden(kept)), .reals = {}};
}

// The layer of this kind and shape, run and taken down. `axes`: of the weights as they lie.
void run_layer(Run& run, const Operation& operation, Kind kind, const LayerShape& shape,
               model::Activation activation, const std::string& axes) {
  const Tensors tensors = tensors_of(operation);
  const Tensor &ifmap = run.tensor(tensors.ifmap), &weights = run.tensor(tensors.weights);
  DenseLayer layer;
  layer.name = run.unique_name(operation);
  layer.kind = kind;
  layer.shape = shape;
  check_layer(layer);
  const bool codes = code_dtype(weights.type).has_value();
  if (codes != code_dtype(ifmap.type).has_value())
    throw Error(where_of(ifmap), to_string(ifmap.type) + " beside weights of " + to_string(weights.type),
                "both codes or both real");
  const Value& input = run.value(tensors.ifmap);
  if (codes) {
    set_codes(run, tensors, activation, axes, layer);
    layer.ifmap = input.codes;
  } else {
    set_reals(run, tensors, activation, axes, layer);
  }
  set_bias(run, tensors.bias, layer);
  const auto ofmap = static_cast<std::int64_t>(shape.N) * shape.P() * shape.Q() * shape.K;
  if (run.tensor(tensors.ofmap).elements() != ofmap)
    throw Error(where_of(run.tensor(tensors.ofmap)), "shape " + shape_text(run.tensor(tensors.ofmap).shape),
                fmt::format("({}, {}, {}, {})", shape.N, shape.P(), shape.Q(), shape.K));
  run.put(tensors.ofmap,
          codes ? run_codes(run.tensor(tensors.ofmap), layer) : run_reals(run, tensors, activation, layer));
  run.add_layer(std::move(layer));
}

template <class Options>
void set_window(const Options& options, LayerShape& shape) {
  shape.stride_y = options.stride_h();
  shape.stride_x = options.stride_w();
  shape.dilation_y = options.dilation_h();
  shape.dilation_x = options.dilation_w();
  set_padding(options.padding(), shape);
}

}  // namespace

void run_convolution(Run& run, const Operation& operation) {
  const Tensors tensors = tensors_of(operation);
  const Tensor& weights = run.tensor(tensors.weights);
  if (weights.shape.size() != 4)
    throw Error(where_of(weights), "shape " + shape_text(weights.shape), "four axes");
  LayerShape shape;
  set_ifmap(run.tensor(tensors.ifmap), shape);
  shape.R = static_cast<int>(weights.shape[1]);
  shape.S = static_cast<int>(weights.shape[2]);
  if (operation.op == model::BuiltinOperator_DEPTHWISE_CONV_2D) {
    const auto& options = options_of<model::DepthwiseConv2DOptions>(operation);
    shape.K = static_cast<int>(weights.shape[3]);
    shape.groups = shape.C;
    set_window(options, shape);
    check_axes_of(weights, {1, shape.R, shape.S, shape.K});
    return run_layer(run, operation, &depthwise_kind, shape, options.activation(), "CRSK");
  }
  const auto& options = options_of<model::Conv2DOptions>(operation);
  shape.K = static_cast<int>(weights.shape[0]);
  const auto depth = static_cast<int>(weights.shape[3]);
  if (shape.C % depth != 0)
    throw Error(where_of(weights), "shape " + shape_text(weights.shape),
                fmt::format("channels that divide the ifmap's {}", shape.C));
  shape.groups = shape.C / depth;
  set_window(options, shape);
  run_layer(run, operation, &conv_kind, shape, options.activation(), "KRSC");
}

void run_fully_connected(Run& run, const Operation& operation) {
  const Tensors tensors = tensors_of(operation);
  const auto& options = options_of<model::FullyConnectedOptions>(operation);
  const Tensor& weights = run.tensor(tensors.weights);
  if (weights.shape.size() != 2 || options.weights_format() != 0)
    throw Error(where_of(weights), "shape " + shape_text(weights.shape), "two axes, in the default format");
  LayerShape shape;
  shape.K = static_cast<int>(weights.shape[0]);
  shape.C = static_cast<int>(weights.shape[1]);
  const std::int64_t words = run.tensor(tensors.ifmap).elements();
  if (words % shape.C != 0)
    throw Error(where_of(run.tensor(tensors.ifmap)), fmt::format("{} values", words),
                fmt::format("a multiple of {}", shape.C));
  shape.N = static_cast<int>(words / shape.C);
  run_layer(run, operation, &fc_kind, shape, options.activation(), "KC");
}

}  // namespace basil::tflite_import
