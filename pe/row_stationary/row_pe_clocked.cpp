#include "pe/row_stationary/row_pe_clocked.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace basil {
namespace {

void require_room(const char* spad, std::int64_t needed, int words) {
  if (needed > words) {
    throw Error(fmt::format("row PE: {}", spad), fmt::format("{} words", words),
                fmt::format("at least {}", needed));
  }
}

}  // namespace

RowPeEvents& RowPeEvents::operator+=(const RowPeEvents& other) {
  filter_reads += other.filter_reads;
  filter_writes += other.filter_writes;
  ifmap_reads += other.ifmap_reads;
  ifmap_writes += other.ifmap_writes;
  psum_reads += other.psum_reads;
  psum_writes += other.psum_writes;
  products += other.products;
  gated += other.gated;
  psum_adds += other.psum_adds;
  return *this;
}

template <class Word>
RowPeClocked<Word>::RowPeClocked(const RowPe& pe, const RowShape& shape, Ports ports,
                                 std::span<const int> slots)
    : pe_(pe), shape_(shape), ports_(ports) {
  require_room("filter_spad", shape.filter_words(), pe.filter_spad);
  require_room("ifmap_spad", ifmap_spad_needed(shape), pe.ifmap_spad);
  require_room("psum_spad", shape.p, pe.psum_spad);
  filter_spad_.resize(static_cast<std::size_t>(shape.filter_words()));
  ifmap_spad_.resize(static_cast<std::size_t>(pe.ifmap_spad));
  psum_spad_.resize(static_cast<std::size_t>(shape.p));
  started_.resize(static_cast<std::size_t>(shape.p));
  pipe_.resize(static_cast<std::size_t>(pe.pipeline - 1));
  for (int filter = 0; filter < shape.p; ++filter) {
    const int of_filter = slots.empty() ? 1 : slots[static_cast<std::size_t>(filter)];
    filter_of_slot_.insert(filter_of_slot_.end(), static_cast<std::size_t>(of_filter), filter);
  }
  lay_out_columns();
}

template <class Word>
void RowPeClocked<Word>::lay_out_columns() {
  const int columns = (shape_.windows - 1) * shape_.stride + (shape_.taps - 1) * shape_.dilation + 1;
  std::vector<int> reader(static_cast<std::size_t>(columns), -1);
  for (int window = 0; window < shape_.windows; ++window) {
    for (int tap = 0; tap < shape_.taps; ++tap) {
      reader[static_cast<std::size_t>(window * shape_.stride + tap * shape_.dilation)] =
          window * shape_.taps + tap;
    }
  }
  place_of_column_.resize(reader.size());
  for (std::size_t column = 0; column < reader.size(); ++column) {
    place_of_column_[column] = static_cast<int>(last_reader_.size());
    if (reader[column] >= 0) last_reader_.push_back(reader[column]);
  }
}

// Which of all the ifmap words of the pass the slot reads, counted in the order they come.
template <class Word>
std::int64_t RowPeClocked<Word>::word_of(const RowSlot& slot) const {
  const int column = slot.window * shape_.stride + slot.tap * shape_.dilation;
  const std::int64_t columns_before = static_cast<std::int64_t>(last_reader_.size()) * slot.n +
                                      place_of_column_[static_cast<std::size_t>(column)];
  return columns_before * shape_.q + slot.channel;
}

template <class Word>
bool RowPeClocked<Word>::leaves(const RowSlot& slot) const {
  if (shape_.psums_in) return slot.psum;
  const auto next = static_cast<std::size_t>(slot.filter) + 1;
  const bool more = next < filter_of_slot_.size() && filter_of_slot_[next] == filter_of_slot_[next - 1];
  return !more && slot.tap + 1 == shape_.taps && slot.channel + 1 == shape_.q;
}

template <class Word>
Word RowPeClocked<Word>::ifmap_operand(const RowSlot& slot) const {
  if (slot.filter > 0) return ifmap_word_.get();
  return ifmap_spad_[static_cast<std::size_t>(word_of(slot) % pe_.ifmap_spad)];
}

template <class Word>
bool RowPeClocked<Word>::pipe_busy() const {
  return std::any_of(pipe_.begin(), pipe_.end(),
                     [](const auto& stage) { return stage.get().kind != Operation::Kind::bubble; });
}

