#include "dataflows/row_stationary/layer_walk.h"

#include <algorithm>
#include <cmath>

namespace basil {
namespace {

Bytes coded(std::int64_t bytes, double coding) {
  return Bytes(static_cast<std::int64_t>(std::ceil(static_cast<double>(bytes) * coding)));
}

}  // namespace

LayerWalk::LayerWalk(const LayerShape& shape, const RowData& data, const RowArray& array,
                     const RowPrices& prices, const RowMapping& mapping, PassCosts& costs)
    : shape_(shape),
      data_(data),
      array_(array),
      prices_(prices),
      map_(mapping),
      loops_(shape, mapping),
      costs_(costs),
      uniform_(std::adjacent_find(data.slots.begin(), data.slots.end(), std::not_equal_to<>()) ==
               data.slots.end()) {}

RowCost LayerWalk::run() {
  walk(0);
  run_pass(nullptr);
  state_.cost.cycles = later(state_.now, state_.stores_done);
  state_.cost.energy_pj += static_cast<double>(state_.cost.cycles.value) * prices_.cycle;
  return state_.cost;
}

void LayerWalk::walk(std::size_t level) {
  if (level == RowLoops::levels) {
    const Turn next = turn_of(loops_.pass(at_));
    if (state_.turn.cost != nullptr) run_pass(&next);
    state_.turn = next;
    return;
  }
  const int bound = loops_.bound(level, at_);
  State before;
  for (int i = 0; i < bound; ++i) {
    if (i > 1 && alike(level, i - 1, i) && began_alike(before, state_)) {
      int last = i;
      while (last + 1 < bound && alike(level, i, last + 1)) ++last;
      if (last > i) {  // the last of them is walked, for what follows it
        repeat(before, last - i);
        stand_behind(level, last - 1);
      }
      i = last;
    } else {
      before = state_;
    }
    at_[level] = i;
    walk(level + 1);
  }
  at_[level] = 0;
}

// What the iterations' passes cost and load is the same.
bool LayerWalk::alike(std::size_t level, int a, int b) const {
  const auto full = [&](int by, int of) { return (a + 1) * by <= of && (b + 1) * by <= of; };
  switch (level) {
    case RowLoops::group:
      return uniform_;
    case RowLoops::filter_block:
      return uniform_ && full(map_.m, shape_.filters_per_group());
    case RowLoops::batch:
      return full(map_.n, shape_.N);
    case RowLoops::strip: {
      const auto inside = [&](int i) {  // no row in the padding
        const int top = i * map_.e * shape_.stride_y - shape_.pad_top;
        const int bottom =
            ((i + 1) * map_.e - 1) * shape_.stride_y - shape_.pad_top + (shape_.R - 1) * shape_.dilation_y;
        return top >= 0 && bottom < shape_.H;
      };
      return full(map_.e, shape_.P()) && inside(a) && inside(b);
    }
    case RowLoops::tap_x:
      return a > 0 && full(map_.taps_x, shape_.S) && (b + 1) * map_.taps_x < shape_.S;
    case RowLoops::channel_chunk: {
      const int chunk = map_.q * map_.r, channels = shape_.channels_per_group();
      return a > 0 && full(chunk, channels) && (b + 1) * chunk < channels;  // sums neither start nor end
    }
    case RowLoops::filter_chunk:
      return uniform_ && (b + 1) * map_.p * map_.t <= std::min(map_.m, shape_.filters_per_group()) &&
             b + 1 < loops_.bound(level, at_);
    default:
      return false;  // rows of taps meet the padding
  }
}

bool LayerWalk::same_turn(const Turn& a, const Turn& b) {
  return a.cost == b.cost && a.loads == b.loads && a.store == b.store && a.weights == b.weights &&
         a.ifmap == b.ifmap && a.ifmap_in_buffer == b.ifmap_in_buffer && a.ofmap == b.ofmap;
}

bool LayerWalk::began_alike(const State& a, const State& b) {
  const auto ahead = [](Cycles at, Cycles now) { return std::max(Cycles(0), at - now); };
  return same_turn(a.turn, b.turn) && a.asked == b.asked &&
         ahead(a.now, a.filter_bus_free) == ahead(b.now, b.filter_bus_free) &&
         ahead(a.link_free, a.now) == ahead(b.link_free, b.now) &&
         ahead(a.weights_ready, a.now) == ahead(b.weights_ready, b.now) &&
         ahead(a.ifmap_ready, a.now) == ahead(b.ifmap_ready, b.now) &&
         ahead(a.stores_done, a.now) == ahead(b.stores_done, b.now);
}

void LayerWalk::repeat(const State& before, std::int64_t times) {
  const Cycles passed = times * (state_.now - before.now);
  state_.cost.energy_pj += static_cast<double>(times) * (state_.cost.energy_pj - before.cost.energy_pj);
  state_.cost.dram += times * (state_.cost.dram - before.cost.dram);
  for (Cycles* at : {&state_.now, &state_.link_free, &state_.weights_ready, &state_.ifmap_ready,
                     &state_.stores_done, &state_.filter_bus_free})
    *at += passed;
}

// The pass before is the last one of an iteration.
void LayerWalk::stand_behind(std::size_t level, int iteration) {
  at_[level] = iteration;
  for (std::size_t inner = level + 1; inner < RowLoops::levels; ++inner)
    at_[inner] = loops_.bound(inner, at_) - 1;
  previous_ = loops_.pass(at_);
  previous_ifmap_ = loops_.ifmap(*previous_);
  for (std::size_t inner = level + 1; inner < RowLoops::levels; ++inner) at_[inner] = 0;
}

// Weights of a block of filters stay in the filter buffer, which is a ring, where all of them fit it; else
// none is still there when its turn comes again (models/layer/filter_ring.h).
bool LayerWalk::lacks_weights() const {
  if (at_[RowLoops::batch] == 0 && at_[RowLoops::strip] == 0) return true;
  const int filters = piece(at_[RowLoops::filter_block], map_.m, shape_.filters_per_group()).size();
  const std::int64_t words = std::int64_t{filters} * shape_.channels_per_group() * shape_.R * shape_.S;
  return coded(words * array_.word_bytes, data_.weight_coding) > array_.filter_ring;
}

LayerWalk::Turn LayerWalk::turn_of(const RowPass& pass) {
  const FmapTile ifmap = loops_.ifmap(pass);
  Turn turn;
  turn.pass = pass;
  turn.cost = &costs_.of(pass);
  turn.loads.weights = lacks_weights();
  turn.loads.ifmap = !previous_ || !(ifmap == previous_ifmap_);
  turn.store = pass.last;
  const std::int64_t word = array_.word_bytes;
  turn.weights =
      coded(word * pass.filters.size() * pass.channels.size() * pass.taps_y.size() * pass.taps_x.size(),
            data_.weight_coding);
  turn.loads.weights_fit = turn.weights <= array_.filter_buffer;
  turn.ifmap_in_buffer = Bytes(word * ifmap.n.size() * ifmap.channels.size() * ifmap.rows.size() * shape_.W);
  turn.ifmap = coded(turn.ifmap_in_buffer.value, data_.ifmap_coding);
  turn.ofmap = Bytes(word * pass.n.size() * pass.filters.size() * pass.rows.size() * shape_.Q());
  previous_ = pass;
  previous_ifmap_ = ifmap;
  return turn;
}

void LayerWalk::run_pass(const Turn* next) {
  const Turn& turn = state_.turn;
  const auto weights = [this](const Turn& of) {
    return [this, &of](Cycles after) { load_weights(of, state_.now + after); };
  };
  const auto ifmap = [this](const Turn& of) {
    return [this, &of](Cycles after) { load_ifmap(of, state_.now + after); };
  };
  bring_operands(state_.asked, turn.loads, weights(turn), ifmap(turn));
  state_.now = later(state_.now, awaited_by_pass(array_.overlap, state_.weights_ready, state_.ifmap_ready,
                                                 state_.stores_done));
  const PassCost* cost = turn.cost;
  if (array_.double_weights) {
    const Cycles bus_free = later(state_.filter_bus_free, state_.weights_ready);
    cost = &costs_.of(turn.pass, {.filter_beats = std::max(Cycles(0), state_.now - bus_free).value});
  }
  if (next != nullptr) {
    const Cycles room_after = array_.filters_doubled ? Cycles(0) : cost->filter_load;
    state_.asked = prefetch_operands(array_.overlap, next->loads, room_after, weights(*next), ifmap(*next));
  }
  state_.filter_bus_free = state_.now + cost->filter_load;
  state_.now += cost->cycles;
  state_.cost.energy_pj += cost->energy_pj;
  if (turn.store) store(turn);
}

// The link and the port work at once; the later one ends it.
Cycles LayerWalk::load(Bytes from_dram, Bytes on_chip, const StreamPath& port, double price_on_chip,
                       Cycles at) {
  if (from_dram == Bytes(0)) return at;
  const OffChipPath& dram = array_.paths.dram;
  state_.link_free = later(state_.link_free, at + dram.latency) + dram.transfer_time(from_dram);
  const std::int64_t accesses = port.accesses(on_chip);
  state_.cost.dram += from_dram;
  state_.cost.energy_pj += static_cast<double>(from_dram.value) * prices_.dram_read_byte +
                           static_cast<double>(accesses) * price_on_chip;
  return later(state_.link_free, at + Cycles(accesses));
}

void LayerWalk::load_weights(const Turn& turn, Cycles at) {
  state_.weights_ready = load(turn.weights, turn.weights, array_.paths.filters, prices_.fill_filters, at);
}

void LayerWalk::load_ifmap(const Turn& turn, Cycles at) {
  state_.ifmap_ready = load(turn.ifmap, turn.ifmap_in_buffer, array_.paths.ifmap, prices_.fill_fmaps, at);
}

void LayerWalk::store(const Turn& turn) {
  const OffChipPath& dram = array_.paths.dram;
  state_.link_free = later(state_.link_free, state_.now + dram.latency) + dram.transfer_time(turn.ofmap);
  const std::int64_t accesses = array_.paths.psums_out.accesses(turn.ofmap);
  state_.cost.dram += turn.ofmap;
  state_.cost.energy_pj += static_cast<double>(turn.ofmap.value) * prices_.dram_write_byte +
                           static_cast<double>(accesses) * prices_.drain_fmaps;
  state_.stores_done = later(state_.link_free, state_.now + Cycles(accesses));
}

}  // namespace basil
