#include "traces/network/dense_network.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/error.h"
#include "traces/testing/sample_networks.h"
#include "traces/testing/trace_surgery.h"

namespace basil {
namespace {

using nlohmann::json;
using testing::Members;
using testing::Scratch;

void expect_equal(const DenseNetwork& found, const DenseNetwork& expected) {
  EXPECT_EQ(found.name, expected.name);
  EXPECT_EQ(found.source, expected.source);
  EXPECT_EQ(found.licence, expected.licence);
  EXPECT_EQ(found.activations, expected.activations);
  ASSERT_EQ(found.layers.size(), expected.layers.size());
  for (std::size_t i = 0; i < found.layers.size(); ++i) {
    const DenseLayer &a = found.layers[i], &b = expected.layers[i];
    SCOPED_TRACE(b.name);
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.shape, b.shape);
    EXPECT_EQ(a.relu, b.relu);
    EXPECT_TRUE(a.weights == b.weights);
    EXPECT_TRUE(a.bias == b.bias);
    EXPECT_TRUE(a.ifmap == b.ifmap);
    if (!b.simulated()) continue;
    EXPECT_EQ(a.activation_dtype, b.activation_dtype);
    EXPECT_EQ(a.activation_scale, b.activation_scale);
  }
}

TEST(DenseNetwork, ComesBackAsItWasWritten) {
  const Scratch folder;
  const DenseNetwork network = testing::sample_network();
  write_dense_network(network, folder / "net.npz");
  expect_equal(read_dense_network(folder / "net.npz"), network);
}

TEST(DenseNetwork, TakesAsManyImagesAsItsReader) {
  const Scratch folder;
  DenseNetwork network;
  network.name = "n";
  network.layers.resize(1);
  DenseLayer& layer = network.layers[0];
  layer.name = "fc";
  layer.kind = &fc_kind;
  layer.weights = {1};
  layer.shape.N = greatest_images;
  layer.ifmap.assign(greatest_images, 7);
  write_dense_network(network, folder / "net.npz");
  EXPECT_EQ(read_dense_network(folder / "net.npz").layers[0].shape.N, greatest_images);

  ++layer.shape.N;
  layer.ifmap.push_back(7);
  try {
    write_dense_network(network, folder / "more.npz");
    ADD_FAILURE() << "written";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "layer fc: input: 4097 images, expected at most 4096 in a network file");
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "more.npz"));
}

// The members of the sample as the first schema has them, to be damaged.
class DenseNetworkFile : public ::testing::Test {
 protected:
  DenseNetworkFile() {
    write_dense_network(testing::sample_network(), folder_ / "whole.npz");
    NpzReader file(folder_ / "whole.npz");
    for (const std::string& name : file.unread()) members_[name] = file.read(name, 1 << 20, name);
    network_ = json::parse(members_.at("network.json"));
    network_["schema"] = first_network_schema;
    for (json& layer : network_["layers"]) {
      for (const char* later : {"weight_axes", "input_axes", "a_dtype", "a_zero"}) layer.erase(later);
    }
  }

  DenseNetwork read() {
    members_["network.json"] = network_.dump();
    testing::store(folder_ / "net.npz", testing::zip_of(members_));
    return read_dense_network(folder_ / "net.npz");
  }

  // What follows "…/net.npz: ".
  std::string refusal() {
    try {
      (void)read();
    } catch (const Error& error) {
      const std::string text = error.what();
      return text.substr(text.find("net.npz: ") + 9);
    }
    return "accepted";
  }

  json& layer(std::size_t i) { return network_["layers"][i]; }

  template <class T>
  void array(const std::string& name, const std::vector<T>& values, const std::vector<std::int64_t>& shape) {
    members_[name + ".npy"] = NpyArray::of(std::span<const T>(values), shape).member();
  }

  const Scratch folder_;
  Members members_;
  json network_;
};

TEST_F(DenseNetworkFile, TurnsChannelsLast) {
  layer(0) = json{{"name", "L"}, {"type", "conv"}, {"K", 1}, {"C", 2},        {"R", 1},
                  {"S", 2},      {"H", 1},         {"W", 3}, {"a_scale", 1.5}};
  network_["layers"] = json::array({layer(0)});
  members_.clear();
  array<float>("L.weight", {1, 2, 3, 4}, {1, 2, 1, 2});
  array<std::int8_t>("L.input", {10, 11, 12, -20, -21, -22}, {2, 1, 3});
  const DenseNetwork network = read();
  EXPECT_EQ(network.layers[0].weights, (std::vector<float>{1, 3, 2, 4}));
  EXPECT_EQ(network.layers[0].ifmap, (std::vector<std::int16_t>{10, -20, 11, -21, 12, -22}));
  EXPECT_EQ(network.layers[0].activation_scale, 1.5F);
  EXPECT_EQ(network.layers[0].shape.N, 1);
}

