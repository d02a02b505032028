// Prices of mappings: one layer by hand, repeats counted or walked alike, bounds below prices, and the law
// that more hardware never costs more.
#include "dataflows/row_stationary/row_price.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "dataflows/row_stationary/doubled_array.h"
#include "dataflows/row_stationary/layer_walk.h"
#include "dataflows/row_stationary/row_bound.h"
#include "dataflows/row_stationary/row_fit.h"
#include "dataflows/row_stationary/row_mapper.h"

namespace basil {
namespace {

// From a few pixels to maps of some hundred thousand products, kernels and strides of all kinds.
LayerShape draw_shape() {
  LayerShape s;
  s.N = in(1, 3);
  s.groups = *rc::gen::element(1, 1, 1, 2, 8);
  s.C = s.groups * in(1, 48);
  s.K = s.groups * in(1, 48);
  s.R = *rc::gen::element(1, 1, 3, 3, 5, 7);
  s.S = *rc::gen::element(1, 3, s.R);
  s.stride_y = in(1, 2);
  s.stride_x = in(1, 2);
  s.dilation_y = s.R > 1 ? *rc::gen::element(1, 1, 1, 2) : 1;
  s.pad_top = s.pad_bottom = in(0, s.R / 2 + 1);
  s.pad_left = s.pad_right = in(0, s.S / 2);
  s.H = std::max(1, (s.R - 1) * s.dilation_y + 1 - 2 * s.pad_top) + in(0, 40);
  s.W = std::max(1, s.S - 2 * s.pad_left) + in(0, 40);
  return s;
}

RowArray draw_array() {
  RowArray array;
  array.rows = in(1, 14);
  array.cols = in(1, 16);
  array.pe.filter_spad = *rc::gen::element(64, 224, 512);
  array.pe.ifmap_spad = *rc::gen::element(8, 12, 24);
  array.pe.psum_spad = *rc::gen::element(8, 24);
  array.pe.filter_words_per_beat = in(1, 8);
  array.fmap_buffer = Bytes(*rc::gen::element(32 << 10, 100 << 10, 400 << 10));
  array.filter_buffer = array.filter_ring = Bytes(*rc::gen::element(2 << 10, 8 << 10, 64 << 10));
  array.ifmap_words_per_cycle = in(1, 4);
  array.psum_words_per_beat = in(1, 8);
  DataPaths& paths = array.paths;
  for (StreamPath* path : {&paths.filters, &paths.ifmap, &paths.psums_in, &paths.psums_out})
    path->port_bits = *rc::gen::element(16, 64, 256);
  paths.filters.bus_bits = 16 * array.pe.filter_words_per_beat;
  paths.ifmap.bus_bits = 16 * array.ifmap_words_per_cycle;
  paths.psums_in.bus_bits = paths.psums_out.bus_bits = array.psum_bits * array.psum_words_per_beat;
  paths.psums_follow_ifmap = *rc::gen::arbitrary<bool>();
  paths.dram.link_khz = in(20'000, 800'000);
  array.overlap = {*rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>(), *rc::gen::arbitrary<bool>()};
  array.filters_doubled = *rc::gen::arbitrary<bool>();
  return array;
}

RowData draw_data(const LayerShape& shape) {
  RowData data;
  data.weight_coding = in(1, 8) / 8.0;
  data.ifmap_coding = in(1, 8) / 8.0;
  data.ifmap_zeros = in(0, 7) / 8.0;
  if (in(0, 3) == 0) {
    for (int k = 0; k < shape.K; ++k) data.slots.push_back(in(1, 2));
  }
  return data;
}

RowPrices draw_prices() {
  RowPrices prices;
  prices.product = in(1, 50);
  prices.gated = prices.product / 4;
  prices.waiting = 1;
  prices.psum_read = in(1, 9);
  prices.ifmap.access = in(1, 90);
  prices.psums_out.access = in(1, 90);
  prices.dram_read_byte = in(1, 900);
  prices.dram_write_byte = in(1, 900);
  prices.cycle = in(0, 2000);
  return prices;
}

// Any legal mapping, even pieces or not; nothing when the drawn letters do not fit.
std::optional<RowMapping> draw_mapping(const LayerShape& shape, const RowArray& array) {
  RowMapping map;
  map.taps_y = in(1, std::min(shape.R, array.rows));
  map.taps_x = in(1, shape.S);
  map.e = in(1, std::min(shape.P(), array.cols * (array.rows / map.taps_y)));
  map.p = in(1, std::min(shape.filters_per_group(), array.pe.psum_spad));
  map.q = in(1, std::min(shape.channels_per_group(), 4));
  const int sets = sets_held(array, map.taps_y, map.e);
  if (sets < 1) return std::nullopt;
  map.t = in(1, sets);
  map.r = in(1, sets / map.t);
  map.n = in(1, shape.N);
  map.m = map.p * map.t * in(1, 4);
  map.ifmap_words = in(0, array.ifmap_words_per_cycle);
  try {
    check_mapping(shape, array, map, "drawn");
  } catch (const Error&) { return std::nullopt; }
  return map;
}

void log(const LayerShape& s, const RowMapping& map) {
  RC_LOG() << fmt::format(
      "{} x {}x{}x{}, {} groups -> {}, {}x{}, stride {}x{}, padding {} {}, dilation {}: {}", s.N, s.C, s.H,
      s.W, s.groups, s.K, s.R, s.S, s.stride_y, s.stride_x, s.pad_top, s.pad_left, s.dilation_y,
      row_schedule(s, map)->describe());
}

// 2 filters of 1 x 1 over 1 channel of 1 x 4 pixels, one PE: a pass of
//   1 cycle of filter beats (2 words, 4 a beat)
// + 1 until the first ifmap word, which the bus brings in cycle 1 + 1, is written; it is read in the next
// + 4 windows x 2 slots, + 2 of the pipe's 3 stages, + 1 beat of the last psums.
TEST(RowPrice, OfOnePassIsTheSumOfItsCauses) {
  const LayerShape shape{.W = 4, .K = 2};
  RowArray array;
  array.rows = array.cols = 1;
  array.paths.dram = {.bits = 64, .link_khz = 100, .core_khz = 200, .latency = Cycles(10)};
  const RowMapping map{.m = 2, .p = 2};
  RowTimer timer(shape, array, {});
  const RowPass pass{.n = {0, 1},
                     .filters = {0, 2},
                     .channels = {0, 1},
                     .taps_y = {0, 1},
                     .taps_x = {0, 1},
                     .rows = {0, 1},
                     .p = 2};
  const Cycles of_pass = timer.time(pass).cycles;
  const RowCost cost = RowPricer(shape, {}, array, {}).price(map);
  // 2 filters of 2 bytes: a link clock, 2 cycles; 8 bytes of ifmap: as much, behind it on the link; the
  // ofmap's 16 bytes after the pass.
  const std::int64_t loads = 10 + 2 + 2, store = 10 + 2 * 2;
  EXPECT_EQ(cost.cycles, Cycles(loads + store) + of_pass);
  EXPECT_EQ(cost.dram, Bytes(4 + 8 + 16));
}

// Energy of the same pass, every event once in the sum.
TEST(RowPrice, OfEnergyIsUsesTimesPrices) {
  const LayerShape shape{.W = 4, .K = 2};
  RowArray array;
  array.rows = array.cols = 1;
  array.pe.zero_gating = true;
  array.paths.ifmap.bus_bits = 16;
  RowPrices prices;
  prices.product = 3;
  prices.filter_read = 5;
  prices.psum_read = 7;
  prices.psum_write = 11;
  prices.gated = 2;
  prices.ifmap_read = 13;
  prices.ifmap_write = 17;
  prices.filter_write = 19;
  prices.ifmap = {.access = 23, .beat = 29, .row_beat = 31};
  prices.psums_out = {.access = 37, .beat = 41, .row_beat = 43};
  prices.filters = {.access = 47, .beat = 53, .row_beat = 59};
  prices.fill_filters = 61;
  prices.fill_fmaps = 67;
  prices.drain_fmaps = 71;
  prices.dram_read_byte = 73;
  prices.dram_write_byte = 79;
  RowData data;
  data.ifmap_zeros = 0.25;
  const RowCost cost = RowPricer(shape, data, array, prices).price({.m = 2, .p = 2});
  const double products = 6 * (3 + 5 + 7 + 11) + 2 * 2;  // 8 slots, a quarter of them gated
  const double spads = 4 * 13 + 4 * 17 + 2 * 19;
  const double ifmap = 1 * 23 + 4 * (29 + 31);    // 64 bits: an access, 4 beats of 16 bits
  const double psums = 2 * 37 + 2 * (41 + 43);    // 8 psums of 16 bits over 64
  const double weights = 1 * 47 + 1 * (53 + 59);  // a beat of 4 words, 2 of them filled
  const double fills = 1 * 61 + 1 * 67 + 2 * 71;
  const double dram = (4 + 8) * 73 + 16 * 79;
  EXPECT_DOUBLE_EQ(cost.energy_pj, products + spads + ifmap + psums + weights + fills + dram);
}

// Slices of weights in a ring, oldest first; what is put drives out the oldest.
struct Ring {
  std::int64_t room = 0;
  std::vector<std::pair<std::array<Range, 4>, std::int64_t>> slices;

