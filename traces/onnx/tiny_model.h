// For tests: the model of a user's first session, traces/samples/tiny.onnx.
#pragma once

#include "traces/onnx/model_builder.h"

namespace basil::testing {

// Conv-BN-ReLU, max pool, Conv-ReLU, Gemm on a 3x16x16 image, with seeded weights: the same bytes wherever
// built.
inline std::string tiny_model() {
  ModelBuilder model({0, 3, 16, 16}, 2024);
  model.graph().set_name("tiny");
  model.model().set_producer_name("basil");
  auto* licence = model.model().add_metadata_props();
  licence->set_key("license");
  licence->set_value("Apache-2.0");
  const auto weights = [&](const std::string& name, const Dims& dims, float reach) {
    return model.constant(name, dims, model.draw(dims, -reach, reach));
  };
  const Dims same{1, 1, 1, 1};
  std::string y = model.node("Conv", {"x", weights("conv1.weight", {8, 3, 3, 3}, 0.3F)}, {{"pads", same}});
  y = model.node("BatchNormalization", {y, model.constant("bn1.scale", {8}, model.draw({8}, 0.5F, 1.5F)),
                                        weights("bn1.bias", {8}, 0.2F), weights("bn1.mean", {8}, 0.2F),
                                        model.constant("bn1.variance", {8}, model.draw({8}, 0.5F, 1.5F))});
  y = model.node("Relu", {y});
  y = model.node("MaxPool", {y}, {{"kernel_shape", Dims{2, 2}}, {"strides", Dims{2, 2}}});
  y = model.node("Conv", {y, weights("conv2.weight", {16, 8, 3, 3}, 0.2F), weights("conv2.bias", {16}, 0.1F)},
                 {{"pads", same}, {"strides", Dims{2, 2}}});
  y = model.node("Relu", {y});
  y = model.node("Flatten", {y});
  y = model.node("Gemm", {y, weights("fc.weight", {10, 256}, 0.1F), weights("fc.bias", {10}, 0.1F)},
                 {{"transB", std::int64_t{1}}});
  const std::vector<std::string> names{"conv1", "bn1", "relu1", "pool1", "conv2", "relu2", "flatten", "fc"};
  for (int i = 0; i < model.graph().node_size(); ++i)
    model.graph().mutable_node(i)->set_name(names[static_cast<std::size_t>(i)]);
  auto* output = model.graph().add_output();
  output->set_name(y);
  auto* type = output->mutable_type()->mutable_tensor_type();
  type->set_elem_type(onnx::TensorProto::FLOAT);
  type->mutable_shape()->add_dim()->set_dim_param("batch");
  type->mutable_shape()->add_dim()->set_dim_value(10);
  return model.bytes();
}

}  // namespace basil::testing
