#include "traces/onnx/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/error.h"
#include "core/input_file.h"
#include "traces/file/npy.h"
#include "traces/onnx/filters.h"
#include "traces/onnx/operators.h"
#include "traces/onnx/run.h"

namespace basil {
namespace {

using onnx_import::Axes;
using onnx_import::Graph;
using onnx_import::Tensor;

std::string wanted_text(const Axes& shape) {
  std::string text;
  for (const std::int64_t axis : shape)
    text += (text.empty() ? "" : ", ") + (axis < 0 ? "any" : std::to_string(axis));
  return "(" + text + ")";
}

// 24 bits of each draw, in [-1, 1).
Tensor random_input(Axes shape, std::uint64_t seed) {
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] > 0) continue;
    if (i > 0)
      throw Error("graph input", "shape " + wanted_text(shape), "an input (.npy) that settles its size");
    shape[i] = 1;
  }
  Tensor tensor = onnx_import::make_reals(std::move(shape), "graph input");
  std::mt19937_64 bits(seed);
  for (float& value : std::get<std::vector<float>>(tensor.elements))
    value = static_cast<float>(bits() >> 40) * 0x1p-23F - 1.0F;
  return tensor;
}

std::vector<float> reals_of(const NpyArray& array, const std::string& where) {
  std::vector<float> reals;
  const auto take = [&](const auto& values) { reals.assign(values.begin(), values.end()); };
  if (array.dtype() == "f4") {
    take(array.as<float>());
  } else if (array.dtype() == "i1") {
    take(array.as<std::int8_t>());
  } else if (array.dtype() == "u1") {
    take(array.as<std::uint8_t>());
  } else {
    throw Error(where, "dtype " + array.dtype(), "float32, int8 or uint8");
  }
  if (!std::all_of(reals.begin(), reals.end(), [](float value) { return std::isfinite(value); }))
    throw Error(where, "a value that is not finite", "finite numbers");
  return reals;
}

Tensor read_input(const std::filesystem::path& file, const Axes& wanted) {
  const std::string where = "input " + file.string();
  constexpr auto most =
      static_cast<std::int64_t>(onnx_import::greatest_tensor * sizeof(float) + npy_header_limit);
  const NpyArray array = NpyArray::parse(read_file(file, most, "a .npy file"), where);
  const auto fits = [](std::int64_t free, std::int64_t axis) {
    return free == axis || (free < 0 && axis > 0);
  };
  if (!std::equal(wanted.begin(), wanted.end(), array.shape().begin(), array.shape().end(), fits))
    throw Error(where, "shape " + shape_text(array.shape()), wanted_text(wanted) + " as the graph's input");
  (void)onnx_import::elements_of(array.shape(), where);
  return {.shape = array.shape(), .elements = reals_of(array, where)};
}

DenseNetwork import_graph(Graph graph, const OnnxOptions& options) {
  onnx_import::check_supported(graph);
  Tensor input = options.input_npy ? read_input(*options.input_npy, graph.input_shape)
                                   : random_input(graph.input_shape, options.seed);
  onnx_import::fold_constants(graph);
  auto filters = onnx_import::take_filters(graph);
  DenseNetwork network;
  network.name = graph.name;
  network.source = graph.source;
  network.licence = graph.licence;
  network.activations = options.input_npy
                            ? "the graph run in floating point on " + options.input_npy->filename().string()
                            : fmt::format("seeded random input, seed {}", options.seed);
  network.layers = onnx_import::run_graph(graph, std::move(filters), std::move(input));
  if (std::none_of(network.layers.begin(), network.layers.end(),
                   [](const DenseLayer& layer) { return layer.simulated(); })) {
    throw Error("graph", "no layer with weights", "a Conv, Gemm or MatMul");
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
