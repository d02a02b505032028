#include "dataflows/row_stationary/row_buses.h"

#include <algorithm>

namespace basil {

int pe_number(const RowBlockShape& shape, const RowPePlace& place) {
  const int chain = place.channel_set * shape.taps_y + place.tap_y;
  return (place.filter_set * shape.chain() + chain) * shape.rows + place.row;
}

RowPePlace pe_place(const RowBlockShape& shape, int number) {
  const int chain = number / shape.rows % shape.chain();
  return {number / shape.rows / shape.chain(), chain / shape.taps_y, chain % shape.taps_y,
          number % shape.rows};
}

template <class Word>
FilterBus<Word>::FilterBus(const RowBlock<Word>& block, int words_per_beat)
    : block_(block), words_per_beat_(words_per_beat) {}

template <class Word>
Word FilterBus<Word>::word(const Position& position, std::int64_t index) const {
  const RowBlockShape& shape = block_.shape;
  const int slots = shape.slots_in(position.filter_set), channels = shape.channels_in(position.channel_set);
  const std::int64_t slot = shape.slots_before(position.filter_set * shape.p) + index % slots;
  const std::int64_t channel = position.channel_set * shape.q + index / slots % channels;
  const std::int64_t tap_x = index / slots / channels;
  const std::int64_t row = slot * shape.taps_y + position.tap_y;
  return block_.weights[static_cast<std::size_t>((row * shape.taps_x + tap_x) * shape.channels + channel)];
}

template <class Word>
std::int64_t FilterBus<Word>::all_beats() const {
  const RowBlockShape& shape = block_.shape;
  std::int64_t beats = 0;
  for (int filter_set = 0; filter_set < shape.filter_sets(); ++filter_set) {
    for (int channel_set = 0; channel_set < shape.channel_sets(); ++channel_set) {
      const std::int64_t words =
          std::int64_t{shape.slots_in(filter_set)} * shape.channels_in(channel_set) * shape.taps_x;
      beats += shape.taps_y * ceil_div(words, words_per_beat_);
    }
  }
  return beats;
}

template <class Word>
std::int64_t FilterBus<Word>::step(Cycles now, std::span<RowPeClocked<Word>> pes, std::int64_t offered) {
  if (done() || offered < 1) return 0;
  const RowBlockShape& shape = block_.shape;
  Position position = position_.get();
  const int first = pe_number(shape, {position.filter_set, position.channel_set, position.tap_y, 0});
  const std::int64_t words = pes[static_cast<std::size_t>(first)].shape().filter_words();
  beat_.clear();
  while (position.word < words && static_cast<int>(beat_.size()) < words_per_beat_) {
    beat_.push_back(word(position, position.word++));
  }
  for (RowPeClocked<Word>& pe :
       pes.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(shape.rows))) {
    pe.filter_beat(beat_);
  }
  const auto sent = static_cast<std::int64_t>(beat_.size());
  use_.beat(now, sent, sent * shape.rows);

  if (position.word == words) {
    position.word = 0;
    if (++position.tap_y == shape.taps_y) {
      position.tap_y = 0;
      if (++position.channel_set == shape.channel_sets()) {
        position.channel_set = 0;
        ++position.filter_set;
      }
    }
  }
  position_.set(position);
  return 1;
}

template <class Word>
IfmapBus<Word>::IfmapBus(const RowBlock<Word>& block, int words_per_cycle)
    : block_(block), words_per_cycle_(words_per_cycle) {
  const RowBlockShape& shape = block_.shape;
  for (int column = 0; column < shape.ifmap_columns(); ++column) {
    bool touched = false;
    for (int tap = 0; tap < shape.taps_x; ++tap) {
      const int window = column - tap * shape.dilation_x;
      touched |= window >= 0 && window % shape.stride_x == 0 && window / shape.stride_x < shape.windows;
    }
    if (touched) columns_.push_back(column);
  }
  for (int ifmap_row = 0; ifmap_row < shape.ifmap_rows(); ++ifmap_row) {
    Row row{ifmap_row, {}};
    for (int number = 0; number < shape.pes(); ++number) {
      const RowPePlace place = pe_place(shape, number);
      if (place.channel_set > 0) continue;
      if (place.row * shape.stride_y + place.tap_y * shape.dilation_y == ifmap_row)
        row.takers.push_back(number);
    }
    if (!row.takers.empty()) rows_.push_back(row);
  }
}

template <class Word>
Word IfmapBus<Word>::word(const Position& position) const {
  const RowBlockShape& shape = block_.shape;
  const std::int64_t row = std::int64_t{position.n} * shape.ifmap_rows() + rows_[position.row].ifmap_row;
  const std::int64_t pixel = row * shape.ifmap_columns() + columns_[position.column];
  const int channel = position.channel_set * shape.q + position.channel;
  return block_.ifmap[static_cast<std::size_t>(pixel * shape.channels + channel)];
}

template <class Word>
typename IfmapBus<Word>::Position IfmapBus<Word>::after(Position position) const {
  if (++position.channel < block_.shape.channels_in(position.channel_set)) return position;
  position.channel = 0;
  if (++position.row < rows_.size()) return position;
  position.row = 0;
  if (++position.channel_set < block_.shape.channel_sets()) return position;
  position.channel_set = 0;
  if (++position.column < columns_.size()) return position;
  position.column = 0;
  ++position.n;
  return position;
}

