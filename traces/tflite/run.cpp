#include "traces/tflite/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/names.h"

namespace basil::tflite_import {
namespace {

constexpr std::size_t longest_name = 120;

constexpr std::array<OperatorType, 21> operators = {
    {{model::BuiltinOperator_CONV_2D, true, run_convolution},
     {model::BuiltinOperator_DEPTHWISE_CONV_2D, true, run_convolution},
     {model::BuiltinOperator_FULLY_CONNECTED, true, run_fully_connected},
     {model::BuiltinOperator_AVERAGE_POOL_2D, false, run_pool},
     {model::BuiltinOperator_MAX_POOL_2D, false, run_pool},
     {model::BuiltinOperator_ADD, false, run_add},
     {model::BuiltinOperator_PAD, false, run_pad},
     {model::BuiltinOperator_RESHAPE, false, run_reshape},
     {model::BuiltinOperator_SQUEEZE, false, run_reshape},
     {model::BuiltinOperator_DENSIFY, false, run_reshape},
     {model::BuiltinOperator_DEQUANTIZE, false, run_dequantize},
     {model::BuiltinOperator_RELU, false, run_activation},
     {model::BuiltinOperator_RELU6, false, run_activation},
     {model::BuiltinOperator_RELU_N1_TO_1, false, run_activation},
     {model::BuiltinOperator_HARD_SWISH, false, run_activation},
     {model::BuiltinOperator_LOGISTIC, false, run_activation},
     {model::BuiltinOperator_TANH, false, run_activation},
     {model::BuiltinOperator_MUL, false, run_multiply},
     {model::BuiltinOperator_RESIZE_BILINEAR, false, run_resize},
     {model::BuiltinOperator_CONCATENATION, false, run_concatenate},
     {model::BuiltinOperator_MEAN, false, run_mean}}};

bool is_weighted(const Operation& operation) {
  const OperatorType* type = operator_type(operation.op);
  return type != nullptr && type->weighted;
}

std::string supported() {
  std::string names;
  for (const OperatorType& type : operators)
    names += (names.empty() ? "" : ", ") + std::string(model::EnumNameBuiltinOperator(type.op));
  return names;
}

// Operations that some layer with weights needs, itself among them.
std::vector<bool> needed_operations(const Graph& graph) {
  std::vector<bool> needed_tensors(graph.tensors.size()), needed(graph.operations.size());
  for (std::size_t i = graph.operations.size(); i-- > 0;) {
    const Operation& operation = graph.operations[i];
    needed[i] = is_weighted(operation) || std::ranges::any_of(operation.outputs, [&](int t) {
                  return needed_tensors[static_cast<std::size_t>(t)];
                });
    if (!needed[i]) continue;
    for (const int input : operation.inputs) {
      if (input >= 0) needed_tensors[static_cast<std::size_t>(input)] = true;
    }
  }
  return needed;
}

}  // namespace

Run::Run(const Graph& graph, int input, Value value) : graph_(graph) { put(input, std::move(value)); }

const Value& Run::value(int number) {
  const auto found = values_.find(number);
  if (found != values_.end()) return found->second;
  if (number < 0 || tensor(number).bytes.empty())
    throw Error(number < 0 ? std::string("graph") : where_of(tensor(number)), "not computed",
                "a tensor that an earlier operator gives");
  return values_.emplace(number, constant(tensor(number))).first->second;
}

void Run::put(int number, Value value) { values_[number] = std::move(value); }

std::string Run::unique_name(const Operation& operation) {
  const Tensor& output = tensor(operation.outputs.at(0));
  std::string name = output.name.substr(0, std::min(output.name.find(';'), longest_name));
  std::ranges::replace_if(
      name, [](char c) { return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
      '.');
  if (name.empty()) name = operation.name();
  std::string unique = name;
  for (int times = 2; !names_.insert(unique).second; ++times) unique = fmt::format("{}.{}", name, times);
  return unique;
}

const OperatorType* operator_type(model::BuiltinOperator op) {
  const auto found = std::ranges::find(operators, op, &OperatorType::op);
  return found == operators.end() ? nullptr : &*found;
}

std::vector<DenseLayer> run_graph(const Graph& graph, int input, Value value, std::vector<std::string>& left,
                                  const ShowProgress& progress) {
  const std::vector<bool> needed = needed_operations(graph);
  Run run(graph, input, std::move(value));
  for (std::size_t i = 0; i < graph.operations.size(); ++i) {
    const Operation& operation = graph.operations[i];
    const std::string where = fmt::format("operator {} ({})", i, operation.name());
    if (!needed[i]) {
      left.push_back(operation.name());
      continue;
    }
    const OperatorType* type = operator_type(operation.op);
    if (type == nullptr) throw Error(where, "not supported", "one of " + supported());
    if (operation.inputs.empty() || operation.inputs[0] < 0 || operation.outputs.empty())
      throw Error(where,
                  fmt::format("{} inputs and {} outputs", operation.inputs.size(), operation.outputs.size()),
                  "one of each");
    if (progress) progress([&] { return fmt::format("operator {} of {}", i + 1, graph.operations.size()); });
    try {
      type->run(run, operation);
    } catch (const Error& error) { throw error.within(where); }
  }
  return run.take_layers();
}

}  // namespace basil::tflite_import
