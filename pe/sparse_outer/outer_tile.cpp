#include "pe/sparse_outer/outer_tile.h"

#include <algorithm>

#include "pe/pass_traffic.h"

namespace basil {

template <class Lane>
OuterTileUnit<Lane>::OuterTileUnit(const Layer& layer, const UnitParameters& parameters)
    : layer_(layer),
      machine_(parameters),
      weights_reader_(layer.weights),
      ifmap_reader_(layer.ifmap),
      values_(layer, parameters),
      lanes_(std::max(least_lanes, machine_.banks)),
      weights_(layer.shape),
      counts_(machine_, lanes_) {}

template <class Lane>
TileWork OuterTileUnit<Lane>::run(const TilePass& pass, Ofmap& sums) {
  const LayerShape& shape = layer_.shape;
  values_.accumulate(pass, sums);
  take_ifmap(pass);
  OuterEvents events;
  OuterFill fill{.sets = bands_.front().plane.grid.sets(), .tiles = bands_.front().plane.grid.tiles()};
  for (std::size_t band = 0; band < bands_.size(); ++band) {
    if (bands_[band].plane.grid.tiles() == 0) continue;
    // Every set keeps the tiles it works on through all rounds.
    const int sets = bands_[band].plane.grid.sets();
    for (const OuterActivations& image : images_[band]) {
      fill.vectors += sets * image.vectors();
      events.ifmap_writes += std::min(sets, pass.filters.size()) * image.vectors();
    }
    for (const Range& filters : rounds(bands_[band].plane, pass.filters)) {
      run_round(bands_[band], filters, images_[band], events);
      ++fill.rounds;
    }
  }
  const bool found = finds_ifmap(shape, pass, machine_, fill.vectors);
  if (found) events.ifmap_writes = 0;
  TileWork work = outer_work(events, machine_);
  work.ifmap = found ? Bytes(0) : ifmap_bytes_;
  work.weights = streamed_weights(layer_, pass, bands_.size());
  work.psums_out = finished_psums(shape, pass);
  add_fills(machine_, pass, fill, work);
  return work;
}

template <class Lane>
void OuterTileUnit<Lane>::take_ifmap(const TilePass& pass) {
  TilePass wanted = pass;
  wanted.filters = {};
  if (held_ == wanted) return;
  images_.clear();
  if (!held_ || held_->rows != pass.rows) {
    bands_.clear();
    const StridePhases phases(layer_.shape);
    for (const Range& rows : bands(layer_.shape, machine_, pass.rows)) {
      bands_.emplace_back(layer_.shape, machine_, phases, rows);
    }
  }
  held_ = wanted;
  std::int64_t bits = 0;
  for (const OuterBand& band : bands_) {
    auto& images = images_.emplace_back();
    for (int n = pass.n.first; n < pass.n.end; ++n) {
      images.emplace_back(layer_, machine_, ifmap_reader_, band, pass.group, n);
      bits += ifmap_bits(ifmap_reader_, layer_.shape, pass.group, band.plane, n);
    }
  }
  ifmap_bytes_ = Bytes(ceil_div(bits, 8));
}

template <class Lane>
void OuterTileUnit<Lane>::run_round(const OuterBand& band, Range filters,
                                    const std::vector<OuterActivations>& images, OuterEvents& events) {
  const PlanarGrid& grid = band.plane.grid;
  std::vector<SetTime> times(images.size());
  std::int64_t mapped = 0, most_halo = 0;
  for (int set = 0; set < grid.sets(); ++set) {
    const Range share = share_of(filters, grid.sets(), set);
    if (share.size() == 0) continue;
    weights_.read(layer_, machine_, weights_reader_, band, share);
    for (std::size_t n = 0; n < images.size(); ++n) {
      const SetTime time = run_set(band, images[n], share.size(), events);
      times[n].slowest = std::max(times[n].slowest, time.slowest);
      times[n].all += time.all;
    }
    mapped += grid.tiles();
    for (const OuterTile& tile : band.plane.tiles) {
      most_halo = std::max(most_halo, tile.halo * share.size());
      events.halo += tile.halo * share.size() * static_cast<std::int64_t>(images.size());
      events.finished += tile.finished * share.size() * static_cast<std::int64_t>(images.size());
    }
  }
  const std::int64_t exchange = ceil_div(most_halo, machine_.halo_words);
  for (const SetTime& time : times) {
    events.cycles += time.slowest + exchange;
    events.waiting += mapped * time.slowest - time.all;
    events.exchanging += mapped * exchange;
    events.unmapped += (machine_.pes - mapped) * (time.slowest + exchange);
  }
}

template <class Lane>
auto OuterTileUnit<Lane>::run_set(const OuterBand& band, const OuterActivations& image, int filters,
                                  OuterEvents& events) -> SetTime {
  const auto tiles = static_cast<std::size_t>(band.plane.grid.tiles());
  const auto lanes = static_cast<std::size_t>(lanes_);
  time_.assign(tiles, 0);
  filled_.assign(tiles * lanes, 0);
  // A step of one activation, all of whose addresses lie in different banks, fills each queue by one, and the
  // bank takes it in the next cycle.
  const bool one_activation =
      machine_.ifmap_vector == 1 || band.plane.grid.tile_rows * band.plane.grid.tile_cols == 1;
  const bool conflicts = !one_activation || filters * band.plane.region() > machine_.banks;
  events.weight_writes += weights_.vectors() * band.plane.grid.tiles();
  for (const std::size_t stream : image.busy()) {
    run_stream(band, image.stream(stream), weights_.list(stream), conflicts, events);
  }
  SetTime time;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    // The queues empty before the barrier.
    const auto queues = filled_.begin() + static_cast<std::ptrdiff_t>(tile * lanes);
    const std::int64_t tail = *std::max_element(queues, queues + lanes_);
    events.stalled += tail;
    time.slowest = std::max(time.slowest, time_[tile] + tail);
    time.all += time_[tile] + tail;
  }
  return time;
}

