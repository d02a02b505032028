#include "pe/dot/dot_clocked.h"

#include <algorithm>
#include <numeric>

namespace basil {

DotOperands::DotOperands(const Layer& layer, const TilePass& tile_pass)
    : shape(layer.shape), pass(tile_pass) {
  const int depth = shape.channels_per_group();
  const SliceReader ifmap_reader(layer.ifmap), weight_reader(layer.weights);
  ifmap.resize(static_cast<std::size_t>(pass.n.size()) * static_cast<std::size_t>(shape.H * shape.W * depth));
  std::int16_t* out = ifmap.data();
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int pixel = 0; pixel < shape.H * shape.W; ++pixel, out += depth) {
      ifmap_reader.read(layer.ifmap.extent.at(n, pixel / shape.W, pixel % shape.W, pass.group * depth), depth,
                        out);
    }
  }
  weights.resize(static_cast<std::size_t>(pass.filters.size() * shape.reduction()));
  weight_reader.read(pass.filters.first * shape.reduction(), static_cast<std::int64_t>(weights.size()),
                     weights.data());
}

void DotOperands::patch(int n, int p, int q, std::int64_t first, std::int64_t count,
                        std::int16_t* out) const {
  const std::int64_t depth = shape.channels_per_group();
  for (std::int64_t place = first; place < first + count; ++place, ++out) {
    const auto tap = static_cast<int>(place / depth);
    const int y = p * shape.stride_y - shape.pad_top + tap / shape.S * shape.dilation_y;
    const int x = q * shape.stride_x - shape.pad_left + tap % shape.S * shape.dilation_x;
    const bool inside = y >= 0 && y < shape.H && x >= 0 && x < shape.W;
    const std::int64_t pixel = (std::int64_t{n - pass.n.first} * shape.H + y) * shape.W + x;
    *out = inside ? ifmap[static_cast<std::size_t>(pixel * depth + place % depth)] : std::int16_t{0};
  }
}

void DotOperands::filter(int k, std::int64_t first, std::int64_t count, std::int16_t* out) const {
  std::copy_n(weights.begin() + (k - pass.filters.first) * shape.reduction() + first, count, out);
}

DotPeClocked::DotPeClocked(const DotMachine& machine, const DotOperands& operands, Range rows, Range cols,
                           Range filters, std::vector<std::int64_t>& sums)
    : machine_(machine),
      operands_(operands),
      rows_(rows),
      cols_(cols),
      filters_(filters),
      sums_(sums),
      place_(Place{.n = operands.pass.n.first}),
      psums_(static_cast<std::size_t>(machine.psum_words)) {}

int DotPeClocked::band_pixels(const Place& place) const {
  return std::min(machine_.psum_words, rows_.size() * cols_.size() - place.band);
}

int DotPeClocked::resident_filters(const Place& place) const {
  return std::min(machine_.resident(band_pixels(place), filters_.size()), filters_.size() - place.resident);
}

void DotPeClocked::step(DotEvents& events) {
  if (done()) {
    ++events.waiting;
    return;
  }
  const Place& place = place_.get();
  fetch(place, events);
  ++events.steps;
  events.empty += machine_.width - static_cast<std::int64_t>(ifmap_.size());
  auto& psum = psums_[static_cast<std::size_t>(place.pixel * resident_filters(place) + place.filter)];
  std::int64_t sum = place.vector == 0 ? 0 : psum;
  for (std::size_t lane = 0; lane < ifmap_.size(); ++lane) {
    if (machine_.zero_gating && (ifmap_[lane] == 0 || weight_[lane] == 0)) {
      ++events.gated;
      continue;
    }
    ++events.products;
    sum += std::int64_t{ifmap_[lane]} * weight_[lane];
  }
  psum = sum;
  if (place.vector + 1 == machine_.vectors(operands_.shape)) finish(place, sum);
  place_.set(after(place));
}

void DotPeClocked::commit() { place_.commit(); }

// Operands of the step: a new ifmap vector where the filters start over. Weight vectors come through the FIFO
// with the band's first pixel and stay for the others.
void DotPeClocked::fetch(const Place& place, DotEvents& events) {
  const std::int64_t first = place.vector * machine_.width;
  const std::int64_t count = std::min<std::int64_t>(machine_.width, operands_.shape.reduction() - first);
  if (place.filter == 0) {
    const int pixel = place.band + place.pixel;
    ifmap_.resize(static_cast<std::size_t>(count));
    operands_.patch(place.n, rows_.first + pixel / cols_.size(), cols_.first + pixel % cols_.size(), first,
                    count, ifmap_.data());
    ++events.ifmap_reads;
  }
  weight_.resize(static_cast<std::size_t>(count));
  operands_.filter(filters_.first + place.resident + place.filter, first, count, weight_.data());
  if (place.pixel == 0) ++events.weight_writes;
}

DotPeClocked::Place DotPeClocked::after(Place place) const {
  if (++place.filter < resident_filters(place)) return place;
  place.filter = 0;
  if (++place.pixel < band_pixels(place)) return place;
  place.pixel = 0;
  if (++place.vector < machine_.vectors(operands_.shape)) return place;
  place.vector = 0;
  place.resident += resident_filters(place);
  if (place.resident < filters_.size()) return place;
  place.resident = 0;
  place.band += band_pixels(place);
  if (place.band < rows_.size() * cols_.size()) return place;
  place.band = 0;
  ++place.n;
  return place;
}

