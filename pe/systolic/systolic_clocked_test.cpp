#include "pe/systolic/systolic_clocked.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "core/testing/property_check.h"

namespace basil {
namespace {

template <class Word>
struct Work {
  SystolicGrid grid;
  int pixels = 1, reduction = 1, filters = 1;
  bool zero_gating = true;
  std::vector<Word> activations{}, weights{};

  [[nodiscard]] SystolicFold<Word> fold() const { return {pixels, reduction, filters, activations, weights}; }
};

// Small whole numbers: fp32 sums of them are exact in any order.
template <class Word>
std::vector<Word> random_words(int count, int zero_percent) {
  std::vector<Word> words(static_cast<std::size_t>(count));
  for (Word& word : words) {
    const bool zero = *anywhere_in(0, 100) < zero_percent;
    word = zero ? Word{} : static_cast<Word>(*rc::gen::distinctFrom(anywhere_in(-128, 128), 0));
  }
  return words;
}

// `rows` places for the reduction (weight stationary) or for the pixels (output stationary).
template <class Word>
Work<Word> random_work(bool weight_stationary) {
  Work<Word> work;
  work.grid = {*anywhere_in(1, 9), *anywhere_in(1, 9)};
  const int mapped = *anywhere_in(1, work.grid.rows + 1);
  const int streamed = *anywhere_in(1, 20);
  work.pixels = weight_stationary ? streamed : mapped;
  work.reduction = weight_stationary ? mapped : streamed;
  work.filters = *anywhere_in(1, work.grid.cols + 1);
  work.zero_gating = *rc::gen::arbitrary<bool>();
  work.activations = random_words<Word>(work.pixels * work.reduction, *rc::gen::element(0, 30, 70, 100));
  work.weights = random_words<Word>(work.reduction * work.filters, *rc::gen::element(0, 50));
  return work;
}

template <class Word>
std::vector<SumOf<Word>> naive(const Work<Word>& work) {
  std::vector<SumOf<Word>> sums;
  for (int pixel = 0; pixel < work.pixels; ++pixel) {
    for (int filter = 0; filter < work.filters; ++filter) {
      SumOf<Word> sum{};
      for (int step = 0; step < work.reduction; ++step) {
        sum += multiply(work.activations[static_cast<std::size_t>(pixel * work.reduction + step)],
                        work.weights[static_cast<std::size_t>(step * work.filters + filter)]);
      }
      sums.push_back(sum);
    }
  }
  return sums;
}

template <class Word>
std::int64_t gated_products(const Work<Word>& work) {
  if (!work.zero_gating) return 0;
  return std::count(work.activations.begin(), work.activations.end(), Word{}) * work.filters;
}

void expect_same(const FoldTiming& clocked, const FoldTiming& fast, const SystolicGrid& grid) {
  RC_ASSERT(clocked.cycles.value == fast.cycles.value);
  RC_ASSERT(clocked.products == fast.products);
  RC_ASSERT(clocked.wait_weights == fast.wait_weights);
  RC_ASSERT(clocked.wait_activations == fast.wait_activations);
  RC_ASSERT(clocked.drain == fast.drain);
  RC_ASSERT(clocked.idle == fast.idle);
  RC_ASSERT(clocked.products + clocked.wait_weights + clocked.wait_activations + clocked.drain +
                clocked.idle ==
            clocked.cycles.value * grid.rows * grid.cols);
}

template <class Word>
void expect_weight_stationary_twins_agree() {
  const auto work = random_work<Word>(true);
  WeightStationaryClocked<Word> grid(work.grid, work.fold(), work.zero_gating);
  while (!grid.done()) grid.step();
  expect_same(grid.timing(), time_weight_stationary(work.grid, work.pixels, work.reduction, work.filters),
              work.grid);
  RC_ASSERT(grid.sums() == naive(work));
  RC_ASSERT(grid.gated() == gated_products(work));
}

template <class Word>
void expect_output_stationary_twins_agree() {
  const auto work = random_work<Word>(false);
  OutputStationaryClocked<Word> grid(work.grid, work.fold(), work.zero_gating);
  while (!grid.shifted_out()) grid.step();
  expect_same(grid.timing(), time_output_stationary(work.grid, work.pixels, work.reduction, work.filters),
              work.grid);
  RC_ASSERT(grid.shift_out().value == work.grid.rows);
  RC_ASSERT(grid.sums() == naive(work));
  RC_ASSERT(grid.gated() == gated_products(work));
}

TEST(WeightStationaryClocked, AgreesWithTheFastTwin) {
  check_property(2000, expect_weight_stationary_twins_agree<std::int16_t>);
}

TEST(WeightStationaryClocked, AgreesWithTheFastTwinOnFp32) {
  check_property(1000, expect_weight_stationary_twins_agree<float>);
}

TEST(OutputStationaryClocked, AgreesWithTheFastTwin) {
  check_property(2000, expect_output_stationary_twins_agree<std::int16_t>);
}

TEST(OutputStationaryClocked, AgreesWithTheFastTwinOnFp32) {
  check_property(1000, expect_output_stationary_twins_agree<float>);
}

TEST(WeightStationaryClocked, ExplainsItsCycles) {
  // 3 x 2 grid, a fold of 2 reduction steps x 1 filter, 4 pixels.
  Work<std::int16_t> work{.grid = {3, 2}, .pixels = 4, .reduction = 2, .filters = 1};
  work.activations = {1, 2, 0, 3, 4, 0, 5, 6};
  work.weights = {10, 1};
  WeightStationaryClocked<std::int16_t> grid(work.grid, work.fold(), true);
  while (!grid.done()) grid.step();
  const int weights_in = 3, stream = 4, last_row = 3 - 1, last_column = 2 - 1;
  EXPECT_EQ(grid.timing().cycles.value, weights_in + stream + last_row + last_column);
  EXPECT_EQ(grid.sums(), (std::vector<std::int64_t>{12, 3, 40, 56}));
  EXPECT_EQ(grid.gated(), 2);
}

TEST(OutputStationaryClocked, ExplainsItsCycles) {
  // 2 x 3 grid, a fold of 1 pixel x 2 filters over 3 reduction steps.
  Work<std::int16_t> work{.grid = {2, 3}, .pixels = 1, .reduction = 3, .filters = 2};
  work.activations = {1, 0, 2};
  work.weights = {1, 2, 3, 4, 5, 6};
  OutputStationaryClocked<std::int16_t> grid(work.grid, work.fold(), true);
  while (!grid.shifted_out()) grid.step();
  const int stream = 3, last_row = 2 - 1, last_column = 3 - 1;
  EXPECT_EQ(grid.timing().cycles.value, stream + last_row + last_column);
  EXPECT_EQ(grid.sums(), (std::vector<std::int64_t>{11, 14}));
  EXPECT_EQ(grid.gated(), 1 * 2);
}

template <class Word>
void expect_view(const SystolicPeView<Word>& view, const SystolicPeView<Word>& expected) {
  EXPECT_EQ(view.state, expected.state);
  EXPECT_EQ(view.activation_valid, expected.activation_valid);
  EXPECT_EQ(view.activation, expected.activation);
  EXPECT_EQ(view.weight, expected.weight);
  EXPECT_EQ(view.psum, expected.psum);
}

// 2 x 3 grid, 2 reduction steps x 2 filters: after 2 cycles of weights, PE (1, 0) multiplies its row's first
// activation one cycle after PE (0, 0), and adds what that one made.
TEST(WeightStationaryClocked, ShowsAPesRegisters) {
  Work<std::int16_t> work{.grid = {2, 3}, .pixels = 2, .reduction = 2, .filters = 2};
  work.activations = {5, 6, 0, 7};
  work.weights = {10, 20, 1, 2};
  WeightStationaryClocked<std::int16_t> grid(work.grid, work.fold(), true);
  grid.step();
  expect_view<std::int16_t>(grid.view(0, 1), {SystolicState::wait_weights, false, 0, 2, 0});
  grid.step();
  expect_view<std::int16_t>(grid.view(0, 1), {SystolicState::wait_weights, false, 0, 20, 0});
  expect_view<std::int16_t>(grid.view(1, 0), {SystolicState::wait_weights, false, 0, 1, 0});
  grid.step();
  expect_view<std::int16_t>(grid.view(0, 0), {SystolicState::product, true, 5, 10, 5 * 10});
  expect_view<std::int16_t>(grid.view(1, 0), {SystolicState::wait_activations, false, 0, 1, 0});
  grid.step();
  expect_view<std::int16_t>(grid.view(0, 0), {SystolicState::gated, true, 0, 10, 0});
  expect_view<std::int16_t>(grid.view(0, 1), {SystolicState::product, true, 5, 20, 5 * 20});
  expect_view<std::int16_t>(grid.view(1, 0), {SystolicState::product, true, 6, 1, 5 * 10 + 6 * 1});
  grid.step();
  EXPECT_EQ(grid.view(0, 0).state, SystolicState::drain);
  EXPECT_EQ(grid.view(0, 2).state, SystolicState::idle);
}

// 2 x 2 grid, 2 pixels x 1 filter over 2 reduction steps: PE (1, 0) runs a cycle behind PE (0, 0).
TEST(OutputStationaryClocked, ShowsAPesRegisters) {
  Work<std::int16_t> work{.grid = {2, 2}, .pixels = 2, .reduction = 2, .filters = 1};
  work.activations = {5, 0, 6, 7};
  work.weights = {10, 3};
  OutputStationaryClocked<std::int16_t> grid(work.grid, work.fold(), true);
  grid.step();
  expect_view<std::int16_t>(grid.view(0, 0), {SystolicState::product, true, 5, 10, 5 * 10});
  expect_view<std::int16_t>(grid.view(1, 0), {SystolicState::wait_activations, false, 0, 0, 0});
  grid.step();
  expect_view<std::int16_t>(grid.view(0, 0), {SystolicState::gated, true, 0, 3, 5 * 10});
  expect_view<std::int16_t>(grid.view(1, 0), {SystolicState::product, true, 6, 10, 6 * 10});
  grid.step();
  EXPECT_EQ(grid.view(0, 0).state, SystolicState::drain);
  expect_view<std::int16_t>(grid.view(1, 0), {SystolicState::product, true, 7, 3, 6 * 10 + 7 * 3});
  EXPECT_EQ(grid.view(0, 1).state, SystolicState::idle);
}

TEST(WeightStationaryClocked, RefusesAFoldThatDoesNotFit) {
  using Grid = WeightStationaryClocked<std::int16_t>;
  const std::vector<std::int16_t> words(6, 1);
  const std::span<const std::int16_t> two = std::span(words).first(2), three = std::span(words).first(3),
                                      four = std::span(words).first(4);
  EXPECT_NO_THROW(Grid({2, 2}, {1, 2, 2, two, four}, true));
  EXPECT_THROW(Grid({2, 2}, {1, 3, 2, three, words}, true), Error);
  EXPECT_THROW(Grid({2, 2}, {1, 2, 3, two, words}, true), Error);
  EXPECT_THROW(Grid({2, 2}, {1, 2, 2, three, four}, true), Error);
  EXPECT_THROW(Grid({2, 2}, {1, 2, 2, two, words}, true), Error);
}

TEST(OutputStationaryClocked, RefusesAFoldThatDoesNotFit) {
  using Grid = OutputStationaryClocked<std::int16_t>;
  const std::vector<std::int16_t> words(6, 1);
  const std::span<const std::int16_t> two = std::span(words).first(2), three = std::span(words).first(3);
  EXPECT_NO_THROW(Grid({2, 2}, {2, 1, 2, two, two}, true));
  EXPECT_THROW(Grid({2, 2}, {3, 1, 2, three, two}, true), Error);
  EXPECT_THROW(Grid({2, 2}, {2, 1, 3, two, three}, true), Error);
  EXPECT_THROW(Grid({2, 2}, {2, 1, 2, three, two}, true), Error);
  EXPECT_THROW(Grid({2, 2}, {2, 1, 2, two, three}, true), Error);
}

}  // namespace
}  // namespace basil