template <class Lane>
void OuterTileUnit<Lane>::run_stream(const OuterBand& band, const OuterActivations::Stream& activations,
                                     const OuterWeights::List& weights, bool conflicts, OuterEvents& events) {
  if (weights.count == 0) return;
  counts_.begin(band, weights, conflicts);
  places_.resize(std::max(places_.size(), static_cast<std::size_t>(activations.count)));
  const std::int64_t landed = counts_.find(band, activations.entries, activations.count, places_.data());
  const std::int64_t steps = activations.vectors * weights.vectors;
  const std::int64_t pairs = std::int64_t{activations.count} * weights.count;
  const std::int64_t products = std::int64_t{activations.nonzeros} * weights.nonzeros;
  events.landed += landed;
  events.discarded += products - landed;
  events.zero_pairs += pairs - products;
  events.empty += steps * machine_.multipliers() - pairs;
  events.ifmap_reads += activations.vectors;
  events.weight_reads += steps;
  if (!conflicts) return step_freely(activations, weights.vectors);
  events.stalled += step_queues({.counts = counts_.counts(),
                                 .places = places_.data(),
                                 .activations = activations.by_tile,
                                 .pes = band.plane.grid.tiles(),
                                 .vector = machine_.ifmap_vector,
                                 .weight_vectors = weights.vectors,
                                 .lanes = lanes_,
                                 .depth = machine_.queue},
                                filled_.data(), time_.data());
}

// A step a cycle; its products are still in the queues when it ends.
template <class Lane>
void OuterTileUnit<Lane>::step_freely(const OuterActivations::Stream& activations,
                                      std::int64_t weight_vectors) {
  const OuterBand::Entry* end = activations.entries;
  for (std::size_t tile = 0; tile < time_.size(); ++tile) {
    const int count = activations.by_tile[tile];
    if (count == 0) continue;
    end += count;
    time_[tile] += count * weight_vectors;
    filled_[tile * static_cast<std::size_t>(lanes_)] = counts_.last_lands(end[-1]) ? 1 : 0;
  }
}

template class OuterTileUnit<std::int8_t>;
template class OuterTileUnit<std::int16_t>;

}  // namespace basil
