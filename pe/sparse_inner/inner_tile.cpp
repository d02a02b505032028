#include "pe/sparse_inner/inner_tile.h"

#include <algorithm>

namespace basil {

InnerTile::InnerTile(const Layer& layer, const UnitParameters& parameters)
    : array_(inner_array(parameters)),
      positions_(layer.shape.reduction()),
      chunks_(array_.chunks(positions_)),
      patches_(layer),
      filters_(layer, array_),
      ones_(ones(positions_)),
      values_(layer, parameters) {}

TileWork InnerTile::run(const TilePass& pass, Ofmap& sums) {
  patches_.gather(pass);
  filters_.gather(pass.filters);
  const int filters = pass.filters.size();
  const FilterSets sets(array_, filters_.filters_a_unit(), chunks_, patches_.pixels());
  const JoinTotals totals = join_all(sets);
  const IssueTime time = issue(sets);
  const std::int64_t joins = totals.matches + totals.without;
  const std::int64_t used = sets.clusters * filters_.units();  // PEs at work
  constexpr int tail = inner_pipeline - 1;

  TileWork work;
  work.cycles = Cycles(time.end + tail);
  work.products = products(totals, filters);
  work.bins.add(Bin::compute, work.products);
  work.bins.add(Bin::gated, joins - work.products);
  work.bins.add(Bin::wait_weights, time.waited * filters_.units());
  work.bins.add(Bin::imbalance, used * time.end - joins - time.waited * filters_.units());
  work.bins.add(Bin::drain, used * tail);
  work.bins.add(Bin::idle, (array_.pes() - used) * work.cycles.value);
  work.uses = inner_uses(array_, work, events(sets, totals, filters));
  const std::int64_t times = sets.chunks == 1 ? 1 : sets.groups;  // that the filters come
  work.weights = Bytes(ceil_div(filters_.encoded_bits(), 8)) * times;
  work.ifmap = Bytes(ceil_div(patches_.encoded_bits(), 8));
  work.psums_out = Bytes(patches_.pixels() * filters * 4);
  add_inner_fills(array_, sets, patches_.pixels(), work);

  values_.accumulate(pass, sums);
  return work;
}

JoinTotals InnerTile::join_all(const FilterSets& sets) {
  JoinTotals totals;
  work_.assign(static_cast<std::size_t>(sets.count() * sets.clusters), 0);
  JoinBlock block{.pixels = patches_.pixels(),
                  .patch_stride = array_.skip_ifmap ? patches_.words() : 0,
                  .units = filters_.units(),
                  .filters_a_unit = filters_.filters_a_unit()};
  const std::uint64_t* patch = array_.skip_ifmap ? patches_.data() : ones_.data();
  for (std::int64_t chunk = 0; chunk < chunks_; ++chunk) {
    block.words = filters_.words_of(chunk);
    cycles_.assign(static_cast<std::size_t>(patches_.pixels()), 0);
    join_chunk(block, patch, filters_.chunk(chunk), cycles_.data(), totals);
    add_work(sets, chunk);
    patch += block.words;
  }
  return totals;
}

// A chunk's cycles to the sets it belongs to, pixels being dealt to the clusters in turn.
void InnerTile::add_work(const FilterSets& sets, std::int64_t chunk) {
  const auto clusters = static_cast<std::size_t>(sets.clusters);
  const auto next_group = static_cast<std::size_t>(sets.chunks) * clusters;
  std::size_t cluster = 0;
  std::int64_t round = 0;
  std::int64_t* work = work_.data() + chunk * sets.clusters;
  for (const std::int64_t cycles : cycles_) {
    work[cluster] += cycles;
    if (++cluster < clusters) continue;
    cluster = 0;
    if (++round < sets.group) continue;
    round = 0;
    work += next_group;
  }
}

std::int64_t InnerTile::set_cycles(std::int64_t chunk, int filters) const {
  const std::int64_t positions = std::min<std::int64_t>(array_.chunk, positions_ - chunk * array_.chunk);
  return array_.set_cycles(positions * filters, filters_.stored(chunk));
}

// A set starts on its way when all clusters that use it have begun on the set before, or are through with it;
// a cluster begins on it when it is there and the cluster is through with the set before.
InnerTile::IssueTime InnerTile::issue(const FilterSets& sets) {
  const auto latest = [](const std::vector<std::int64_t>& times, std::int64_t count) {
    return *std::max_element(times.begin(), times.begin() + count);
  };
  begun_.assign(static_cast<std::size_t>(sets.clusters), 0);
  ended_.assign(work_.begin(), work_.begin() + sets.clusters);
  IssueTime time;
  const std::int64_t* work = work_.data() + sets.clusters;
  for (std::int64_t set = 1; set < sets.count(); ++set, work += sets.clusters) {
    const std::int64_t users = sets.clusters_of(set, patches_.pixels());
    const std::int64_t asked = latest(array_.delivery.weights ? begun_ : ended_, users);
    const std::int64_t there = asked + set_cycles(sets.chunk_of(set), filters_.filters());
    for (std::int64_t i = 0; i < users; ++i) {
      const auto cluster = static_cast<std::size_t>(i);
      begun_[cluster] = std::max(there, ended_[cluster]);
      time.waited += begun_[cluster] - ended_[cluster];
      ended_[cluster] = begun_[cluster] + work[cluster];
    }
  }
  time.end = *std::max_element(ended_.begin(), ended_.end());
  return time;
}

// Where both sides are skipped every match is a product.
std::int64_t InnerTile::products(const JoinTotals& totals, int filters) const {
  if (array_.skip_ifmap && array_.skip_weights) return totals.matches;
  return count_common(patches_.data(), patches_.pixels(), filters_.nonzero(), filters, patches_.words());
}

InnerEvents InnerTile::events(const FilterSets& sets, const JoinTotals& totals, int filters) const {
  const std::int64_t pixels = patches_.pixels();
  const std::int64_t patch_pieces = ceil_div(positions_, 16);
  const std::int64_t patch_words = array_.skip_ifmap ? patches_.nonzeros() : pixels * positions_;
  InnerEvents events{.joins = totals.matches + totals.without,
                     .matches = totals.matches,
                     .ifmap_writes = patch_words * filters_.units(),
                     .mask_writes = array_.skip_ifmap ? patch_pieces * pixels * filters_.units() : 0,
                     .routed = array_.balance == Balance::by_chunk ? pixels * filters * chunks_ : 0,
                     .psum_reads = pixels * filters * (chunks_ - 1),
                     .psum_writes = pixels * filters * (chunks_ - 1)};
  for (std::int64_t set = 0; set < sets.count(); ++set) {
    const std::int64_t chunk = sets.chunk_of(set), users = sets.clusters_of(set, pixels);
    const std::int64_t positions = std::min<std::int64_t>(array_.chunk, positions_ - chunk * array_.chunk);
    events.filter_writes += users * filters_.stored(chunk);
    if (array_.skip_weights) events.mask_writes += users * filters * ceil_div(positions, 16);
  }
  return events;
}

}  // namespace basil
