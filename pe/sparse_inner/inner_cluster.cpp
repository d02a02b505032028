#include <algorithm>

#include "pe/sparse_inner/inner_clocked.h"

namespace basil {

PackedFilters::PackedFilters(const Layer& layer, const InnerArray& array, Range filters) {
  const SliceReader weights(layer.weights);
  const std::int64_t positions = layer.shape.reduction();
  std::vector<std::int16_t> values(static_cast<std::size_t>(positions));
  std::vector<std::vector<std::int64_t>> nonzeros;  // by chunk, filter
  nonzeros.resize(static_cast<std::size_t>(array.chunks(positions)));
  for (int k = filters.first; k < filters.end; ++k) {
    const std::int64_t first = layer.weights.extent.at(k, 0, 0, 0);
    weights.read(first, positions, values.data());
    encoded_bits += weights.encoded_bits(first, positions);
    auto& packed = chunks.emplace_back();
    for (std::size_t chunk = 0; chunk < nonzeros.size(); ++chunk) {
      const auto from = static_cast<std::int64_t>(chunk) * array.chunk;
      const std::int64_t count = std::min<std::int64_t>(array.chunk, positions - from);
      const std::int16_t* begin = values.data() + from;
      packed.push_back(pack_chunk(begin, count, array.skip_weights));
      nonzeros[chunk].push_back(count - std::count(begin, begin + count, std::int16_t{0}));
    }
  }
  collocate(array, nonzeros);
}

std::int64_t PackedFilters::set_cycles(const InnerArray& array, std::int64_t chunk) const {
  std::int64_t positions = 0, stored = 0;
  for (const auto& filter : chunks) {
    const PackedChunk& packed = filter[static_cast<std::size_t>(chunk)];
    positions += packed.positions;
    stored += static_cast<std::int64_t>(packed.values.size());
  }
  return array.set_cycles(positions, stored);
}

void PackedFilters::collocate(const InnerArray& array,
                              const std::vector<std::vector<std::int64_t>>& nonzeros) {
  std::vector<std::int64_t> whole(chunks.size());
  for (const auto& of_chunk : nonzeros) {
    for (std::size_t filter = 0; filter < whole.size(); ++filter) whole[filter] += of_chunk[filter];
  }
  for (const auto& of_chunk : nonzeros) {
    switch (array.balance) {
      case Balance::none:
        collocated.push_back(alone(static_cast<int>(chunks.size())));
        break;
      case Balance::by_filter:
        collocated.push_back(greedy(whole, array.units));
        break;
      case Balance::by_chunk:
        collocated.push_back(greedy(of_chunk, array.units));
        break;
    }
  }
}

InnerCluster::InnerCluster(const Layer& layer, const InnerArray& array, const TilePass& pass,
                           const PackedFilters& filters, const FilterSets& sets,
                           std::vector<std::int64_t> pixels)
    : layer_(layer),
      array_(array),
      pass_(pass),
      filters_(filters),
      sets_(sets),
      ifmap_(layer.ifmap),
      pixels_(std::move(pixels)),
      own_sets_(ceil_div(static_cast<std::int64_t>(pixels_.size()), sets.group) * sets.chunks),
      units_(filters.collocated.front().size(), JoinUnit(array, sets.group)),
      patches_(static_cast<std::size_t>(sets.group)),
      accumulators_(static_cast<std::size_t>(sets.group), std::vector<std::int64_t>(filters.chunks.size())) {
  // The first set and the first chunk are there when the pass starts.
  broadcast(1);
  commit();
}

void InnerCluster::step(std::int64_t sets_there) {
  leaving_.clear();
  bool finished = true;
  for (JoinUnit& unit : units_) {
    unit.step(leaving_, events_);
    finished = finished && unit.finishes();
  }
  take_psums();
  if (finished) broadcast(sets_there);
}

void InnerCluster::commit() {
  for (JoinUnit& unit : units_) unit.commit();
  joining_.commit();
  pixel_.commit();
  set_.commit();
}

bool InnerCluster::pipes_empty() const {
  return std::all_of(units_.begin(), units_.end(), [](const JoinUnit& unit) { return unit.pipe_empty(); });
}

// The next chunk to every unit's buffers, to be joined from the next cycle on, if its set is there.
void InnerCluster::broadcast(std::int64_t sets_there) {
  const bool goes_on = next_set_ < own_sets_ && next_set_ < sets_there;
  joining_.set(goes_on);
  if (!goes_on) return;
  const auto chunk = static_cast<std::size_t>(sets_.chunk_of(next_set_));
  const std::int64_t group = next_set_ / sets_.chunks;
  const std::int64_t pixel = pixels_[static_cast<std::size_t>(group * sets_.group + next_place_)];
  std::vector<std::int16_t>& patch = patches_[static_cast<std::size_t>(next_place_)];
  if (chunk == 0) ifmap_bits_ += read_patch(pixel, patch);
  const std::int64_t first = static_cast<std::int64_t>(chunk) * array_.chunk;
  const std::int64_t left = static_cast<std::int64_t>(patch.size()) - first;
  ifmap_chunk_ =
      pack_chunk(patch.data() + first, std::min<std::int64_t>(array_.chunk, left), array_.skip_ifmap);
  const ChunkBroadcast sent{&ifmap_chunk_, pixel, next_place_, static_cast<int>(chunk), left <= array_.chunk};
  const auto held = [&](int filter) {
    return filter < 0 ? FilterChunk{}
                      : FilterChunk{filter, &filters_.chunks[static_cast<std::size_t>(filter)][chunk]};
  };
  for (std::size_t unit = 0; unit < units_.size(); ++unit) {
    const Collocated& filters = filters_.collocated[chunk][unit];
    units_[unit].load(sent, {held(filters.first), held(filters.second)}, events_);
  }
  pixel_.set(pixel);
  set_.set(next_set_);
  advance();
}

// Through the pixels of the group, then to the next set.
void InnerCluster::advance() {
  const std::int64_t first = next_set_ / sets_.chunks * sets_.group;
  const std::int64_t in_group = std::min(sets_.group, static_cast<std::int64_t>(pixels_.size()) - first);
  if (++next_place_ < in_group) return;
  next_place_ = 0;
  ++next_set_;
}

// Stretch by stretch: the group's channels at each place under a tap, zeros on padding.
std::int64_t InnerCluster::effectual_words() const {
  std::int64_t words = 0;
  std::vector<std::int16_t> patch;
  for (const std::int64_t pixel : pixels_) {
    read_patch(pixel, patch);
    words += std::count_if(patch.begin(), patch.end(), [](std::int16_t word) { return word != 0; });
  }
  return words;
}

std::int64_t InnerCluster::read_patch(std::int64_t pixel, std::vector<std::int16_t>& patch) const {
  const LayerShape& s = layer_.shape;
  const std::int64_t row = pixel / s.Q();
  const auto n = static_cast<int>(pass_.n.first + row / pass_.rows.size());
  const auto p = static_cast<int>(pass_.rows.first + row % pass_.rows.size());
  const auto q = static_cast<int>(pixel % s.Q());
  const int depth = s.channels_per_group();
  patch.assign(static_cast<std::size_t>(s.reduction()), 0);
  std::int16_t* out = patch.data();
  std::int64_t bits = 0;
  for (int r = 0; r < s.R; ++r) {
    for (int tap = 0; tap < s.S; ++tap, out += depth) {
      const int y = p * s.stride_y - s.pad_top + r * s.dilation_y;
      const int x = q * s.stride_x - s.pad_left + tap * s.dilation_x;
      if (y < 0 || y >= s.H || x < 0 || x >= s.W) continue;
      const std::int64_t first = layer_.ifmap.extent.at(n, y, x, pass_.group * depth);
      ifmap_.read(first, depth, out);
      bits += ifmap_.encoded_bits(first, depth);
    }
  }
  return bits;
}

// Finished sums leave; routed psums are first added up in the accumulators of their filters.
void InnerCluster::take_psums() {
  for (LeavingPsum psum : leaving_) {
    if (array_.balance == Balance::by_chunk) {
      ++events_.routed;
      auto& kept = accumulators_[static_cast<std::size_t>(psum.place)][static_cast<std::size_t>(psum.filter)];
      if (!psum.starts_pixel) psum.psum += kept, ++events_.psum_reads;
      if (!psum.ends_pixel) kept = psum.psum, ++events_.psum_writes;
    }
    if (psum.ends_pixel) sums_.push_back(psum);
  }
}

std::vector<ClockedSignal> inner_signals(const InnerArray& array) {
  const int word = bits_of(array.dtype);
  return {{"cluster.joining", 1},        {"cluster.pixel", 32},     {"cluster.chunk", 16},
          {"cluster.units_joining", 11}, {"cluster.most_left", 12}, {"unit0.matches_left", 12},
          {"unit0.ifmap_word", word},    {"unit0.weight", word},    {"unit0.product", 32},
          {"unit0.psum0", 32},           {"unit0.psum1", 32}};
}

std::vector<double> InnerCluster::view() const {
  double busy = 0;
  std::int64_t most = 0;
  for (const JoinUnit& unit : units_) {
    busy += unit.joining() ? 1 : 0;
    most = std::max(most, unit.matches_left());
  }
  const JoinUnit& unit = units_.front();
  return {joining_.get() ? 1.0 : 0.0,
          static_cast<double>(pixel_.get()),
          static_cast<double>(sets_.chunk_of(set_.get())),
          busy,
          static_cast<double>(most),
          static_cast<double>(unit.matches_left()),
          static_cast<double>(unit.ifmap_word()),
          static_cast<double>(unit.weight()),
          static_cast<double>(unit.product()),
          static_cast<double>(unit.psum(0)),
          static_cast<double>(unit.psum(1))};
}

}  // namespace basil
