#include "traces/onnx/import.h"

#include <algorithm>

#include "core/error.h"
#include "core/input_file.h"
#include "traces/onnx/inputs.h"
#include "traces/onnx/run.h"

namespace basil {
namespace {

using onnx_import::Graph;
using onnx_import::Tensor;

// Flags and rates: an input of one integer is what it is, so that what hangs on it alone is worked out before
// weights are looked for.
void settle_scalars(Graph& graph, std::map<std::string, Tensor>& inputs) {
  std::erase_if(graph.inputs, [&](const onnx_import::GraphInput& input) {
    const auto found = inputs.find(input.name);
    if (found->second.real() || found->second.size() != 1) return false;
    graph.constants.emplace(input.name, std::move(found->second));
    inputs.erase(found);
    return true;
  });
}

void tell(const std::vector<std::string>& left_out, const OnnxOptions& options, DenseNetwork& network) {
  if (left_out.empty()) return;
  network.activations += "; left out behind the last layer: " + std::to_string(left_out.size()) +
                         (left_out.size() == 1 ? " node" : " nodes");
  if (!options.note) return;
  for (const std::string& each : left_out) options.note("left out, no layer depends on it: " + each);
}

DenseNetwork import_graph(Graph graph, const OnnxOptions& options) {
  onnx_import::Inputs inputs = onnx_import::read_inputs(graph, options);
  settle_scalars(graph, inputs.tensors);
  DenseNetwork network;
  network.name = graph.name;
  network.source = graph.source;
  network.licence = graph.licence;
  network.activations = inputs.said;
  onnx_import::Outcome outcome = run_graph(std::move(graph), std::move(inputs.tensors), options.progress);
  network.layers = std::move(outcome.layers);
  tell(outcome.left_out, options, network);
  if (std::none_of(network.layers.begin(), network.layers.end(),
                   [](const DenseLayer& layer) { return layer.simulated(); })) {
    const std::string why = outcome.left_out.empty() ? "" : "; " + outcome.left_out.front();
    throw Error("graph", "no layer with weights" + why, "a Conv, Gemm or MatMul");
  }
  return network;
}

}  // namespace

DenseNetwork read_onnx(const std::filesystem::path& file, const OnnxOptions& options) {
  try {
    return import_graph(onnx_import::read_graph(file), options);
  } catch (const Error& error) { throw error.within(name_in_messages(file)); }
}

}  // namespace basil
