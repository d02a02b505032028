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
  const JoinTotals totals = join_all();
  const std::int64_t issue = slowest_cluster();
  const std::int64_t joins = totals.matches + totals.without;
  const std::int64_t used =
      std::min<std::int64_t>(array_.clusters, patches_.pixels()) * filters_.units();  // PEs at work
  constexpr int tail = inner_pipeline - 1;

  TileWork work;
  work.cycles = Cycles(issue + tail);
  work.products = products(totals, filters);
  work.bins.add(Bin::compute, work.products);
  work.bins.add(Bin::gated, joins - work.products);
  work.bins.add(Bin::imbalance, used * issue - joins);
  work.bins.add(Bin::drain, used * tail);
  work.bins.add(Bin::idle, (array_.pes() - used) * work.cycles.value);
  work.uses = inner_uses(array_, work, events(totals, filters));
  work.weights = Bytes(ceil_div(filters_.encoded_bits(), 8));
  work.ifmap = Bytes(ceil_div(patches_.encoded_bits(), 8));
  work.psums_out = Bytes(patches_.pixels() * filters * 4);

  values_.accumulate(pass, sums);
  return work;
}

JoinTotals InnerTile::join_all() {
  JoinTotals totals;
  cycles_.assign(static_cast<std::size_t>(patches_.pixels()), 0);
  JoinBlock block{.pixels = patches_.pixels(),
                  .patch_stride = array_.skip_ifmap ? patches_.words() : 0,
                  .units = filters_.units(),
                  .filters_a_unit = filters_.filters_a_unit()};
  const std::uint64_t* patch = array_.skip_ifmap ? patches_.data() : ones_.data();
  for (std::int64_t chunk = 0; chunk < chunks_; ++chunk) {
    block.words = filters_.words_of(chunk);
    join_chunk(block, patch, filters_.chunk(chunk), cycles_.data(), totals);
    patch += block.words;
  }
  return totals;
}

std::int64_t InnerTile::slowest_cluster() const {
  std::vector<std::int64_t> clusters(static_cast<std::size_t>(array_.clusters));
  std::size_t cluster = 0;
  for (const std::int64_t cycles : cycles_) {
    clusters[cluster] += cycles;
    if (++cluster == clusters.size()) cluster = 0;
  }
  return *std::max_element(clusters.begin(), clusters.end());
}

// Where both sides are skipped every match is a product.
std::int64_t InnerTile::products(const JoinTotals& totals, int filters) const {
  if (array_.skip_ifmap && array_.skip_weights) return totals.matches;
  return count_common(patches_.data(), patches_.pixels(), filters_.nonzero(), filters, patches_.words());
}

InnerEvents InnerTile::events(const JoinTotals& totals, int filters) const {
  const std::int64_t pixels = patches_.pixels();
  const std::int64_t mask_pieces = ceil_div(positions_, 16);
  const std::int64_t filter_loads = chunks_ == 1 ? std::min<std::int64_t>(array_.clusters, pixels) : pixels;
  const std::int64_t patch_words = array_.skip_ifmap ? patches_.nonzeros() : pixels * positions_;
  return {.joins = totals.matches + totals.without,
          .matches = totals.matches,
          .ifmap_writes = patch_words * filters_.units(),
          .filter_writes = filter_loads * filters_.stored(),
          .mask_writes = mask_pieces * ((array_.skip_ifmap ? pixels * filters_.units() : 0) +
                                        (array_.skip_weights ? filter_loads * filters : 0)),
          .routed = array_.balance == Balance::by_chunk ? pixels * filters * chunks_ : 0};
}

}  // namespace basil
