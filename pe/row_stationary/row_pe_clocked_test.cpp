#include "pe/row_stationary/row_pe_clocked.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "pe/row_stationary/row_pe_work.h"

namespace basil {
namespace {

template <class Word>
void delay_words(RowPeWork<Word>& work) {
  const int longest_gap = *rc::gen::element(1, 2, 4, 20);
  std::int64_t cycle = *anywhere_in(0, 30);
  for (std::size_t i = 0; i < work.ifmap.size(); ++i) {
    cycle += *anywhere_in(0, longest_gap + 1);
    work.arrival.push_back(cycle);
  }
}

// A harness that does not do its part in so many percent of the cycles, port by port.
struct Stalls {
  int percent = 0, seed = 0;
  int psum_out_fifo = 0;  // places; 0: enough for a taker of a sum a cycle
};

// The PE in a harness that has every operand ready, but for ifmap words before their arrival and for stalls.
template <class Word>
class Bench {
 public:
  using Sum = SumOf<Word>;

  explicit Bench(const RowPeWork<Word>& work, const Stalls& stalls = {})
      : work_(work),
        stalls_(stalls),
        dice_(static_cast<unsigned>(stalls.seed)),
        psum_out_(stalls.psum_out_fifo > 0 ? stalls.psum_out_fifo : work.pe.pipeline + 1),
        pe_(work.pe, work.shape, {&ifmap_, work.shape.psums_in ? &psum_in_ : nullptr, &psum_out_},
            work.slots) {
    offer_operands();
    commit();
    cycle_ = 0;
  }

  // Runs to the end, where there is one. `skipping`: quiet cycles are skipped instead of stepped.
  void run(bool skipping = false) {
    while (!pe_.done() && cycle_ < 1'000'000) {
      const std::int64_t quiet = skipping ? quiet_cycles() : 0;
      if (quiet > 0) {
        pe_.skip(quiet);
        cycle_ += quiet;
        skipped_ += quiet;
        continue;
      }
      offer_filter_beat();
      offer_operands();
      take_sums();
      pe_.step();
      pe_.commit();
      commit();
    }
    while (psum_out_.size() > 0) {
      take_sums();
      psum_out_.commit();
    }
  }

  [[nodiscard]] const RowPeClocked<Word>& pe() const { return pe_; }
  [[nodiscard]] std::int64_t cycles() const { return cycle_; }
  [[nodiscard]] std::int64_t skipped() const { return skipped_; }
  [[nodiscard]] const std::vector<Sum>& sums() const { return sums_; }
  // The cycle in which each sum was taken.
  [[nodiscard]] const std::vector<std::int64_t>& departures() const { return departures_; }

 private:
  [[nodiscard]] bool stalled() { return static_cast<int>(dice_() % 100) < stalls_.percent; }

  // A word at the door in cycle k is pushed in cycle k - 1.
  [[nodiscard]] bool word_due() const {
    return ifmap_sent_ < work_.ifmap.size() &&
           (work_.arrival.empty() || work_.arrival[ifmap_sent_] <= cycle_ + 1);
  }

  // Cycles in which neither the PE nor the harness does anything.
  [[nodiscard]] std::int64_t quiet_cycles() const {
    const bool harness_moves =
        filters_sent_ < work_.filters.size() || psum_out_.size() > 0 || (word_due() && ifmap_.room() > 0) ||
        (work_.shape.psums_in && psums_sent_ < work_.psums.size() && psum_in_.room() > 0);
    if (harness_moves || pe_.quiet_for() == 0) return 0;
    if (ifmap_sent_ == work_.ifmap.size() || work_.arrival.empty()) return 1;
    return std::clamp<std::int64_t>(work_.arrival[ifmap_sent_] - 1 - cycle_, 1, pe_.quiet_for());
  }

