// Models of real numbers, and constants that are stored sparse.
#include <gtest/gtest.h>

#include "core/error.h"
#include "traces/tflite/import.h"
#include "traces/tflite/model_builder.h"
#include "traces/tflite/sparse.h"

namespace basil {
namespace {

namespace model = testing::model;
using testing::Scratch;
using testing::TfliteBuilder;
using Reals = std::vector<float>;
using Places = std::vector<std::int64_t>;

constexpr auto fp32 = model::TensorType_FLOAT32;

// A level of a sparse tensor: dense of a size, or compressed.
struct LevelOf {
  int size = 0;
  std::vector<std::int32_t> segments = {}, indices = {};
};

class Sparse {
 public:
  Sparse(std::vector<int> order, std::vector<int> blocks, const std::vector<LevelOf>& levels) {
    std::vector<flatbuffers::Offset<model::DimensionMetadata>> metadata;
    for (const LevelOf& level : levels) {
      if (level.segments.empty()) {
        metadata.push_back(model::CreateDimensionMetadata(builder_, model::DimensionType_DENSE, level.size));
        continue;
      }
      const auto segments = model::CreateInt32VectorDirect(builder_, &level.segments).Union();
      const auto indices = model::CreateInt32VectorDirect(builder_, &level.indices).Union();
      metadata.push_back(model::CreateDimensionMetadata(builder_, model::DimensionType_SPARSE_CSR, 0,
                                                        model::SparseIndexVector_Int32Vector, segments,
                                                        model::SparseIndexVector_Int32Vector, indices));
    }
    builder_.Finish(model::CreateSparsityParametersDirect(builder_, &order, &blocks, &metadata));
  }

  [[nodiscard]] Places places(const tflite_import::Axes& shape) const {
    const auto* table = flatbuffers::GetRoot<model::SparsityParameters>(builder_.GetBufferPointer());
    return tflite_import::stored_places(*table, shape, "w");
  }

 private:
  flatbuffers::FlatBufferBuilder builder_;
};

// Rows 0 and 1 of four columns: the first has columns 1 and 3, the second column 0.
TEST(TfliteSparse, WalksCompressedRows) {
  const Sparse rows({0, 1}, {}, {{2}, {0, {0, 2, 3}, {1, 3, 0}}});
  EXPECT_EQ(rows.places({2, 4}), (Places{1, 3, 4}));
  EXPECT_THROW((void)rows.places({2, 3}), Error);     // column 3 of 3
  EXPECT_THROW((void)rows.places({3, 2, 4}), Error);  // fewer levels than axes
}

// Blocks of two columns: the first row has the second block, the second row the first.
TEST(TfliteSparse, WalksBlocks) {
  const Sparse blocks({0, 1, 2}, {1}, {{2}, {0, {0, 1, 2}, {1, 0}}, {2}});
  EXPECT_EQ(blocks.places({2, 4}), (Places{2, 3, 4, 5}));
}

// 1 x 2 pixels of one channel, doubled in width between the two, then through a filter of 2 and ReLU by
// itself.
TEST(TfliteReals, RunFromOperatorToOperator) {
  TfliteBuilder m;
  const int x = m.tensor(fp32, {1, 1, 2, 1}), wide = m.tensor(fp32, {1, 1, 4, 1});
  const int w = m.constant(fp32, {1, 1, 1, 1}, Reals{2}), b = m.constant(fp32, {1}, Reals{-3});
  const int sums = m.tensor(fp32, {1, 1, 4, 1}), positive = m.tensor(fp32, {1, 1, 4, 1});
  const int v = m.constant(fp32, {1, 4}, Reals{1, 1, 1, 1}), y = m.tensor(fp32, {1, 1}),
            flat = m.tensor(fp32, {1, 4});
  auto& builder = m.builder();
  m.operation(model::BuiltinOperator_RESIZE_BILINEAR, {x}, {wide},
              model::OperatorOptions_ResizeBilinearOptions, model::CreateResizeBilinearOptions(builder));
  m.operation(model::BuiltinOperator_CONV_2D, {wide, w, b}, {sums}, model::OperatorOptions_Conv2DOptions,
              model::CreateConv2DOptions(builder, model::Padding_VALID, 1, 1));
  m.operation(model::BuiltinOperator_RELU, {sums}, {positive});
  m.operation(model::BuiltinOperator_RESHAPE, {positive}, {flat});
  m.operation(model::BuiltinOperator_FULLY_CONNECTED, {flat, v}, {y},
              model::OperatorOptions_FullyConnectedOptions, model::CreateFullyConnectedOptions(builder));
  const Scratch folder;
  testing::store(folder / "x.npy", NpyArray::of(std::span<const float>(Reals{1, 3}), {1, 1, 2, 1}).member());
  m.save(folder / "m.tflite");
  const auto layers = read_tflite(folder / "m.tflite", {.input_npy = folder / "x.npy"}).network.layers;
  ASSERT_EQ(layers.size(), 2U);
  EXPECT_EQ(layers[0].weights, Reals{2});
  EXPECT_EQ(layers[0].bias, Reals{-3});
  // Pixels 1, 2, 3, 3 in steps of 3 / 127, as the network's 8-bit input.
  EXPECT_EQ(layers[0].ifmap, (std::vector<std::int16_t>{42, 85, 127, 127}));
  // 2 x - 3 = -1, 1, 3, 3 after ReLU.
  EXPECT_EQ(layers[1].ifmap, (std::vector<std::int16_t>{0, 42, 127, 127}));
}

}  // namespace
}  // namespace basil
