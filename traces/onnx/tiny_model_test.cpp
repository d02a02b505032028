#include "traces/onnx/tiny_model.h"

#include <cstdlib>

namespace basil::testing {
namespace {

const std::filesystem::path sample = std::filesystem::path(BASIL_SOURCE_DIR) / "traces/samples/tiny.onnx";

// With BASIL_WRITE_SAMPLES set in the environment the sample is written anew.
TEST(OnnxTinyModel, IsTheOneThatShips) {
  const std::string bytes = tiny_model();
  EXPECT_LT(bytes.size(), 50000U);
  if (std::getenv("BASIL_WRITE_SAMPLES") != nullptr) store(sample, bytes);
  EXPECT_TRUE(text_of(sample) == bytes);
}

TEST(OnnxTinyModel, GoesThroughANetworkFile) {
  const DenseNetwork network = read_onnx(sample, {});
  EXPECT_EQ(network.name, "tiny");
  EXPECT_EQ(network.source, "ONNX model tiny.onnx, made by basil");
  EXPECT_EQ(network.licence, "Apache-2.0");
  const Scratch folder;
  write_dense_network(network, folder / "tiny.npz");
  const DenseNetwork read = read_dense_network(folder / "tiny.npz");
  EXPECT_EQ(read.activations, network.activations);
  ASSERT_EQ(read.layers.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const DenseLayer &before = network.layers[i], &after = read.layers[i];
    EXPECT_EQ(after.name, before.name);
    EXPECT_EQ(after.kind, before.kind);
    EXPECT_EQ(after.shape, before.shape);
    EXPECT_EQ(after.relu, before.relu);
    EXPECT_EQ(after.weights, before.weights);
    EXPECT_EQ(after.bias, before.bias);
    EXPECT_EQ(after.activation_scale, before.activation_scale);
    EXPECT_EQ(after.ifmap, before.ifmap);
  }
}

}  // namespace
}  // namespace basil::testing
