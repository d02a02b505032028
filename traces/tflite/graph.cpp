#include "traces/tflite/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "core/error.h"
#include "core/input_file.h"
#include "core/names.h"
#include "traces/encodings/limits.h"

namespace basil::tflite_import {
namespace {

constexpr std::int64_t greatest_file = std::int64_t{1} << 30;
constexpr std::size_t greatest_rank = 8;
constexpr std::int64_t greatest_tensor = std::int64_t{1} << 26;  // elements

template <class Vector>
std::size_t size_of(const Vector* vector) {
  return vector == nullptr ? 0 : vector->size();
}

std::string text_of(const flatbuffers::String* text) { return text == nullptr ? "" : text->str(); }

template <class To, class Vector>
std::vector<To> list_of(const Vector* vector) {
  return vector == nullptr ? std::vector<To>() : std::vector<To>(vector->begin(), vector->end());
}

template <class T>
const T& entry(const flatbuffers::Vector<flatbuffers::Offset<T>>* vector, std::size_t index,
               const std::string& where) {
  if (index < size_of(vector)) {
    if (const T* found = vector->Get(static_cast<flatbuffers::uoffset_t>(index))) return *found;
  }
  throw Error(where, std::to_string(index), fmt::format("one of {}", size_of(vector)));
}

Axes checked_shape(const flatbuffers::Vector<std::int32_t>* lengths, const std::string& where) {
  Axes shape = list_of<std::int64_t>(lengths);
  if (shape.size() > greatest_rank)
    throw Error(where, fmt::format("{} axes", shape.size()), fmt::format("at most {}", greatest_rank));
  std::int64_t elements = 1;
  for (const std::int64_t length : shape) {
    if (length < 1 || length > greatest_dimension)
      throw Error(where, "shape " + shape_text(shape), fmt::format("axes of 1 to {}", greatest_dimension));
    elements *= length;
    if (elements > greatest_tensor)
      throw Error(where, "shape " + shape_text(shape), fmt::format("at most {} elements", greatest_tensor));
  }
  return shape;
}

Quantisation quantisation_of(const model::Tensor& tensor, const std::string& where) {
  Quantisation quantisation;
  const model::QuantizationParameters* given = tensor.quantization();
  if (given == nullptr || size_of(given->scale()) == 0) return quantisation;
  quantisation.scales = list_of<float>(given->scale());
  quantisation.zero_points = list_of<std::int64_t>(given->zero_point());
  quantisation.axis = given->quantized_dimension();
  const std::size_t count = quantisation.scales.size(), points = quantisation.zero_points.size();
  if (points == 0) quantisation.zero_points.assign(count, 0);
  if (points != 0 && points != count)
    throw Error(where, fmt::format("{} scales and {} zero points", count, points),
                "as many of one as of the other");
  for (const float scale : quantisation.scales) check_scale(scale, where + ": scale");
  for (const std::int64_t zero : quantisation.zero_points) {
    if (zero < -32768 || zero > 32767) throw Error(where + ": zero point", std::to_string(zero), "a code");
  }
  return quantisation;
}

Tensor tensor_of(const model::Model& file, const model::Tensor& given, std::size_t index) {
  Tensor tensor;
  tensor.name = text_of(given.name());
  const std::string where = fmt::format("tensor {} {}", index, printable(tensor.name));
  tensor.type = given.type();
  tensor.shape = checked_shape(given.shape(), where);
  tensor.quantisation = quantisation_of(given, where);
  tensor.sparsity = given.sparsity();
  const model::Buffer& buffer = entry(file.buffers(), given.buffer(), where + ": buffer");
  if (buffer.data() != nullptr)
    tensor.bytes = {reinterpret_cast<const char*>(buffer.data()->data()), buffer.data()->size()};
  return tensor;
}

std::vector<int> tensors_of(const flatbuffers::Vector<std::int32_t>* numbers, std::size_t tensors, int least,
                            const std::string& where) {
  std::vector<int> all = list_of<int>(numbers);
  for (const int number : all) {
    if (number < least || number >= static_cast<int>(tensors))
      throw Error(where, fmt::format("tensor {}", number), fmt::format("one of {}", tensors));
  }
  return all;
}

Operation operation_of(const model::Model& file, const model::Operator& given, std::size_t tensors,
                       std::size_t index) {
  const std::string where = fmt::format("operator {}", index);
  const model::OperatorCode& code = entry(file.operator_codes(), given.opcode_index(), where + ": opcode");
  Operation operation;
  // Files of before 2.4 have the number in the older field alone, which ends at 127.
  operation.op = static_cast<model::BuiltinOperator>(
      std::max<std::int32_t>(code.builtin_code(), code.deprecated_builtin_code()));
  operation.custom = text_of(code.custom_code());
  operation.inputs = tensors_of(given.inputs(), tensors, -1, where + ": inputs");
  operation.outputs = tensors_of(given.outputs(), tensors, 0, where + ": outputs");
  operation.options = &given;
  return operation;
}

const model::Model& verified(const std::string& bytes) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  constexpr flatbuffers::uoffset_t deepest = 64, most_tables = 1 << 20;
  flatbuffers::Verifier verifier(data, bytes.size(), deepest, most_tables);
  if (bytes.size() < 8 || !model::ModelBufferHasIdentifier(data))
    throw Error("", "no TensorFlow Lite model", "a flatbuffer that begins with TFL3");
  if (!model::VerifyModelBuffer(verifier))
    throw Error("", "a damaged TensorFlow Lite model", "tables that lie within the file");
  return *model::GetModel(data);
}

}  // namespace

std::int64_t Tensor::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t length : shape) count *= length;
  return count;
}

std::string Operation::name() const {
  if (op == model::BuiltinOperator_CUSTOM) return "custom operator " + printable(custom);
  const char* known = model::EnumNameBuiltinOperator(op);
  return *known != '\0' ? known : fmt::format("operator number {}", static_cast<int>(op));
}

std::string to_string(model::TensorType type) {
  const char* known = model::EnumNameTensorType(type);
  return *known != '\0' ? known : fmt::format("type {}", static_cast<int>(type));
}

std::string shape_text(const Axes& shape) {
  std::string text;
  for (const std::int64_t axis : shape) text += (text.empty() ? "" : ", ") + std::to_string(axis);
  return "(" + text + ")";
}

bool is_tflite(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  char start[8] = {};
  return stream.read(start, sizeof(start)) && std::string_view(start + 4, 4) == "TFL3";
}

Graph read_graph(const std::filesystem::path& file) {
  Graph graph;
  graph.file_bytes = read_file(file, greatest_file, "a .tflite file");
  graph.name = file.stem().string();
  const model::Model& whole = verified(graph.file_bytes);
  graph.description = text_of(whole.description());
  if (size_of(whole.subgraphs()) == 0) throw Error("", "a TensorFlow Lite model without a graph", "one");
  const model::SubGraph& main = entry(whole.subgraphs(), 0, "subgraphs");
  for (std::size_t i = 0; i < size_of(main.tensors()); ++i)
    graph.tensors.push_back(tensor_of(whole, entry(main.tensors(), i, "tensors"), i));
  for (std::size_t i = 0; i < size_of(main.operators()); ++i)
    graph.operations.push_back(
        operation_of(whole, entry(main.operators(), i, "operators"), graph.tensors.size(), i));
  graph.inputs = tensors_of(main.inputs(), graph.tensors.size(), 0, "graph inputs");
  return graph;
}

}  // namespace basil::tflite_import