template <class Word>
RowPeState RowPeClocked<Word>::next_state() const {
  if (filter_words_.get() < static_cast<int>(filter_spad_.size())) return RowPeState::wait_weights;
  const RowSlot& slot = slot_.get();
  if (slot.n == shape_.n) return pipe_busy() ? RowPeState::tail : RowPeState::done;
  if (slot.psum && ports_.psum_in->empty()) return RowPeState::wait_psums;
  if (!slot.psum && word_of(slot) >= written_.get()) return RowPeState::wait_activations;
  if (leaves(slot) && ports_.psum_out->room() <= in_flight_.get()) return RowPeState::wait_output;
  if (slot.psum) return RowPeState::psum_slot;
  return pe_.zero_gating && ifmap_operand(slot) == Word{} ? RowPeState::gated : RowPeState::product;
}

template <class Word>
bool RowPeClocked<Word>::word_enters() const {
  return !ports_.ifmap->empty() && written_.get() - released_.get() < pe_.ifmap_spad;
}

template <class Word>
void RowPeClocked<Word>::step() {
  state_ = next_state();
  ++cycles_[static_cast<std::size_t>(state_)];
  take_filter_beat();
  if (word_enters()) take_ifmap_word();
  run_pipe(issue(state_));
}

template <class Word>
void RowPeClocked<Word>::commit() {
  filter_words_.commit();
  written_.commit();
  released_.commit();
  slot_.commit();
  ifmap_word_.commit();
  for (auto& stage : pipe_) stage.commit();
  in_flight_.commit();
  product_.commit();
  accumulated_.commit();
}

template <class Word>
std::int64_t RowPeClocked<Word>::quiet_for() const {
  const RowPeState state = next_state();
  const bool waits = state == RowPeState::wait_weights || state == RowPeState::wait_activations ||
                     state == RowPeState::wait_psums || state == RowPeState::wait_output ||
                     state == RowPeState::done;
  return waits && beat_.empty() && !word_enters() && !pipe_busy() ? quiet_for_ever : 0;
}

template <class Word>
void RowPeClocked<Word>::skip(std::int64_t cycles) {
  state_ = next_state();
  cycles_[static_cast<std::size_t>(state_)] += cycles;
}

template <class Word>
void RowPeClocked<Word>::take_beat_ahead() {
  if (beat_.empty()) return;
  take_filter_beat();
  filter_words_.commit();
}

template <class Word>
void RowPeClocked<Word>::take_word_ahead() {
  if (word_enters()) take_ifmap_word();
  written_.commit();
}

template <class Word>
void RowPeClocked<Word>::take_filter_beat() {
  std::copy(beat_.begin(), beat_.end(), filter_spad_.begin() + filter_words_.get());
  filter_words_.set(filter_words_.get() + static_cast<int>(beat_.size()));
  events_.filter_writes += static_cast<std::int64_t>(beat_.size());
  beat_ = {};
}

template <class Word>
void RowPeClocked<Word>::take_ifmap_word() {
  ifmap_spad_[static_cast<std::size_t>(written_.get() % pe_.ifmap_spad)] = ports_.ifmap->front();
  ports_.ifmap->pop();
  written_.set(written_.get() + 1);
  ++events_.ifmap_writes;
}

// The read stage: starts the slot, if the state says so.
template <class Word>
typename RowPeClocked<Word>::Operation RowPeClocked<Word>::issue(RowPeState state) {
  const RowSlot& slot = slot_.get();
  Operation operation;
  if (state == RowPeState::product || state == RowPeState::gated) {
    operation = issue_product(slot, state == RowPeState::gated);
    if (slot.filter + 1 == shape_.word_slots()) release_words(slot);
  } else if (state == RowPeState::psum_slot) {
    operation = {Operation::Kind::psum, true, slot.filter, {}, {}, ports_.psum_in->front()};
    ports_.psum_in->pop();
  } else {
    return operation;
  }
  advance(slot);
  return operation;
}

template <class Word>
typename RowPeClocked<Word>::Operation RowPeClocked<Word>::issue_product(const RowSlot& slot, bool gated) {
  const Word word = ifmap_operand(slot);
  if (slot.filter == 0) {
    ifmap_word_.set(word);
    ++events_.ifmap_reads;
  }
  const int filter = filter_of_slot_[static_cast<std::size_t>(slot.filter)];
  if (gated) {
    ++events_.gated;
    return {Operation::Kind::gated, leaves(slot), filter, {}, {}, {}};
  }
  const int address = (slot.tap * shape_.q + slot.channel) * shape_.word_slots() + slot.filter;
  ++events_.filter_reads;
  return {Operation::Kind::product,
          leaves(slot),
          filter,
          word,
          filter_spad_[static_cast<std::size_t>(address)],
          {}};
}

