#include "pe/sparse_inner/inner_clocked.h"

#include <algorithm>

namespace basil {
namespace {

std::vector<InnerCluster> deal_pixels(const Layer& layer, const InnerArray& array, const TilePass& pass,
                                      const PackedFilters& filters, const FilterSets& sets) {
  std::vector<std::vector<std::int64_t>> pixels(static_cast<std::size_t>(array.clusters));
  const std::int64_t all = std::int64_t{pass.n.size()} * pass.rows.size() * layer.shape.Q();
  for (std::int64_t pixel = 0; pixel < all; ++pixel) {
    pixels[static_cast<std::size_t>(pixel % array.clusters)].push_back(pixel);
  }
  std::vector<InnerCluster> clusters;
  clusters.reserve(pixels.size());
  for (auto& dealt : pixels) clusters.emplace_back(layer, array, pass, filters, sets, std::move(dealt));
  return clusters;
}

}  // namespace

// A set is asked for when all that use it have begun on the one before, so that one of two halves is free, or
// are through with it.
void FilterPort::step(const std::vector<InnerCluster>& clusters) {
  if (there_ == sets_.count()) return;
  if (beats_left_ == 0) {
    const bool free = std::all_of(clusters.begin(), clusters.end(), [this](const InnerCluster& cluster) {
      if (!cluster.uses(there_)) return true;
      return array_.delivery.weights ? cluster.begun(there_ - 1) : cluster.through(there_ - 1);
    });
    if (!free) return;
    beats_left_ = filters_.set_cycles(array_, sets_.chunk_of(there_));
  }
  if (--beats_left_ == 0) ++there_;
}

InnerClocked::InnerClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass)
    : layer_(layer),
      array_(inner_array(parameters)),
      pass_(pass),
      filters_(layer, array_, pass.filters),
      sets_(array_, pass.filters.size() > array_.units ? 2 : 1, array_.chunks(layer.shape.reduction()),
            pixels()),
      port_(array_, filters_, sets_),
      clusters_(deal_pixels(layer, array_, pass, filters_, sets_)) {}

bool InnerClocked::any_at_work() const {
  return std::any_of(clusters_.begin(), clusters_.end(),
                     [](const auto& cluster) { return cluster.joining() || cluster.waiting(); });
}

void InnerClocked::step() {
  const Bin done = any_at_work() ? Bin::imbalance : Bin::drain;
  port_.step(clusters_);
  for (InnerCluster& cluster : clusters_) {
    const Bin without_work = cluster.waiting() ? Bin::wait_weights : done;
    cluster.step(port_.there());
    const auto at_work = static_cast<std::int64_t>(cluster.has_pixels() ? cluster.units().size() : 0);
    bins_.add(Bin::idle, array_.units - at_work);
    for (std::int64_t unit = 0; unit < at_work; ++unit) {
      const Bin bin = cluster.units()[static_cast<std::size_t>(unit)].bin();
      bins_.add(bin == Bin::imbalance ? without_work : bin, 1);
    }
  }
  for (InnerCluster& cluster : clusters_) cluster.commit();
  ++cycles_;
}

bool InnerClocked::done() const {
  return std::all_of(clusters_.begin(), clusters_.end(), [](const auto& cluster) {
    return !cluster.joining() && !cluster.waiting() && cluster.pipes_empty();
  });
}

TileWork InnerClocked::work() const {
  TileWork work;
  work.cycles = Cycles(cycles_);
  work.bins = bins_;
  work.products = bins_[Bin::compute];
  InnerEvents events;
  std::int64_t ifmap_bits = 0, sums = 0;
  for (const InnerCluster& cluster : clusters_) {
    events += cluster.events();
    ifmap_bits += cluster.ifmap_bits();
    sums += static_cast<std::int64_t>(cluster.sums().size());
  }
  work.uses = inner_uses(array_, work, events);
  const std::int64_t times = sets_.chunks == 1 ? 1 : sets_.groups;
  work.weights = Bytes(ceil_div(filters_.encoded_bits, 8)) * times;
  work.ifmap = Bytes(ceil_div(ifmap_bits, 8));
  work.psums_out = Bytes(sums * 4);
  add_inner_fills(array_, sets_, pixels(), work);
  return work;
}

void InnerClocked::hand_over(Ofmap& sums) const {
  for (const InnerCluster& cluster : clusters_) {
    for (const LeavingPsum& sum : cluster.sums()) {
      const auto q = static_cast<int>(sum.pixel % sums.Q);
      const auto row = static_cast<int>(sum.pixel / sums.Q);
      const int k = pass_.filters.first + sum.filter;
      const std::int64_t bias = layer_.bias.empty() ? 0 : layer_.bias[static_cast<std::size_t>(k)];
      sums.sums[sums.at(pass_.n.first + row / pass_.rows.size(), pass_.rows.first + row % pass_.rows.size(),
                        q, k)] = bias + sum.psum;
    }
  }
}

std::vector<std::int64_t> InnerClocked::effectual_work() const {
  std::vector<std::int64_t> work;
  for (const InnerCluster& cluster : clusters_) work.push_back(cluster.effectual_words());
  return work;
}

std::vector<double> InnerClocked::view(int row) const {
  return clusters_[static_cast<std::size_t>(row)].view();
}

}  // namespace basil