void DotPeClocked::finish(const Place& place, std::int64_t sum) {
  const TilePass& pass = operands_.pass;
  const int pixel = place.band + place.pixel;
  const int row = rows_.first - pass.rows.first + pixel / cols_.size();
  const int col = cols_.first + pixel % cols_.size();
  const int filter = filters_.first - pass.filters.first + place.resident + place.filter;
  const std::int64_t rows_before = std::int64_t{place.n - pass.n.first} * pass.rows.size() + row;
  const std::int64_t at = (rows_before * operands_.shape.Q() + col) * pass.filters.size() + filter;
  sums_[static_cast<std::size_t>(at)] = sum;
}

// Place by place of the reduction: pixels with a word there, times filters with one.
std::int64_t DotPeClocked::effectual_products() const {
  const std::int64_t places = operands_.shape.reduction();
  std::vector<std::int64_t> pixels(static_cast<std::size_t>(places)), filters(pixels);
  std::vector<std::int16_t> words(pixels.size());
  const auto count = [&](std::vector<std::int64_t>& counts) {
    for (std::size_t place = 0; place < words.size(); ++place) counts[place] += words[place] != 0 ? 1 : 0;
  };
  for (int n = operands_.pass.n.first; n < operands_.pass.n.end; ++n) {
    for (int pixel = 0; pixel < rows_.size() * cols_.size(); ++pixel) {
      operands_.patch(n, rows_.first + pixel / cols_.size(), cols_.first + pixel % cols_.size(), 0, places,
                      words.data());
      count(pixels);
    }
  }
  for (int k = filters_.first; k < filters_.end; ++k) {
    operands_.filter(k, 0, places, words.data());
    count(filters);
  }
  return std::inner_product(pixels.begin(), pixels.end(), filters.begin(), std::int64_t{0});
}

std::vector<double> DotPeClocked::view() const {
  const Place& place = place_.get();
  return {done() ? 0.0 : 1.0,
          static_cast<double>(place.n),
          static_cast<double>(place.vector),
          static_cast<double>(place.band + place.pixel),
          static_cast<double>(place.resident + place.filter),
          static_cast<double>(ifmap_.size())};
}

DotClocked::DotClocked(const Layer& layer, const UnitParameters& parameters, const TilePass& pass)
    : layer_(layer),
      machine_(parameters),
      operands_(layer, pass),
      sums_(static_cast<std::size_t>(pass.n.size()) * static_cast<std::size_t>(pass.rows.size()) *
            static_cast<std::size_t>(layer.shape.Q()) * static_cast<std::size_t>(pass.filters.size())),
      pe_of_row_(static_cast<std::size_t>(machine_.pes), -1) {
  const PlanarGrid grid = machine_.grid(layer.shape, pass.rows);
  for (int set = 0; set < grid.sets(); ++set) {
    const Range filters = share_of(pass.filters, grid.sets(), set);
    for (int tile = 0; tile < grid.tiles() && filters.size() > 0; ++tile) {
      pe_of_row_[static_cast<std::size_t>(grid.pe(set, tile))] = static_cast<int>(pes_.size());
      pes_.emplace_back(machine_, operands_, tile_range(pass.rows, grid.tile_rows, tile / grid.across),
                        tile_range({0, layer.shape.Q()}, grid.tile_cols, tile % grid.across), filters, sums_);
    }
  }
}

void DotClocked::step() {
  ++events_.cycles;
  events_.unmapped += std::count(pe_of_row_.begin(), pe_of_row_.end(), -1);
  for (DotPeClocked& pe : pes_) pe.step(events_);
  for (DotPeClocked& pe : pes_) pe.commit();
}

bool DotClocked::done() const {
  return std::all_of(pes_.begin(), pes_.end(), [](const DotPeClocked& pe) { return pe.done(); });
}

TileWork DotClocked::work() const {
  TileWork work = dot_work(events_, machine_);
  add_dot_bytes(layer_, SliceReader(layer_.ifmap), machine_, operands_.pass, work);
  return work;
}

void DotClocked::hand_over(Ofmap& sums) const {
  const TilePass& pass = operands_.pass;
  auto sum = sums_.begin();
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int p = pass.rows.first; p < pass.rows.end; ++p) {
      for (int q = 0; q < sums.Q; ++q) {
        for (int k = pass.filters.first; k < pass.filters.end; ++k, ++sum) {
          const std::int64_t bias = layer_.bias.empty() ? 0 : layer_.bias[static_cast<std::size_t>(k)];
          sums.sums[sums.at(n, p, q, k)] = bias + *sum;
        }
      }
    }
  }
}

std::vector<std::int64_t> DotClocked::effectual_work() const {
  std::vector<std::int64_t> work;
  for (const int pe : pe_of_row_)
    work.push_back(pe >= 0 ? pes_[static_cast<std::size_t>(pe)].effectual_products() : 0);
  return work;
}

std::vector<double> DotClocked::view(int row) const {
  const int pe = pe_of_row_[static_cast<std::size_t>(row)];
  return pe >= 0 ? pes_[static_cast<std::size_t>(pe)].view() : std::vector<double>(dot_signal_count);
}

std::vector<ClockedSignal> dot_signals(const UnitParameters&) {
  return {{"busy", 1}, {"image", 16}, {"vector", 20}, {"pixel", 20}, {"filter", 16}, {"lanes_filled", 11}};
}

}  // namespace basil