  bool lacks(const RowPass& pass, std::int64_t bytes) {
    const std::array<Range, 4> slice{pass.filters, pass.channels, pass.taps_y, pass.taps_x};
    for (const auto& [held, size] : slices) {
      if (held == slice) return false;
    }
    slices.emplace_back(slice, bytes);
    const auto held = [&] {
      std::int64_t sum = 0;
      for (const auto& [name, size] : slices) sum += size;
      return sum;
    };
    while (!slices.empty() && held() > room) slices.erase(slices.begin());
    return true;
  }
};

// The schedule's own steps, walked one by one.
RowCost walked(const LayerShape& shape, const RowData& data, const RowArray& array, const RowPrices& prices,
               const RowMapping& map) {
  RowFlows flows(array);
  PassCosts costs(shape, data, array, prices, flows, RowPace::followed);
  PassAsked asked;
  Cycles now, link_free, weights_ready, ifmap_ready, stores_done;
  RowCost cost;
  const auto move = [&](std::int64_t bytes, std::int64_t on_chip, const StreamPath& port, Cycles at) {
    if (bytes == 0) return at;
    link_free =
        std::max(link_free, at + array.paths.dram.latency) + array.paths.dram.transfer_time(Bytes(bytes));
    cost.dram += Bytes(bytes);
    return std::max(link_free, at + Cycles(ceil_div(on_chip * 8, port.port_bits)));
  };
  const auto coded = [](std::int64_t bytes, double coding) {
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(bytes) * coding));
  };
  const auto weights_of = [&](const Step& step) {
    const auto& pass = *step.pass.as<RowPass>();
    return coded(std::int64_t{array.word_bytes} * pass.filters.size() * pass.channels.size() *
                     pass.taps_y.size() * pass.taps_x.size(),
                 data.weight_coding);
  };
  const auto load_weights = [&](const Step& step) {
    return [&](Cycles after) {
      weights_ready = move(weights_of(step), weights_of(step), array.paths.filters, now + after);
    };
  };
  const auto load_ifmap = [&](const Step& step) {
    return [&](Cycles after) {
      const std::int64_t bytes = std::int64_t{array.word_bytes} * step.ifmap.n.size() *
                                 step.ifmap.channels.size() * step.ifmap.rows.size() * shape.W;
      ifmap_ready = move(coded(bytes, data.ifmap_coding), bytes, array.paths.ifmap, now + after);
    };
  };
  Ring ring{.room = array.filter_ring.value, .slices = {}};
  const auto schedule = row_schedule(shape, map);
  std::optional<Step> step = schedule->next();
  bool lacks = ring.lacks(*step->pass.as<RowPass>(), weights_of(*step));
  while (step) {
    const std::optional<Step> next = schedule->next();
    bring_operands(asked, {lacks, step->load_ifmap}, load_weights(*step), load_ifmap(*step));
    lacks = next && ring.lacks(*next->pass.as<RowPass>(), weights_of(*next));
    now = std::max(now, awaited_by_pass(array.overlap, weights_ready, ifmap_ready, stores_done));
    const PassCost& pass = costs.of(*step->pass.as<RowPass>());
    if (next) {
      asked = prefetch_operands(
          array.overlap, {lacks, next->load_ifmap, Bytes(weights_of(*next)) <= array.filter_buffer},
          array.filters_doubled ? Cycles(0) : pass.filter_load, load_weights(*next), load_ifmap(*next));
    }
    now += pass.cycles;
    if (step->store_ofmap) {
      const std::int64_t bytes = std::int64_t{array.word_bytes} * step->ofmap.n.size() *
                                 step->ofmap.channels.size() * step->ofmap.rows.size() * shape.Q();
      stores_done = move(bytes, bytes, array.paths.psums_out, now);
    }
    step = next;
  }
  cost.cycles = std::max(now, stores_done);
  return cost;
}

