#include "dataflows/row_stationary/row_bound.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "dataflows/row_stationary/window_pace.h"

namespace basil {
namespace {

double pieces(int of, int by) { return static_cast<double>(ceil_div(of, by)); }

// Cycles of a bit over a path.
double cycles_a_bit(const StreamPath& path) {
  return std::max(static_cast<double>(path.beat_cycles) / static_cast<double>(path.bus_bits),
                  1.0 / (static_cast<double>(path.port_bits) * path.lanes));
}

// The sum, over `of` cut in pieces of `by`, of the part of each that its fullest share of `share` has.
double fullest(int of, int by, int share) {
  const int whole = of / by, rest = of % by;
  return static_cast<double>(whole) * std::min(share, by) + std::min(rest, share);
}

// Rows (or columns) that `outputs` of them and `taps` touch, at least.
double touched(int outputs, int taps, int stride, int dilation) {
  if (dilation != 1) return std::max(outputs, taps);
  return stride <= taps ? static_cast<double>(outputs - 1) * stride + taps
                        : static_cast<double>(outputs) * taps;
}

}  // namespace

RowBound::RowBound(const LayerShape& shape, const RowData& data, const RowArray& array,
                   const RowPrices& prices)
    : shape_(shape),
      array_(array),
      prices_(prices),
      priced_(!(prices == RowPrices{})),
      weight_coding_(data.weight_coding),
      ifmap_coding_(data.ifmap_coding),
      ifmap_zeros_(data.ifmap_zeros) {
  const auto& slots = data.slots;
  all_slots_ = shape.filters_per_group();
  if (!slots.empty()) {
    least_slots_ = *std::min_element(slots.begin(), slots.end());
    all_slots_ =
        static_cast<double>(std::accumulate(slots.begin(), slots.end(), std::int64_t{0})) / shape.groups;
  }
  const double word_bits = 8.0 * array.word_bytes;
  filter_word_cycles_ = 1.0 / array.pe.filter_words_per_beat;
  ifmap_word_cycles_ =
      std::max(1.0 / array.ifmap_words_per_cycle, word_bits * cycles_a_bit(array.paths.ifmap));
  const int psums_a_beat = std::min(array.psum_words_per_beat, array.psum_fifo);  // of one column
  psum_cycles_ = std::max(1.0 / psums_a_beat, array.psum_bits * cycles_a_bit(array.paths.psums_out));
  psum_in_cycles_ = std::max(1.0 / psums_a_beat, array.psum_bits * cycles_a_bit(array.paths.psums_in));
  pixels_ = static_cast<double>(shape.groups) * shape.N * shape.Q();
  filters_ = shape.filters_per_group();
  channels_ = shape.channels_per_group();
  ofmap_bytes_ = static_cast<double>(array.word_bytes) * shape.N * shape.K * shape.P() * shape.Q();
  const double products = pixels_ * shape.P() * shape.R * shape.S * channels_ * all_slots_;
  steady_pj_ = products * std::min(prices.gated, prices.product) + ofmap_bytes_ * prices.dram_write_byte;
}

RowCost RowBound::with_energy(double cycles, double dram_bytes) const {
  const double read = std::max(0.0, dram_bytes - ofmap_bytes_);
  return {Cycles(static_cast<std::int64_t>(cycles)),
          steady_pj_ + read * prices_.dram_read_byte + cycles * prices_.cycle,
          Bytes(static_cast<std::int64_t>(dram_bytes))};
}

// Filter beats of all passes.
double RowBound::loading(int e, int n) const {
  return shape_.groups * pieces(shape_.N, n) * pieces(shape_.P(), e) * shape_.R * shape_.S * channels_ *
         all_slots_ * filter_word_cycles_;
}

// Of the ifmap's words, which come once for the filters of a pass.
double RowBound::ifmap_cycles(const RowMapping& map, double filter_chunks) const {
  const int strips = shape_.P() / map.e, row_cuts = shape_.R / map.taps_y,
            column_cuts = shape_.S / map.taps_x;
  const double rows =
      static_cast<double>(strips) * row_cuts * touched(map.e, map.taps_y, shape_.stride_y, shape_.dilation_y);
  const double columns = column_cuts * touched(shape_.Q(), map.taps_x, shape_.stride_x, shape_.dilation_x);
  return shape_.groups * shape_.N * rows * columns * channels_ * filter_chunks * ifmap_word_cycles(map);
}

double RowBound::ifmap_word_cycles(const RowMapping& map) const {
  return std::max(ifmap_word_cycles_, 1.0 / array_.ifmap_words(map.ifmap_words));
}

RowCost RowBound::of_strips(int e, int taps_y, int sets) const {
  const double most = std::min(static_cast<double>(sets), channels_ * filters_);
  const RowMapping map{.n = shape_.N, .e = e, .taps_y = taps_y};
  return with_dram(loading(e, shape_.N) + pixels_ * pieces(shape_.P(), e) * pieces(shape_.R, taps_y) *
                                              shape_.S * channels_ * filters_ * least_slots_ / most,
                   weight_bytes(map, 1), ifmap_bytes(map, 1));
}

RowCost RowBound::of_interleaving(const RowMapping& map, const Sets& sets) const {
  return interleaved(map, sets, 0);
}

// `more`: cycles of the array beside its work.
RowCost RowBound::interleaved(const RowMapping& map, const Sets& sets, double more) const {
  const double most = std::min(static_cast<double>(sets.all), channels_ * filters_);
  const double taps = pieces(shape_.R, map.taps_y), taps_x = pieces(shape_.S, map.taps_x);
  const double products = shape_.S * channels_ * filters_ * least_slots_ / most;
  const double psum_slots = map.taps_y == 1 ? 0 : taps_x * channels_ / map.q * filters_ / most;
  const double slots = pixels_ * pieces(shape_.P(), map.e) * taps * (products + psum_slots);
  const double filter_chunks = std::ceil(filters_ / (static_cast<double>(map.p) * sets.filters));
  const double channel_chunks = std::ceil(channels_ / (static_cast<double>(map.q) * sets.channels));
  const double psums = pixels_ * shape_.P() * filters_ * taps * taps_x * channel_chunks * psum_cycles_;
  return with_dram(
      loading(map.e, shape_.N) + std::max({slots, ifmap_cycles(map, filter_chunks), psums}) + more,
      weight_bytes(map, map.p), ifmap_bytes(map, 1));
}

// The filter buffer holds those of a block of so many filters until other ifmaps and strips need them, too.
bool RowBound::keeps_weights(double filters) const {
  return static_cast<double>(array_.word_bytes) * std::min(filters, filters_) * shape_.R * shape_.S *
             channels_ * weight_coding_ <=
         static_cast<double>(array_.filter_ring.value);
}

double RowBound::weight_bytes(const RowMapping& map, double filters) const {
  const double once =
      static_cast<double>(array_.word_bytes) * shape_.K * shape_.R * shape_.S * channels_ * weight_coding_;
  return keeps_weights(filters) ? once : once * pieces(shape_.N, map.n) * pieces(shape_.P(), map.e);
}

RowCost RowBound::with_dram(double cycles, double in_weights, double in_ifmap) const {
  const double rate = array_.paths.dram.bytes_per_cycle(), all = in_weights + in_ifmap + ofmap_bytes_;
  if (!array_.overlap.ifmap) cycles += in_ifmap / rate;
  if (!array_.overlap.ofmap) cycles += ofmap_bytes_ / rate;
  return with_energy(std::max(cycles, all / rate), all);
}

double RowBound::ifmap_bytes(const RowMapping& map, double blocks) const {
  const double strips = pieces(shape_.P(), map.e), taps = pieces(shape_.R, map.taps_y);
  const int reach = (shape_.R - 1) * shape_.dilation_y;
  const int strips_in_reach = reach / (map.e * shape_.stride_y);
  const double padding =
      static_cast<double>(shape_.pad_top + shape_.pad_bottom) * (1 + strips_in_reach) * taps;
  double rows = static_cast<double>(shape_.P() - strips) * shape_.stride_y * taps +
                strips * ((shape_.R - taps) * shape_.dilation_y + taps);
  rows = std::max(0.0, rows - padding);
  const bool once =
      strips * taps * pieces(shape_.N, map.n) * pieces(shape_.channels_per_group(), map.q * map.r) == 1;
  return static_cast<double>(array_.word_bytes) * shape_.N * shape_.C * shape_.W * rows *
         (once ? 1 : blocks) * ifmap_coding_;
}

// How often a mapping does what.
struct RowBound::Counts {
  double strips, taps_y, taps_x, batches, blocks, channel_chunks,
      filter_chunks;  // filter chunks of all blocks
  double reductions;  // passes that add to a sum
  double passes;
};

RowBound::Counts RowBound::count(const RowMapping& map) const {
  const int filters = shape_.filters_per_group(), block = std::min(map.m, filters), chunk = map.p * map.t;
  Counts c{};
  c.strips = pieces(shape_.P(), map.e);
  c.taps_y = pieces(shape_.R, map.taps_y);
  c.taps_x = pieces(shape_.S, map.taps_x);
  c.batches = pieces(shape_.N, map.n);
  c.blocks = pieces(filters, map.m);
  c.channel_chunks = pieces(shape_.channels_per_group(), map.q * map.r);
  const int last_block = filters - static_cast<int>(c.blocks - 1) * map.m;
  c.filter_chunks = (c.blocks - 1) * pieces(block, chunk) + pieces(last_block, chunk);
  c.reductions = c.taps_y * c.taps_x * c.channel_chunks;
  c.passes = shape_.groups * c.batches * c.strips * c.reductions * c.filter_chunks;
  return c;
}

// Of the busiest resource of all passes, after their filters.
double RowBound::work(const RowMapping& map, const Counts& c) const {
  const int filters = shape_.filters_per_group(), channels = shape_.channels_per_group();
  const int chunk = map.p * map.t, block = std::min(map.m, filters);
  const int last_block = filters - static_cast<int>(c.blocks - 1) * map.m;
  const double p = (c.blocks - 1) * fullest(block, chunk, map.p) + fullest(last_block, chunk, map.p);
  const double q = fullest(channels, map.q * map.r, map.q);
  const bool alone = map.taps_y == 1 && (map.r == 1 || channels <= map.q);
  const double slots = pixels_ * c.strips *
                       (c.taps_y * shape_.S * q * least_slots_ * p + (c.reductions - (alone ? 1 : 0)) * p);
  const double sums = pixels_ * shape_.P() * filters_;
  const double psums = sums * std::max(c.reductions * psum_cycles_, (c.reductions - 1) * psum_in_cycles_);
  return std::max({slots, ifmap_cycles(map, c.filter_chunks), psums});
}

// The same with windows as they are likely to pass.
double RowBound::likely_work(const RowMapping& map, const Counts& c) const {
  const int sets = std::min(map.t, static_cast<int>(pieces(shape_.filters_per_group(), map.p)));
  const double beats = static_cast<double>(map.e) * sets * psum_beats(array_, map.p);
  const bool alone =
      c.reductions == 1 && map.taps_y == 1 && (map.r == 1 || shape_.channels_per_group() <= map.q);
  const int q = std::min(map.q, shape_.channels_per_group());
  const double own = static_cast<double>(map.taps_x) * q * map.p * least_slots_;
  const double window = window_cycles(alone ? own - map.p : own, beats, map.p);
  return std::max(work(map, c), pixels_ / shape_.N * c.batches * map.n * c.strips * c.reductions *
                                    c.filter_chunks * window);
}

// Of a chunk of filters and channels in every strip: its first words, and the climb of its first sums.
double RowBound::fill(const RowMapping& map, double first_words, double climb) const {
  const double rows = touched(map.e, map.taps_y, shape_.stride_y, shape_.dilation_y);
  return shape_.groups * pieces(shape_.N, map.n) * pieces(shape_.P(), map.e) * pieces(shape_.R, map.taps_y) *
         pieces(shape_.S, map.taps_x) *
         (first_words * rows * ifmap_word_cycles(map) + climb * map.taps_y * (array_.pe.pipeline + 1));
}

// Of the array and of what goes between it and the buffers, by the events of PassCosts.
double RowBound::likely_pj(const RowMapping& map, const Counts& c, double cycles) const {
  const double sums = pixels_ * shape_.P() * filters_;
  const double all = pixels_ * shape_.P() * shape_.R * shape_.S * channels_ * all_slots_;
  const double gated = array_.pe.zero_gating ? all * ifmap_zeros_ : 0;
  const double adds = sums * (c.taps_x * shape_.R * std::ceil(channels_ / map.q) - 1);
  const double filter_sets = std::min<double>(map.t, pieces(shape_.filters_per_group(), map.p));
  const double channel_sets = std::min<double>(map.r, pieces(shape_.channels_per_group(), map.q));
  const double pes = filter_sets * channel_sets * map.taps_y * map.e;
  const double weights = loading(map.e, map.n) / filter_word_cycles_;
  const double words = ifmap_cycles(map, c.filter_chunks) / ifmap_word_cycles(map);
  const auto moved = [&](const RowPrices::Stream& price, const StreamPath& path, double of, double bits,
                         double takers) {
    const double rows_driven = std::ceil(takers / array_.cols);
    return of * bits *
           (price.access / static_cast<double>(path.port_bits) +
            (price.beat + rows_driven * price.row_beat) / static_cast<double>(path.bus_bits));
  };
  const double word_bits = 8.0 * array_.word_bytes, takers = filter_sets * map.taps_y;
  double pj =
      (all - gated) * (prices_.product + prices_.filter_read + prices_.psum_read + prices_.psum_write) +
      gated * prices_.gated + std::max(0.0, pes * cycles - all - adds) * prices_.waiting;
  pj += adds * (prices_.psum_add + prices_.psum_read + array_.accumulator_bits * prices_.link_bit);
  pj += weights * map.e * prices_.filter_write + words * takers * prices_.ifmap_write +
        all / map.p * prices_.ifmap_read;
  pj += moved(prices_.filters, array_.paths.filters, weights, array_.weight_bits, map.e) +
        moved(prices_.ifmap, array_.paths.ifmap, words, word_bits, takers) +
        moved(prices_.psums_in, array_.paths.psums_in, sums * (c.reductions - 1), array_.psum_bits, 1) +
        moved(prices_.psums_out, array_.paths.psums_out, sums * c.reductions, array_.psum_bits, 1);
  return pj;
}

// Every pass takes the same; what comes under the one before it shows where that is shorter.
RowCost RowBound::likely(const RowMapping& map) const {
  const Counts c = count(map);
  const int reach = std::min(map.q * map.r, shape_.channels_per_group());
  const double chunks = c.channel_chunks * c.filter_chunks;
  const double loading = this->loading(map.e, map.n);
  const double array =
      loading + likely_work(map, c) + fill(map, chunks * reach, chunks * pieces(reach, map.q));
  const double pass = array / c.passes;

  const OffChipPath& dram = array_.paths.dram;
  const double rate = dram.bytes_per_cycle();
  const auto latency = static_cast<double>(dram.latency.value);
  const double blocks_done = shape_.groups * c.batches * c.strips;
  const double weight_loads =
      shape_.groups * c.reductions * c.filter_chunks * (keeps_weights(map.m) ? 1 : c.batches * c.strips);
  const double in_weights = weight_bytes(map, map.m);
  // A load or a store goes over DRAM's link and through the buffer's port at once.
  const auto transfer = [&](double bytes, double in_buffer, const StreamPath& port) {
    return std::max(latency + bytes / rate, in_buffer * 8 / static_cast<double>(port.port_bits));
  };
  const double of_load = in_weights / weight_loads;
  const double weights = transfer(of_load, of_load, array_.paths.filters);
  const bool tiles_return = c.channel_chunks > 1;  // for each column of taps
  const double ifmap_loads =
      blocks_done * c.blocks * c.taps_y * (tiles_return ? c.taps_x * c.channel_chunks : 1);
  const double in_ifmap = ifmap_bytes(map, c.blocks) * (tiles_return ? c.taps_x : 1);
  const double of_tile = in_ifmap / ifmap_loads;
  const double ifmap = transfer(of_tile, of_tile / ifmap_coding_, array_.paths.ifmap);

  const bool fit = of_load <= static_cast<double>(array_.filter_buffer.value);
  const double drawn = array_.filters_doubled ? 0 : loading / c.passes;
  const bool under = array_.overlap.weights && fit;
  const double weights_there = under ? drawn + weights : 0;  // of the pass before
  const auto beyond = [pass](double there) { return std::max(0.0, there - pass); };
  double wait_for_both = beyond(weights_there) + (under ? 0 : weights), wait_for_ifmap = ifmap;
  const double wait_for_weights = wait_for_both;
  if (array_.overlap.ifmap) {
    wait_for_both = beyond(weights_there + ifmap) + (under ? 0 : weights);
    wait_for_ifmap = beyond(ifmap);
  } else {
    wait_for_both += ifmap;
  }
  const double both = std::min(weight_loads, ifmap_loads);
  double cycles = array + both * wait_for_both + (weight_loads - both) * wait_for_weights +
                  (ifmap_loads - both) * wait_for_ifmap;
  const double stores = blocks_done * c.filter_chunks, of_store = ofmap_bytes_ / stores;
  if (!array_.overlap.ofmap) cycles += stores * transfer(of_store, of_store, array_.paths.psums_out);
  const double all = in_weights + in_ifmap + ofmap_bytes_;
  cycles = std::max(cycles, all / rate);
  RowCost cost = with_energy(cycles, all);
  if (!priced_) return cost;
  cost.energy_pj = likely_pj(map, c, array) + cycles * prices_.cycle +
                   ofmap_bytes_ * prices_.dram_write_byte + (in_weights + in_ifmap) * prices_.dram_read_byte;
  return cost;
}

RowCost RowBound::with_fills(const RowMapping& map, const Sets& sets) const {
  const double filter_chunks = std::ceil(filters_ / (static_cast<double>(map.p) * sets.filters));
  return interleaved(map, sets,
                     fill(map, channels_ * filter_chunks, std::ceil(channels_ / map.q) * filter_chunks));
}

}  // namespace basil
