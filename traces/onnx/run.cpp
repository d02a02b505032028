#include "traces/onnx/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "traces/onnx/layer_operators.h"
#include "traces/onnx/operators/operators.h"
#include "traces/onnx/pool.h"
#include "traces/onnx/support.h"
#include "traces/onnx/values.h"
#include "traces/onnx/windows.h"

namespace basil::onnx_import {
namespace {

// What a graph and the graphs inside its nodes share.
struct Shared {
  Layers layers;
  std::vector<std::string> left_out;
  const ShowProgress& progress;
};

using Tensors = std::map<std::string, Tensor>;

class Run {
 public:
  // `whole`: all of the graph is needed, as that of a branch is.
  Run(Graph graph, Shared& shared, bool whole)
      : graph_(prepared(std::move(graph), filters_)), shared_(shared), values_(graph_) {
    needed_ = whole ? std::vector<bool>(graph_.nodes.size(), true) : leads_to_layer(graph_);
  }

  Tensors with(Tensors inputs) {
    for (auto& [name, tensor] : inputs) values_.add(name, std::move(tensor), "graph input");
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (shared_.progress) {
        shared_.progress(
            [&] { return fmt::format("node {} of {}: {}", i + 1, graph_.nodes.size(), graph_.nodes[i].op); });
      }
      step(graph_.nodes[i], needed_[i]);
    }
    Tensors outputs;
    for (const std::string& output : graph_.outputs) {
      if (values_.is_missing(output)) continue;
      if (!values_.is_computed(output) && !values_.is_constant(output))
        throw Error("graph output " + printable(output), "nothing makes it", "the output of a node");
      outputs[output] = *values_.find({}, output);
    }
    return outputs;
  }

 private:
  static Graph prepared(Graph graph, std::map<std::string, Filters>& filters) {
    fold_constants(graph);
    filters = take_filters(graph);
    return graph;
  }

  void step(const Node& node, bool needed) {
    const std::vector<std::string> reads = reads_of(node);
    const bool missing = std::any_of(reads.begin(), reads.end(),
                                     [&](const std::string& name) { return values_.is_missing(name); });
    std::vector<const Tensor*> inputs;
    std::vector<bool> constant;
    for (const std::string& name : node.inputs) {
      inputs.push_back(values_.is_missing(name) ? nullptr : values_.find(node, name));
      constant.push_back(values_.is_constant(name));
    }
    std::vector<Tensor> outputs;
    if (!missing) outputs = attempt(Call(node, std::move(inputs), std::move(constant)), needed);
    if (missing && needed)
      throw Error(node.where(), "an input that was not computed", "outputs that Basil computes");
    for (const std::string& name : reads) values_.read(name);
    keep(node, std::move(outputs));
  }

  // Once for each time a value is read, inside graphs of the node too.
  static std::vector<std::string> reads_of(const Node& node) {
    std::vector<std::string> reads = node.inputs;
    for (const std::string& value : captured(node)) reads.push_back(value);
    return reads;
  }

  std::vector<Tensor> attempt(const Call& call, bool needed) {
    if (!needed && !supported_operators().contains(call.node().op)) {
      shared_.left_out.push_back(call.where() + ": an operator that is not supported");
      return {};
    }
    try {
      std::vector<Tensor> outputs = execute(call);
      for (const Tensor& output : outputs) shared_.layers.work(output.size(), call.where());
      return outputs;
    } catch (const Error& error) {
      if (needed) throw;
      shared_.left_out.emplace_back(error.what());
      return {};
    }
  }

  void keep(const Node& node, std::vector<Tensor> outputs) {
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (!node.makes(i)) continue;
      if (i < outputs.size())
        values_.add(node.outputs[i], std::move(outputs[i]), node.where());
      else
        values_.add_missing(node.outputs[i], node.where());
    }
  }

