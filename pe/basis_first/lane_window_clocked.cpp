#include "pe/basis_first/lane_window_clocked.h"

#include <algorithm>
#include <utility>

namespace basil::basis_first {
namespace {

bool empty(const std::vector<LaneTerm>& row) {
  return std::none_of(row.begin(), row.end(), [](const LaneTerm& term) { return term.effectual(); });
}

}  // namespace

LaneWindowClocked::LaneWindowClocked(const LaneWindow& window) : window_(window) {}

LaneWindowClocked::Row LaneWindowClocked::fed(int row) {
  Row words;
  for (int lane = 0; lane < window_.lanes; ++lane) words.push_back(feed_(row, lane));
  ++rows_read_;
  return words;
}

void LaneWindowClocked::start(int rows, Feed feed) {
  feed_ = std::move(feed);
  rows_ = rows;
  head_ = 0;
  shown_.clear();
  for (int row = 0; row < std::min(rows, window_.look_ahead + 1); ++row) shown_.push_back(fed(row));
}

// Every lane that is still free takes the term, if there is one, of the lane `distance` above it in a row.
void LaneWindowClocked::give(Next& next, std::vector<char>& busy, std::size_t ahead, int distance) const {
  for (int lane = 0; lane < window_.lanes; ++lane) {
    const int from = (lane + distance + window_.lanes) % window_.lanes;
    LaneTerm& term = next.rows[ahead][static_cast<std::size_t>(from)];
    if (busy[static_cast<std::size_t>(lane)] != 0 || !term.effectual()) continue;
    next.cycle.taken.push_back(term);
    busy[static_cast<std::size_t>(lane)] = 1;
    term = {};
  }
}

LaneWindowClocked::Next LaneWindowClocked::next() const {
  Next next;
  next.rows = shown_;
  std::vector<char> busy(static_cast<std::size_t>(window_.lanes));
  for (std::size_t ahead = 0; ahead < next.rows.size(); ++ahead) give(next, busy, ahead, 0);
  for (std::size_t ahead = 1; ahead < next.rows.size(); ++ahead) {
    for (int distance = 1; distance <= std::min(window_.look_aside, window_.lanes - 1); ++distance) {
      give(next, busy, ahead, distance);
      give(next, busy, ahead, -distance);
    }
  }
  const auto kept = std::find_if_not(next.rows.begin(), next.rows.end(), empty);
  next.passed = static_cast<int>(kept - next.rows.begin());
  next.cycle.ends = head_ + next.passed == rows_;
  return next;
}

LaneWindowClocked::Cycle LaneWindowClocked::look() const { return next().cycle; }

void LaneWindowClocked::clock() {
  Next after = next();
  shown_.assign(after.rows.begin() + after.passed, after.rows.end());
  head_ += after.passed;
  while (static_cast<int>(shown_.size()) < std::min(window_.look_ahead + 1, rows_ - head_)) {
    shown_.push_back(fed(head_ + static_cast<int>(shown_.size())));
  }
}

int LaneWindowClocked::terms() const {
  std::int64_t terms = 0;
  for (const Row& row : shown_) {
    terms += std::count_if(row.begin(), row.end(), [](const LaneTerm& term) { return term.effectual(); });
  }
  return static_cast<int>(terms);
}

}  // namespace basil::basis_first