TEST(RowPrice, CountsRepeatsAsIfTheyWereWalked) {
  check_property(1000, [] {
    const LayerShape shape = draw_shape();
    const RowArray array = draw_array();
    const RowData data = draw_data(shape);
    const auto map = draw_mapping(shape, array);
    RC_PRE(map.has_value());
    RC_PRE(row_schedule(shape, *map)->size() < 20000);
    log(shape, *map);
    const RowCost priced = RowPricer(shape, data, array, {}).price(*map);
    const RowCost step_by_step = walked(shape, data, array, {}, *map);
    RC_ASSERT(priced.cycles.value == step_by_step.cycles.value);
    RC_ASSERT(priced.dram.value == step_by_step.dram.value);
  });
}

TEST(RowBound, IsBelowEveryPrice) {
  check_property(1000, [] {
    const LayerShape shape = draw_shape();
    const RowArray array = draw_array();
    const RowData data = draw_data(shape);
    const RowPrices prices = draw_prices();
    const auto map = draw_mapping(shape, array);
    RC_PRE(map.has_value());
    const RowBound bound(shape, data, array, prices);
    const RowCost priced = RowPricer(shape, data, array, prices).price(*map);
    const int sets = sets_held(array, map->taps_y, map->e);
    log(shape, *map);
    const RowBound::Sets held{map->t, map->r, map->r * map->t};
    for (const RowCost& least :
         {bound.of_strips(map->e, map->taps_y, sets), bound.of_interleaving(*map, held)}) {
      RC_ASSERT(least.cycles <= priced.cycles);
      RC_ASSERT(least.energy_pj <= priced.energy_pj * (1 + 1e-9));
    }
    const RowCost likely = bound.likely(*map), with_fills = bound.with_fills(*map, held);
    RC_LOG() << " with fills " << with_fills.cycles.value << ", likely " << likely.cycles.value;
    RC_ASSERT(with_fills.cycles <= likely.cycles + Cycles(2));  // whole cycles of its parts
    RC_ASSERT(with_fills.energy_pj <= likely.energy_pj * (1 + 1e-9));
  });
}

