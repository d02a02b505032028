#include "pe/sparse_outer/outer_pe_clocked.h"

#include <algorithm>

namespace basil {

// A bank frees a place in the cycle in which it takes a product, so the ring holds one more than the queue.
OuterPeClocked::OuterPeClocked(const OuterMachine& machine, const LayerShape& shape, const OuterPlane& plane,
                               const OuterTile& tile)
    : machine_(machine),
      shape_(shape),
      plane_(plane),
      tile_(tile),
      queues_(static_cast<std::size_t>(machine.banks), Fifo<Product>(machine.queue + 1)) {}

void OuterPeClocked::begin(const OuterActivationStreams& activations, const OuterWeightStreams& weights,
                           int filters, OuterEvents& events) {
  activations_ = &activations;
  weights_ = &weights;
  filters_ = filters;
  accumulators_.assign(static_cast<std::size_t>(filters * plane_.region()), 0);
  for (const auto& list : weights) {
    events.weight_writes += ceil_div(static_cast<std::int64_t>(list.size()), machine_.weight_vector);
  }
  Place first;
  seek(first);
  place_ = Register<Place>(first);
  halo_cell_ = Register<std::int64_t>(next_halo(0));
}

// The first stream from here on that has both operands.
void OuterPeClocked::seek(Place& place) const {
  while (place.stream < activations_->size() &&
         ((*activations_)[place.stream].empty() || (*weights_)[place.stream].empty())) {
    ++place.stream;
  }
}

OuterPeState OuterPeClocked::next_state() const {
  if (!pending_.get().empty()) return OuterPeState::stall;
  if (has_step()) return OuterPeState::multiply;
  const bool queued = std::any_of(queues_.begin(), queues_.end(), [](const auto& q) { return !q.empty(); });
  return queued ? OuterPeState::empty_queues : OuterPeState::wait;
}

bool OuterPeClocked::at_barrier() const { return next_state() == OuterPeState::wait; }

void OuterPeClocked::step(OuterEvents& events) {
  state_ = next_state();
  accumulate();
  if (state_ == OuterPeState::multiply) {
    route(multiply(events));
    place_.set(after(place_.get()));
  } else if (state_ == OuterPeState::wait) {
    ++events.waiting;
  } else {
    ++events.stalled;
    route(pending_.get());
  }
}

void OuterPeClocked::commit() {
  place_.commit();
  pending_.commit();
  halo_cell_.commit();
  for (auto& queue : queues_) queue.commit();
}

void OuterPeClocked::accumulate() {
  for (auto& queue : queues_) {
    if (queue.empty()) continue;
    accumulators_[queue.front().address] += queue.front().value;
    queue.pop();
  }
}

// All activations of the vector against all weights of the vector.
std::vector<OuterPeClocked::Product> OuterPeClocked::multiply(OuterEvents& events) {
  const Place& place = place_.get();
  const auto& activations = (*activations_)[place.stream];
  const auto& weights = (*weights_)[place.stream];
  const auto last_activation =
      std::min(activations.size(), place.activation + static_cast<std::size_t>(machine_.ifmap_vector));
  const auto last_weight =
      std::min(weights.size(), place.weight + static_cast<std::size_t>(machine_.weight_vector));
  if (place.weight == 0) ++events.ifmap_reads;
  ++events.weight_reads;
  events.empty += machine_.multipliers();
  std::vector<Product> products;
  for (std::size_t i = place.activation; i < last_activation; ++i) {
    for (std::size_t j = place.weight; j < last_weight; ++j) {
      const OuterActivation& a = activations[i];
      const OuterWeight& w = weights[j];
      --events.empty;
      if (a.value == 0 || w.value == 0) {
        ++events.zero_pairs;
        continue;
      }
      const int row = a.y + shape_.pad_top - w.r * shape_.dilation_y;
      const int col = a.x + shape_.pad_left - w.s * shape_.dilation_x;
      const int p = row / shape_.stride_y, q = col / shape_.stride_x;
      if (row < 0 || col < 0 || p < plane_.rows.first || p >= plane_.rows.end || q >= shape_.Q()) {
        ++events.discarded;
        continue;
      }
      ++events.landed;
      products.push_back({std::int64_t{a.value} * w.value, address(w.filter, p, q)});
    }
  }
  return products;
}

// Each product to its bank's queue, as far as there is room.
void OuterPeClocked::route(const std::vector<Product>& products) {
  std::vector<Product> rest;
  std::vector<int> entered(queues_.size());
  for (const Product& product : products) {
    const std::size_t bank = product.address % queues_.size();
    if (queues_[bank].size() + entered[bank] < machine_.queue) {
      queues_[bank].push(product);
      ++entered[bank];
    } else {
      rest.push_back(product);
    }
  }
  pending_.set(rest);
}

// Weights inner: an activation vector stays until it has met all weights of the stream.
OuterPeClocked::Place OuterPeClocked::after(Place place) const {
  place.weight += static_cast<std::size_t>(machine_.weight_vector);
  if (place.weight < (*weights_)[place.stream].size()) return place;
  place.weight = 0;
  place.activation += static_cast<std::size_t>(machine_.ifmap_vector);
  if (place.activation < (*activations_)[place.stream].size()) return place;
  place.activation = 0;
  ++place.stream;
  seek(place);
  return place;
}

std::size_t OuterPeClocked::address(int filter, int p, int q) const {
  return static_cast<std::size_t>(
      (std::int64_t{filter} * plane_.acc_rows + p - tile_.first_row) * plane_.acc_cols + q - tile_.first_col);
}

bool OuterPeClocked::owns(int p, int q) const {
  return p >= tile_.own_rows.first && p < tile_.own_rows.end && q >= tile_.own_cols.first &&
         q < tile_.own_cols.end;
}

OuterPeClocked::Cell OuterPeClocked::cell_at(std::int64_t cell) const {
  const std::int64_t width = tile_.cols.size(), area = width * tile_.rows.size();
  return {.filter = static_cast<int>(cell / area),
          .p = tile_.rows.first + static_cast<int>(cell % area / width),
          .q = tile_.cols.first + static_cast<int>(cell % width)};
}

// The first cell from here on that another PE owns.
std::int64_t OuterPeClocked::next_halo(std::int64_t cell) const {
  const std::int64_t end = cells();
  for (; cell < end; ++cell) {
    const Cell at = cell_at(cell);
    if (!owns(at.p, at.q)) break;
  }
  return cell;
}

std::int64_t OuterPeClocked::cells() const {
  return std::int64_t{filters_} * tile_.rows.size() * tile_.cols.size();
}

bool OuterPeClocked::gave_all() const { return halo_cell_.get() == cells(); }

void OuterPeClocked::step_exchange(const std::vector<OuterPeClocked*>& pe_of_tile, OuterEvents& events) {
  state_ = OuterPeState::exchange;
  ++events.exchanging;
  std::int64_t cell = halo_cell_.get();
  for (int word = 0; word < machine_.halo_words && cell < cells(); ++word) {
    const Cell at = cell_at(cell);
    const auto owner = std::find_if(pe_of_tile.begin(), pe_of_tile.end(),
                                    [&](const OuterPeClocked* pe) { return pe->owns(at.p, at.q); });
    (*owner)->receive(at, psum(at));
    ++events.halo;
    cell = next_halo(cell + 1);
  }
  halo_cell_.set(cell);
}

// Only owned psums are received, and only others are given away: the order of PEs does not matter.
void OuterPeClocked::receive(const Cell& cell, std::int64_t psum) {
  accumulators_[address(cell.filter, cell.p, cell.q)] += psum;
}

std::int64_t OuterPeClocked::psum(const Cell& cell) const {
  const bool held = cell.p >= tile_.rows.first && cell.p < tile_.rows.end && cell.q >= tile_.cols.first &&
                    cell.q < tile_.cols.end;
  return held ? accumulators_[address(cell.filter, cell.p, cell.q)] : 0;
}

std::vector<double> OuterPeClocked::view() const {
  int fullest = 0, queued = 0;
  for (const auto& queue : queues_) {
    fullest = std::max(fullest, queue.size());
    queued += queue.size();
  }
  const Place& place = place_.get();
  return {static_cast<double>(state_),
          static_cast<double>(place.stream),
          static_cast<double>(place.activation),
          static_cast<double>(place.weight),
          static_cast<double>(pending_.get().size()),
          static_cast<double>(fullest),
          static_cast<double>(queued),
          static_cast<double>(halo_cell_.get())};
}

}  // namespace basil