TEST_F(DenseNetworkFile, TakesTheShortForms) {
  layer(1).erase("groups");  // a dwconv has as many as channels
  layer(1).erase("dilation");
  layer(1)["stride"] = 1;
  layer(1).erase("pad_tblr");
  layer(1)["pad"] = 1;
  layer(1)["src"] = "its/own/name";
  layer(1)["w_scale"] = 0.5;
  for (const char* field : {"N", "C", "H", "W", "P", "Q"}) {
    layer(2).erase(field);  // the layer before says it
    layer(3).erase(field);
  }
  layer(2).erase("name");
  layer(2)["type"] = "avgpool";
  network_["source"] = nullptr;
  network_.erase("license");
  array<std::int8_t>("fc.input", std::vector<std::int8_t>(48, 1), {2, 6, 2, 2});  // as a conv layer left it
  const DenseNetwork network = read(), sample = testing::sample_network();
  for (std::size_t i = 0; i < network.layers.size(); ++i)
    EXPECT_EQ(network.layers[i].shape, sample.layers[i].shape) << i;
  EXPECT_EQ(network.layers[2].name, "avgpool2");
  EXPECT_EQ(network.source, "");
}

TEST_F(DenseNetworkFile, TakesOnlyItsOwnReluForOne) {
  const std::pair<json, bool> relus[] = {
      {true, true}, {false, false}, {nullptr, false}, {"relu", true}, {"after residual add", false}};
  for (const auto& [relu, expected] : relus) {
    layer(0)["relu"] = relu;
    EXPECT_EQ(read().layers[0].relu, expected) << relu;
  }
  layer(0)["relu"] = 3;
  EXPECT_EQ(refusal(), "layer conv: relu: 3, expected true or false");
}

struct Damage {
  const char* pointer;  // into network.json
  json value;           // discarded: the field goes
  const char* message;
};

TEST_F(DenseNetworkFile, RefusesWrongFields) {
  const json gone(json::value_t::discarded);
  const Damage damages[] = {
      {"/schema", "dense-network/3",
       "network.json.schema: 'dense-network/3', expected 'dense-network/2' or 'dense-network/1'"},
      {"/schema", "basil-trace/1",
       "network.json.schema: 'basil-trace/1', expected 'dense-network/2' or 'dense-network/1'; this file is "
       "a trace already"},
      {"/layers/0/weight_axes", "KCRS", "layer conv: weight_axes: an unknown field"},
      {"/licence", "MIT",
       "network.json.licence: an unknown field, expected one of image, layers, license, name, schema, "
       "source (did "
       "you mean license?)"},
      {"/source", 3, "network.json.source: 3, expected a text"},
      {"/layers", "x", "network.json.layers: \"x\", expected a list"},
      {"/layers/0", 5, "layers[0]: 5, expected an object"},
      {"/layers/0/name", gone, "layers[0].name: nothing, expected this field"},
      {"/layers/0/name", "a/b",
       "layer name: character 0x2f at 1, expected no slash and no control character"},
      {"/layers/0/name", "fc", "layer fc: weight: shape (5, 24), expected (6, 2, 3, 2)"},
      {"/layers/2/name", "conv", "layer conv: a second layer of that name, expected names that differ"},
      {"/layers/0/type", "convv",
       "layers[0].type: 'convv', expected one of add, conv, dwconv, fc, pool, maxpool, avgpool (did you mean "
       "conv?)"},
      {"/layers/0/C", 0, "layer conv: C: 0, expected an integer, 1 to 1048576"},
      {"/layers/0/C", 4.5, "layer conv: C: 4.5, expected an integer, 1 to 1048576"},
      {"/layers/0/C", 5, "layer conv: groups: 2, expected a divisor of C 5 and K 6"},
      {"/layers/0/C", 1 << 20, "layer conv: weight: "},
      {"/layers/0/R", 40,
       "layer conv: R: 40 filter rows, dilation 2, expected no more than the padded ifmap has"},
      {"/layers/0/H", 1 << 20, "layer conv: P: 4, expected 1048573, as the shape says"},
      {"/layers/0/P", 5, "layer conv: P: 5, expected 4, as the shape says"},
      {"/layers/0/stride", json{1, 2, 3}, "layer conv: stride: a list of 3, expected a list of 2"},
      {"/layers/0/pad", 1, "layer conv: pad_tblr: given beside pad, expected one of the two"},
      {"/layers/0/strides", 1, "layer conv: strides: an unknown field"},
      {"/layers/0/a_scale", 0, "layer conv: a_scale: 0, expected a finite number above 0"},
      {"/layers/0/a_scale", 1e300, "layer conv: a_scale: inf, expected a finite number above 0"},
      {"/layers/0/w_scale", -1, "layer conv: w_scale: -1, expected a finite number above 0"},
      {"/layers/0/src", 1, "layer conv: src: 1, expected a text"},
      {"/layers/1/groups", 3, "layer depthwise: groups: 3, expected C 6 in a layer of kind depthwise"},
      {"/layers/2/size", 9,
       "layer pool: R: 9 filter rows, dilation 2, expected no more than the padded ifmap has"},
      {"/layers/4/H", 2, "layer fc: H: an unknown field"},
      {"/layers/4/C", 23, "layer fc: weight: shape (5, 24), expected (5, 23)"},
  };
  const json whole = network_;
  for (const Damage& damage : damages) {
    network_ = whole;
    const json::json_pointer at(damage.pointer);
    if (damage.value.is_discarded()) {
      network_.at(at.parent_pointer()).erase(at.back());
    } else {
      network_[at] = damage.value;
    }
    EXPECT_EQ(refusal().rfind(damage.message, 0), 0U)
        << damage.pointer << " " << damage.value.dump() << "\n  found    " << refusal() << "\n  expected "
        << damage.message;
  }
}

