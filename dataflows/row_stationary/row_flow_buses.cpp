// The buses of the array that the flow of a pass follows, and how they are wired to its PEs.
#include <algorithm>
#include <numeric>

#include "dataflows/row_stationary/row_flow.h"
#include "dataflows/row_stationary/row_flow_array.h"

namespace basil {

std::vector<int> needed_rows(const RowFlowShape& shape) {
  std::vector<int> rows;
  for (int row = 0; row < shape.rows; ++row) {
    for (int tap = 0; tap < shape.taps_y; ++tap)
      rows.push_back(row * shape.stride_y + tap * shape.dilation_y);
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

RowFlowArray::RowFlowArray(const RowFlowShape& shape, const RowArray& array, RowCarrier* carrier)
    : shape_(shape),
      array_(array),
      order_(shape),
      issued_at_(static_cast<std::size_t>(shape.pes() * array.psum_fifo)),
      calendar_(shape.pes()),
      carrier_(carrier),
      start_(static_cast<FlowTime>(shape.ahead.ifmap_cycles)) {
  wire();
}

void RowFlowArray::wire() {
  const int sets = static_cast<int>(shape_.channels.size());
  const std::vector<int> rows = needed_rows(shape_);
  takers_.assign(static_cast<std::size_t>(sets), std::vector<std::vector<int>>(rows.size()));
  std::int64_t beats = 0;
  for (int filter_set = 0; filter_set < shape_.filter_sets(); ++filter_set) {
    const std::vector<int>& filter_slots = shape_.slots[static_cast<std::size_t>(filter_set)];
    const int slots = std::accumulate(filter_slots.begin(), filter_slots.end(), 0);
    for (int link = 0; link < shape_.chain(); ++link) {
      const int set = link / shape_.taps_y, tap = link % shape_.taps_y;
      const int channels = shape_.channels[static_cast<std::size_t>(set)];
      const std::int64_t words = std::int64_t{slots} * channels * shape_.taps_x;
      beats += ceil_div(words, array_.pe.filter_words_per_beat);
      flow_.filter_bus.words += words;
      for (int row = 0; row < shape_.rows; ++row) {
        const int number = static_cast<int>(pes_.size());
        const bool top = link == 0, bottom = link + 1 == shape_.chain();
        FlowPe pe{.results =
                      Results(issued_at_.data() + std::int64_t{number} * array_.psum_fifo, array_.psum_fifo)};
        pe.column = filter_set * shape_.rows + row;
        pe.above = top ? -1 : number - shape_.rows;
        pe.below = bottom ? -1 : number + shape_.rows;
        pe.filter_slots = &filter_slots;
        pe.filters = static_cast<int>(filter_slots.size());
        pe.slots = slots;
        pe.channels = channels;
        pe.psums_in = !bottom || shape_.psums_in;
        pe.filter_beats = beats;
        if (top) tops_.push_back(number);
        if (bottom) bottoms_.push_back(number);
        pes_.push_back(pe);
        const auto needed =
            std::lower_bound(rows.begin(), rows.end(), row * shape_.stride_y + tap * shape_.dilation_y);
        takers_[static_cast<std::size_t>(set)][static_cast<std::size_t>(needed - rows.begin())].push_back(
            number);
      }
    }
  }
  flow_.filter_bus.beats = beats;
  filter_beats_in_ = std::min(shape_.ahead.filter_beats, beats);
  flow_.filter_bus.until = start_;
  start_pes(start_);
  taken_of_window_.assign(tops_.size(), 0);
  bottom_fill_.assign(bottoms_.size(), 0);
  bottom_pushed_.assign(bottoms_.size(), 0);
  for (int column = 0; column < shape_.columns(); ++column) {
    const std::int64_t sums =
        std::int64_t{shape_.n} * shape_.windows * pe(tops_[static_cast<std::size_t>(column)]).filters;
    sums_left_ += sums;
    psums_left_.push_back(shape_.psums_in ? sums : 0);
  }
  bottoms_have_room_ = shape_.psums_in;
  filters_.emplace(shape_.feeds.filters, RowStreamKind::filters, beats - filter_beats_in_, carrier_);
  ifmap_.emplace(shape_.feeds.ifmap, RowStreamKind::ifmap, ifmap_words(shape_), carrier_);
  psums_in_feed_.emplace(shape_.feeds.psums_in, RowStreamKind::psums_in, shape_.psums_in ? sums_left_ : 0,
                         carrier_);
  psums_out_.emplace(shape_.feeds.psums_out, sums_left_, carrier_);
  fed_ = shape_.feeds != RowFeeds{};
}

// A beat that did not come under the pass before; a PE's work may begin when all of its own are in.
void RowFlowArray::step_filter_bus(FlowTime now) {
  if (filters_->there(now, 1) == 0) return;
  filters_->draw(1);
  ++filter_beats_in_;
  flow_.filter_bus.until = now + 1;
  start_pes(now + 1);
}

// Those whose filters are in.
void RowFlowArray::start_pes(FlowTime from) {
  for (; loaded_pes_ < pes_.size() && pes_[loaded_pes_].filter_beats <= filter_beats_in_; ++loaded_pes_) {
    FlowPe& pe = pes_[loaded_pes_];
    pe.filters_there = pe.free = from;
    calendar_.call(static_cast<int>(loaded_pes_), from, from - 1);
  }
}

bool RowFlowArray::send() {
  if (held_up_by_ >= 0 && pe(held_up_by_).fifo >= array_.ifmap_fifo) return false;
  const std::vector<int>& takers = takers_[static_cast<std::size_t>(bus_set_)][bus_row_];
  for (const int taker : takers) {
    if (pe(taker).fifo + pe(taker).pushed >= array_.ifmap_fifo) {
      held_up_by_ = taker;
      return false;
    }
  }
  held_up_by_ = -1;
  for (const int taker : takers) {
    ++pe(taker).pushed;
    pushed_.push_back(taker);
  }
  if (++bus_channel_ < shape_.channels[static_cast<std::size_t>(bus_set_)]) return true;
  bus_channel_ = 0;
  if (++bus_row_ < takers_.front().size()) return true;
  bus_row_ = 0;
  if (++bus_set_ < static_cast<int>(takers_.size())) return true;
  bus_set_ = 0;
  if (++bus_column_ < order_.columns()) return true;
  bus_column_ = 0;
  ++bus_n_;
  return true;
}

void RowFlowArray::step_ifmap_bus(FlowTime now) {
  const int there = ifmap_->there(now, array_.ifmap_words(shape_.ifmap_words));
  int sent = 0;
  while (sent < there && bus_n_ < shape_.n && send()) ++sent;
  if (sent == 0) return;
  ifmap_->draw(sent);
  flow_.ifmap_bus.beat(now, sent);
}

void RowFlowArray::step_psum_in_bus(FlowTime now) {
  const int there = psums_in_feed_->there(now, array_.psum_words_per_beat);
  if (there == 0) return;
  for (int tried = 0; tried < shape_.columns(); ++tried) {
    const int column = (in_column_ + tried) % shape_.columns();
    const auto at = static_cast<std::size_t>(column);
    const auto words = std::min<std::int64_t>({there, psums_left_[at], array_.psum_fifo - bottom_fill_[at]});
    if (words == 0) continue;
    psums_left_[at] -= words;
    psums_in_feed_->draw(static_cast<int>(words));
    bottom_pushed_[at] = static_cast<int>(words);
    just_filled_ = column;
    in_column_ = (column + 1) % shape_.columns();
    flow_.psum_in_bus.beat(now, words);
    return;
  }
  bottoms_have_room_ = false;
}

void RowFlowArray::step_psum_out_bus(FlowTime now) {
  int chosen = -1, visible = 0;
  out_wake_ = never_known;
  bool worth = false;
  for (int tried = 0; tried < shape_.columns(); ++tried) {
    const int column = (out_column_ + tried) % shape_.columns();
    const FlowPe& top = pe(tops_[static_cast<std::size_t>(column)]);
    const FlowTime ready = top.results.ready_at(array_.pe.pipeline);
    if (ready > now) {
      out_wake_ = std::min(out_wake_, ready);
      continue;
    }
    if (worth) {
      out_wake_ = now + 1;
      break;
    }
    int size = 1;
    while (top.results.ready_at(array_.pe.pipeline, size) <= now) ++size;
    const int left = top.filters - taken_of_window_[static_cast<std::size_t>(column)];
    const bool beat = size >= std::min(array_.psum_words_per_beat, array_.psum_fifo) || size >= left;
    if (beat || chosen < 0) {
      if (chosen >= 0) out_wake_ = now + 1;
      chosen = column;
      visible = size;
      worth = beat;
    } else {
      out_wake_ = now + 1;
    }
  }
  if (chosen < 0) return;
  const int number = tops_[static_cast<std::size_t>(chosen)];
  FlowPe& top = pe(number);
  const int words = std::min(array_.psum_words_per_beat, visible);
  bool full = false;
  for (int word = 0; word < words; ++word) full |= top.results.take(now);
  int& taken = taken_of_window_[static_cast<std::size_t>(chosen)];
  taken = (taken + words) % top.filters;
  if (top.results.ready_at(array_.pe.pipeline) != never_known)
    out_wake_ = std::min(out_wake_, std::max(now + 1, top.results.ready_at(array_.pe.pipeline)));
  if (full) calendar_.call(number, now + 1, now);
  out_column_ = (chosen + 1) % shape_.columns();
  sums_left_ -= words;
  psums_out_->give(words);
  flow_.psum_out_bus.beat(now, words);
}

void RowFlowArray::commit(FlowTime now) {
  for (const int number : pushed_) {
    FlowPe& pe = this->pe(number);
    if (pe.fifo++ == 0) calendar_.call(number, now + 1, now);
    --pe.pushed;
  }
  pushed_.clear();
  if (just_filled_ < 0) return;
  const auto column = static_cast<std::size_t>(just_filled_);
  bottom_fill_[column] += std::exchange(bottom_pushed_[column], 0);
  calendar_.call(bottoms_[column], now + 1, now);
  just_filled_ = -1;
}

// What the streams' places that came free ask for.
void RowFlowArray::ask(FlowTime now) {
  if (now >= start_) filters_->ask(now);
  if (ifmap_works()) ifmap_->ask(now);
  if (now >= start_) psums_in_feed_->ask(now);
  psums_out_->send(now);
  if (carrier_ != nullptr) carrier_->advance(now + 1);
}

}  // namespace basil
