#include "pe/comparator/comparator_clocked.h"

#include <algorithm>
#include <cstdlib>

#include "pe/comparator/parts.h"
#include "pe/pass_traffic.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/pieces.h"
#include "traces/encodings/power_of_two.h"

namespace basil::comparator_array {

std::vector<ClockedSignal> signals(const UnitParameters&) {
  return {{"compare.state", 2, {"done", "compare", "wait place"}},
          {"compare.comparison", 32},
          {"queue.fill", 7},
          {"add.state", 2, {"done", "add", "empty pixel", "wait codes"}},
          {"add.block", 16},
          {"add.index", 32},
          {"add.round", 2},
          {"add.word", 16},
          {"add.lanes", 9},
          {"psum.0", 32}};
}

ComparatorClocked::ComparatorClocked(const Layer& layer, const UnitParameters& parameters,
                                     const TilePass& pass)
    : layer_(layer),
      pass_(pass),
      ifmap_(layer.ifmap),
      compares_(layer.weights.encoding == &comparator_encoding),
      skip_zero_(parameters.at("skip_zero") != 0),
      compare_lanes_(parameters.at("compare_lanes")),
      add_lanes_(parameters.at("add_lanes")),
      mapped_(std::min(pass.filters.size(), add_lanes_)),
      length_(static_cast<int>(words_a_pixel(layer))),
      window_holds_(length_ <= window_words(parameters)),
      parameters_(parameters) {
  starts_.push_back(0);
  for (int k = 0; k < layer.shape.K; ++k) {
    const int terms = compares_ ? 1 : layer.weights.parts<PowerOfTwo>().terms[static_cast<std::size_t>(k)];
    starts_.push_back(starts_.back() + std::int64_t{terms} * length_);
  }
  for (int first = pass.filters.first; first < pass.filters.end; first += add_lanes_) {
    std::int64_t most = 0;
    for (int k = first; k < std::min(first + add_lanes_, pass.filters.end); ++k)
      most = std::max(most, starts_[static_cast<std::size_t>(k) + 1] - starts_[static_cast<std::size_t>(k)]);
    rounds_.push_back(static_cast<int>(most / length_));
    weight_words_ += most;
  }
  weights_stay_ = weight_words_ <= parameters.at("weight_words");
  work_.uses.assign(part::count, {});
  rows_.assign(static_cast<std::size_t>(parameters.rows), Row(parameters.at("queue")));
  fill_buffer();
  deal();
}

// The ifmap rows of the pass, as the fmap buffer holds them.
void ComparatorClocked::fill_buffer() {
  const LayerShape& s = layer_.shape;
  buffer_rows_ = ifmap_rows(s, pass_.rows);
  const std::int64_t row = std::int64_t{s.W} * s.C;
  buffer_.resize(static_cast<std::size_t>(pass_.n.size() * buffer_rows_.size() * row));
  std::int16_t* out = buffer_.data();
  for (int n = pass_.n.first; n < pass_.n.end; ++n) {
    for (int y = buffer_rows_.first; y < buffer_rows_.end; ++y, out += row)
      ifmap_.read(layer_.ifmap.extent.at(n, y, 0, 0), row, out);
  }
  work_.ifmap = ifmap_bytes(s, ifmap_, pass_);
  if (weights_stay_)
    work_.weights = Bytes(ceil_div(filter_bits(layer_.weights, pass_.filters.first, pass_.filters.end), 8));
}

void ComparatorClocked::deal() {
  const int pixels = pass_.n.size() * pass_.rows.size() * layer_.shape.Q();
  for (int pixel = 0; pixel < pixels; ++pixel) {
    ++rows_[static_cast<std::size_t>(pixel) % rows_.size()].pixels;
    for (int k = pass_.filters.first; k < pass_.filters.end; ++k) sums_.push_back(bias(k));
  }
  for (Row& row : rows_) {
    row.psums.resize(static_cast<std::size_t>(add_lanes_));
    row.building.resize(static_cast<std::size_t>(length_));
  }
}

std::int64_t ComparatorClocked::bias(int filter) const {
  return layer_.bias.empty() ? 0 : layer_.bias[static_cast<std::size_t>(filter)];
}

ComparatorClocked::Pixel ComparatorClocked::pixel_of(int row, int ordinal) const {
  const int pixel = row + ordinal * static_cast<int>(rows_.size());
  const int columns = layer_.shape.Q(), lines = pass_.rows.size();
  return {pass_.n.first + pixel / columns / lines, pass_.rows.first + pixel / columns % lines,
          pixel % columns};
}

// Zero on padding.
std::int16_t ComparatorClocked::ifmap_word(const Pixel& pixel, int place, int channel) const {
  const LayerShape& s = layer_.shape;
  const int y = pixel.p * s.stride_y - s.pad_top + place / s.S * s.dilation_y;
  const int x = pixel.q * s.stride_x - s.pad_left + place % s.S * s.dilation_x;
  if (y < 0 || y >= s.H || x < 0 || x >= s.W) return 0;
  const std::int64_t row = (pixel.n - pass_.n.first) * buffer_rows_.size() + y - buffer_rows_.first;
  return buffer_[static_cast<std::size_t>((row * s.W + x) * s.C + channel)];
}

// Stage 1.

void ComparatorClocked::fetch_taps(Row& row, const Pixel& pixel) {
  row.window.clear();
  const int places = layer_.weights.parts<Comparator>().taps + 1;
  for (int c = 0; c < length_; ++c) {
    for (int i = 0; i < places; ++i) {
      const int place = layer_.weights.parts<Comparator>().offsets[static_cast<std::size_t>(c * places + i)];
      row.window.push_back(ifmap_word(pixel, place, c));
      ++work_.uses[part::window].writes;
    }
  }
}

void ComparatorClocked::run_comparator(Row& row, std::int64_t comparison) {
  const int taps = layer_.weights.parts<Comparator>().taps;
  const auto channel = static_cast<std::size_t>(comparison / taps);
  const auto tap = static_cast<std::size_t>(comparison % taps);
  const std::size_t first = channel * (static_cast<std::size_t>(taps) + 1);
  if (tap == 0) {
    row.pivot = row.window[first];
    row.building[channel] = 0;
    ++work_.uses[part::window].count;
  }
  const int bit = row.window[first + 1 + tap] > row.pivot ? 1 : 0;
  row.building[channel] = static_cast<std::int16_t>(row.building[channel] | (bit << tap));
  ++work_.uses[part::window].count;
  ++work_.uses[part::compare].count;
  if (tap + 1 == static_cast<std::size_t>(taps)) ++work_.uses[part::code_queue].writes;
}

void ComparatorClocked::compare(Row& row, int index) {
  row.comparing = CompareState::done;
  if (!compares_ || row.compared.get() == row.pixels) return;
  const std::int64_t first = row.comparison.get(),
                     all = std::int64_t{length_} * layer_.weights.parts<Comparator>().taps;
  if (first == 0) {
    row.comparing = CompareState::wait_place;
    if (row.codes.room() == 0) return;
    fetch_taps(row, pixel_of(index, row.compared.get()));
  }
  row.comparing = CompareState::compare;
  const std::int64_t end = std::min(first + compare_lanes_, all);
  for (std::int64_t comparison = first; comparison < end; ++comparison) run_comparator(row, comparison);
  row.comparison.set(end < all ? end : 0);
  if (end < all) return;
  row.codes.push(row.building);
  row.compared.set(row.compared.get() + 1);
}

// Stage 2.

int ComparatorClocked::next_taken(const Words& words, int from) const {
  while (from < length_ && skip_zero_ && words[static_cast<std::size_t>(from)] == 0) ++from;
  return from;
}

bool ComparatorClocked::first_slot(const Words& words, int from_block, Slot& slot) const {
  const int word = next_taken(words, 0), blocks = static_cast<int>(rounds_.size());
  int block = from_block;
  while (block < blocks && rounds_[static_cast<std::size_t>(block)] == 0) ++block;
  slot = {block, word, 0, true};
  return word < length_ && block < blocks;
}

bool ComparatorClocked::next_slot(const Words& words, Slot& slot) const {
  slot.starts = false;
  if (++slot.round < rounds_[static_cast<std::size_t>(slot.block)]) return true;
  slot.round = 0;
  slot.word = next_taken(words, slot.word + 1);
  return slot.word < length_ || first_slot(words, slot.block + 1, slot);
}

// Of a filter that has fewer terms than the round asks for: zero.
int ComparatorClocked::code(int filter, int round, int word) const {
  const std::int64_t at = starts_[static_cast<std::size_t>(filter)] + std::int64_t{round} * length_ + word;
  return at < starts_[static_cast<std::size_t>(filter) + 1]
             ? layer_.weights.values[static_cast<std::size_t>(at)]
             : 0;
}

void ComparatorClocked::wait(const Row& row, Bin bin) {
  work_.bins.add(row.pixels == 0 ? Bin::idle : bin, mapped_);
  work_.bins.add(Bin::idle, add_lanes_ - mapped_);
  work_.uses[part::shift_gated].count += add_lanes_;
}

void ComparatorClocked::start_pixel(Row& row, const Pixel& pixel) {
  if (!weights_stay_)
    work_.weights += Bytes(ceil_div(filter_bits(layer_.weights, pass_.filters.first, pass_.filters.end), 8));
  if (!weights_stay_ || row.added.get() == 0) {
    for (const int rounds : rounds_) work_.uses[part::weight_store].writes += std::int64_t{rounds} * length_;
  }
  if (compares_) return;
  const LayerShape& s = layer_.shape;
  const int depth = s.channels_per_group();
  row.window.clear();
  for (int place = 0; place < s.R * s.S; ++place) {
    for (int c = 0; c < depth; ++c) {
      row.window.push_back(ifmap_word(pixel, place, pass_.group * depth + c));
      ++work_.uses[part::window].writes;
    }
  }
}

// `out`: the pixel's output registers, which take the psum where this slot is the last of its block.
void ComparatorClocked::run_lane(Row& row, int lane, const Slot& slot, std::int64_t* out) {
  const int filter = slot.block * add_lanes_ + lane;
  auto& uses = work_.uses;
  if (lane >= mapped_ || filter >= pass_.filters.size()) {
    work_.bins.add(lane >= mapped_ ? Bin::idle : Bin::imbalance, 1);
    ++uses[part::shift_gated].count;
    return;
  }
  Register<std::int64_t>& psum = row.psums[static_cast<std::size_t>(lane)];
  std::int64_t sum = slot.starts ? bias(pass_.filters.first + filter) : psum.get();
  const int term = code(pass_.filters.first + filter, slot.round, slot.word);
  const bool effectual = term != 0 && row.word != 0;
  if (effectual) {
    const std::int64_t shifted = std::int64_t{row.word} << (std::abs(term) - 1);
    sum += term < 0 ? -shifted : shifted;
    ++row.lanes;
  }
  psum.set(sum);
  if (out != nullptr) out[filter] = sum;
  work_.bins.add(effectual ? Bin::compute : Bin::gated, 1);
  ++uses[effectual ? part::shift_add : part::shift_gated].count;
}

void ComparatorClocked::take_slot(Row& row, const Words& words, const Slot& slot, int index) {
  Slot next = slot;
  const bool more = next_slot(words, next);
  const std::int64_t pixel = index + std::int64_t{row.added.get()} * static_cast<std::int64_t>(rows_.size());
  std::int64_t* out = more && !next.starts ? nullptr : sums_.data() + pixel * pass_.filters.size();
  row.adding = AddState::add;
  row.word = words[static_cast<std::size_t>(slot.word)];
  for (int lane = 0; lane < add_lanes_; ++lane) run_lane(row, lane, slot, out);
  ++work_.uses[part::weight_store].count;
  if (slot.round == 0) ++work_.uses[compares_ ? part::code_queue : part::window].count;
  if (!more) return finish_pixel(row);
  if (next.starts && !compares_ && !window_holds_) work_.uses[part::window].writes += length_;
  row.under_way.set(true);
  row.slot.set(next);
}

void ComparatorClocked::finish_pixel(Row& row) {
  work_.uses[part::psum].count += pass_.filters.size();
  work_.psums_out += Bytes(4 * pass_.filters.size());
  if (compares_) row.codes.pop();
  row.added.set(row.added.get() + 1);
  row.under_way.set(false);
}

void ComparatorClocked::add(Row& row, int index) {
  row.lanes = 0;
  if (row.added.get() == row.pixels) {
    row.adding = AddState::done;
    return wait(row, Bin::imbalance);
  }
  if (compares_ && row.codes.empty()) {
    row.adding = AddState::wait_codes;
    return wait(row, Bin::wait_activations);
  }
  Slot slot = row.slot.get();
  if (!row.under_way.get()) start_pixel(row, pixel_of(index, row.added.get()));
  const Words& words = compares_ ? row.codes.front() : row.window;
  if (row.under_way.get() || first_slot(words, 0, slot)) return take_slot(row, words, slot, index);
  row.adding = AddState::empty_pixel;
  wait(row, Bin::gated);
  finish_pixel(row);
}

void ComparatorClocked::step() {
  for (std::size_t index = 0; index < rows_.size(); ++index) {
    compare(rows_[index], static_cast<int>(index));
    add(rows_[index], static_cast<int>(index));
  }
  for (Row& row : rows_) {
    row.compared.commit();
    row.added.commit();
    row.comparison.commit();
    row.codes.commit();
    row.under_way.commit();
    row.slot.commit();
    for (auto& psum : row.psums) psum.commit();
  }
  ++work_.cycles.value;
}

bool ComparatorClocked::done() const {
  return std::all_of(rows_.begin(), rows_.end(),
                     [](const Row& row) { return row.added.get() == row.pixels; });
}

TileWork ComparatorClocked::work() const {
  TileWork work = work_;
  work.products = work.bins[Bin::compute];
  add_fills(layer_, parameters_, pass_, weight_words_, work);
  return work;
}

void ComparatorClocked::hand_over(Ofmap& sums) const {
  auto sum = sums_.begin();
  for (int n = pass_.n.first; n < pass_.n.end; ++n) {
    for (int p = pass_.rows.first; p < pass_.rows.end; ++p) {
      for (int q = 0; q < sums.Q; ++q, sum += pass_.filters.size()) {
        std::copy_n(sum, pass_.filters.size(),
                    sums.sums.begin() + static_cast<std::ptrdiff_t>(sums.at(n, p, q, pass_.filters.first)));
      }
    }
  }
}

std::vector<std::int64_t> ComparatorClocked::effectual_work() const {
  std::vector<std::int64_t> work;
  for (const Row& row : rows_) work.push_back(row.pixels);
  return work;
}

std::vector<double> ComparatorClocked::view(int index) const {
  const Row& row = rows_[static_cast<std::size_t>(index)];
  const Slot& slot = row.slot.get();
  return {static_cast<double>(row.comparing),    static_cast<double>(row.comparison.get()),
          static_cast<double>(row.codes.size()), static_cast<double>(row.adding),
          static_cast<double>(slot.block),       static_cast<double>(slot.word),
          static_cast<double>(slot.round),       static_cast<double>(row.word),
          static_cast<double>(row.lanes),        static_cast<double>(row.psums[0].get())};
}

}  // namespace basil::comparator_array
