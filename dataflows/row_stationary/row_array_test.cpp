#include "dataflows/row_stationary/row_array.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "dataflows/row_stationary/row_flow.h"

namespace basil {
namespace {

template <class Word>
struct Work {
  RowArrayWiring wiring;
  RowBlockShape shape;
  std::vector<Word> weights, ifmap;
  std::vector<SumOf<Word>> psums;

  [[nodiscard]] RowBlock<Word> block() const { return {shape, weights, ifmap, psums}; }
};

// Small whole numbers: fp32 sums of them are exact in any order.
template <class Word>
std::vector<Word> random_words(std::int64_t count, int zero_percent) {
  // A short random period keeps the drawing cheap; it is coprime to most strides of the operands.
  std::vector<Word> period(101);
  for (Word& word : period) {
    const bool zero = *anywhere_in(0, 100) < zero_percent;
    word = zero ? Word{} : static_cast<Word>(*rc::gen::distinctFrom(anywhere_in(-128, 128), 0));
  }
  std::vector<Word> words(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = period[i % period.size()];
  return words;
}

RowBlockShape random_shape() {
  RowBlockShape shape;
  shape.n = *anywhere_in(1, 3);
  shape.filters = *anywhere_in(1, 7);
  shape.channels = *anywhere_in(1, 6);
  shape.taps_y = *anywhere_in(1, 4);
  shape.taps_x = *anywhere_in(1, 5);
  shape.rows = *anywhere_in(1, 5);
  shape.windows = *anywhere_in(1, 7);
  shape.stride_y = *anywhere_in(1, 4);
  shape.stride_x = *anywhere_in(1, 6);
  shape.dilation_y = *anywhere_in(1, 3);
  shape.dilation_x = *anywhere_in(1, 4);
  shape.p = *anywhere_in(1, shape.filters + 1);
  shape.q = *anywhere_in(1, shape.channels + 1);
  shape.psums_in = *rc::gen::arbitrary<bool>();
  return shape;
}

RowShape full_share(const RowBlockShape& shape) {
  return {.n = shape.n,
          .p = shape.p,
          .q = shape.q,
          .taps = shape.taps_x,
          .stride = shape.stride_x,
          .dilation = shape.dilation_x,
          .windows = shape.windows,
          .psums_in = false};
}

RowArrayWiring random_wiring(const RowBlockShape& shape) {
  const RowShape share = full_share(shape);
  const int slack = *rc::gen::element(0, 0, 2, 40);
  RowArrayWiring wiring;
  wiring.pe.filter_spad = static_cast<int>(share.filter_words()) + slack;
  wiring.pe.ifmap_spad = ifmap_spad_needed(share) + slack;
  wiring.pe.psum_spad = shape.p;
  wiring.pe.filter_words_per_beat = *anywhere_in(1, 6);
  wiring.pe.pipeline = *anywhere_in(1, 5);
  wiring.pe.zero_gating = *rc::gen::arbitrary<bool>();
  wiring.ifmap_words_per_cycle = *anywhere_in(1, 4);
  wiring.ifmap_fifo = *anywhere_in(1, 6);
  wiring.psum_fifo = *anywhere_in(1, 6);
  wiring.psum_words_per_beat = *anywhere_in(1, 6);
  return wiring;
}

template <class Word>
Work<Word> random_work() {
  Work<Word> work;
  work.shape = random_shape();
  work.wiring = random_wiring(work.shape);
  const RowBlockShape& shape = work.shape;
  work.weights = random_words<Word>(
      std::int64_t{shape.filters} * shape.taps_y * shape.taps_x * shape.channels, *rc::gen::element(0, 50));
  work.ifmap =
      random_words<Word>(std::int64_t{shape.n} * shape.ifmap_rows() * shape.ifmap_columns() * shape.channels,
                         *rc::gen::element(0, 30, 70, 100));
  if (shape.psums_in) {
    work.psums.resize(static_cast<std::size_t>(shape.n * shape.rows * shape.windows * shape.filters));
    for (std::size_t i = 0; i < work.psums.size(); ++i)
      work.psums[i] = static_cast<SumOf<Word>>(1000 * i) - 9000;
  }
  return work;
}

// The convolution by its definition, order n, row, window, filter.
template <class Word>
std::vector<SumOf<Word>> naive(const Work<Word>& work) {
  const RowBlockShape& s = work.shape;
  std::vector<SumOf<Word>> sums = work.psums;
  sums.resize(static_cast<std::size_t>(s.n * s.rows * s.windows * s.filters));
  std::size_t at = 0;
  for (int n = 0; n < s.n; ++n) {
    for (int row = 0; row < s.rows; ++row) {
      for (int window = 0; window < s.windows; ++window) {
        for (int filter = 0; filter < s.filters; ++filter, ++at) {
          for (int y = 0; y < s.taps_y; ++y) {
            for (int x = 0; x < s.taps_x; ++x) {
              const int h = row * s.stride_y + y * s.dilation_y, w = window * s.stride_x + x * s.dilation_x;
              const int pixel = ((n * s.ifmap_rows() + h) * s.ifmap_columns() + w) * s.channels;
              const int tap = ((filter * s.taps_y + y) * s.taps_x + x) * s.channels;
              for (int c = 0; c < s.channels; ++c) {
                sums[at] += multiply(work.ifmap[static_cast<std::size_t>(pixel + c)],
                                     work.weights[static_cast<std::size_t>(tap + c)]);
              }
            }
          }
        }
      }
    }
  }
  return sums;
}

template <class Word>
void expect_account_closes(const Work<Word>& work, const RowArrayClocked<Word>& array) {
  const CycleAccount& bins = array.bins();
  RC_ASSERT(bins.total() == array.pes() * array.cycles().value);
  const RowBlockShape& s = work.shape;
  const std::int64_t sums = std::int64_t{s.n} * s.rows * s.windows * s.filters;
  const std::int64_t macs = sums * s.taps_y * s.taps_x * s.channels;
  RC_ASSERT(bins[Bin::compute] + bins[Bin::gated] == macs);
  RC_ASSERT(bins[Bin::wait_psums] >= array.events().psum_adds);
  RC_ASSERT(array.events().psum_adds == sums * (s.chain() - (s.psums_in ? 0 : 1)));
  RC_ASSERT(array.link_words() == sums * (s.chain() - 1));
  RC_ASSERT(bins[Bin::gated] == array.events().gated);
}

template <class Word>
void expect_buses_carry_what_pes_take(const Work<Word>& work, const RowArrayClocked<Word>& array) {
  const RowPeEvents events = array.events();
  const RowBlockShape& s = work.shape;
  const auto sums = static_cast<std::int64_t>(array.psums().size());
  RC_ASSERT(array.filter_bus().words == static_cast<std::int64_t>(work.weights.size()));
  RC_ASSERT(array.filter_bus().deliveries == events.filter_writes);
  RC_ASSERT(array.filter_bus().beats == array.filter_bus().until.value);  // never idle
  std::set<int> rows;
  for (int row = 0; row < s.rows; ++row) {
    for (int tap = 0; tap < s.taps_y; ++tap) rows.insert(row * s.stride_y + tap * s.dilation_y);
  }
  const auto columns = static_cast<std::int64_t>(touched_columns(full_share(s)).size());
  RC_ASSERT(array.ifmap_bus().words == s.n * columns * s.channels * static_cast<std::int64_t>(rows.size()));
  RC_ASSERT(array.ifmap_bus().deliveries == events.ifmap_writes);
  RC_ASSERT(array.ifmap_bus().from == array.filter_bus().until);
  RC_ASSERT(array.psum_in_bus().words == (s.psums_in ? sums : 0));
  RC_ASSERT(array.psum_out_bus().words == sums);
  RC_ASSERT(array.psum_out_bus().until == array.cycles());
}

template <class Word>
void expect_no_pe_beats_its_ready_operands(const Work<Word>& work, const RowArrayClocked<Word>& array) {
  for (int number = 0; number < array.pes(); ++number) {
    const RowPeClocked<Word>& pe = array.pe(number);
    RC_ASSERT(array.cycles() >= time_row(work.wiring.pe, pe.shape()).cycles);
    RC_ASSERT(pe.done());
  }
}

template <class Word>
void expect_pass_is_right() {
  const auto work = random_work<Word>();
  RowArrayClocked<Word> array(work.wiring, work.block());
  while (!array.done() && array.cycles() < Cycles(1'000'000)) array.step();
  RC_ASSERT(array.done());
  RC_ASSERT(array.psums() == naive(work));
  expect_account_closes(work, array);
  expect_buses_carry_what_pes_take(work, array);
  expect_no_pe_beats_its_ready_operands(work, array);
}

TEST(RowArrayClocked, ConvolvesAndAccountsForEveryPeCycle) {
  check_property(3000, expect_pass_is_right<std::int16_t>);
}

TEST(RowArrayClocked, ConvolvesFp32) { check_property(3000, expect_pass_is_right<float>); }

// The fast form's own words for the same pass.
RowFlowShape flow_shape(const RowBlockShape& block) {
  RowFlowShape shape{.n = block.n,
                     .rows = block.rows,
                     .windows = block.windows,
                     .taps_y = block.taps_y,
                     .taps_x = block.taps_x,
                     .stride_y = block.stride_y,
                     .stride_x = block.stride_x,
                     .dilation_y = block.dilation_y,
                     .dilation_x = block.dilation_x,
                     .slots = {},
                     .channels = {},
                     .psums_in = block.psums_in};
  for (int set = 0; set < block.filter_sets(); ++set) {
    const auto slots = block.slots_of(set);
    shape.slots.emplace_back(slots.begin(), slots.end());
    if (slots.empty()) shape.slots.back().assign(static_cast<std::size_t>(block.filters_in(set)), 1);
  }
  for (int set = 0; set < block.channel_sets(); ++set) shape.channels.push_back(block.channels_in(set));
  return shape;
}

RowArray row_array(const RowArrayWiring& wiring) {
  RowArray array;
  array.pe = wiring.pe;
  array.ifmap_words_per_cycle = wiring.ifmap_words_per_cycle;
  array.psum_words_per_beat = wiring.psum_words_per_beat;
  array.ifmap_fifo = wiring.ifmap_fifo;
  array.psum_fifo = wiring.psum_fifo;
  return array;
}

void expect_beats(const RowBeats& fast, const BusUse& clocked) {
  RC_ASSERT(fast.beats == clocked.beats);
  RC_ASSERT(fast.words == clocked.words);
}

// Weights of several slots each, on spads that hold them.
Work<std::int16_t> random_work_of_slots() {
  auto work = random_work<std::int16_t>();
  if (*rc::gen::arbitrary<bool>()) return work;
  RowBlockShape& shape = work.shape;
  shape.slots =
      *rc::gen::container<std::vector<int>>(static_cast<std::size_t>(shape.filters), anywhere_in(1, 4));
  work.wiring.pe.filter_spad *= 3;
  work.weights.assign(static_cast<std::size_t>(shape.slots_before(shape.filters) * shape.taps_y *
                                               shape.taps_x * shape.channels),
                      1);
  return work;
}

// Cycles, every bin and every bus of the fast form are the clocked array's.
TEST(RowArrayClocked, TakesTheCyclesThatTheFlowOfItsWordsSays) {
  check_property(3000, [] {
    auto work = random_work_of_slots();
    work.wiring.double_ifmap = *rc::gen::arbitrary<bool>();
    RowArrayClocked<std::int16_t> array(work.wiring, work.block());
    RowFlowShape shape = flow_shape(work.shape);
    shape.ahead = {*rc::gen::element(0, 0, 3, 20), work.wiring.double_ifmap ? *anywhere_in(0, 30) : 0,
                   work.wiring.double_ifmap};
    array.filters_ahead(shape.ahead.filter_beats);
    array.ifmap_ahead(shape.ahead.ifmap_cycles);
    std::int64_t slots_over = 0;
    for (; !array.slots_over(); ++slots_over) array.step();
    while (!array.done()) array.step();
    const RowFlow flow = flow_of(shape, row_array(work.wiring));
    const CycleAccount& bins = array.bins();
    RC_ASSERT(flow.cycles == array.cycles());
    RC_ASSERT(flow.slots_over == Cycles(slots_over));
    RC_ASSERT(flow.products == bins[Bin::compute] + bins[Bin::gated]);
    RC_ASSERT(flow.wait_weights == bins[Bin::wait_weights]);
    RC_ASSERT(flow.wait_activations == bins[Bin::wait_activations]);
    RC_ASSERT(flow.wait_psums == bins[Bin::wait_psums]);
    RC_ASSERT(flow.noc == bins[Bin::noc]);
    RC_ASSERT(flow.drain == bins[Bin::drain]);
    RC_ASSERT(flow.imbalance == bins[Bin::imbalance]);
    expect_beats(flow.ifmap_bus, array.ifmap_bus());
    expect_beats(flow.psum_in_bus, array.psum_in_bus());
    expect_beats(flow.psum_out_bus, array.psum_out_bus());
    RC_ASSERT(Cycles(flow.psum_out_bus.from) == array.psum_out_bus().from);
    RC_ASSERT(Cycles(flow.psum_out_bus.until) == array.psum_out_bus().until);
    RC_ASSERT(flow.filter_bus.beats == array.filter_bus().beats);
    RC_ASSERT(flow.filter_bus.words == array.filter_bus().words);
    RC_ASSERT(ifmap_words(shape) == array.ifmap_bus().words);
  });
}

// A buffer that is late at random: nothing moves that was not offered, the sums stay right, and no cycle is
// won.
TEST(RowArrayClocked, WaitsForWordsThatAreLate) {
  check_property(2000, [] {
    const auto work = random_work<std::int16_t>();
    RowArrayClocked<std::int16_t> array(work.wiring, work.block()), ready(work.wiring, work.block());
    const ArrayWords all = array.all_words();
    const int late = *rc::gen::element(2, 3, 7);
    ArrayWords total;
    for (int cycle = 0; !array.done() && cycle < 1'000'000; ++cycle) {
      const auto offer = [&](int phase) { return (cycle * 5 + phase) % late == 0 ? std::int64_t{6} : 0; };
      const ArrayWords offered{offer(0), offer(1), offer(2), offer(3)};
      array.step(offered);
      const ArrayWords& moved = array.moved();
      RC_ASSERT(moved.filter_beats <= offered.filter_beats && moved.ifmap <= offered.ifmap);
      RC_ASSERT(moved.psums_in <= offered.psums_in && moved.psums_out <= offered.psums_out);
      total.filter_beats += moved.filter_beats;
      total.ifmap += moved.ifmap;
      total.psums_in += moved.psums_in;
      total.psums_out += moved.psums_out;
    }
    RC_ASSERT(array.done());
    RC_ASSERT(total == all);
    RC_ASSERT(array.psums() == naive(work));
    while (!ready.done()) ready.step();
    RC_ASSERT(array.cycles() >= ready.cycles());
    RC_ASSERT(array.bins().total() == array.pes() * array.cycles().value);
  });
}

TEST(RowArrayClocked, NumbersItsPesByPlace) {
  check_property(1000, [] {
    const RowBlockShape shape = random_shape();
    for (int number = 0; number < shape.pes(); ++number) {
      const RowPePlace place = pe_place(shape, number);
      RC_ASSERT(pe_number(shape, place) == number);
      RC_ASSERT(place.filter_set < shape.filter_sets() && place.channel_set < shape.channel_sets());
      RC_ASSERT(place.tap_y < shape.taps_y && place.row < shape.rows);
    }
  });
}

// One PE, one filter of 3 taps over 2 windows, the ifmap bus a word a cycle.
TEST(RowArrayClocked, ExplainsTheCyclesOfOnePe) {
  Work<std::int16_t> work;
  work.shape = {.taps_x = 3, .windows = 2};
  work.weights = {1, 10, 100};
  work.ifmap = {1, 2, 3, 4};
  RowArrayClocked<std::int16_t> array(work.wiring, work.block());
  while (!array.done()) array.step();
  const int filter_beat = 1;         // 3 words, 4 to a beat
  const int bus = 1, into_spad = 1;  // the first word: at the door, then in the spad
  const int products = 2 * 3;        // words then come as fast as they are used
  const int pipe = 3 - 1, out = 1;
  EXPECT_EQ(array.cycles().value, filter_beat + bus + into_spad + products + pipe + out);
  EXPECT_EQ(array.psums(), (std::vector<std::int64_t>{321, 432}));
  EXPECT_EQ(array.bins()[Bin::wait_weights], filter_beat);
  EXPECT_EQ(array.bins()[Bin::wait_activations], bus + into_spad);
  EXPECT_EQ(array.bins()[Bin::compute], products);
  EXPECT_EQ(array.bins()[Bin::drain], pipe + out);
}

// Many PEs that finish a sum every slot, and a psum-out bus of one word a cycle: the bus is the bottleneck.
TEST(RowArrayClocked, CallsAFullPsumPathTheNetworksFault) {
  Work<std::int16_t> work;
  work.wiring.psum_words_per_beat = 1;
  work.shape = {.filters = 8, .rows = 4, .windows = 8, .p = 8};
  work.weights.assign(8, 3);
  work.ifmap.assign(4 * 8, 2);
  RowArrayClocked<std::int16_t> array(work.wiring, work.block());
  while (!array.done()) array.step();
  const std::int64_t sums = 8 * 4 * 8;
  EXPECT_GE(array.cycles().value, sums);
  EXPECT_GT(array.bins()[Bin::noc], array.bins()[Bin::compute]);
  EXPECT_EQ(array.psums(), std::vector<std::int64_t>(sums, 6));
}

TEST(RowArrayClocked, ShowsAPesRegisters) {
  Work<std::int16_t> work;
  work.shape = {.taps_x = 3, .windows = 2};
  work.weights = {1, 10, 100};
  work.ifmap = {1, 2, 3, 4};
  RowArrayClocked<std::int16_t> array(work.wiring, work.block());
  array.step();  // filter beat
  EXPECT_EQ(array.view(0).filter_spad_words, 3);
  EXPECT_EQ(array.view(0).state, RowPeState::wait_weights);
  array.step();  // first ifmap word on the bus
  EXPECT_EQ(array.view(0).ifmap_fifo, 1);
  array.step();  // into the spad, the second behind it
  EXPECT_EQ(array.view(0).ifmap_spad_words, 1);
  EXPECT_EQ(array.view(0).ifmap_fifo, 1);
  array.step();  // first slot
  EXPECT_EQ(array.view(0).state, RowPeState::product);
  EXPECT_EQ(array.view(0).ifmap_word, 1);
  EXPECT_EQ(array.view(0).multiplier, 1);
  EXPECT_EQ(array.view(0).slot.tap, 1);
}

TEST(RowArrayClocked, RefusesBlocksAndWiringThatCannotBe) {
  Work<std::int16_t> work;
  work.shape = {.taps_x = 3, .windows = 2};
  work.weights = {1, 10, 100};
  work.ifmap = {1, 2, 3};
  using Array = RowArrayClocked<std::int16_t>;
  EXPECT_THROW(Array(work.wiring, work.block()), Error);
  work.ifmap.push_back(4);
  EXPECT_NO_THROW(Array(work.wiring, work.block()));
  work.wiring.psum_fifo = 0;
  EXPECT_THROW(Array(work.wiring, work.block()), Error);
}

}  // namespace
}  // namespace basil
