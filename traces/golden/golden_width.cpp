#include "traces/golden/golden_width.h"

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "traces/golden/golden_layers.h"

namespace basil {
namespace {

// The value that the lowest `bits` of a sum stand for.
std::int64_t kept_bits(std::int64_t sum, int bits) {
  const int lost = 64 - bits;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) << lost) >> lost;
}

std::int64_t nearest_in(std::int64_t sum, int bits) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max() >> (64 - bits);
  return std::clamp(sum, -most - 1, most);
}

// Each output exactly, and as the machine has it.
class NarrowSums {
 public:
  NarrowSums(const SumWidth& width, std::size_t outputs)
      : width_(width), exact_(outputs), kept_(outputs), overflowed_(outputs) {}

  // A pass ends.
  void add(std::size_t at, std::int64_t sum) {
    exact_[at] += sum;
    kept_[at] = narrow(kept_[at] + sum);
    const int bits = bits_of_sum(exact_[at]);
    needed_bits_ = std::max(needed_bits_, bits);
    if (bits > width_.psum_bits) overflowed_[at] = 1;
  }

  [[nodiscard]] NarrowOfmap result(Ofmap ofmap) {
    NarrowOfmap narrow{
        .ofmap = std::move(ofmap), .overflowed = std::move(overflowed_), .needed_bits = needed_bits_};
    for (const std::int64_t sum : exact_) narrow.widest_bits = std::max(narrow.widest_bits, bits_of_sum(sum));
    narrow.ofmap.sums = std::move(kept_);
    return narrow;
  }

 private:
  [[nodiscard]] std::int64_t narrow(std::int64_t sum) const {
    if (width_.overflow == Overflow::error) return sum;
    const std::int64_t accumulated = kept_bits(sum, width_.accumulator_bits);
    return width_.overflow == Overflow::saturate ? nearest_in(accumulated, width_.psum_bits)
                                                 : kept_bits(accumulated, width_.psum_bits);
  }

  SumWidth width_;
  std::vector<std::int64_t> exact_, kept_;
  std::vector<std::uint8_t> overflowed_;
  int needed_bits_ = 1;
};

}  // namespace

NarrowOfmap run_golden(const Layer& layer, const SumWidth& width, const ReductionOrder& order) {
  const LayerShape& s = layer.shape;
  const bool one_pass = order.empty() || *std::max_element(order.begin(), order.end()) == 0;
  Ofmap ofmap{.N = s.N, .P = s.P(), .Q = s.Q(), .K = s.K, .sums = {}, .reals = {}};
  const auto filters = static_cast<std::size_t>(s.K);
  NarrowSums sums(width, ofmap.at(s.N, 0, 0, 0));
  if (one_pass) {
    const std::vector<std::int64_t> exact = run_golden(layer).sums;
    for (std::size_t i = 0; i < exact.size(); ++i) sums.add(i, exact[i]);
    return sums.result(std::move(ofmap));
  }
  if (layer.weights.encoding->window_words != nullptr || std::ssize(order) != s.reduction())
    throw Failure("layer " + layer.name + ": an order of passes that is not of its products");
  golden::run_in_passes(golden::plain_layer(layer), order, [&](std::size_t at, int pass, std::int64_t sum) {
    sums.add(at, pass == 0 && !layer.bias.empty() ? sum + layer.bias[at % filters] : sum);
  });
  return sums.result(std::move(ofmap));
}

}  // namespace basil
