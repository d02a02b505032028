// The golden executor on integers, pass by pass.
#include <algorithm>

#include "traces/golden/golden_kernels.h"
#include "traces/golden/golden_layers.h"
#include "traces/golden/golden_patches.h"

namespace basil::golden {
namespace {

// The products of a filter sorted by their pass, each pass padded with zeros to whole dot products.
class PassOrder {
 public:
  explicit PassOrder(const std::vector<int>& pass_of) {
    const auto passes = size(*std::max_element(pass_of.begin(), pass_of.end())) + 1;
    products_.resize(passes);
    for (std::size_t i = 0; i < pass_of.size(); ++i) products_[size(pass_of[i])].push_back(i);
    starts_.push_back(0);
    for (const auto& products : products_)
      starts_.push_back(starts_.back() + (products.size() + dot_multiple - 1) / dot_multiple * dot_multiple);
  }

  [[nodiscard]] std::size_t passes() const { return products_.size(); }
  [[nodiscard]] std::size_t start(std::size_t pass) const { return starts_[pass]; }
  [[nodiscard]] std::size_t length(std::size_t pass) const { return starts_[pass + 1] - starts_[pass]; }
  [[nodiscard]] std::size_t pitch() const { return starts_.back(); }
  // A patch or filter into that order.
  void sort(const std::int16_t* from, std::int16_t* to) const {
    for (std::size_t pass = 0; pass < passes(); ++pass) {
      std::int16_t* out = to + starts_[pass];
      for (const std::size_t product : products_[pass]) *out++ = from[product];
    }
  }

 private:
  std::vector<std::vector<std::size_t>> products_;
  std::vector<std::size_t> starts_;
};

}  // namespace

void run_in_passes(const PlainLayer& layer, const std::vector<int>& pass_of, const PassSum& add) {
  const LayerShape& s = layer.shape;
  const PassOrder order(pass_of);
  const std::size_t filters = size(s.filters_per_group()), pitch = order.pitch();
  const auto narrow_length = size(products_in_32_bits(layer.ifmap, layer.weights));
  std::vector<std::int16_t> weights(size(s.K) * pitch);
  for (std::size_t k = 0; k < size(s.K); ++k)
    order.sort(layer.weights.data() + k * size(s.reduction()), weights.data() + k * pitch);

  const std::size_t pixels = size(std::int64_t{s.N} * s.P() * s.Q());
  std::vector<std::int16_t> patch(size(s.reduction())), patches(tile_pixels * pitch);
  std::vector<std::int64_t> sums(tile_pixels * filters);
  for (std::size_t first = 0; first < pixels; first += tile_pixels) {
    const std::size_t count = std::min(pixels - first, tile_pixels);
    for (std::size_t group = 0; group < size(s.groups); ++group) {
      for (std::size_t i = 0; i < count; ++i) {
        pack_patch(s, layer.ifmap.data(), static_cast<std::int64_t>(first + i), static_cast<int>(group),
                   patch.data());
        order.sort(patch.data(), patches.data() + i * pitch);
      }
      for (std::size_t pass = 0; pass < order.passes(); ++pass) {
        std::fill(sums.begin(), sums.end(), 0);
        const Dots work{patches.data() + order.start(pass),
                        weights.data() + group * filters * pitch + order.start(pass),
                        sums.data(),
                        count,
                        filters,
                        order.length(pass),
                        pitch,
                        filters};
        order.length(pass) <= narrow_length ? dots_narrow(work) : dots_wide(work);
        for (std::size_t i = 0; i < count * filters; ++i)
          add((first + i / filters) * size(s.K) + group * filters + i % filters, static_cast<int>(pass),
              sums[i]);
      }
    }
  }
}

}  // namespace basil::golden
