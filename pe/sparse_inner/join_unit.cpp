#include "pe/sparse_inner/join_unit.h"

#include <bit>

namespace basil {

void JoinUnit::load(const ChunkBroadcast& broadcast, const std::array<FilterChunk, 2>& filters,
                    InnerEvents& events) {
  const int side = 1 - ifmap_side_.get();
  ifmap_[static_cast<std::size_t>(side)] = *broadcast.ifmap;
  ifmap_side_.set(side);
  events.ifmap_writes += static_cast<std::int64_t>(broadcast.ifmap->values.size());
  if (array_.skip_ifmap) events.mask_writes += broadcast.ifmap->mask_pieces();
  for (std::size_t which = 0; which < filters.size(); ++which) {
    load_filter(which, filters[which], broadcast.chunk, events);
  }
  tag_.set({broadcast.pixel, broadcast.place, broadcast.chunk == 0, broadcast.ends_pixel});
  cursor_.set({.joining = true, .first = true});
}

void JoinUnit::load_filter(std::size_t which, const FilterChunk& next, int chunk, InnerEvents& events) {
  const HeldFilter& held = filter(which);
  if (held.filter == next.filter && held.chunk == chunk) return;
  const int side = 1 - filter_side_[which].get();
  HeldFilter& into = filters_[which][static_cast<std::size_t>(side)];
  into = {next.filter, chunk, next.filter < 0 ? PackedChunk{} : *next.packed};
  filter_side_[which].set(side);
  events.filter_writes += static_cast<std::int64_t>(into.packed.values.size());
  if (array_.skip_weights) events.mask_writes += into.packed.mask_pieces();
}

void JoinUnit::step(std::vector<LeavingPsum>& leaving, InnerEvents& events) {
  const Operands waiting = operands_.get();
  accumulate(product_.get(), leaving, events);
  product_.set({waiting, waiting.multiplies ? std::int64_t{waiting.ifmap} * waiting.weight : 0});
  operands_.set(join(events));
}

void JoinUnit::commit() {
  ifmap_side_.commit();
  for (auto& side : filter_side_) side.commit();
  tag_.commit();
  cursor_.commit();
  operands_.commit();
  product_.commit();
  for (auto& psum : psums_) psum.commit();
}

std::uint64_t JoinUnit::common(std::size_t which, std::size_t word) const {
  const HeldFilter& held = filter(which);
  return held.filter < 0 ? 0 : ifmap().mask[word] & held.packed.mask[word];
}

JoinUnit::Match JoinUnit::find(std::size_t which, std::int64_t position) const {
  for (; which < filters_.size(); ++which, position = 0) {
    for (auto word = static_cast<std::size_t>(position / 64); word < ifmap().mask.size(); ++word) {
      const auto base = static_cast<std::int64_t>(word) * 64;
      const std::uint64_t from = position > base ? ~std::uint64_t{0} << (position - base) : ~std::uint64_t{0};
      const std::uint64_t bits = common(which, word) & from;
      if (bits != 0) return {true, which, base + std::countr_zero(bits)};
    }
  }
  return {};
}

// The AND and encode stage.
JoinUnit::Operands JoinUnit::join(InnerEvents& events) {
  const Cursor cursor = cursor_.get();
  bin_ = Bin::imbalance;
  finishes_ = true;
  if (!cursor.joining) return {};
  ++events.joins;
  Operands slot{.valid = true,
                .first = cursor.first,
                .last = true,
                .filters = {filter(0).filter, filter(1).filter},
                .tag = tag_.get()};
  bin_ = Bin::gated;
  const Match match = find(cursor.which, cursor.position);
  if (match.found) {
    ++events.matches;
    slot.which = match.which;
    slot.ifmap = ifmap().at(match.position);
    slot.weight = filter(match.which).packed.at(match.position);
    slot.multiplies = slot.ifmap != 0 && slot.weight != 0;
    if (slot.multiplies) bin_ = Bin::compute;
    finishes_ = !find_after(match).found;
    slot.last = finishes_;
  }
  cursor_.set({.joining = !finishes_, .which = match.which, .position = match.position + 1});
  return slot;
}

// What the adder adds to: its register, or with a chunk's first slot what the store kept of the pixel. Routed
// psums are kept behind the crossbar.
std::int64_t JoinUnit::psum_before(const Operands& from, std::size_t which, InnerEvents& events) const {
  if (!from.first) return psums_[which].get();
  if (from.tag.starts_pixel || array_.balance == Balance::by_chunk || from.filters[which] < 0) return 0;
  ++events.psum_reads;
  return kept_[static_cast<std::size_t>(from.tag.place)][which];
}

// The adder: with the last slot of a chunk a psum goes to the store, or leaves if it is the pixel's last
// chunk or psums are routed.
void JoinUnit::accumulate(const Product& product, std::vector<LeavingPsum>& leaving, InnerEvents& events) {
  const Operands& from = product.from;
  if (!from.valid) return;
  const bool leaves = from.last && (from.tag.ends_pixel || array_.balance == Balance::by_chunk);
  for (std::size_t which = 0; which < psums_.size(); ++which) {
    const std::int64_t psum = psum_before(from, which, events) + (which == from.which ? product.product : 0);
    psums_[which].set(leaves ? 0 : psum);
    if (!from.last || from.filters[which] < 0) continue;
    if (leaves) {
      leaving.push_back({from.filters[which], from.tag.pixel, from.tag.place, psum, from.tag.starts_pixel,
                         from.tag.ends_pixel});
    } else {
      kept_[static_cast<std::size_t>(from.tag.place)][which] = psum;
      ++events.psum_writes;
    }
  }
}

std::int64_t JoinUnit::matches_left() const {
  const Cursor& cursor = cursor_.get();
  if (!cursor.joining) return 0;
  std::int64_t left = 0;
  for (Match match = find(cursor.which, cursor.position); match.found; match = find_after(match)) ++left;
  return left;
}

}  // namespace basil
