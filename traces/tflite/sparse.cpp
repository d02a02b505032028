#include "traces/tflite/sparse.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace basil::tflite_import {
namespace {

constexpr std::size_t most_levels = 16;

// A level of the walk. Compressed: indices[segments[p]] to indices[segments[p + 1]] under place p of the one
// above.
struct Level {
  bool compressed = false;
  std::int64_t size = 0;
  std::vector<std::int64_t> segments, indices;
  std::size_t axis = 0;         // of the tensor
  std::int64_t block_size = 0;  // 0: the axis itself, else a place within a block of it
};

template <class Table>
std::vector<std::int64_t> numbers_of(const Table* table) {
  if (table == nullptr || table->values() == nullptr) return {};
  return {table->values()->begin(), table->values()->end()};
}

std::vector<std::int64_t> numbers_of(model::SparseIndexVector type, const void* table) {
  switch (type) {
    case model::SparseIndexVector_Int32Vector:
      return numbers_of(static_cast<const model::Int32Vector*>(table));
    case model::SparseIndexVector_Uint16Vector:
      return numbers_of(static_cast<const model::Uint16Vector*>(table));
    case model::SparseIndexVector_Uint8Vector:
      return numbers_of(static_cast<const model::Uint8Vector*>(table));
    default:
      return {};
  }
}

class Walk {
 public:
  Walk(const model::SparsityParameters& sparsity, const Axes& shape, std::string where)
      : shape_(shape), where_(std::move(where)), at_(shape.size()) {
    const auto* order = sparsity.traversal_order();
    const auto* metadata = sparsity.dim_metadata();
    const auto* blocks = sparsity.block_map();
    const std::size_t levels = order == nullptr ? 0 : order->size();
    if (levels < shape.size() || levels > most_levels || metadata == nullptr || metadata->size() != levels)
      refuse(fmt::format("{} levels", levels));
    for (std::size_t i = 0; i < levels; ++i) {
      const auto dimension = static_cast<std::size_t>(order->Get(static_cast<flatbuffers::uoffset_t>(i)));
      const auto* level = metadata->Get(static_cast<flatbuffers::uoffset_t>(i));
      if (dimension >= levels || (dimension < shape.size()) != (i < shape.size()) || level == nullptr)
        refuse(fmt::format("level {} for axis {}", i, dimension));
      levels_.push_back(level_of(*level, dimension, blocks));
    }
  }

  std::vector<std::int64_t> places() {
    descend(0, 0);
    return std::move(places_);
  }

 private:
  [[noreturn]] void refuse(const std::string& found) const {
    throw Error(where_ + ": sparsity", found, "levels that walk shape " + shape_text(shape_));
  }

  Level level_of(const model::DimensionMetadata& given, std::size_t dimension,
                 const flatbuffers::Vector<std::int32_t>* blocks) const {
    Level level{.compressed = given.format() == model::DimensionType_SPARSE_CSR,
                .size = given.dense_size(),
                .segments = numbers_of(given.array_segments_type(), given.array_segments()),
                .indices = numbers_of(given.array_indices_type(), given.array_indices()),
                .axis = dimension};
    if (dimension < shape_.size()) return level;
    const std::size_t block = dimension - shape_.size();
    if (blocks == nullptr || block >= blocks->size() || level.compressed || level.size < 1)
      refuse("a block unmapped");
    const auto axis = static_cast<std::size_t>(blocks->Get(static_cast<flatbuffers::uoffset_t>(block)));
    if (axis >= shape_.size()) refuse(fmt::format("blocks of axis {}", axis));
    level.axis = axis;
    level.block_size = level.size;
    return level;
  }

  void descend(std::size_t depth, std::int64_t place) {
    if (depth == levels_.size()) return take();
    const Level& level = levels_[depth];
    if (!level.compressed) {
      for (std::int64_t i = 0; i < level.size; ++i) enter(depth, i, place * level.size + i);
      return;
    }
    const auto p = static_cast<std::size_t>(place);
    if (p + 1 >= level.segments.size()) refuse(fmt::format("{} segments", level.segments.size()));
    const std::int64_t first = level.segments[p], end = level.segments[p + 1];
    if (first < 0 || end > static_cast<std::int64_t>(level.indices.size()))
      refuse("a segment outside its indices");
    for (std::int64_t i = first; i < end; ++i) enter(depth, level.indices[static_cast<std::size_t>(i)], i);
  }

  void enter(std::size_t depth, std::int64_t index, std::int64_t place) {
    const Level& level = levels_[depth];
    std::int64_t& at = at_[level.axis];
    const std::int64_t before = at;
    at = level.block_size > 0 ? at * level.block_size + index : index;
    if (index < 0 || at >= shape_[level.axis]) refuse(fmt::format("index {} along axis {}", at, level.axis));
    descend(depth + 1, place);
    at = before;
  }

  void take() {
    std::int64_t flat = 0;
    for (std::size_t axis = 0; axis < shape_.size(); ++axis) flat = flat * shape_[axis] + at_[axis];
    places_.push_back(flat);
    std::int64_t most = 1;
    for (const std::int64_t length : shape_) most *= length;
    if (static_cast<std::int64_t>(places_.size()) > most) refuse("more values than places");
  }

  const Axes& shape_;
  std::string where_;
  std::vector<Level> levels_;
  Axes at_;
  std::vector<std::int64_t> places_;
};

}  // namespace

std::vector<std::int64_t> stored_places(const model::SparsityParameters& sparsity, const Axes& shape,
                                        const std::string& where) {
  return Walk(sparsity, shape, where).places();
}

}  // namespace basil::tflite_import
