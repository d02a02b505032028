// with_batch: more images than the network came with.
#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "core/error.h"
#include "traces/encodings/limits.h"
#include "traces/network/dense_network.h"

namespace basil {
namespace {

// Appends `row`, rolled to the right by `shift` values.
void append_rolled(std::vector<std::int16_t>& to, std::span<const std::int16_t> row, std::size_t shift) {
  const std::span<const std::int16_t> left = row.first(row.size() - shift), right = row.last(shift);
  to.insert(to.end(), right.begin(), right.end());
  to.insert(to.end(), left.begin(), left.end());
}

std::vector<std::int16_t> rolled_images(const DenseLayer& layer, int images) {
  const LayerShape& s = layer.shape;
  const auto rows = static_cast<std::size_t>(s.H);
  const auto width = static_cast<std::size_t>(s.W) * static_cast<std::size_t>(s.C);
  // What is rolled: whole columns, or channels where there is one column only.
  const auto columns = static_cast<std::size_t>(s.W == 1 ? s.C : s.W);
  const std::size_t step = std::max<std::size_t>(1, columns / static_cast<std::size_t>(images));
  const std::span<const std::int16_t> first(layer.ifmap.data(), rows * width);
  std::vector<std::int16_t> ifmap;
  ifmap.reserve(first.size() * static_cast<std::size_t>(images));
  for (std::size_t image = 0; image < static_cast<std::size_t>(images); ++image) {
    const std::size_t shift = image * step % columns * (width / columns);
    for (std::size_t row = 0; row < rows; ++row)
      append_rolled(ifmap, first.subspan(row * width, width), shift);
  }
  return ifmap;
}

}  // namespace

DenseNetwork with_batch(DenseNetwork network, int images) {
  if (images < 1 || images > greatest_dimension)
    throw Error("batch", std::to_string(images), fmt::format("1 to {}", greatest_dimension));
  for (DenseLayer& layer : network.layers) {
    const LayerShape& s = layer.shape;
    check_positions({images, s.H, s.W, s.C}, "layer " + layer.name + ": batch: ifmap");
    check_positions({images, s.P(), s.Q(), s.K}, "layer " + layer.name + ": batch: ofmap");
    if (layer.simulated()) layer.ifmap = rolled_images(layer, images);
    layer.shape.N = images;
  }
  network.activations +=
      fmt::format("; batch of {}: each layer's first image, rolled sideways for the others", images);
  return network;
}

}  // namespace basil
