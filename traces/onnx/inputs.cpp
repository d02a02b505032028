#include "traces/onnx/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "core/error.h"
#include "core/input_file.h"
#include "traces/file/npy.h"

namespace basil::onnx_import {
namespace {

std::string wanted_text(const Axes& shape) {
  std::string text;
  for (const std::int64_t axis : shape)
    text += (text.empty() ? "" : ", ") + (axis < 0 ? "any" : std::to_string(axis));
  return "(" + text + ")";
}

std::string where_of(const GraphInput& input, const Graph& graph) {
  return graph.inputs.size() == 1 ? "graph input" : "graph input " + printable(input.name);
}

// Reals have 24 bits of each draw, in [-1, 1); integers of 8 bits and fewer are drawn from all their values.
Tensor drawn(const GraphInput& input, std::mt19937_64& bits, const std::string& where) {
  if (!input.shape) throw Error(where, "no shape", "an input (.npy) that settles it");
  Axes shape = *input.shape;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] > 0) continue;
    if (i > 0) throw Error(where, "shape " + wanted_text(shape), "an input (.npy) that settles its size");
    shape[i] = 1;
  }
  Tensor tensor = make_reals(std::move(shape), where);
  tensor.type = input.type;
  auto& reals = std::get<std::vector<float>>(tensor.elements);
  if (is_real(input.type)) {
    for (float& value : reals)
      value = rounded(input.type, static_cast<float>(bits() >> 40) * 0x1p-23F - 1.0F);
    return tensor;
  }
  std::vector<std::int64_t> integers(reals.size());
  if (bits_of(input.type) <= 8 && input.type != ElementType::boolean) {
    for (std::int64_t& value : integers) value = wrapped(input.type, static_cast<std::int64_t>(bits() >> 56));
  }
  tensor.elements = std::move(integers);
  return tensor;
}

// Calls take(elements) with the elements of an array as they are.
template <class Take>
void with_elements(const NpyArray& array, Take take) {
  const std::string& dtype = array.dtype();
  if (dtype == "f4") return take(array.as<float>());
  if (dtype == "f8") return take(array.as<double>());
  if (dtype == "i1") return take(array.as<std::int8_t>());
  if (dtype == "u1") return take(array.as<std::uint8_t>());
  if (dtype == "i2") return take(array.as<std::int16_t>());
  if (dtype == "u2") return take(array.as<std::uint16_t>());
  if (dtype == "i4") return take(array.as<std::int32_t>());
  if (dtype == "u4") return take(array.as<std::uint32_t>());
  if (dtype == "i8") return take(array.as<std::int64_t>());
  if (dtype == "u8") return take(array.as<std::uint64_t>());
  std::vector<float> halves;  // f2
  for (const std::uint16_t half : array.as<std::uint16_t>()) halves.push_back(from_half(half));
  take(halves);
}

std::vector<float> reals_of(const NpyArray& array, ElementType type, const std::string& where) {
  std::vector<float> reals;
  with_elements(array, [&](const auto& values) {
    reals.reserve(values.size());
    for (const auto value : values) reals.push_back(rounded(type, static_cast<float>(value)));
  });
  if (!std::all_of(reals.begin(), reals.end(), [](float value) { return std::isfinite(value); }))
    throw Error(where, "a value that is not finite", "finite numbers");
  return reals;
}

std::vector<std::int64_t> integers_of(const NpyArray& array, ElementType type, const std::string& where) {
  if (array.dtype()[0] == 'f')
    throw Error(where, "dtype " + array.dtype(),
                std::string("integers, as the graph's input of ") + type_name(type));
  std::vector<std::int64_t> integers;
  with_elements(array, [&](const auto& values) {
    integers.reserve(values.size());
    for (const auto value : values) {
      const auto number = static_cast<std::int64_t>(value);
      if (number < least_of(type) || number > most_of(type) || (number < 0) != (value < 0))
        throw Error(where, fmt::format("{}", static_cast<double>(value)),
                    std::string("integers of ") + type_name(type));
      integers.push_back(number);
    }
  });
  return integers;
}