  std::vector<Tensor> execute(const Call& call) {
    const Node& node = call.node();
    if (const LayerOperator layer = find_layer_operator(node.op)) {
      const auto filters = filters_.find(node.outputs[0]);
      return layer({.call = call,
                    .layers = shared_.layers,
                    .filters = filters == filters_.end() ? nullptr : &filters->second,
                    .relu = is_relu(values_.sole_reader(node.outputs[0]))});
    }
    if (node.op == "If") return choose(call);
    if (is_pool(call)) return {list_pool(call)};
    const Operator* run = find_operator(node.op);
    if (run == nullptr) throw unsupported(node);
    std::vector<Tensor> outputs = (*run)(call);
    if (node.op == "Add" && call.inputs() == 2 && values_.is_computed(node.inputs[0]) &&
        values_.is_computed(node.inputs[1]))
      list_addition(node, outputs[0]);
    return outputs;
  }

  // A sum of maps is listed; one of scalars and the like is the graph's own arithmetic.
  void list_addition(const Node& node, const Tensor& sum) {
    if (sum.real() && sum.shape.size() >= 2 && sum.shape.size() <= 4)
      shared_.layers.list(node, &add_kind, image_shape(node, sum.shape));
  }

  Tensor list_pool(const Call& call) {
    const std::vector<SlidingAxis> axes = pool_axes(call.node(), call[0].shape);
    std::int64_t work = call[0].shape[0] * call[0].shape[1];
    for (const SlidingAxis& axis : axes) {
      shared_.layers.work(work, call.where());  // so that no product overflows
      work *= axis.outputs();
      shared_.layers.work(work, call.where());
      work *= axis.taps;
    }
    shared_.layers.work(work, call.where());
    if (axes.size() < 3) {
      LayerShape shape = image_shape(call.node(), call[0].shape);
      set_axes(axes, call.where(), shape);
      shape.groups = shape.C;
      shared_.layers.list(call.node(), &pool_kind, shape);
    }
    return pool(call, axes);
  }

  // A branch is a graph that sees the values around it.
  std::vector<Tensor> choose(const Call& call) {
    const Node& node = call.node();
    const auto& condition = call[0].integers(call.where() + ": condition");
    if (condition.size() != 1)
      throw Error(call.where() + ": condition", fmt::format("{} values", condition.size()), "one");
    const char* key = condition[0] != 0 ? "then_branch" : "else_branch";
    const Graph* given = node.graph(key);
    if (given == nullptr) throw Error(call.where(), std::string("no ") + key, "a graph");
    Graph branch = *given;
    Tensors inputs;
    for (const std::string& value : captured(node)) {
      if (branch.constants.contains(value) || inputs.contains(value)) continue;
      const Tensor& tensor = *values_.find(node, value);
      if (values_.is_constant(value))
        branch.constants.emplace(value, tensor);
      else
        inputs.emplace(value, tensor);
    }
    const std::vector<std::string> names = branch.outputs;
    if (names.size() != node.outputs.size())
      throw Error(call.where(), fmt::format("{} outputs of a branch", names.size()),
                  fmt::format("{}", node.outputs.size()));
    const Tensors made = Run(std::move(branch), shared_, true).with(std::move(inputs));
    std::vector<Tensor> outputs;
    for (const std::string& name : names) outputs.push_back(made.at(name));
    return outputs;
  }

  [[nodiscard]] bool is_relu(std::optional<std::size_t> reader) const {
    if (!reader) return false;
    const Node& node = graph_.nodes[*reader];
    if (node.op != "Clip") return node.op == "Relu";
    if (node.inputs.size() < 2 || node.inputs[1].empty()) return node.real("min", -1) == 0;
    const auto least = graph_.constants.find(node.inputs[1]);
    return least != graph_.constants.end() && least->second.size() == 1 && least->second.real() &&
           least->second.reals(node.where())[0] == 0;
  }

  std::map<std::string, Filters> filters_;  // before the graph, which is left without them
  Graph graph_;
  Shared& shared_;
  Values values_;
  std::vector<bool> needed_;
};

}  // namespace

Outcome run_graph(Graph graph, Tensors inputs, const ShowProgress& progress) {
  check_supported(graph);
  Shared shared{.layers = {}, .left_out = {}, .progress = progress};
  Outcome outcome;
  outcome.outputs = Run(std::move(graph), shared, false).with(std::move(inputs));
  outcome.layers = shared.layers.take();
  outcome.left_out = std::move(shared.left_out);
  return outcome;
}

}  // namespace basil::onnx_import
