// Debian's libonnx-testdata: ONNX' own models of single operators, with the outputs that they must give.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <cmath>
#include <fstream>
#include <set>

#include "core/error.h"
#include "traces/file/npy.h"
#include "traces/onnx/graph/tensor_reader.h"
#include "traces/onnx/run.h"

namespace basil::onnx_import {
namespace {

namespace fs = std::filesystem;

const fs::path models = "/usr/share/libonnx-testdata/data/node";

// Input or output `index` of a model's first set; none where there is no tensor.
std::optional<Tensor> stored(const fs::path& model, const char* what, std::size_t index) {
  const fs::path file = model / "test_data_set_0" / fmt::format("{}_{}.pb", what, index);
  std::ifstream stream(file, std::ios::binary);
  onnx::TensorProto proto;
  if (!stream || !proto.ParseFromIstream(&stream) || proto.data_type() == 0) return {};
  return read_tensor(proto, file, file.string());
}

// The data store bfloat16 as the 16 bits that it has.
Tensor as_declared(Tensor tensor, ElementType type) {
  if (type != ElementType::bfloat16 || tensor.type != ElementType::uint16) return tensor;
  std::vector<float> reals;
  for (const std::int64_t bits : tensor.integers("stored"))
    reals.push_back(from_bfloat(static_cast<std::uint16_t>(bits)));
  return {.shape = std::move(tensor.shape), .elements = std::move(reals), .type = type};
}

// How far reals may be apart, relative. The windows' constants have five digits in the models, and a
// published bfloat16 was cut, where ONNX says since that it is rounded.
float allowed(const std::string& name) {
  if (name.find("to_BFLOAT16") != std::string::npos) return 0x1p-7F;
  return name.find("window") == std::string::npos ? 1e-4F : 1e-3F;
}

// Integers equal, reals near.
std::string difference(const Tensor& found, const Tensor& expected, float relative) {
  if (found.shape != expected.shape)
    return "shape " + shape_text(found.shape) + ", expected " + shape_text(expected.shape);
  if (found.type != expected.type)
    return fmt::format("type {}, expected {}", type_name(found.type), type_name(expected.type));
  if (!expected.real()) return found.elements == expected.elements ? "" : "other integers";
  const auto &x = found.reals("found"), &y = expected.reals("expected");
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == y[i] || (std::isnan(x[i]) && std::isnan(y[i]))) continue;
    if (!(std::abs(x[i] - y[i]) <= 1e-6F + relative * std::abs(y[i])))
      return fmt::format("element {}: {}, expected {}", i, x[i], y[i]);
  }
  return "";
}

struct Verdict {
  bool compared = false;
  std::string said = {};  // why not, or what differs
};

Verdict judge(const fs::path& model) {
  try {
    Graph graph = read_graph(model / "model.onnx");
    const std::vector<std::string> names = graph.outputs;
    std::map<std::string, Tensor> inputs;
    std::size_t read = 0;
    for (const GraphInput& input : graph.inputs) {
      auto tensor = stored(model, "input", read++);
      if (!tensor) return {.said = "an input that is no tensor"};
      inputs.emplace(input.name, as_declared(std::move(*tensor), input.type));
    }
    const Outcome outcome = run_graph(std::move(graph), std::move(inputs));
    if (outcome.outputs.size() < names.size())
      return {.said = outcome.left_out.empty() ? "an output that is not computed" : outcome.left_out.front()};
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto expected = stored(model, "output", i);
      if (!expected) return {.said = "an output that is no tensor"};
      const Tensor& found = outcome.outputs.at(names[i]);
      const std::string apart =
          difference(found, as_declared(*expected, found.type), allowed(model.filename().string()));
      if (!apart.empty()) return {.compared = true, .said = names[i] + ": " + apart};
    }
    return {.compared = true};
  } catch (const Error& error) { return {.said = error.what()}; }
}

TEST(OnnxTestdata, SupportedOperatorsGiveThePublishedOutputs) {
  if (!fs::exists(models)) GTEST_SKIP() << "Debian's libonnx-testdata is not installed";
  int compared = 0, skipped = 0;
  std::set<std::string> equal;
  for (const fs::directory_entry& entry : fs::directory_iterator(models)) {
    const std::string name = entry.path().filename().string();
    const Verdict verdict = judge(entry.path());
    if (std::getenv("BASIL_SHOW") != nullptr && !verdict.said.empty())
      std::printf("%s %s: %s\n", verdict.compared ? "DIFFERS" : "skipped", name.c_str(),
                  verdict.said.substr(0, 200).c_str());
    if (!verdict.compared) {
      ++skipped;
      continue;
    }
    ++compared;
    EXPECT_EQ(verdict.said, "") << name;
    if (verdict.said.empty()) equal.insert(name);
  }
  RecordProperty("compared", compared);
  RecordProperty("skipped", skipped);
  EXPECT_GE(compared, 690) << skipped << " skipped";
  for (const char* name :
       {"test_qlinearconv", "test_qlinearmatmul_2D", "test_qlinearmatmul_3D", "test_convinteger_with_padding",
        "test_matmulinteger", "test_dynamicquantizelinear", "test_quantizelinear_axis",
        "test_dequantizelinear_axis", "test_convtranspose_pads", "test_gru_with_initial_bias",
        "test_lstm_with_peepholes", "test_softmax_axis_1", "test_slice_negative_axes",
        "test_resize_upsample_sizes_nearest"})
    EXPECT_TRUE(equal.contains(name)) << name;
}

}  // namespace
}  // namespace basil::onnx_import