// Delivers the word, if all its takers have room.
template <class Word>
bool IfmapBus<Word>::send(const Position& position, std::span<Fifo<Word>> doors) {
  const int first = pe_number(block_.shape, {0, position.channel_set, 0, 0});
  const std::vector<int>& takers = rows_[position.row].takers;
  const auto door = [&](int taker) -> Fifo<Word>& { return doors[static_cast<std::size_t>(first + taker)]; };
  if (std::any_of(takers.begin(), takers.end(), [&](int taker) { return door(taker).room() == 0; }))
    return false;
  for (const int taker : takers) door(taker).push(word(position));
  return true;
}

template <class Word>
std::int64_t IfmapBus<Word>::all_words() const {
  return std::int64_t{block_.shape.n} * std::ssize(columns_) * std::ssize(rows_) * block_.shape.channels;
}

template <class Word>
std::int64_t IfmapBus<Word>::takers() const {
  std::int64_t takers = 0;
  for (const Row& row : rows_) takers += std::ssize(row.takers);
  return ceil_div(takers, std::ssize(rows_));
}

template <class Word>
std::int64_t IfmapBus<Word>::step(Cycles now, std::span<Fifo<Word>> doors, std::int64_t offered) {
  Position position = position_.get();
  std::int64_t sent = 0, deliveries = 0;
  while (sent < std::min<std::int64_t>(words_per_cycle_, offered) && position.n < block_.shape.n &&
         send(position, doors)) {
    ++sent;
    deliveries += static_cast<std::int64_t>(rows_[position.row].takers.size());
    position = after(position);
  }
  if (sent > 0) use_.beat(now, sent, deliveries);
  position_.set(position);
  return sent;
}

template <class Sum>
PsumInBus<Sum>::PsumInBus(const RowBlockShape& shape, std::span<const Sum> psums, int words_per_beat)
    : shape_(shape),
      psums_(psums),
      words_per_beat_(words_per_beat),
      sent_(static_cast<std::size_t>(shape.columns())) {}

template <class Sum>
std::int64_t PsumInBus<Sum>::step(Cycles now, std::span<Fifo<Sum>> bottoms, std::int64_t offered) {
  for (int tried = 0; tried < shape_.columns(); ++tried) {
    const int column = (next_column_.get() + tried) % shape_.columns();
    Fifo<Sum>& bottom = bottoms[static_cast<std::size_t>(column)];
    std::int64_t& sent = sent_[static_cast<std::size_t>(column)];
    const std::int64_t left = shape_.column_psums(column) - sent;
    const std::int64_t words = std::min<std::int64_t>({words_per_beat_, offered, left, bottom.room()});
    if (words == 0) continue;
    for (std::int64_t word = 0; word < words; ++word)
      bottom.push(psums_[psum_address(shape_, column, sent++)]);
    use_.beat(now, words, words);
    next_column_.set((column + 1) % shape_.columns());
    return words;
  }
  return 0;
}

template <class Sum>
PsumOutBus<Sum>::PsumOutBus(const RowBlockShape& shape, int words_per_beat)
    : shape_(shape),
      words_per_beat_(words_per_beat),
      taken_(static_cast<std::size_t>(shape.columns())),
      psums_(static_cast<std::size_t>(shape.n) * static_cast<std::size_t>(shape.rows) *
             static_cast<std::size_t>(shape.windows) * static_cast<std::size_t>(shape.filters)) {}

template <class Sum>
bool PsumOutBus<Sum>::worth_a_beat(int column, const Fifo<Sum>& top) const {
  const int filters = shape_.filters_in(column / shape_.rows);
  const std::int64_t left_of_window = filters - taken_[static_cast<std::size_t>(column)] % filters;
  return top.size() >= std::min(words_per_beat_, top.depth()) || top.size() >= left_of_window;
}

// -1 where no column has anything.
template <class Sum>
int PsumOutBus<Sum>::chosen_column(std::span<Fifo<Sum>> tops) const {
  int any = -1;
  for (int tried = 0; tried < shape_.columns(); ++tried) {
    const int column = (next_column_.get() + tried) % shape_.columns();
    const Fifo<Sum>& top = tops[static_cast<std::size_t>(column)];
    if (top.empty()) continue;
    if (worth_a_beat(column, top)) return column;
    if (any < 0) any = column;
  }
  return any;
}

template <class Sum>
std::int64_t PsumOutBus<Sum>::step(Cycles now, std::span<Fifo<Sum>> tops, std::int64_t room) {
  const int column = room < words_per_beat_ ? -1 : chosen_column(tops);
  if (column < 0) return 0;
  Fifo<Sum>& top = tops[static_cast<std::size_t>(column)];
  std::int64_t& taken = taken_[static_cast<std::size_t>(column)];
  const int words = std::min(words_per_beat_, top.size());
  for (int word = 0; word < words; ++word) {
    psums_[psum_address(shape_, column, taken++)] = top.front();
    top.pop();
  }
  use_.beat(now, words, words);
  next_column_.set((column + 1) % shape_.columns());
  return words;
}

template class FilterBus<std::int16_t>;
template class FilterBus<float>;
template class IfmapBus<std::int16_t>;
template class IfmapBus<float>;
template class PsumInBus<std::int64_t>;
template class PsumInBus<float>;
template class PsumOutBus<std::int64_t>;
template class PsumOutBus<float>;

}  // namespace basil
