// The four buses of the clocked row-stationary array: filters and ifmap words in by multicast, psums in and
// out a beat a cycle to and from one column at a time.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/clocked.h"
#include "dataflows/row_stationary/row_block.h"
#include "pe/row_stationary/row_pe_clocked.h"

namespace basil {

// PEs are numbered by filter set, channel set, filter row and ofmap row, ofmap row innermost.
[[nodiscard]] int pe_number(const RowBlockShape& shape, const RowPePlace& place);
[[nodiscard]] RowPePlace pe_place(const RowBlockShape& shape, int number);

// One beat a cycle of the words of one (filter set, channel set, filter row), to its PEs of all ofmap rows.
template <class Word>
class FilterBus {
 public:
  FilterBus(const RowBlock<Word>& block, int words_per_beat);

  // Sends a beat, if one is offered; returns how many.
  std::int64_t step(Cycles now, std::span<RowPeClocked<Word>> pes, std::int64_t offered);
  void commit() { position_.commit(); }
  [[nodiscard]] std::int64_t all_beats() const;
  [[nodiscard]] bool done() const { return position_.get().filter_set == block_.shape.filter_sets(); }
  [[nodiscard]] const BusUse& use() const { return use_; }

 private:
  struct Position {
    int filter_set = 0, channel_set = 0, tap_y = 0;
    std::int64_t word = 0;  // in the PE's order: tap, channel, filter
  };
  [[nodiscard]] Word word(const Position& position, std::int64_t index) const;

  RowBlock<Word> block_;
  int words_per_beat_;
  Register<Position> position_;
  std::vector<Word> beat_;
  BusUse use_;
};

// Ifmap words in the order n, touched column, channel set, needed row, channel. A word goes to the PEs that
// its row concerns, in every filter set, all in the same cycle; while one of their FIFOs is full, it and
// all words behind it wait.
template <class Word>
class IfmapBus {
 public:
  IfmapBus(const RowBlock<Word>& block, int words_per_cycle);

  // Sends as many of the offered words as the bus carries and the PEs take; returns how many.
  std::int64_t step(Cycles now, std::span<Fifo<Word>> doors, std::int64_t offered);
  void commit() { position_.commit(); }
  [[nodiscard]] std::int64_t all_words() const;
  // PEs that take a word, in the mean, rounded up.
  [[nodiscard]] std::int64_t takers() const;
  [[nodiscard]] bool done() const { return position_.get().n == block_.shape.n; }
  [[nodiscard]] const BusUse& use() const { return use_; }

 private:
  struct Position {
    int n = 0, channel_set = 0, channel = 0;
    std::size_t column = 0, row = 0;  // places in columns_ and rows_
  };
  struct Row {
    int ifmap_row;
    std::vector<int> takers;  // PE numbers relative to the first of a channel set, over all filter sets
  };
  [[nodiscard]] Word word(const Position& position) const;
  [[nodiscard]] Position after(Position position) const;
  [[nodiscard]] bool send(const Position& position, std::span<Fifo<Word>> doors);

  RowBlock<Word> block_;
  int words_per_cycle_;
  std::vector<int> columns_;
  std::vector<Row> rows_;
  Register<Position> position_;
  BusUse use_;
};

// Up to a beat of psums a cycle to one column whose FIFO has room, round robin.
template <class Sum>
class PsumInBus {
 public:
  PsumInBus(const RowBlockShape& shape, std::span<const Sum> psums, int words_per_beat);

  // Returns how many of the offered psums it sent.
  std::int64_t step(Cycles now, std::span<Fifo<Sum>> bottoms, std::int64_t offered);
  void commit() { next_column_.commit(); }
  [[nodiscard]] const BusUse& use() const { return use_; }

 private:
  RowBlockShape shape_;
  std::span<const Sum> psums_;
  int words_per_beat_;
  std::vector<std::int64_t> sent_;  // by column
  Register<int> next_column_;
  BusUse use_;
};

// Up to a beat of sums a cycle from one column, round robin among the columns with a whole beat or the end
// of a window; where there is none, among those with anything.
template <class Sum>
class PsumOutBus {
 public:
  PsumOutBus(const RowBlockShape& shape, int words_per_beat);

  // Takes up to a beat, as far as there is room for it beyond the bus; returns how many it took.
  std::int64_t step(Cycles now, std::span<Fifo<Sum>> tops, std::int64_t room);
  void commit() { next_column_.commit(); }
  [[nodiscard]] bool done() const { return use_.words == static_cast<std::int64_t>(psums_.size()); }
  [[nodiscard]] const std::vector<Sum>& psums() const { return psums_; }
  [[nodiscard]] const BusUse& use() const { return use_; }

 private:
  [[nodiscard]] bool worth_a_beat(int column, const Fifo<Sum>& top) const;
  [[nodiscard]] int chosen_column(std::span<Fifo<Sum>> tops) const;

  RowBlockShape shape_;
  int words_per_beat_;
  std::vector<std::int64_t> taken_;  // by column
  Register<int> next_column_;
  std::vector<Sum> psums_;
  BusUse use_;
};

extern template class FilterBus<std::int16_t>;
extern template class FilterBus<float>;
extern template class IfmapBus<std::int16_t>;
extern template class IfmapBus<float>;
extern template class PsumInBus<std::int64_t>;
extern template class PsumInBus<float>;
extern template class PsumOutBus<std::int64_t>;
extern template class PsumOutBus<float>;

}  // namespace basil