// Mappings drawn at random rarely beat the mapper's: by cycles fewer than two in a hundred of the legal ones,
// and none by half. By energy its closed form is coarser where buffers cost far more than products.
TEST(RowMapper, FindsLittleBetterAtRandom) {
  int tried = 0, beaten = 0;
  check_property(100, [&] {
    const LayerShape shape = draw_shape();
    const RowArray array = draw_array();
    RowGoal goal;
    goal.objective = *rc::gen::element(RowObjective::cycles, RowObjective::energy, RowObjective::edp);
    goal.prices = draw_prices();
    const RowData data = draw_data(shape);
    RowArray with_slots = array;
    for (const int slots : data.slots) with_slots.weight_slots = std::max(with_slots.weight_slots, slots);
    const auto choice = best_mapping(shape, data, with_slots, goal);
    RC_PRE(choice.has_value());
    check_mapping(shape, with_slots, choice->mapping, "chosen");
    const RowPricer pricer(shape, data, with_slots, goal.prices);
    RC_ASSERT(score(pricer.price(choice->mapping), goal.objective) == score(choice->cost, goal.objective));
    for (int i = 0; i < 5; ++i) {
      std::optional<RowMapping> other = draw_mapping(shape, with_slots);
      if (!other) continue;
      const double found = score(pricer.price(*other), goal.objective);
      RC_LOG() << row_schedule(shape, *other)->describe() << ": " << found;
      const bool by_cycles = goal.objective == RowObjective::cycles;
      RC_ASSERT(score(choice->cost, goal.objective) <= found * (by_cycles ? 1.5 : 3));
      if (!by_cycles) continue;
      ++tried;
      beaten += score(choice->cost, goal.objective) > found * 1.01 ? 1 : 0;
    }
  });
  EXPECT_GT(tried, 100);
  EXPECT_LT(50 * beaten, tried);
}

