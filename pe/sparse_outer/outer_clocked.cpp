#include "pe/sparse_outer/outer_clocked.h"

#include <algorithm>

#include "pe/pass_traffic.h"

namespace basil {

OuterClocked::OuterClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass)
    : layer_(layer), machine_(parameters), pass_(pass), phases_(layer.shape) {
  const std::int64_t filter = layer.shape.reduction();
  weights_.resize(static_cast<std::size_t>(filter * pass.filters.size()));
  SliceReader(layer.weights)
      .read(pass.filters.first * filter, static_cast<std::int64_t>(weights_.size()), weights_.data());
  for (const Range& rows : bands(layer.shape, machine_, pass.rows)) {
    bands_.push_back(lay_out(layer.shape, machine_, rows));
  }
  sums_.resize(static_cast<std::size_t>(pass.n.size()) * static_cast<std::size_t>(pass.rows.size()) *
               static_cast<std::size_t>(layer.shape.Q()) * static_cast<std::size_t>(pass.filters.size()));
  n_ = pass.n.first;
  load_band();
  begin_round();
  while (!done() && all_at_barrier() && all_gave()) next_round();
}

void OuterClocked::step() {
  ++events_.cycles;
  const bool exchange = all_at_barrier();
  for (const auto& pe : pes_) {
    if (pe == nullptr) ++events_.unmapped;
    if (pe != nullptr && !exchange) pe->step(events_);
  }
  if (exchange) {
    for (const auto& set : pe_of_tile_) {
      for (OuterPeClocked* pe : set) pe->step_exchange(set, events_);
    }
  }
  for (const auto& pe : pes_) {
    if (pe != nullptr) pe->commit();
  }
  while (!done() && all_at_barrier() && all_gave()) next_round();
}

bool OuterClocked::all_at_barrier() const {
  return std::all_of(pes_.begin(), pes_.end(),
                     [](const auto& pe) { return pe == nullptr || pe->at_barrier(); });
}

bool OuterClocked::all_gave() const {
  return std::all_of(pes_.begin(), pes_.end(),
                     [](const auto& pe) { return pe == nullptr || pe->gave_all(); });
}

std::size_t OuterClocked::streams() const {
  return static_cast<std::size_t>(layer_.shape.channels_per_group() * phases_.count());
}

void OuterClocked::load_band() {
  rounds_ = rounds(plane(), pass_.filters);
  round_ = 0;
  load_image();
}

// The ifmap plane into the RAMs of the PEs, all sets alike.
void OuterClocked::load_image() {
  const LayerShape& shape = layer_.shape;
  const SliceReader reader(layer_.ifmap);
  const int depth = shape.channels_per_group();
  std::vector<std::int16_t> words(static_cast<std::size_t>(depth));
  activations_.assign(plane().tiles.size(), OuterActivationStreams(streams()));
  for (std::size_t tile = 0; tile < activations_.size(); ++tile) {
    const OuterTile& place = plane().tiles[tile];
    for (int y = place.in_rows.first; y < place.in_rows.end; ++y) {
      for (int x = place.in_cols.first; x < place.in_cols.end; ++x) {
        const int phase = phases_.of_pixel(y, x);
        if (phase < 0) continue;
        reader.read(layer_.ifmap.extent.at(n_, y, x, pass_.group * depth), depth, words.data());
        for (int c = 0; c < depth; ++c) {
          const std::int16_t value = words[static_cast<std::size_t>(c)];
          if (value == 0 && machine_.skip_ifmap) continue;
          activations_[tile][static_cast<std::size_t>(c * phases_.count() + phase)].push_back({value, y, x});
        }
      }
    }
    const int sets = plane().grid.sets();
    for (const auto& list : activations_[tile]) {
      const std::int64_t vectors = ceil_div(static_cast<std::int64_t>(list.size()), machine_.ifmap_vector);
      ifmap_vectors_ += sets * vectors;
      events_.ifmap_writes += std::min(sets, pass_.filters.size()) * vectors;
    }
  }
  ifmap_bits_ += ifmap_bits(reader, shape, pass_.group, plane(), n_);
}

void OuterClocked::load_weights(Range share, OuterWeightStreams& streams) const {
  const LayerShape& shape = layer_.shape;
  const int depth = shape.channels_per_group();
  for (int k = share.first; k < share.end; ++k) {
    const std::int16_t* word = weights_.data() + (k - pass_.filters.first) * shape.reduction();
    for (int r = 0; r < shape.R; ++r) {
      for (int s = 0; s < shape.S; ++s) {
        for (int c = 0; c < depth; ++c, ++word) {
          if (*word == 0 && machine_.skip_weights) continue;
          streams[static_cast<std::size_t>(c * phases_.count() + phases_.of_tap(r, s))].push_back(
              {*word, k - share.first, r, s});
        }
      }
    }
  }
}

