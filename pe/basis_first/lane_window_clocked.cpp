#include "pe/basis_first/lane_window_clocked.h"

#include <algorithm>
#include <utility>

namespace basil::basis_first {

LaneWindowClocked::LaneWindowClocked(const LaneWindow& window)
    : window_(window), busy_(static_cast<std::size_t>(window.lanes)) {}

// A row of the stream enters behind those shown.
void LaneWindowClocked::enter(int row) {
  for (int lane = 0; lane < window_.lanes; ++lane) shown_.push_back(feed_(row, lane));
  ++shown_rows_;
  ++rows_read_;
}

void LaneWindowClocked::start(int rows, Feed feed) {
  feed_ = std::move(feed);
  rows_ = rows;
  head_ = 0;
  shown_.clear();
  shown_rows_ = 0;
  while (shown_rows_ < std::min(rows_, window_.look_ahead + 1)) enter(shown_rows_);
}

// Every lane that is still free takes the term, if there is one, of the lane `distance` above it in a row.
void LaneWindowClocked::give(int ahead, int distance) {
  LaneTerm* row = left_.data() + std::ptrdiff_t{ahead} * window_.lanes;
  int from = (distance + window_.lanes) % window_.lanes;
  for (char& busy : busy_) {
    LaneTerm& term = row[from];
    if (++from == window_.lanes) from = 0;
    if (busy != 0 || !term.effectual()) continue;
    cycle_.taken.push_back(term);
    busy = 1;
    term = {};
  }
}

bool LaneWindowClocked::empty(int ahead) const {
  const auto row = left_.begin() + std::ptrdiff_t{ahead} * window_.lanes;
  return std::none_of(row, row + window_.lanes, [](const LaneTerm& term) { return term.effectual(); });
}

const LaneWindowClocked::Cycle& LaneWindowClocked::look() {
  left_ = shown_;
  std::fill(busy_.begin(), busy_.end(), 0);
  cycle_.taken.clear();
  for (int ahead = 0; ahead < shown_rows_; ++ahead) give(ahead, 0);
  for (int ahead = 1; ahead < shown_rows_; ++ahead) {
    if (empty(ahead)) continue;
    for (int distance = 1; distance <= std::min(window_.look_aside, window_.lanes - 1); ++distance) {
      give(ahead, distance);
      give(ahead, -distance);
    }
  }
  passed_ = 0;
  while (passed_ < shown_rows_ && empty(passed_)) ++passed_;
  cycle_.ends = head_ + passed_ == rows_;
  return cycle_;
}

void LaneWindowClocked::clock() {
  shown_.assign(left_.begin() + std::ptrdiff_t{passed_} * window_.lanes, left_.end());
  shown_rows_ -= passed_;
  head_ += passed_;
  while (shown_rows_ < std::min(window_.look_ahead + 1, rows_ - head_)) enter(head_ + shown_rows_);
}

int LaneWindowClocked::terms() const {
  return static_cast<int>(
      std::count_if(shown_.begin(), shown_.end(), [](const LaneTerm& term) { return term.effectual(); }));
}

}  // namespace basil::basis_first
