// Models broken at random, byte by byte and field by field: an Error or a sound network, nothing else.
#include "traces/onnx/support.h"
#include "traces/onnx/tiny_model.h"

namespace basil::testing {
namespace {

// What a mutated model is made of at most, so that a taken one runs in no time.
constexpr std::int64_t small = 64;

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }

  void mutate_bytes(std::string& bytes) {
    const std::size_t at = below(bytes.size());
    switch (below(4)) {
      case 0:
        bytes[at] = static_cast<char>(random_());
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 2:
        bytes.erase(at, 1 + below(16));
        break;
      default:
        bytes.insert(at, 1 + below(4), static_cast<char>(random_()));
    }
  }

  void mutate_fields(onnx::GraphProto& graph) {
    switch (below(6)) {
      case 0:
        return mutate_node(*graph.mutable_node(pick(graph.node_size())), graph);
      case 1:
        return mutate_attribute(*graph.mutable_node(pick(graph.node_size())));
      case 2:
        return mutate_tensor(*graph.mutable_initializer(pick(graph.initializer_size())));
      case 3: {
        auto* shape = graph.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape();
        return shape->mutable_dim(pick(shape->dim_size()))->set_dim_value(number());
      }
      case 4:
        graph.mutable_node()->SwapElements(pick(graph.node_size()), pick(graph.node_size()));
        return;
      default:
        graph.mutable_node(pick(graph.node_size()))->set_op_type(operators_[below(operators_.size())]);
    }
  }

 private:
  int pick(int size) { return static_cast<int>(below(static_cast<std::size_t>(size))); }

  std::int64_t number() {
    const std::int64_t odd[] = {0,         -1,       -2, std::int64_t{1} << 26, (std::int64_t{1} << 31) - 1,
                                INT64_MAX, INT64_MIN};
    return below(3) > 0 ? static_cast<std::int64_t>(below(small)) : odd[below(std::size(odd))];
  }

  void mutate_node(onnx::NodeProto& node, const onnx::GraphProto& graph) {
    const std::string other = graph.node(pick(graph.node_size())).output(0);
    switch (below(5)) {
      case 0:
        node.add_input(other);
        return;
      case 1:
        if (node.input_size() > 0) node.mutable_input()->RemoveLast();
        return;
      case 2:
        if (node.input_size() > 0) node.set_input(pick(node.input_size()), below(2) == 0 ? other : "");
        return;
      case 3:
        node.set_output(0, other);
        return;
      default:
        if (node.input_size() > 0)
          node.set_input(pick(node.input_size()), graph.initializer(pick(graph.initializer_size())).name());
    }
  }

  void mutate_attribute(onnx::NodeProto& node) {
    static const std::vector<std::string> names{"pads", "strides", "dilations",      "kernel_shape",
                                                "axes", "perm",    "output_padding", "split"};
    static const std::vector<std::string> single{"axis",      "group",      "transB",
                                                 "transA",    "ceil_mode",  "keepdims",
                                                 "blocksize", "block_size", "hidden_size"};
    auto* attribute = node.attribute_size() > 0 && below(2) == 0
                          ? node.mutable_attribute(pick(node.attribute_size()))
                          : node.add_attribute();
    if (below(2) == 0) {
      attribute->set_name(single[below(single.size())]);
      attribute->set_type(onnx::AttributeProto::INT);
      attribute->set_i(number());
    } else {
      if (attribute->name().empty()) attribute->set_name(names[below(names.size())]);
      attribute->set_type(onnx::AttributeProto::INTS);
      if (attribute->ints_size() == 0 || below(3) == 0) attribute->add_ints(number());
      attribute->set_ints(pick(attribute->ints_size()), number());
    }
  }

  void mutate_tensor(onnx::TensorProto& tensor) {
    switch (below(4)) {
      case 0:
        if (tensor.dims_size() > 0) tensor.set_dims(pick(tensor.dims_size()), number());
        return;
      case 1:
        return tensor.add_dims(number());
      case 2:
        return tensor.set_data_type(static_cast<int>(below(20)));
      default:
        if (tensor.dims_size() > 1) tensor.mutable_dims()->SwapElements(0, 1);
    }
  }

  std::mt19937_64 random_;
  // All that a model may have.
  const std::vector<std::string> operators_{onnx_import::supported_operators().begin(),
                                            onnx_import::supported_operators().end()};
};

// Imports models from one file. True where the model is taken; what is taken must be legal and whole.
class Importer {
 public:
  bool takes(const std::string& bytes) const {
    std::filesystem::remove(file_);  // a file cut to nothing and rewritten waits for the disk
    store(file_, bytes);
    try {
      expect_whole(read_onnx(file_, {}));
      return true;
    } catch (const Error&) { return false; }
  }

 private:
  static void expect_whole(const DenseNetwork& network) {
    for (const DenseLayer& layer : network.layers) {
      const LayerShape& s = layer.shape;
      const bool weighs = layer.simulated();
      EXPECT_EQ(layer.ifmap.size(),
                weighs ? static_cast<std::size_t>(s.N) * static_cast<std::size_t>(s.C * s.H * s.W) : 0);
      EXPECT_EQ(layer.codes ? layer.codes->values.size() : layer.weights.size(),
                weighs ? static_cast<std::size_t>(s.K * s.reduction()) : 0);
    }
  }

  Scratch folder_;
  std::filesystem::path file_ = folder_ / "model.onnx";
};

