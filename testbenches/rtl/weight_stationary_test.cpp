// The weight-stationary grid three times: its fast form, its clocked twin and its Verilog, equal in cycles
// and in what stands in the psum registers under the grid after every clock edge.
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "Vweight_stationary_array.h"
#include "core/testing/property_check.h"
#include "pe/systolic/systolic_clocked.h"

namespace basil {
namespace {

constexpr int grid_size = 8;  // as the Verilog was built, of words of 16 bits
constexpr SystolicGrid grid{grid_size, grid_size};

struct Work {
  int pixels = 1, reduction = 1, filters = 1;
  std::vector<std::int16_t> activations, weights;

  [[nodiscard]] SystolicFold<std::int16_t> fold() const {
    return {pixels, reduction, filters, activations, weights};
  }
};

std::vector<std::int16_t> random_words(int count) {
  const int zero_percent = *rc::gen::element(0, 30, 70, 100);
  std::vector<std::int16_t> words(static_cast<std::size_t>(count));
  for (std::int16_t& word : words) {
    const bool zero = *anywhere_in(0, 100) < zero_percent;
    word = zero ? std::int16_t{0} : static_cast<std::int16_t>(*anywhere_in(-4096, 4096));
  }
  return words;
}

Work random_work() {
  Work work;
  work.pixels = *anywhere_in(1, 20);
  work.reduction = *anywhere_in(1, grid_size + 1);
  work.filters = *anywhere_in(1, grid_size + 1);
  work.activations = random_words(work.pixels * work.reduction);
  work.weights = random_words(work.reduction * work.filters);
  return work;
}

// The Verilog grid and the feeders at its edges.
class Rtl {
 public:
  explicit Rtl(const Work& work) : work_(work) {}

  void step() {
    top_.load = cycle_ < grid.rows ? 1 : 0;
    std::uint8_t valid = 0;
    for (int lane = 0; lane < grid_size; ++lane) {
      put(top_.weights, lane, weight(grid.rows - 1 - cycle_, lane));
      const int pixel = cycle_ - grid.rows - lane;
      if (pixel < 0 || pixel >= work_.pixels) continue;
      valid = static_cast<std::uint8_t>(valid | 1U << lane);
      put(top_.ifmap, lane, activation(pixel, lane));
    }
    top_.valid = valid;
    top_.clk = 0;
    top_.eval();
    top_.clk = 1;
    top_.eval();
    ++cycle_;
    for (int col = 0; col < grid_size; ++col) sums_out_ += psum_valid(col) ? 1 : 0;
  }

  [[nodiscard]] bool done() const { return sums_out_ == work_.pixels * grid.cols; }
  [[nodiscard]] int cycles() const { return cycle_; }
  [[nodiscard]] bool psum_valid(int col) const { return (top_.psum_valid >> col & 1) != 0; }
  [[nodiscard]] std::int32_t psum(int col) const { return static_cast<std::int32_t>(top_.psums[col]); }

 private:
  [[nodiscard]] std::int16_t weight(int reduction, int filter) const {
    if (reduction < 0 || reduction >= work_.reduction || filter >= work_.filters) return 0;
    return work_.weights[static_cast<std::size_t>(reduction * work_.filters + filter)];
  }
  [[nodiscard]] std::int16_t activation(int pixel, int reduction) const {
    if (reduction >= work_.reduction) return 0;
    return work_.activations[static_cast<std::size_t>(pixel * work_.reduction + reduction)];
  }
  // Two words of 16 bits in each of the port's.
  template <class Port>
  static void put(Port& port, int lane, std::int16_t word) {
    const int shift = lane % 2 * 16;
    const std::uint32_t rest = port[lane / 2] & ~(0xFFFFU << shift);
    port[lane / 2] = rest | std::uint32_t{static_cast<std::uint16_t>(word)} << shift;
  }

  const Work& work_;
  Vweight_stationary_array top_;
  int cycle_ = 0, sums_out_ = 0;
};

void expect_three_forms_agree() {
  const Work work = random_work();
  WeightStationaryClocked<std::int16_t> clocked(grid, work.fold(), false);
  Rtl rtl(work);
  while (!clocked.done()) {
    RC_ASSERT(!rtl.done());
    clocked.step();
    rtl.step();
    for (int col = 0; col < grid.cols; ++col) {
      const auto seen = clocked.view(grid.rows - 1, col);
      RC_ASSERT(rtl.psum_valid(col) == seen.activation_valid);
      if (seen.activation_valid) RC_ASSERT(rtl.psum(col) == static_cast<std::int32_t>(seen.psum));
    }
  }
  RC_ASSERT(rtl.done());
  const FoldTiming fast = time_weight_stationary(grid, work.pixels, work.reduction, work.filters);
  RC_ASSERT(rtl.cycles() == fast.cycles.value);
  RC_ASSERT(clocked.timing().cycles.value == fast.cycles.value);
}

TEST(WeightStationaryRtl, EqualsTheFastAndTheClockedTwin) { check_property(1000, expect_three_forms_agree); }

}  // namespace
}  // namespace basil
