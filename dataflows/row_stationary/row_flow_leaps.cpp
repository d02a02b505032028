// Windows in the middle of a row repeat themselves: when the array looks as it did some windows before, it
// goes on as it went on then, and the flow leaps over as many repeats as the row has room for.
#include <algorithm>

#include "dataflows/row_stationary/row_flow_array.h"

namespace basil {
namespace {

inline constexpr std::size_t most_moments = 8;  // a longer rhythm is followed

// Each bus works again behind the leap, which says until when.
void add(RowBeats& bus, const RowBeats& before, std::int64_t times) {
  bus.beats += times * (bus.beats - before.beats);
  bus.words += times * (bus.words - before.words);
}

void add(std::int64_t& count, std::int64_t before, std::int64_t times) { count += times * (count - before); }

}  // namespace

// All PEs, and the bus, are at the middle of the same row.
bool RowFlowArray::is_even() const {
  const ColumnOrder::Even& even = order_.even();
  return filters_loaded() && bus_n_ == pes_.front().n &&
         std::all_of(pes_.begin(), pes_.end(), [&](const FlowPe& pe) {
           return !pe.done && pe.n == bus_n_ && pe.window >= even.from && pe.window < even.until;
         });
}

void RowFlowArray::take_down(FlowTime now, std::vector<std::int64_t>& state) const {
  state.clear();
  const auto note = [&](std::int64_t word) { state.push_back(word); };
  const int first_window = pes_.front().window, first_column = order_.use(first_window, 0).column;
  for (const FlowPe& pe : pes_) {
    const std::int64_t words = std::int64_t{pe.base} + std::int64_t{first_column} * pe.channels;
    for (const std::int64_t word :
         {std::int64_t{pe.window} - first_window, std::int64_t{pe.tap}, std::int64_t{pe.channel},
          std::int64_t{pe.filter}, std::int64_t{pe.psum}, std::int64_t{pe.ready}, std::int64_t{pe.leading},
          std::int64_t{pe.free} - now, std::int64_t{pe.fifo}, pe.written - words, pe.released - words,
          pe.releasing - words, std::int64_t{std::max(0, pe.released_from - now)}})
      note(word);
    pe.results.each_word(now, array_.pe.pipeline, note);
  }
  calendar_.each_word(now, [&](std::uint64_t due) { note(static_cast<std::int64_t>(due)); });
  note(bus_n_);
  note(bus_column_ - first_column);
  note(bus_set_);
  note(bus_channel_);
  note(static_cast<std::int64_t>(bus_row_));
  note(held_up_by_);
  note(in_column_);
  note(out_column_);
  note(bottoms_have_room_ ? 1 : 0);
  note(out_wake_ == never_known ? -1 : std::max(0, out_wake_ - now));
  for (const int fill : bottom_fill_) note(fill);
  for (const int taken : taken_of_window_) note(taken);
}

// So that every PE's window and the bus's column stay in the middle of the row, and psums remain to come in.
std::int64_t RowFlowArray::repeats_to_come(const Moment& before) const {
  const ColumnOrder::Even& even = order_.even();
  const std::int64_t windows = pes_.front().window - before.window;
  std::int64_t times = (order_.columns() - 1 - bus_column_) / (windows * even.step);
  for (const FlowPe& pe : pes_) times = std::min(times, (even.until - 1 - pe.window) / windows);
  for (std::size_t column = 0; column < psums_left_.size(); ++column) {
    const std::int64_t drawn = before.psums_left[column] - psums_left_[column];
    const std::int64_t spare = psums_left_[column] - array_.psum_fifo;
    if (drawn > 0) times = std::min(times, std::max<std::int64_t>(0, spare) / drawn);
  }
  return times;
}

void RowFlowArray::repeat(const Moment& before, FlowTime now, std::int64_t times) {
  const auto later = static_cast<FlowTime>(times * (now - before.now));
  const int windows = static_cast<int>(times) * (pes_.front().window - before.window);
  const int columns = windows * order_.even().step;
  for (FlowPe& pe : pes_) {
    pe.window += windows;
    for (int* words : {&pe.written, &pe.released, &pe.releasing}) *words += columns * pe.channels;
    pe.free += later;
    pe.released_from += later;
    pe.results.delay(later);
  }
  calendar_.delay(later);
  bus_column_ += columns;
  if (out_wake_ != never_known) out_wake_ += later;
  add(sums_left_, before.sums_left, times);
  for (std::size_t column = 0; column < psums_left_.size(); ++column)
    add(psums_left_[column], before.psums_left[column], times);
  for (std::int64_t RowFlow::*count : {&RowFlow::wait_weights, &RowFlow::wait_activations,
                                       &RowFlow::wait_psums, &RowFlow::noc, &RowFlow::drain})
    add(flow_.*count, before.flow.*count, times);
  for (RowBeats RowFlow::*bus : {&RowFlow::ifmap_bus, &RowFlow::psum_in_bus, &RowFlow::psum_out_bus})
    add(flow_.*bus, before.flow.*bus, times);
}

// After a window of the first PE; the cycle that it is now, after what it leapt over.
FlowTime RowFlowArray::leap(FlowTime now) {
  if (!is_even()) {
    moments_.clear();
    return now;
  }
  Moment here{.state = {},
              .now = now,
              .window = pes_.front().window,
              .flow = flow_,
              .sums_left = sums_left_,
              .psums_left = psums_left_};
  take_down(now, here.state);
  for (const Moment& before : moments_) {
    if (before.state != here.state) continue;
    const std::int64_t times = repeats_to_come(before);
    if (times < 1) continue;
    repeat(before, now, times);
    const auto cycles = static_cast<FlowTime>(times * (now - before.now));
    moments_.clear();
    return now + cycles;
  }
  if (moments_.size() < most_moments) {
    moments_.push_back(std::move(here));
    oldest_ = 0;
  } else {
    moments_[std::exchange(oldest_, (oldest_ + 1) % most_moments)] = std::move(here);
  }
  return now;
}

}  // namespace basil
