#include "pe/sparse_outer/outer_tile.h"

#include <algorithm>

namespace basil {

OuterTileUnit::OuterTileUnit(const Layer& layer, const UnitParameters& parameters)
    : layer_(layer),
      machine_(parameters),
      weights_reader_(layer.weights),
      ifmap_reader_(layer.ifmap),
      values_(layer, parameters),
      lanes_(std::max(least_lanes, machine_.banks)),
      weights_(layer.shape),
      counts_(machine_, lanes_) {}

TileWork OuterTileUnit::run(const TilePass& pass, Ofmap& sums) {
  const LayerShape& shape = layer_.shape;
  values_.accumulate(RowPass{.group = pass.group,
                             .n = pass.n,
                             .filters = pass.filters,
                             .channels = {0, shape.channels_per_group()},
                             .taps_y = {0, shape.R},
                             .taps_x = {0, shape.S},
                             .rows = pass.rows},
                     sums);
  take_ifmap(pass);
  OuterEvents events;
  for (std::size_t band = 0; band < bands_.size(); ++band) {
    if (bands_[band].plane.grid.tiles() == 0) continue;
    // Every set keeps the tiles it works on through all rounds.
    const int sets = std::min(bands_[band].plane.grid.sets(), pass.filters.size());
    for (const OuterActivations& image : images_[band]) events.ifmap_writes += sets * image.vectors();
    for (const Range& filters : rounds(bands_[band].plane, pass.filters)) {
      run_round(bands_[band], filters, images_[band], events);
    }
  }
  TileWork work = outer_work(events, machine_);
  work.ifmap = ifmap_bytes_;
  work.weights = streamed_weights(layer_, pass, bands_.size());
  work.psums_out = finished_psums(layer_, pass);
  return work;
}

void OuterTileUnit::take_ifmap(const TilePass& pass) {
  TilePass wanted = pass;
  wanted.filters = {};
  if (held_ == wanted) return;
  held_ = wanted;
  bands_.clear();
  images_.clear();
  const StridePhases phases(layer_.shape);
  std::int64_t bits = 0;
  for (const Range& rows : bands(layer_.shape, machine_, pass.rows)) {
    const OuterBand& band = bands_.emplace_back(layer_.shape, machine_, phases, rows);
    auto& images = images_.emplace_back();
    for (int n = pass.n.first; n < pass.n.end; ++n) {
      images.emplace_back(layer_, machine_, ifmap_reader_, band, pass.group, n);
      bits += ifmap_bits(ifmap_reader_, layer_.shape, pass.group, band.plane, n);
    }
  }
  ifmap_bytes_ = Bytes(ceil_div(bits, 8));
}

void OuterTileUnit::run_round(const OuterBand& band, Range filters,
                              const std::vector<OuterActivations>& images, OuterEvents& events) {
  const PlanarGrid& grid = band.plane.grid;
  std::vector<SetTime> times(images.size());
  std::int64_t mapped = 0, most_halo = 0;
  for (int set = 0; set < grid.sets(); ++set) {
    const Range share = share_of(filters, grid.sets(), set);
    if (share.size() == 0) continue;
    weights_.read(layer_, machine_, weights_reader_, band, share);
    for (std::size_t n = 0; n < images.size(); ++n) {
      const SetTime time = run_set(band, images[n], events);
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

OuterTileUnit::SetTime OuterTileUnit::run_set(const OuterBand& band, const OuterActivations& image,
                                              OuterEvents& events) {
  const auto tiles = static_cast<std::size_t>(band.plane.grid.tiles());
  time_.assign(tiles, 0);
  filled_.assign(tiles * static_cast<std::size_t>(lanes_), 0);
  for (int c = 0; c < layer_.shape.channels_per_group(); ++c) run_channel(band, image, c, events);
  SetTime time;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    // The queues empty before the barrier.
    const std::int16_t* queues = queues_of(static_cast<int>(tile));
    const std::int64_t tail = *std::max_element(queues, queues + lanes_);
    events.stalled += tail;
    time.slowest = std::max(time.slowest, time_[tile] + tail);
    time.all += time_[tile] + tail;
  }
  return time;
}

void OuterTileUnit::run_channel(const OuterBand& band, const OuterActivations& image, int channel,
                                OuterEvents& events) {
  counts_.forget(band);
  for (int phase = 0; phase < band.phases; ++phase) run_phase(band, image, {channel, phase}, events);
}

void OuterTileUnit::run_phase(const OuterBand& band, const OuterActivations& image, OuterStream stream,
                              OuterEvents& events) {
  const OuterWeights::List weights = weights_.list(stream.channel, stream.phase);
  if (weights.count == 0) return;
  const std::int64_t vectors = ceil_div(weights.count, machine_.weight_vector);
  const int tiles = band.plane.grid.tiles();
  events.weight_writes += vectors * tiles;
  if (!machine_.skip_ifmap) counts_.make(band, band.zero(stream.phase).sort, weights);
  for (int tile = 0; tile < tiles; ++tile) {
    const OuterActivations::List activations = image.list(band, stream.channel, tile, stream.phase);
    if (activations.count == 0) continue;
    for (const std::uint32_t sort : band.sorts_in(tile, stream.phase)) counts_.make(band, sort, weights);
    std::int64_t landed = 0;
    pointers_.resize(std::max(pointers_.size(), static_cast<std::size_t>(activations.count)));
    for (int i = 0; i < activations.count; ++i) {
      const OuterBand::Pixel& pixel = band.pixels[activations.pixels[i]];
      pointers_[static_cast<std::size_t>(i)] = counts_.of(pixel);
      landed += counts_.landing(pixel.sort);
    }
    const std::int64_t ifmap_vectors = ceil_div(activations.count, machine_.ifmap_vector);
    const std::int64_t steps = ifmap_vectors * vectors;
    const std::int64_t stalls = stall_cycles({.counts = pointers_.data(),
                                              .activations = activations.count,
                                              .vector = machine_.ifmap_vector,
                                              .weight_vectors = static_cast<int>(vectors),
                                              .lanes = lanes_,
                                              .depth = machine_.queue},
                                             queues_of(tile));
    time_[static_cast<std::size_t>(tile)] += steps + stalls;
    const std::int64_t pairs = std::int64_t{activations.count} * weights.count;
    const std::int64_t products = std::int64_t{activations.nonzeros} * weights.nonzeros;
    events.stalled += stalls;
    events.landed += landed;
    events.discarded += products - landed;
    events.zero_pairs += pairs - products;
    events.empty += steps * machine_.multipliers() - pairs;
    events.ifmap_reads += ifmap_vectors;
    events.weight_reads += steps;
  }
}

std::int16_t* OuterTileUnit::queues_of(int tile) {
  return filled_.data() + static_cast<std::ptrdiff_t>(tile) * lanes_;
}

}  // namespace basil