// Ring entries leave in order, each when its last reader, and those of all before it, have had their slot.
template <class Word>
void RowPeClocked<Word>::release_words(const RowSlot& slot) {
  const std::int64_t row_words = static_cast<std::int64_t>(last_reader_.size()) * shape_.q;
  const std::int64_t now = std::int64_t{slot.window * shape_.taps + slot.tap} * shape_.q + slot.channel;
  std::int64_t oldest = released_.get() - slot.n * row_words;
  while (oldest < row_words) {
    const std::int64_t reader = last_reader_[static_cast<std::size_t>(oldest / shape_.q)];
    if (reader * shape_.q + oldest % shape_.q > now) break;
    ++oldest;
  }
  released_.set(slot.n * row_words + oldest);
}

// The slot counters: filter innermost, then channel, tap, (psums,) window, ifmap.
template <class Word>
void RowPeClocked<Word>::advance(RowSlot slot) {
  if (++slot.filter == (slot.psum ? shape_.p : shape_.word_slots())) {
    slot.filter = 0;
    bool window_ends = slot.psum;
    if (!slot.psum && ++slot.channel == shape_.q) {
      slot.channel = 0;
      if (++slot.tap == shape_.taps) {
        slot.tap = 0;
        slot.psum = shape_.psums_in;
        window_ends = !shape_.psums_in;
      }
    }
    if (window_ends) {
      slot.psum = false;
      if (++slot.window == shape_.windows) {
        slot.window = 0;
        ++slot.n;
      }
    }
  }
  slot_.set(slot);
}

// The multiply stage.
template <class Word>
typename RowPeClocked<Word>::Operation RowPeClocked<Word>::multiplied(Operation operation) {
  if (operation.kind == Operation::Kind::product) {
    operation.addend = multiply(operation.ifmap, operation.weight);
    product_.set(operation.addend);
    ++events_.products;
  }
  return operation;
}

// The multiplier stands before the second pipe register; in a shorter pipe it shares the adder's stage.
template <class Word>
void RowPeClocked<Word>::run_pipe(const Operation& issued) {
  Operation moving = issued;
  for (std::size_t stage = 0; stage < pipe_.size(); ++stage) {
    const Operation waiting = pipe_[stage].get();
    pipe_[stage].set(stage == 1 ? multiplied(moving) : moving);
    moving = waiting;
  }
  accumulate(pipe_.size() < 2 ? multiplied(moving) : moving);
  in_flight_.set(in_flight_.get() + (issued.leaves ? 1 : 0) - (moving.leaves ? 1 : 0));
}

// The accumulate stage: reads the psum, adds, and writes it back or hands it on.
template <class Word>
void RowPeClocked<Word>::accumulate(const Operation& operation) {
  if (operation.kind == Operation::Kind::bubble) return;
  if (operation.kind == Operation::Kind::gated && !operation.leaves) return;
  const auto at = static_cast<std::size_t>(operation.filter);
  const Sum before = started_[at] ? psum_spad_[at] : Sum{};
  const Sum sum = before + operation.addend;
  accumulated_.set(sum);
  ++events_.psum_reads;
  if (operation.kind == Operation::Kind::product) ++events_.psum_writes;
  if (operation.kind == Operation::Kind::psum) ++events_.psum_adds;
  psum_spad_[at] = sum;
  started_[at] = !operation.leaves;
  if (operation.leaves) ports_.psum_out->push(sum);
}

template <class Word>
RowPeView<Word> RowPeClocked<Word>::view() const {
  RowPeView<Word> view;
  view.state = state_;
  view.slot = slot_.get();
  view.filter_spad_words = filter_words_.get();
  view.ifmap_spad_words = static_cast<int>(written_.get() - released_.get());
  view.ifmap_fifo = ports_.ifmap->size();
  view.psum_in_fifo = ports_.psum_in == nullptr ? 0 : ports_.psum_in->size();
  view.psum_out_fifo = ports_.psum_out->size();
  view.results_in_flight = in_flight_.get();
  view.ifmap_word = ifmap_word_.get();
  if (!pipe_.empty()) {
    view.multiplicand = pipe_[0].get().ifmap;
    view.multiplier = pipe_[0].get().weight;
  }
  view.product = product_.get();
  view.accumulated = accumulated_.get();
  return view;
}

template class RowPeClocked<std::int16_t>;
template class RowPeClocked<float>;

}  // namespace basil