bool fits(const Axes& wanted, const Axes& found) {
  return std::equal(
      wanted.begin(), wanted.end(), found.begin(), found.end(),
      [](std::int64_t free, std::int64_t axis) { return free == axis || (free < 0 && axis > 0); });
}

// The shape that the graph takes: a missing batch of one image is added, with a note.
Axes fitting_shape(const GraphInput& input, const Axes& found, const OnnxOptions& options,
                   const std::string& where) {
  if (!input.shape || fits(*input.shape, found)) return found;
  Axes batched = found;
  batched.insert(batched.begin(), 1);
  if (!fits(*input.shape, batched))
    throw Error(where, "shape " + shape_text(found), wanted_text(*input.shape) + " as the graph's input");
  if (options.note)
    options.note(where + ": shape " + shape_text(found) + ", taken as a batch of one, " +
                 shape_text(batched));
  return batched;
}

Tensor read_one(const std::filesystem::path& file, const GraphInput& input, const OnnxOptions& options) {
  const std::string where = "input " + file.string();
  constexpr auto most = static_cast<std::int64_t>(greatest_tensor * sizeof(float) + npy_header_limit);
  const NpyArray array = NpyArray::parse(read_file(file, most, "a .npy file"), where);
  Tensor tensor{
      .shape = fitting_shape(input, array.shape(), options, where), .elements = {}, .type = input.type};
  (void)elements_of(tensor.shape, where);
  if (is_real(input.type))
    tensor.elements = reals_of(array, input.type, where);
  else
    tensor.elements = integers_of(array, input.type, where);
  return tensor;
}

std::string names_of(const Graph& graph) {
  std::string names;
  for (const GraphInput& input : graph.inputs) names += (names.empty() ? "" : ", ") + printable(input.name);
  return names;
}

// The file given for each input, by its name.
std::map<std::string, std::filesystem::path> given_files(const Graph& graph, const OnnxOptions& options) {
  std::map<std::string, std::filesystem::path> files;
  for (const OnnxInput& given : options.inputs) {
    std::string name = given.name;
    if (name.empty()) {
      if (graph.inputs.size() != 1)
        throw Error("input " + given.npy.string(), fmt::format("a graph of {} inputs", graph.inputs.size()),
                    "NAME=FILE.npy for one of " + names_of(graph));
      name = graph.inputs[0].name;
    }
    const bool known = std::any_of(graph.inputs.begin(), graph.inputs.end(),
                                   [&](const GraphInput& input) { return input.name == name; });
    if (!known) throw Error("input " + printable(name), "no input of the graph", "one of " + names_of(graph));
    if (!files.emplace(name, given.npy).second) throw Error("input " + printable(name), "two files", "one");
  }
  return files;
}

}  // namespace

Inputs read_inputs(const Graph& graph, const OnnxOptions& options) {
  if (graph.inputs.empty()) throw Error("graph", "no input", "an input at least");
  const auto files = given_files(graph, options);
  Inputs inputs;
  std::mt19937_64 bits(options.seed);
  std::string read, made;
  for (const GraphInput& input : graph.inputs) {
    const auto file = files.find(input.name);
    Tensor tensor;
    if (file == files.end()) {
      tensor = drawn(input, bits, where_of(input, graph));
      made += (made.empty() ? "" : ", ") + printable(input.name);
    } else {
      tensor = read_one(file->second, input, options);
      read += (read.empty() ? "" : ", ") + file->second.filename().string();
    }
    if (!inputs.tensors.emplace(input.name, std::move(tensor)).second)
      throw Error(where_of(input, graph), "a second value of that name", "names that differ");
  }
  const std::string random = fmt::format("seeded random input, seed {}", options.seed);
  if (read.empty())
    inputs.said = random;
  else
    inputs.said =
        "the graph run in floating point on " + read + (made.empty() ? "" : "; " + made + ": " + random);
  return inputs;
}

}  // namespace basil::onnx_import