void OuterClocked::begin_round() {
  const PlanarGrid& grid = plane().grid;
  pes_.clear();
  pes_.resize(static_cast<std::size_t>(machine_.pes));
  shares_.clear();
  pe_of_tile_.clear();
  weight_streams_.assign(static_cast<std::size_t>(grid.sets()), OuterWeightStreams(streams()));
  for (int set = 0; set < grid.sets(); ++set) {
    const Range share = share_of(rounds_[round_], grid.sets(), set);
    if (share.size() == 0) continue;
    auto& weights = weight_streams_[static_cast<std::size_t>(set)];
    load_weights(share, weights);
    auto& row = pe_of_tile_.emplace_back();
    shares_.push_back(share);
    for (int tile = 0; tile < grid.tiles(); ++tile) {
      const auto index = static_cast<std::size_t>(tile);
      auto& pe = pes_[static_cast<std::size_t>(grid.pe(set, tile))];
      pe = std::make_unique<OuterPeClocked>(machine_, layer_.shape, plane(), plane().tiles[index]);
      pe->begin(activations_[index], weights, share.size(), events_);
      row.push_back(pe.get());
    }
  }
}

// The owners' psums leave, and what comes next begins.
void OuterClocked::next_round() {
  end_round();
  if (++round_ == rounds_.size()) {
    round_ = 0;
    if (++n_ < pass_.n.end) {
      load_image();
    } else if (n_ = pass_.n.first; ++band_ < bands_.size()) {
      load_band();
    }
  }
  if (!done()) begin_round();
}

void OuterClocked::end_round() {
  for (std::size_t set = 0; set < pe_of_tile_.size(); ++set) {
    for (const OuterPeClocked* pe : pe_of_tile_[set]) {
      const OuterTile& tile = pe->tile();
      for (int k = shares_[set].first; k < shares_[set].end; ++k) {
        for (int p = tile.own_rows.first; p < tile.own_rows.end; ++p) {
          for (int q = tile.own_cols.first; q < tile.own_cols.end; ++q) {
            sums_[place_of(n_, p, q, k)] = pe->psum({k - shares_[set].first, p, q});
            ++events_.finished;
          }
        }
      }
    }
  }
}

std::size_t OuterClocked::place_of(int n, int p, int q, int k) const {
  const std::int64_t row = std::int64_t{n - pass_.n.first} * pass_.rows.size() + p - pass_.rows.first;
  const std::int64_t pixel = row * layer_.shape.Q() + q;
  return static_cast<std::size_t>(pixel * pass_.filters.size() + k - pass_.filters.first);
}

TileWork OuterClocked::work() const {
  OuterEvents events = events_;
  const bool found = finds_ifmap(layer_.shape, pass_, machine_, ifmap_vectors_);
  if (found) events.ifmap_writes = 0;
  TileWork work = outer_work(events, machine_);
  work.ifmap = found ? Bytes(0) : Bytes(ceil_div(ifmap_bits_, 8));
  work.weights = streamed_weights(layer_, pass_, bands_.size());
  work.psums_out = finished_psums(layer_.shape, pass_);
  OuterFill fill{
      .sets = bands_.front().grid.sets(), .tiles = bands_.front().grid.tiles(), .vectors = ifmap_vectors_};
  for (const OuterPlane& band : bands_) {
    if (band.grid.tiles() > 0) fill.rounds += static_cast<std::int64_t>(rounds(band, pass_.filters).size());
  }
  add_fills(machine_, pass_, fill, work);
  return work;
}

void OuterClocked::hand_over(Ofmap& sums) const {
  for (int n = pass_.n.first; n < pass_.n.end; ++n) {
    for (int p = pass_.rows.first; p < pass_.rows.end; ++p) {
      for (int q = 0; q < sums.Q; ++q) {
        for (int k = pass_.filters.first; k < pass_.filters.end; ++k) {
          const std::int64_t bias = layer_.bias.empty() ? 0 : layer_.bias[static_cast<std::size_t>(k)];
          sums.sums[sums.at(n, p, q, k)] = bias + sums_[place_of(n, p, q, k)];
        }
      }
    }
  }
}

std::vector<std::int64_t> OuterClocked::effectual_work() const {
  const auto nonzeros = [](const auto& stream) {
    return std::count_if(stream.begin(), stream.end(), [](const auto& word) { return word.value != 0; });
  };
  std::vector<std::int64_t> work(pes_.size());
  if (done()) return work;
  const PlanarGrid& grid = plane().grid;
  for (int set = 0; set < grid.sets(); ++set) {
    const OuterWeightStreams& weights = weight_streams_[static_cast<std::size_t>(set)];
    for (int tile = 0; tile < grid.tiles(); ++tile) {
      const auto pe = static_cast<std::size_t>(grid.pe(set, tile));
      if (pes_[pe] == nullptr) continue;
      const OuterActivationStreams& activations = activations_[static_cast<std::size_t>(tile)];
      for (std::size_t stream = 0; stream < weights.size(); ++stream)
        work[pe] += nonzeros(activations[stream]) * nonzeros(weights[stream]);
    }
  }
  return work;
}

std::vector<double> OuterClocked::view(int row) const {
  const auto& pe = pes_[static_cast<std::size_t>(row)];
  return pe != nullptr ? pe->view() : std::vector<double>(outer_signal_count);
}

std::vector<ClockedSignal> outer_signals(const UnitParameters&) {
  return {{"state", 3, {"multiply", "stall", "empty queues", "wait", "exchange"}},
          {"stream", 20},
          {"ifmap_place", 20},
          {"weight_place", 20},
          {"products_held", 9},
          {"fullest_queue", 7},
          {"queued", 14},
          {"halo_place", 20}};
}

}  // namespace basil