  void offer_filter_beat() {
    if (stalled()) return;
    const std::size_t words = std::min(static_cast<std::size_t>(work_.pe.filter_words_per_beat),
                                       work_.filters.size() - filters_sent_);
    pe_.filter_beat(std::span(work_.filters).subspan(filters_sent_, words));
    filters_sent_ += words;
  }

  void offer_operands() {
    if (word_due() && ifmap_.room() > 0 && !stalled()) ifmap_.push(work_.ifmap[ifmap_sent_++]);
    if (stalled()) return;
    while (work_.shape.psums_in && psums_sent_ < work_.psums.size() && psum_in_.room() > 0) {
      psum_in_.push(work_.psums[psums_sent_++]);
    }
  }

  void take_sums() {
    if (stalled()) return;
    while (!psum_out_.empty()) {
      sums_.push_back(psum_out_.front());
      departures_.push_back(cycle_);
      psum_out_.pop();
    }
  }

  void commit() {
    ifmap_.commit();
    psum_in_.commit();
    psum_out_.commit();
    ++cycle_;
  }

  const RowPeWork<Word>& work_;
  Stalls stalls_;
  std::minstd_rand dice_;
  Fifo<Word> ifmap_{4};
  Fifo<Sum> psum_in_{4};
  Fifo<Sum> psum_out_;
  RowPeClocked<Word> pe_;
  std::size_t filters_sent_ = 0, ifmap_sent_ = 0, psums_sent_ = 0;
  std::int64_t cycle_ = -1, skipped_ = 0;
  std::vector<Sum> sums_;
  std::vector<std::int64_t> departures_;
};

// Sums that leave in a gated slot: the last word of their window is a zero.
template <class Word>
std::int64_t sums_leaving_gated(const RowPeWork<Word>& work) {
  const RowShape& shape = work.shape;
  if (shape.psums_in || !work.pe.zero_gating) return 0;
  const std::vector<int> columns = touched_columns(shape);
  std::int64_t sums = 0;
  for (int n = 0; n < shape.n; ++n) {
    for (int window = 0; window < shape.windows; ++window) {
      const auto last = std::find(columns.begin(), columns.end(),
                                  window * shape.stride + (shape.taps - 1) * shape.dilation);
      const std::int64_t columns_up_to =
          n * static_cast<std::int64_t>(columns.size()) + (last - columns.begin()) + 1;
      if (work.ifmap[static_cast<std::size_t>(columns_up_to * shape.q - 1)] == Word{}) sums += shape.p;
    }
  }
  return sums;
}

template <class Word>
void expect_events(const RowPeWork<Word>& work, const RowPeEvents& events) {
  const RowShape& shape = work.shape;
  RC_ASSERT(events.products + events.gated == shape.macs());
  RC_ASSERT(events.filter_writes == shape.filter_words());
  RC_ASSERT(events.filter_reads == events.products);
  RC_ASSERT(events.ifmap_writes == static_cast<std::int64_t>(work.ifmap.size()));
  RC_ASSERT(events.ifmap_reads * shape.word_slots() == shape.macs());
  RC_ASSERT(events.psum_writes == events.products);
  const auto leaving = static_cast<std::int64_t>(work.psums.size());
  RC_ASSERT(events.psum_adds == (shape.psums_in ? leaving : 0));
  RC_ASSERT(events.psum_reads == events.products + events.psum_adds + sums_leaving_gated(work));
  const bool all_zero =
      std::all_of(work.ifmap.begin(), work.ifmap.end(), [](Word word) { return word == 0; });
  const bool any_zero =
      std::any_of(work.ifmap.begin(), work.ifmap.end(), [](Word word) { return word == 0; });
  if (all_zero && work.pe.zero_gating) RC_ASSERT(events.products == 0);
  if (!any_zero || !work.pe.zero_gating) RC_ASSERT(events.gated == 0);
}

template <class Word>
void expect_twins_agree(const RowPeWork<Word>& work) {
  Bench<Word> bench(work);
  bench.run();
  const RowTiming timing = time_row(work.pe, work.shape, work.arrival);
  const RowPeClocked<Word>& pe = bench.pe();
  RC_ASSERT(bench.cycles() == timing.cycles.value);
  RC_ASSERT(pe.cycles_in(RowPeState::wait_weights).value == timing.wait_weights.value);
  RC_ASSERT(pe.cycles_in(RowPeState::wait_activations).value == timing.wait_activations.value);
  RC_ASSERT((pe.cycles_in(RowPeState::product) + pe.cycles_in(RowPeState::gated)).value ==
            timing.products.value);
  RC_ASSERT(pe.cycles_in(RowPeState::psum_slot).value == timing.psum_slots.value);
  RC_ASSERT(pe.cycles_in(RowPeState::tail).value == timing.tail.value);
  RC_ASSERT(pe.cycles_in(RowPeState::wait_psums).value == 0);
  RC_ASSERT(pe.cycles_in(RowPeState::wait_output).value == 0);
  RC_ASSERT(bench.sums() == naive_row(work));
  expect_events(work, pe.events());
}

TEST(RowPeClocked, AgreesWithTheFastTwinWhenEveryOperandIsReady) {
  check_property(4000, [] { expect_twins_agree(random_row_pe_work<std::int16_t>()); });
}

TEST(RowPeClocked, AgreesWithTheFastTwinWhenIfmapWordsComeLate) {
  check_property(4000, [] {
    auto work = random_row_pe_work<std::int16_t>();
    delay_words(work);
    expect_twins_agree(work);
  });
}

TEST(RowPeClocked, AgreesWithTheFastTwinOnFp32) {
  // Small whole numbers, so that fp32 sums are exact in any order.
  check_property(4000, [] { expect_twins_agree(random_row_pe_work<float>()); });
}

TEST(RowPeClocked, SkippingQuietCyclesEqualsSteppingThem) {
  check_property(4000, [] {
    auto work = random_row_pe_work<std::int16_t>();
    delay_words(work);
    Bench<std::int16_t> stepped(work), skipped(work);
    stepped.run();
    skipped.run(true);
    RC_CLASSIFY(skipped.skipped() > 0);
    RC_ASSERT(skipped.cycles() == stepped.cycles());
    RC_ASSERT(skipped.sums() == stepped.sums());
    RC_ASSERT(skipped.departures() == stepped.departures());
    RC_ASSERT(skipped.pe().events() == stepped.pe().events());
    for (int state = 0; state < row_pe_states; ++state) {
      RC_ASSERT(skipped.pe().cycles_in(RowPeState{state}).value ==
                stepped.pe().cycles_in(RowPeState{state}).value);
    }
  });
}

// Filter beats, ifmap words, psums and the taker of the sums all late at random, and an output FIFO of any
// depth: later, but the same slots, sums and events.
template <class Word>
void expect_right_under_stalls() {
  const auto work = random_row_pe_work<Word>();
  const Stalls stalls{.percent = *rc::gen::element(5, 50, 90),
                      .seed = *anywhere_in(1, 1'000'000),
                      .psum_out_fifo = *anywhere_in(1, 7)};
  Bench<Word> bench(work, stalls);
  bench.run();
  const RowPeClocked<Word>& pe = bench.pe();
  const RowTiming timing = time_row(work.pe, work.shape);
  RC_ASSERT(pe.done());
  RC_ASSERT(bench.sums() == naive_row(work));
  RC_ASSERT(bench.cycles() >= timing.cycles.value);
  RC_ASSERT((pe.cycles_in(RowPeState::product) + pe.cycles_in(RowPeState::gated)).value ==
            timing.products.value);
  RC_ASSERT(pe.cycles_in(RowPeState::psum_slot).value == timing.psum_slots.value);
  Cycles all;
  for (int state = 0; state < row_pe_states; ++state) all += pe.cycles_in(RowPeState{state});
  RC_ASSERT(all.value == bench.cycles());
  RC_CLASSIFY(pe.cycles_in(RowPeState::wait_output).value > 0);
  expect_events(work, pe.events());
}

TEST(RowPeClocked, ComputesTheSameUnderRandomStallsOnEveryPort) {
  check_property(2000, expect_right_under_stalls<std::int16_t>);
}

TEST(RowPeClocked, ComputesTheSameUnderRandomStallsOnFp32) {
  check_property(1000, expect_right_under_stalls<float>);
}

// 3 taps x 1 channel x 2 filters over 4 windows: the 6 filter words come in 2 beats, a window has 3 * 2
// products and 2 psum slots, and the last sum leaves the pipe 2 cycles after its slot.
TEST(RowPeClocked, ExplainsItsCycles) {
  RowPeWork<std::int16_t> work;
  work.shape = {.n = 1, .p = 2, .q = 1, .taps = 3, .windows = 4, .psums_in = true};
  work.filters = {1, 2, 3, 4, 5, 6};
  work.ifmap = {1, 0, 2, 3, 0, 1};
  work.psums.assign(8, 100);
  Bench<std::int16_t> bench(work);
  bench.run();
  const int filter_beats = 2, window = 3 * 2 + 2, pipe = 3 - 1;
  EXPECT_EQ(bench.cycles(), filter_beats + 4 * window + pipe);
  EXPECT_EQ(bench.sums(), naive_row(work));
  const int zero_words_read = 1 + 1 + 1 + 1;  // of the windows 1 0 2, 0 2 3, 2 3 0, 3 0 1
  EXPECT_EQ(bench.pe().events().gated, zero_words_read * 2);
}

TEST(RowPeClocked, WaitsForPsumsAndForRoomAtItsOutput) {
  const RowShape shape{.n = 1, .p = 1, .q = 1, .taps = 1, .windows = 3, .psums_in = true};
  Fifo<std::int16_t> ifmap(4);
  Fifo<std::int64_t> psum_in(4), psum_out(1);
  RowPeClocked<std::int16_t> pe(RowPe{}, shape, {&ifmap, &psum_in, &psum_out});
  const std::vector<std::int16_t> filter{7};
  for (std::int16_t word = 1; word <= 3; ++word) ifmap.push(word);
  pe.filter_beat(filter);
  const auto run = [&](int cycles) {
    for (int cycle = 0; cycle < cycles; ++cycle) {
      pe.step();
      pe.commit();
      ifmap.commit();
      psum_in.commit();
      psum_out.commit();
    }
  };
  run(20);
  EXPECT_EQ(pe.state(), RowPeState::wait_psums);
  for (int i = 0; i < 3; ++i) psum_in.push(10 * i);
  run(20);
  EXPECT_EQ(pe.state(), RowPeState::wait_output);  // one sum is out, the second has no place
  EXPECT_EQ(psum_out.size(), 1);
  EXPECT_EQ(psum_out.front(), 7 * 1 + 0);
  for (const std::int64_t expected : {7 * 1 + 0, 7 * 2 + 10, 7 * 3 + 20}) {
    ASSERT_EQ(psum_out.front(), expected);
    psum_out.pop();
    run(10);
  }
  EXPECT_TRUE(pe.done());
}

TEST(RowPeClocked, RefusesWorkThatDoesNotFitItsSpads) {
  const RowShape shape{.p = 2, .q = 3, .taps = 3};
  RowPe pe;
  pe.ifmap_spad = 8;
  Fifo<std::int16_t> ifmap(4);
  Fifo<std::int64_t> psum_out(4);
  const RowPeClocked<std::int16_t>::Ports ports{&ifmap, nullptr, &psum_out};
  EXPECT_THROW(RowPeClocked<std::int16_t>(pe, shape, ports), Error);
  pe.ifmap_spad = 9;
  EXPECT_NO_THROW(RowPeClocked<std::int16_t>(pe, shape, ports));
}

}  // namespace
}  // namespace basil
