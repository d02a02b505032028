#include "traces/tflite/import.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/error.h"
#include "core/input_file.h"
#include "traces/encodings/limits.h"
#include "traces/file/npy.h"
#include "traces/tflite/run.h"
#include "traces/tflite/windows.h"

namespace basil {
namespace {

using tflite_import::Graph;
using tflite_import::Tensor;
using tflite_import::Value;

// The top bits of each draw.
Value random_input(const Tensor& tensor, std::uint64_t seed) {
  Value value{.shape = tensor.shape, .codes = {}, .reals = {}};
  std::mt19937_64 bits(seed);
  const std::optional<Dtype> dtype = tflite_import::code_dtype(tensor.type);
  for (std::int64_t i = 0; i < tensor.elements(); ++i) {
    if (dtype) {
      value.codes.push_back(static_cast<std::int16_t>(
          lowest(*dtype) + static_cast<std::int32_t>(bits() >> (64 - bits_of(*dtype)))));
    } else {
      value.reals.push_back(static_cast<float>(bits() >> 40) * 0x1p-23F - 1.0F);
    }
  }
  return value;
}

// Reals to codes, halves away from zero, as QUANTIZE rounds.
std::vector<std::int16_t> codes_of(const std::vector<float>& reals, const Tensor& tensor, Dtype dtype) {
  const tflite_import::Step step = tflite_import::step_of(tensor);
  std::vector<std::int16_t> codes;
  for (const float real : reals) {
    const double code = std::round(double{real / step.scale}) + step.zero_point;
    codes.push_back(static_cast<std::int16_t>(
        std::clamp(code, static_cast<double>(lowest(dtype)), static_cast<double>(highest(dtype)))));
  }
  return codes;
}

Value read_input(const std::filesystem::path& file, const Tensor& tensor) {
  const std::string where = "input " + file.string();
  const std::int64_t most = tensor.elements() * std::int64_t{sizeof(float)} + npy_header_limit;
  const NpyArray array = NpyArray::parse(read_file(file, most, "a .npy file"), where);
  if (array.shape() != tensor.shape)
    throw Error(where, "shape " + shape_text(array.shape()),
                shape_text(tensor.shape) + ", as the graph's input");
  Value value{.shape = tensor.shape, .codes = {}, .reals = {}};
  const std::optional<Dtype> dtype = tflite_import::code_dtype(tensor.type);
  const auto take_codes = [&](const auto& elements) { value.codes.assign(elements.begin(), elements.end()); };
  if (array.dtype() == "f4") {
    std::vector<float> reals = array.as<float>();
    if (!std::ranges::all_of(reals, [](float real) { return std::isfinite(real); }))
      throw Error(where, "a value that is not finite", "finite numbers");
    if (dtype)
      value.codes = codes_of(reals, tensor, *dtype);
    else
      value.reals = std::move(reals);
  } else if (dtype == Dtype::int8 && array.dtype() == "i1") {
    take_codes(array.as<std::int8_t>());
  } else if (dtype == Dtype::uint8 && array.dtype() == "u1") {
    take_codes(array.as<std::uint8_t>());
  } else if (dtype == Dtype::int16 && array.dtype() == "i2") {
    take_codes(array.as<std::int16_t>());
  } else {
    throw Error(where, "dtype " + array.dtype(),
                dtype ? fmt::format("float32, or codes of {}", to_string(*dtype)) : std::string("float32"));
  }
  return value;
}

TfliteNetwork import_graph(const Graph& graph, const TfliteOptions& options) {
  if (graph.inputs.size() != 1) throw Error("graph", fmt::format("{} inputs", graph.inputs.size()), "one");
  const Tensor& input = graph.tensors[static_cast<std::size_t>(graph.inputs[0])];
  const bool codes = tflite_import::code_dtype(input.type).has_value();
  if (!codes && input.type != tflite_model::TensorType_FLOAT32)
    throw Error("graph input", tflite_import::to_string(input.type), "int8, uint8, int16 or float32");
  check_positions({input.elements()}, "graph input");
  TfliteNetwork read;
  DenseNetwork& network = read.network;
  network.name = graph.name;
  network.source = graph.description;
  network.activations =
      fmt::format("the graph run in {} on {}", codes ? "its own integers" : "floating point",
                  options.input_npy ? options.input_npy->filename().string()
                                    : fmt::format("a seeded random input, seed {}", options.seed));
  Value value = options.input_npy ? read_input(*options.input_npy, input) : random_input(input, options.seed);
  network.layers =
      tflite_import::run_graph(graph, graph.inputs[0], std::move(value), read.left, options.progress);
  if (std::ranges::none_of(network.layers, &DenseLayer::simulated))
    throw Error("graph", "no layer with weights", "a CONV_2D, DEPTHWISE_CONV_2D or FULLY_CONNECTED");
  return read;
}

}  // namespace

TfliteNetwork read_tflite(const std::filesystem::path& file, const TfliteOptions& options) {
  try {
    return import_graph(tflite_import::read_graph(file), options);
  } catch (const Error& error) { throw error.within(name_in_messages(file)); }
}

}  // namespace basil
