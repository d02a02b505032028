#include "traces/compress/derive.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/compress/quantise.h"
#include "traces/compress/recipe_plan.h"
#include "traces/encodings/encode.h"

namespace basil {
namespace {

// Weights whose integers times their scale are those of a convolution.
bool has_real_meaning(const Operand& weights) { return weights.encoding->convolves(); }

std::vector<float> real_weights(const Operand& weights) {
  if (weights.is_real()) return decode_real(weights);
  const std::vector<std::int16_t> integers = decode(weights);
  const std::size_t filter = integers.size() / static_cast<std::size_t>(weights.extent.outer);
  std::vector<float> reals;
  reals.reserve(integers.size());
  for (std::size_t i = 0; i < integers.size(); ++i)
    reals.push_back(static_cast<float>(integers[i]) * weights.scale(static_cast<int>(i / filter)));
  return reals;
}

std::vector<float> real_bias(const Layer& layer) {
  std::vector<float> reals = layer.bias_real;
  for (std::size_t k = 0; k < layer.bias.size(); ++k) {
    const double unit = static_cast<double>(layer.ifmap.scale(0)) *
                        static_cast<double>(layer.weights.scale(static_cast<int>(k)));
    reals.push_back(static_cast<float>(static_cast<double>(layer.bias[k]) * unit));
  }
  return reals;
}

DenseLayer dense_layer(const Layer& layer) {
  DenseLayer dense{.name = layer.name,
                   .kind = layer.kind,
                   .shape = layer.shape,
                   .relu = layer.output.relu,
                   .weights = {},
                   .bias = {},
                   .ifmap = {}};
  if (!layer.simulated()) return dense;
  dense.weights = real_weights(layer.weights);
  dense.bias = real_bias(layer);
  if (layer.ifmap.is_real()) return dense;  // such a layer stays as it is, or is refused
  dense.activation_dtype = layer.ifmap.dtype;
  dense.activation_scale = layer.ifmap.scale(0);
  dense.ifmap = decode(layer.ifmap);
  return dense;
}

DenseNetwork dense_network(const Trace& trace) {
  DenseNetwork network{.name = trace.name,
                       .source = trace.source,
                       .licence = trace.licence,
                       .activations = trace.activations,
                       .layers = {}};
  for (const Layer& layer : trace.layers) network.layers.push_back(dense_layer(layer));
  return network;
}

// Whether the plan leaves the layer's numbers as they are.
bool keeps_numbers(const LayerPlan& plan, const Operand& weights) {
  if (plan.pruned) return false;
  if (!plan.numbers) return true;
  const RecipeStepType& type = *plan.numbers->type;
  return type.keeps != nullptr ? type.keeps(*plan.numbers, weights) : weights.encoding == type.makes;
}

Layer with_numbers_kept(Layer layer, const LayerPlan& plan) {
  Operand& weights = layer.weights;
  if (plan.numbers && plan.numbers->type->keep != nullptr) plan.numbers->type->keep(*plan.numbers, weights);
  if (plan.encoding && !only_weights(weights.encoding)) weights = re_encode(weights, *plan.encoding);
  return layer;
}

Layer derived(const Layer& layer, const LayerPlan& plan) {
  if (keeps_numbers(plan, layer.weights)) return with_numbers_kept(layer, plan);
  const std::string where = fmt::format("layer {}: weights", layer.name);
  if (layer.weights.is_real()) throw Error(where + ".dtype", "fp32", "integers to derive others from");
  if (!has_real_meaning(layer.weights)) {
    throw Error(where + ".encoding", std::string(to_string(layer.weights.encoding)),
                "weights of a convolution to derive others from");
  }
  Layer fitted = carry_out(plan);
  if (!fitted.weights.is_real()) fitted.ifmap = layer.ifmap;
  fitted.output = layer.output;
  if (fitted.output.rule == RequantisationRule::tflite) {  // its factors are those of the scales before
    fitted.output.rule = RequantisationRule::real;
    fitted.output.factors.clear();
  }
  return fitted;
}

}  // namespace

Trace derive(const Trace& trace, const Recipe& recipe) {
  const Plan plan = plan_recipe(dense_network(trace), recipe);
  Trace result = trace;
  result.history += (trace.history.empty() ? "" : "; ") + plan.history;
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    if (result.layers[i].simulated()) result.layers[i] = derived(trace.layers[i], plan.layers[i]);
  }
  check(result);
  return result;
}

}  // namespace basil
