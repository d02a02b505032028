#include "traces/onnx/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "core/error.h"
#include "core/names.h"
#include "traces/onnx/convolve.h"
#include "traces/onnx/layers.h"
#include "traces/onnx/operators.h"
#include "traces/onnx/pool.h"
#include "traces/onnx/windows.h"

namespace basil::onnx_import {
namespace {

constexpr std::int64_t greatest_live = greatest_tensor;          // elements of tensors yet to be read
constexpr std::int64_t greatest_inputs = std::int64_t{1} << 30;  // elements of all layers' inputs
constexpr std::int64_t greatest_work = std::int64_t{1} << 40;    // multiply-accumulates, or elements made

// What a run may still use up; Error where it is spent.
class Allowance {
 public:
  Allowance(std::int64_t limit, const char* what) : limit_(limit), what_(what) {}

  void take(std::int64_t amount, const std::string& where) {
    if (amount > limit_ - used_)
      throw Error(where, fmt::format("more than {} {} by here", limit_, what_), "a smaller batch or model");
    used_ += amount;
  }
  void give_back(std::int64_t amount) { used_ -= amount; }

 private:
  std::int64_t limit_, used_ = 0;
  const char* what_;
};

// Computed values by name, each kept until its last reader has read it.
class Values {
 public:
  explicit Values(const Graph& graph) : graph_(graph), readers_(graph) {}

  // Null for an input left out. Throws Error for one that nothing before the node makes.
  const Tensor* find(const Node& node, const std::string& name) const {
    if (name.empty()) return nullptr;
    if (const auto found = live_.find(name); found != live_.end()) return &found->second.tensor;
    if (const auto found = graph_.constants.find(name); found != graph_.constants.end())
      return &found->second;
    throw Error(node.where(), "an input '" + printable(name) + "' that no node before it makes",
                "a graph in order, without cycles");
  }

  void add(const std::string& name, Tensor tensor, const std::string& where) {
    if (graph_.constants.contains(name) || !seen_.insert(name).second)
      throw Error(where, "a second value of its output's name", "names that differ");
    const int readers = readers_.count(name);
    if (readers == 0) return;
    memory_.take(tensor.size(), where);
    live_.emplace(name, Live{std::move(tensor), readers});
  }

  void read(const std::string& name) {
    const auto found = live_.find(name);
    if (found == live_.end() || --found->second.readers > 0) return;
    memory_.give_back(found->second.tensor.size());
    live_.erase(found);
  }

  [[nodiscard]] bool has(const std::string& name) const { return live_.contains(name); }
  [[nodiscard]] std::optional<std::size_t> sole_reader(const std::string& name) const {
    return readers_.sole(name);
  }

 private:
  struct Live {
    Tensor tensor;
    int readers;
  };

  const Graph& graph_;
  Readers readers_;
  std::unordered_map<std::string, Live> live_;
  std::unordered_set<std::string> seen_;
  Allowance memory_{greatest_live, "elements held at once"};
};

class Run {
 public:
  Run(const Graph& graph, std::map<std::string, Filters> filters)
      : graph_(graph), filters_(std::move(filters)), values_(graph) {}

  std::vector<DenseLayer> with(Tensor input, const ShowProgress& progress) {
    values_.add(graph_.input, std::move(input), "graph input");
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (progress) {
        progress([&] {
          return fmt::format("node {} of {}: {}", i + 1, graph_.nodes.size(), printable(graph_.nodes[i].op));
        });
      }
      step(graph_.nodes[i]);
    }
    for (const std::string& output : graph_.outputs) {
      if (!values_.has(output) && !graph_.constants.contains(output))
        throw Error("graph output " + printable(output), "nothing makes it", "the output of a node");
    }
    return std::move(layers_);
  }

 private:
  void step(const Node& node) {
    std::vector<const Tensor*> inputs;
    for (const std::string& name : node.inputs) inputs.push_back(values_.find(node, name));
    Tensor output = execute(Call(node, std::move(inputs)));
    work_.take(output.size(), node.where());
    for (const std::string& name : node.inputs) values_.read(name);
    values_.add(node.outputs[0], std::move(output), node.where());
  }

  Tensor execute(const Call& call) {
    const Node& node = call.node();
    if (const auto filters = filters_.find(node.outputs[0]); filters != filters_.end())
      return weigh(call, filters->second);
    if (pool_operators().contains(node.op)) return list_pool(call);
    if (node.op == "Add" && call.inputs() == 2 && values_.has(node.inputs[0]) &&
        values_.has(node.inputs.back())) {
      Tensor sum = find_operator(node.op)(call);
      list(node, &add_kind, image_shape(node, sum.shape));
      return sum;
    }
    return find_operator(node.op)(call);
  }

  Tensor weigh(const Call& call, const Filters& filters) {
    const Node& node = call.node();
    const Axes& from = call[0].shape;
    const bool conv = node.op == "Conv";
    const LayerShape shape = conv ? conv_shape(node, filters, from) : fc_shape(node, filters, from);
    const bool depthwise = conv && shape.groups > 1 && shape.groups == shape.C;
    DenseLayer& layer = list(node, depthwise ? &depthwise_kind : conv ? &conv_kind : &fc_kind, shape);
    check_reduction(shape, node.where());
    work_.take(shape.macs(), node.where());
    inputs_.take(call[0].size(), node.where());
    layer.relu = is_relu(values_.sole_reader(node.outputs[0]));
    const std::vector<float>& input = call[0].reals(node.where());
    set_operands(layer, filters, input);
    Axes to(from.begin(), from.end() - 1);
    to.push_back(shape.K);
    if (conv)
      to =
          from.size() == 3 ? Axes{shape.N, shape.K, shape.Q()} : Axes{shape.N, shape.K, shape.P(), shape.Q()};
    (void)elements_of(to, node.where() + ": output");
    return {.shape = std::move(to), .elements = convolve(shape, filters, input)};
  }

  Tensor list_pool(const Call& call) {
    const Window window = pool_window(call.node(), call[0].shape);
    const LayerShape& s = list(call.node(), &pool_kind, window.shape).shape;
    work_.take(std::int64_t{s.N} * s.C * s.P() * s.Q() * s.R * s.S, call.where());
    return pool(call, window);
  }

  DenseLayer& list(const Node& node, Kind kind, const LayerShape& shape) {
    layers_.push_back(make_layer(names_.unique(node), kind, shape));
    return layers_.back();
  }

  [[nodiscard]] bool is_relu(std::optional<std::size_t> reader) const {
    if (!reader) return false;
    const Node& node = graph_.nodes[*reader];
    if (node.op != "Clip") return node.op == "Relu";
    if (node.inputs.size() < 2 || node.inputs[1].empty()) return node.real("min", -1) == 0;
    const auto least = graph_.constants.find(node.inputs[1]);
    return least != graph_.constants.end() && least->second.size() == 1 &&
           least->second.reals(node.where())[0] == 0;
  }

  const Graph& graph_;
  std::map<std::string, Filters> filters_;
  Values values_;
  LayerNames names_;
  Allowance work_{greatest_work, "multiply-accumulates"};
  Allowance inputs_{greatest_inputs, "elements in the inputs of all layers"};
  std::vector<DenseLayer> layers_;
};

}  // namespace

std::vector<DenseLayer> run_graph(const Graph& graph, std::map<std::string, Filters> filters, Tensor input,
                                  const ShowProgress& progress) {
  return Run(graph, std::move(filters)).with(std::move(input), progress);
}

}  // namespace basil::onnx_import