TEST_F(DenseNetworkFile, RefusesAPoolOfNothing) {
  network_["layers"] = json::array({json{{"type", "maxpool"}, {"size", 2}}});
  members_.clear();
  EXPECT_EQ(refusal(), "layer maxpool0: C: nothing, expected this field");
}

TEST_F(DenseNetworkFile, RefusesWrongArrays) {
  const Members whole = members_;
  const auto refused = [&] {
    const std::string text = refusal();
    members_ = whole;
    return text;
  };
  array<double>("conv.bias", std::vector<double>(6), {6});
  EXPECT_EQ(refused().rfind("layer conv: bias: ", 0), 0U);
  array<float>("conv.bias", std::vector<float>(5), {5});
  EXPECT_EQ(refused(), "layer conv: bias: shape (5,), expected (6,)");
  array<float>("conv.bias", {0, 1, 2, NAN, 4, 5}, {6});
  EXPECT_EQ(refused(), "layer conv: bias: nan at 3, expected finite numbers");
  array<float>("fc.weight", std::vector<float>(120), {24, 5});
  EXPECT_EQ(refused(), "layer fc: weight: shape (24, 5), expected (5, 24)");
  array<float>("fc.input", std::vector<float>(24), {1, 24});
  EXPECT_EQ(refused(), "layer fc: input: dtype f4, expected int8 (i1) or uint8 (u1)");
  array<std::int8_t>("fc.input", std::vector<std::int8_t>(25), {25});
  EXPECT_EQ(refused(), "layer fc: input: shape (25,), expected (N, 24)");
  array<std::int8_t>("conv.input", std::vector<std::int8_t>(252), {7, 9, 4});
  EXPECT_EQ(refused(), "layer conv: input: shape (7, 9, 4), expected (N, 4, 7, 9)");
  members_["extra.npy"] = members_["fc.bias.npy"];
  EXPECT_EQ(refused(),
            "extra.npy: a member that belongs to no layer, expected members named by network.json");
  members_.erase("depthwise.input.npy");
  EXPECT_EQ(refused().rfind("layer depthwise: input: ", 0), 0U);
}

TEST(WithBatch, RollsTheFirstImageSideways) {
  DenseNetwork network = testing::sample_network();
  const std::vector<std::int16_t> before = network.layers[0].ifmap;
  network = with_batch(network, 3);
  EXPECT_EQ(network.activations,
            "made up; batch of 3: each layer's first image, rolled sideways for the others");
  const DenseLayer& conv = network.layers[0];  // C 4, H 7, W 9: steps of 9 / 3 columns
  ASSERT_EQ(conv.ifmap.size(), 3U * 7 * 9 * 4);
  const auto at = [](int n, int y, int x, int c) {
    return static_cast<std::size_t>(((n * 7 + y) * 9 + x) * 4 + c);
  };
  for (int y = 0; y < 7; ++y) {
    for (int x = 0; x < 9; ++x) {
      for (int c = 0; c < 4; ++c) {
        for (const int n : {0, 1, 2})
          ASSERT_EQ(conv.ifmap[at(n, y, (x + 3 * n) % 9, c)], before[at(0, y, x, c)]);
      }
    }
  }
  for (const DenseLayer& layer : network.layers) EXPECT_EQ(layer.shape.N, 3);
  const DenseLayer& fc = network.layers[4];  // one column: its 24 channels are rolled by 8
  EXPECT_EQ(fc.ifmap[24 + 8], fc.ifmap[0]);
  EXPECT_EQ(fc.ifmap[48], fc.ifmap[8]);
}

TEST(WithBatch, RefusesSizesOutOfRange) {
  EXPECT_THROW((void)with_batch(testing::sample_network(), 0), Error);
  DenseNetwork network = testing::sample_network();
  network.layers[0].shape.W = 1 << 20;
  EXPECT_THROW((void)with_batch(network, 1 << 20), Error);
}

}  // namespace
}  // namespace basil