// The law of scaling. Mappings are chosen from those that a closed form ranks highest, and it misjudges some:
// in fewer than 10 of 1,000 pairs of machines the larger one is priced more than 1 % higher, and never by a
// third. On layers of known networks, none is (models/mapping/mapper_test.cpp).
TEST(RowMapper, RarelyPricesMoreHardwareHigher) {
  int higher = 0;
  check_property(1000, [&] {
    const LayerShape shape = draw_shape();
    const RowArray array = draw_array();
    const auto few = best_mapping(shape, {}, array, {});
    RC_PRE(few.has_value());
    const int what = in(0, ways_to_double - 1);
    const auto many = best_mapping(shape, {}, doubled(array, what), {});
    RC_LOG() << "twice " << what << ": " << few->cost.cycles.value << " with "
             << row_schedule(shape, few->mapping)->describe() << ", " << many->cost.cycles.value << " with "
             << row_schedule(shape, many->mapping)->describe();
    const double ratio =
        static_cast<double>(many->cost.cycles.value) / static_cast<double>(few->cost.cycles.value);
    RC_ASSERT(ratio < 1.33);
    higher += ratio > 1.01 ? 1 : 0;
  });
  EXPECT_LT(higher, 10);
}

// Where fewer bytes and fewer cycles pull apart, the objective decides.
TEST(RowMapper, FollowsItsObjective) {
  int missed = 0;
  check_property(100, [&] {
    const LayerShape shape = draw_shape();
    const RowArray array = draw_array();
    const RowPrices prices = draw_prices();
    std::vector<RowCost> best;
    for (const RowObjective objective : {RowObjective::cycles, RowObjective::energy, RowObjective::edp}) {
      const auto choice = best_mapping(shape, {}, array, {objective, prices});
      RC_PRE(choice.has_value());
      best.push_back(choice->cost);
    }
    const std::vector<RowObjective> objectives{RowObjective::cycles, RowObjective::energy, RowObjective::edp};
    for (std::size_t i = 0; i < best.size(); ++i) {
      for (const RowCost& other : best) {
        const double ratio = score(best[i], objectives[i]) / score(other, objectives[i]);
        RC_ASSERT(ratio < 3);
        missed += ratio > 1.01 ? 1 : 0;
      }
    }
  });
  EXPECT_LT(missed, 90);  // of 900
}

}  // namespace
}  // namespace basil
