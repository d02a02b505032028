#include "traces/onnx/support.h"

#include <regex>

#include "traces/onnx/model_builder.h"

namespace basil::testing {
namespace {

// The list of docs/onnx.md is what the importer takes, in its order.
TEST(OnnxSupport, ThePageNamesEveryOperator) {
  const std::string page = text_of(std::filesystem::path(BASIL_SOURCE_DIR) / "docs/onnx.md");
  const std::size_t begin = page.find("is refused by name:"), end = page.find(".\n\n", begin);
  ASSERT_NE(begin, std::string::npos);
  const std::string list = page.substr(begin, end - begin);
  std::vector<std::string> named;
  const std::regex word("`([^`]+)`");
  for (std::sregex_iterator it(list.begin(), list.end(), word); it != std::sregex_iterator(); ++it)
    named.push_back((*it)[1]);
  const auto& supported = onnx_import::supported_operators();
  EXPECT_EQ(named, std::vector<std::string>(supported.begin(), supported.end()));
}

TEST(OnnxSupport, WhatALayerReadsLeadsToIt) {
  onnx_import::Graph graph;
  const auto node = [&](const std::string& op, std::vector<std::string> inputs, const std::string& output) {
    graph.nodes.push_back(
        {.name = output, .op = op, .inputs = std::move(inputs), .outputs = {output}, .attributes = {}});
  };
  node("Relu", {"x"}, "a");
  node("Shape", {"a"}, "b");
  node("MatMul", {"a", "w"}, "c");
  node("Unheard", {"c"}, "d");
  EXPECT_EQ(leads_to_layer(graph), (std::vector<bool>{true, false, true, false}));
  EXPECT_NO_THROW(check_supported(graph));
  node("MatMul", {"d", "w"}, "e");
  EXPECT_THROW(check_supported(graph), Error);
}

}  // namespace
}  // namespace basil::testing
