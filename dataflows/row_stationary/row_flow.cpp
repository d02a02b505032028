#include "dataflows/row_stationary/row_flow.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/error.h"
#include "dataflows/row_stationary/row_flow_array.h"

namespace basil {

void RowFlowArray::release(FlowPe& pe, FlowTime from) {
  const ColumnOrder::Use& use = order_.use(pe.window, pe.tap);
  int word = use.kept * pe.channels;
  if (pe.channel + 1 < pe.channels)
    word = std::min(use.column * pe.channels + pe.channel + 1, use.next_window * pe.channels);
  pe.releasing = std::max(pe.releasing, pe.base + word);
  pe.released_from = from;
}

void RowFlowArray::end_window(FlowPe& pe) {
  pe.psum = false;
  window_over_ |= &pe == pes_.data();
  if (++pe.window < shape_.windows) return;
  pe.window = 0;
  pe.base += order_.columns() * pe.channels;
  if (++pe.n < shape_.n) return;
  pe.done = true;
  const FlowTime done = pe.free + array_.pe.pipeline - 1;
  flow_.drain += array_.pe.pipeline - 1;
  done_cycles_ += done;
  last_done_ = std::max(last_done_, done);
}

void RowFlowArray::result(FlowPe& pe, FlowTime now) {
  pe.results.issue(now);
  if (pe.above >= 0) {
    if (this->pe(pe.above).psum) calendar_.call(pe.above, now + array_.pe.pipeline, now);
  } else {
    out_wake_ = std::min(out_wake_, now + array_.pe.pipeline);
  }
}

// The operand came in this cycle or before; `waits` counts what the PE waited for it.
void RowFlowArray::operand_there(FlowPe& pe, FlowTime now, std::int64_t& waits) {
  if (pe.ready) return;
  waits += now - pe.free;
  pe.free = now;
  pe.ready = true;
}

// The sum of the coming slot has a place; counts what the PE waited for it.
bool RowFlowArray::has_room(FlowPe& pe, FlowTime now) {
  if (pe.results.room_at() > now) return false;
  (pe.above < 0 ? flow_.noc : flow_.wait_psums) += now - pe.free;
  return true;
}

bool RowFlowArray::word_there(const FlowPe& pe) const {
  return pe.base + order_.use(pe.window, pe.tap).column * pe.channels + pe.channel < pe.written;
}

void RowFlowArray::issue(FlowPe& pe, FlowTime now) {
  if (pe.psum) {
    issue_psum(pe, now);
  } else if (pe.ready || word_there(pe)) {
    operand_there(pe, now, flow_.wait_activations);
    if (!pe.psums_in && pe.tap + 1 == shape_.taps_x && pe.channel + 1 == pe.channels) {
      issue_leaving(pe, now);
    } else {
      pe.free = now + pe.slots;
      end_word(pe);
    }
  }
}

// The next filter's slots of the last word of a window whose sums leave with it.
void RowFlowArray::issue_leaving(FlowPe& pe, FlowTime now) {
  const int slots = (*pe.filter_slots)[static_cast<std::size_t>(pe.filter)];
  if (slots > 1 && !pe.leading) {
    pe.leading = true;
    pe.free = now + slots - 1;
    return;
  }
  if (!has_room(pe, now)) return;
  result(pe, now);
  pe.free = now + 1;
  pe.leading = false;
  if (++pe.filter < pe.filters) return;
  pe.filter = 0;
  end_word(pe);
}

void RowFlowArray::issue_psum(FlowPe& pe, FlowTime now) {
  if (psum_ready_at(pe, now) > now) return;
  operand_there(pe, now, flow_.wait_psums);
  if (!has_room(pe, now)) return;
  if (pe.below >= 0) {
    if (this->pe(pe.below).results.take(now)) calendar_.call(pe.below, now + 1, now);
  } else {
    --bottom_fill_[static_cast<std::size_t>(pe.column)];
    bottoms_have_room_ = true;
  }
  ++flow_.wait_psums;
  result(pe, now);
  pe.free = now + 1;
  pe.ready = false;
  if (++pe.filter < pe.filters) return;
  pe.filter = 0;
  end_window(pe);
}

FlowTime RowFlowArray::psum_ready_at(const FlowPe& pe, FlowTime now) const {
  if (pe.below >= 0) return pes_[static_cast<std::size_t>(pe.below)].results.ready_at(array_.pe.pipeline);
  return bottom_fill_[static_cast<std::size_t>(pe.column)] > 0 ? now : never_known;
}

// The word's slots end with `free`.
void RowFlowArray::end_word(FlowPe& pe) {
  release(pe, pe.free);
  pe.ready = false;
  if (++pe.channel < pe.channels) return;
  pe.channel = 0;
  if (++pe.tap < shape_.taps_x) return;
  pe.tap = 0;
  pe.psum = pe.psums_in;
  if (!pe.psums_in) end_window(pe);
}

// When the PE's next slot may begin, as far as is known.
FlowTime RowFlowArray::next_issue(const FlowPe& pe, FlowTime now) const {
  if (pe.done) return never_known;
  if (pe.free > now) return pe.free;
  if (!pe.ready) {
    const FlowTime there = pe.psum ? psum_ready_at(pe, now) : word_there(pe) ? now : never_known;
    if (there == never_known) return never_known;
    return std::max(now + 1, there);
  }
  const FlowTime room = pe.results.room_at();
  return room == never_known ? never_known : std::max(now + 1, room);
}

void RowFlowArray::step(int number, FlowTime now) {
  FlowPe& pe = this->pe(number);
  if (pe.released_from <= now) pe.released = pe.releasing;
  const bool enters = pe.fifo > 0 && pe.written - pe.released < array_.pe.ifmap_spad;
  if (!pe.done && now >= pe.free) issue(pe, now);
  if (enters) {
    --pe.fifo;
    ++pe.written;
  }
  FlowTime next = next_issue(pe, now);
  if (pe.fifo > 0) {
    if (pe.written - pe.released < array_.pe.ifmap_spad) {
      next = now + 1;
    } else if (pe.releasing > pe.released) {
      next = std::min(next, std::max(now + 1, pe.released_from));
    }
  }
  calendar_.call(number, next, now);
}

FlowTime RowFlowArray::next_event(FlowTime now) const {
  if (fed_ || !filters_loaded()) return now + 1;
  FlowTime next = std::min(out_wake_, calendar_.next(now));
  const bool held_up =
      held_up_by_ >= 0 && pes_[static_cast<std::size_t>(held_up_by_)].fifo >= array_.ifmap_fifo;
  if (bus_n_ < shape_.n && !held_up) return now + 1;
  return bottoms_have_room_ ? now + 1 : next;
}

RowFlow RowFlowArray::run(bool leaps) {
  leaps_ = leaps && !fed_;
  for (FlowTime now = 0; sums_left_ > 0; now = next_event(now)) {
    if (now == never_known) throw Failure("row-stationary pass: its words stand still");
    if (fed_) ask(now);
    if (ifmap_works()) step_ifmap_bus(now);
    if (now >= start_ && !filters_loaded()) step_filter_bus(now);
    if (bottoms_have_room_ && now >= start_) step_psum_in_bus(now);
    if (now >= out_wake_ && psums_out_->takes(now)) step_psum_out_bus(now);
    calendar_.each_due(now, [&](int number) { step(number, now); });
    commit(now);
    if (std::exchange(window_over_, false) && leaps_) now = leap(now);
  }
  auto end = static_cast<FlowTime>(flow_.psum_out_bus.until);
  for (; ask(end), !psums_out_->over(end);) ++end;
  flow_.cycles = Cycles(end - start_);
  flow_.slots_over = Cycles(last_done_ - start_);
  flow_.noc += (end - flow_.psum_out_bus.until) * shape_.pes();
  for (const FlowPe& pe : pes_) {
    flow_.wait_weights += pe.filters_there - start_;
    flow_.products += std::int64_t{shape_.n} * shape_.windows * shape_.taps_x * pe.channels * pe.slots;
  }
  flow_.drain += (flow_.psum_out_bus.until - last_done_) * shape_.pes();
  flow_.imbalance = last_done_ * shape_.pes() - done_cycles_;
  for (RowBeats* bus : {&flow_.filter_bus, &flow_.ifmap_bus, &flow_.psum_in_bus, &flow_.psum_out_bus})
    for (std::int64_t* time : {&bus->from, &bus->until}) *time = std::max<std::int64_t>(0, *time - start_);
  return flow_;
}

std::int64_t touched_columns(const RowFlowShape& shape) { return ColumnOrder(shape).columns(); }

std::int64_t ifmap_words(const RowFlowShape& shape) {
  const std::int64_t channels =
      std::accumulate(shape.channels.begin(), shape.channels.end(), std::int64_t{0});
  return shape.n * touched_columns(shape) * std::ssize(needed_rows(shape)) * channels;
}

const RowFlow& RowFlows::of(const RowFlowShape& shape) {
  const auto known = known_.find(shape);
  if (known != known_.end()) return known->second;
  const std::unique_ptr<RowCarrier> carrier = network_ ? network_->carrier() : nullptr;
  return known_.emplace(shape, flow_of(shape, array_, carrier.get())).first->second;
}

RowFlow flow_of(const RowFlowShape& shape, const RowArray& array, RowCarrier* carrier) {
  return RowFlowArray(shape, array, carrier).run();
}

}  // namespace basil
