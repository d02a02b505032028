#include "testbenches/selftests/sparse_baselines.h"

#include <gtest/gtest.h>

namespace basil {
namespace {

void expect_explained(const SelftestReport& report, std::size_t compared) {
  EXPECT_TRUE(report.passed) << report.text;
  std::size_t published = 0;
  for (const auto& figure : report.json.at("figures")) {
    EXPECT_FALSE(figure.at("what").get<std::string>().empty());
    EXPECT_FALSE(figure.at("why").get<std::string>().empty());
    EXPECT_GT(figure.at("ours").get<double>(), 0);
    if (!figure.contains("published")) continue;
    ++published;
    const double ours = figure["ours"], theirs = figure["published"], deviation = figure["deviation_percent"];
    EXPECT_NEAR(deviation, 100 * (ours / theirs - 1), 1e-9);
  }
  EXPECT_EQ(published, compared);
}

TEST(SparseBaselines, ScnnHoldsInItsQuickForm) { expect_explained(scnn_selftest({}), 4); }

// Of five cases cycles and products, of two networks products and slots, each beside its formula.
TEST(SparseBaselines, SpartenHoldsInItsQuickForm) {
  expect_explained(sparten_selftest({}), 4 + 5 * 2 + 2 * 2);
}

// 1.58 G multiply-accumulates are commonly quoted; its modules have six convolutions each.
TEST(SparseBaselines, GoogLeNetHasThePublishedMacs) {
  double macs = 0;
  for (const SynthLayer& layer : embedded_layers("googlenet").layers)
    macs += static_cast<double>(layer.shape.macs());
  EXPECT_NEAR(macs, 1.58e9, 0.01e9);
  EXPECT_EQ(embedded_layers("googlenet").layers.size(), 57U);
  EXPECT_EQ(embedded_layers("googlenet", {"inception"}).layers.size(), 54U);
}

TEST(SparseBaselines, PrunedListsHaveTheShapesOfThePlainOnes) {
  for (const std::string name : {"alexnet", "vgg16"}) {
    const SynthList plain = embedded_layers(name), pruned = embedded_layers(name + "-pruned");
    ASSERT_EQ(pruned.layers.size(), plain.layers.size());
    for (std::size_t i = 0; i < plain.layers.size(); ++i) {
      EXPECT_EQ(pruned.layers[i].name, plain.layers[i].name);
      EXPECT_EQ(pruned.layers[i].shape, plain.layers[i].shape) << plain.layers[i].name;
      EXPECT_LT(pruned.layers[i].density.weights, 1) << plain.layers[i].name;
    }
  }
}

}  // namespace
}  // namespace basil
