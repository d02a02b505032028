#include "pe/row_stationary/row_pe.h"

#include <algorithm>
#include <limits>

namespace basil {
namespace {

// Where each tap's column stands among the touched ones, for windows that all look alike.
class ColumnRanks {
 public:
  explicit ColumnRanks(const RowShape& shape) : shape_(shape), columns_(touched_columns(shape)) {}

  [[nodiscard]] std::int64_t count() const { return static_cast<std::int64_t>(columns_.size()); }

  [[nodiscard]] std::int64_t rank(int window, int tap) const {
    const int column = window * shape_.stride + tap * shape_.dilation;
    return std::lower_bound(columns_.begin(), columns_.end(), column) - columns_.begin();
  }

 private:
  const RowShape& shape_;
  std::vector<int> columns_;
};

// The words entering and leaving the ifmap spad: when each can first be read.
class IfmapSpad {
 public:
  IfmapSpad(int capacity, std::int64_t words, std::span<const std::int64_t> arrival)
      : capacity_(capacity),
        arrival_(arrival),
        written_(static_cast<std::size_t>(words)),
        retired_(static_cast<std::size_t>(words), std::numeric_limits<std::int64_t>::max()) {}

  // Cycle in which word `index` is written; words up to it are written first, in order.
  std::int64_t written(std::int64_t index) {
    for (; next_ <= index; ++next_) written_[static_cast<std::size_t>(next_)] = write_cycle(next_);
    return written_[static_cast<std::size_t>(index)];
  }

  // All words before `frontier` leave at the end of `cycle`.
  void retire_before(std::int64_t frontier, std::int64_t cycle) {
    for (; oldest_ < frontier; ++oldest_) retired_[static_cast<std::size_t>(oldest_)] = cycle;
  }

 private:
  [[nodiscard]] std::int64_t write_cycle(std::int64_t index) const {
    std::int64_t cycle = arrival_.empty() ? 0 : arrival_[static_cast<std::size_t>(index)];
    if (index > 0) cycle = std::max(cycle, written_[static_cast<std::size_t>(index - 1)] + 1);
    if (index >= capacity_)
      cycle = std::max(cycle, retired_[static_cast<std::size_t>(index - capacity_)] + 1);
    return cycle;
  }

  int capacity_;
  std::span<const std::int64_t> arrival_;
  std::vector<std::int64_t> written_, retired_;
  std::int64_t next_ = 0, oldest_ = 0;
};

}  // namespace

std::vector<int> touched_columns(const RowShape& shape) {
  std::vector<int> columns;
  columns.reserve(static_cast<std::size_t>(shape.windows) * static_cast<std::size_t>(shape.taps));
  for (int window = 0; window < shape.windows; ++window) {
    for (int tap = 0; tap < shape.taps; ++tap)
      columns.push_back(window * shape.stride + tap * shape.dilation);
  }
  std::sort(columns.begin(), columns.end());
  columns.erase(std::unique(columns.begin(), columns.end()), columns.end());
  return columns;
}

std::int64_t ifmap_words(const RowShape& shape) {
  return static_cast<std::int64_t>(touched_columns(shape).size()) * shape.q;
}

int ifmap_spad_needed(const RowShape& shape) {
  // The touched columns between a window's first tap and its last, both counted.
  const ColumnRanks ranks(shape);
  std::int64_t most = 0;
  for (int window = 0; window < shape.windows; ++window) {
    most = std::max(most, ranks.rank(window, shape.taps - 1) - ranks.rank(window, 0) + 1);
  }
  return static_cast<int>(most) * shape.q;
}

RowTiming time_row(const RowPe& pe, const RowShape& shape, std::span<const std::int64_t> arrival) {
  const ColumnRanks ranks(shape);
  const std::int64_t row_words = ranks.count() * shape.q;
  IfmapSpad spad(pe.ifmap_spad, row_words * shape.n, arrival);

  RowTiming timing;
  timing.wait_weights = Cycles(ceil_div(shape.filter_words(), pe.filter_words_per_beat));
  std::int64_t next_slot = timing.wait_weights.value;
  for (int n = 0; n < shape.n; ++n) {
    const std::int64_t row = n * row_words;
    for (int window = 0; window < shape.windows; ++window) {
      const bool last_window = window + 1 == shape.windows;
      const std::int64_t next_window =
          last_window ? row + row_words : row + ranks.rank(window + 1, 0) * shape.q;
      for (int tap = 0; tap < shape.taps; ++tap) {
        const std::int64_t column = row + ranks.rank(window, tap) * shape.q;
        const std::int64_t next_column =
            tap + 1 < shape.taps ? row + ranks.rank(window, tap + 1) * shape.q : next_window;
        for (int channel = 0; channel < shape.q; ++channel) {
          const std::int64_t ready = spad.written(column + channel) + 1;
          timing.wait_activations += Cycles(std::max<std::int64_t>(0, ready - next_slot));
          next_slot = std::max(next_slot, ready) + shape.word_slots();
          const std::int64_t next_word = channel + 1 < shape.q ? column + channel + 1 : next_column;
          spad.retire_before(std::min(next_word, next_window), next_slot - 1);
        }
      }
      if (shape.psums_in) {
        next_slot += shape.p;
        timing.psum_slots += Cycles(shape.p);
      }
    }
  }
  timing.products = Cycles(shape.macs());
  timing.tail = Cycles(pe.pipeline - 1);
  timing.cycles = Cycles(next_slot) + timing.tail;
  return timing;
}

}  // namespace basil