// A smaller model than the one that ships, with an operator of each kind.
onnx::ModelProto seed_model() {
  ModelBuilder model({0, 2, 6, 6});
  const auto integers = [&](const std::string& name, const Dims& values) {
    return model.integers(name, values);
  };
  std::string y = model.node("Conv", {"x", model.constant("w1", {4, 2, 3, 3}), model.constant("b1", {4})},
                             {{"pads", Dims{1, 1, 1, 1}}});
  y = model.node("BatchNormalization", {y, "b1", "b1", "b1", model.constant("v", {4}, {1, 1, 2, 2})});
  const std::string skip = model.node("Relu", {y});
  y = model.node("Conv", {skip, model.constant("w2", {4, 1, 3, 3})},
                 {{"group", std::int64_t{4}}, {"auto_pad", std::string("SAME_UPPER")}});
  y = model.node("Add", {y, skip});
  y = model.node("MaxPool", {y}, {{"kernel_shape", Dims{2, 2}}, {"strides", Dims{2, 2}}});
  const std::string batch = model.node("Gather", {model.node("Shape", {y}), integers("zero", {0})});
  y = model.node("Reshape",
                 {y, model.node("Concat", {batch, integers("rest", {-1})}, {{"axis", std::int64_t{0}}})});
  y = model.node("MatMul", {y, model.node("Transpose", {model.constant("w3", {5, 36})})});
  model.node("Softmax", {model.node("Add", {y, model.constant("b3", {5})})});
  return model.model();
}

// Integers, scales and products of activations.
onnx::ModelProto quantised_model() {
  ModelBuilder model({0, 2, 6, 6});
  model.constant("s", {}, {0.02F});
  model.integers("z", {}, onnx::TensorProto::UINT8, {128});
  model.integers("wq", {2, 2, 3, 3}, onnx::TensorProto::INT8, Dims(36, -7));
  model.integers("zw", {}, onnx::TensorProto::INT8, {1});
  const std::string q = model.node("QuantizeLinear", {"x", "s", "z"});
  const std::string y = model.node("QLinearConv", {q, "s", "z", "wq", "s", "zw", "s", "z"});
  const std::string sums = model.node("ConvInteger", {q, "wq", "z", "zw"}, {{"strides", Dims{2, 2}}});
  const std::string real = model.node("DequantizeLinear", {y, "s", "z"});
  const std::string turned = model.node("Transpose", {real}, {{"perm", Dims{0, 1, 3, 2}}});
  const std::string product = model.node("Softmax", {model.node("MatMul", {real, turned})});
  model.node("Where", {model.node("Greater", {product, "s"}), product, "s"});
  model.node("Cast", {sums}, {{"to", std::int64_t{onnx::TensorProto::FLOAT}}});
  return model.model();
}

// Transposed and recurrent layers, and what exporters write around them.
onnx::ModelProto recurrent_model() {
  ModelBuilder model({0, 2, 5, 4});
  std::string y = model.node("ConvTranspose", {"x", model.constant("w", {2, 2, 3, 3})},
                             {{"strides", Dims{2, 2}}, {"pads", Dims{1, 1, 1, 1}}});
  y = model.node("Resize", {y, "", model.constant("half", {4}, {1, 1, 0.5F, 0.5F})},
                 {{"mode", std::string("linear")}});
  y = model.node("Slice",
                 {y, model.integers("from", {0}), model.integers("to", {1}), model.integers("of", {1})});
  y = model.node("Pad", {y, model.integers("pads", {0, 0, 0, 0, 0, 0, 1, 0})});
  y = model.node("Squeeze", {y, "of"});
  y = model.node("LSTM", {y, model.constant("wx", {1, 8, 3}), model.constant("wh", {1, 8, 2})},
                 {{"hidden_size", std::int64_t{2}}});
  y = model.node("LayerNormalization", {y, model.constant("g", {2})});
  y = model.node("ReduceSum", {y, "of"}, {{"keepdims", std::int64_t{0}}});
  model.node("MatMul", {y, model.constant("last", {2, 3})});
  return model.model();
}

std::vector<onnx::ModelProto> seed_models() { return {seed_model(), quantised_model(), recurrent_model()}; }

TEST(OnnxMutations, OfBytes) {
  const std::vector<onnx::ModelProto> seeds = seed_models();
  const Importer importer;
  for (const onnx::ModelProto& seed : seeds) ASSERT_TRUE(importer.takes(seed.SerializeAsString()));
  Mutator mutator(11);
  int refused = 0;
  for (std::size_t i = 0; i < 3000; ++i) {
    std::string bytes = seeds[i % seeds.size()].SerializeAsString();
    for (std::size_t edits = 1 + mutator.below(3); edits > 0; --edits) mutator.mutate_bytes(bytes);
    if (!importer.takes(bytes)) ++refused;
  }
  EXPECT_GT(refused, 1000);
}

TEST(OnnxMutations, OfFields) {
  const std::vector<onnx::ModelProto> seeds = seed_models();
  const Importer importer;
  Mutator mutator(12);
  int refused = 0;
  for (std::size_t i = 0; i < 6000; ++i) {
    onnx::ModelProto model = seeds[i % seeds.size()];
    for (std::size_t edits = 1 + mutator.below(2); edits > 0; --edits)
      mutator.mutate_fields(*model.mutable_graph());
    if (!importer.takes(model.SerializeAsString())) ++refused;
  }
  EXPECT_GT(refused, 2000);
  EXPECT_LT(refused, 5900);
}

}  // namespace
}  // namespace basil::testing
