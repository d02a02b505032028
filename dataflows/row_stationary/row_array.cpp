#include "dataflows/row_stationary/row_array.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/error.h"

namespace basil {
namespace {

void require_size(const char* what, std::size_t found, std::int64_t expected) {
  if (static_cast<std::int64_t>(found) == expected) return;
  throw Error(fmt::format("row array: {}", what), fmt::format("{} words", found), std::to_string(expected));
}

void require_positive(const char* what, int found) {
  if (found < 1) throw Error(fmt::format("row array: {}", what), std::to_string(found), "at least 1");
}

template <class Word>
RowBlock<Word> checked(const RowArrayWiring& wiring, const RowBlock<Word>& block) {
  require_positive("pe.filter_words_per_beat", wiring.pe.filter_words_per_beat);
  require_positive("pe.pipeline", wiring.pe.pipeline);
  require_positive("ifmap_words_per_cycle", wiring.ifmap_words_per_cycle);
  require_positive("ifmap_fifo", wiring.ifmap_fifo);
  require_positive("psum_fifo", wiring.psum_fifo);
  require_positive("psum_words_per_beat", wiring.psum_words_per_beat);
  const RowBlockShape& shape = block.shape;
  require_size(
      "weights", block.weights.size(),
      std::int64_t{shape.slots_before(shape.filters)} * shape.taps_y * shape.taps_x * shape.channels);
  require_size("ifmap", block.ifmap.size(),
               std::int64_t{shape.n} * shape.ifmap_rows() * shape.ifmap_columns() * shape.channels);
  const std::int64_t psums = std::int64_t{shape.n} * shape.rows * shape.windows * shape.filters;
  require_size("psums", block.psums.size(), shape.psums_in ? psums : 0);
  return block;
}

template <class T>
std::vector<Fifo<T>> fifos(int count, int depth) {
  return std::vector<Fifo<T>>(static_cast<std::size_t>(count), Fifo<T>(depth));
}

template <class T>
void commit_all(std::vector<T>& parts) {
  for (T& part : parts) part.commit();
}

}  // namespace

template <class Word>
RowArrayClocked<Word>::RowArrayClocked(const RowArrayWiring& wiring, const RowBlock<Word>& block)
    : block_(checked(wiring, block)),
      double_ifmap_(wiring.double_ifmap),
      doors_(fifos<Word>(block.shape.pes(), wiring.ifmap_fifo)),
      bottoms_(fifos<Sum>(block.shape.columns(), wiring.psum_fifo)),
      links_(fifos<Sum>(block.shape.pes(), wiring.psum_fifo)),
      tops_(fifos<Sum>(block.shape.columns(), wiring.psum_fifo)),
      filter_bus_(block, wiring.pe.filter_words_per_beat),
      ifmap_bus_(block, wiring.ifmap_words_per_cycle),
      psum_in_bus_(block.shape, block.psums, wiring.psum_words_per_beat),
      psum_out_bus_(block.shape, wiring.psum_words_per_beat) {
  pes_.reserve(static_cast<std::size_t>(block.shape.pes()));
  for (int number = 0; number < block.shape.pes(); ++number) add_pe(wiring, number);
}

template <class Word>
void RowArrayClocked<Word>::add_pe(const RowArrayWiring& wiring, int number) {
  const RowBlockShape& shape = block_.shape;
  const RowPePlace place = pe_place(shape, number);
  const int chain = place.channel_set * shape.taps_y + place.tap_y;  // 0 is the top of the column
  const auto column = static_cast<std::size_t>(place.filter_set * shape.rows + place.row);
  const bool bottom = chain + 1 == shape.chain();
  const RowShape share{.n = shape.n,
                       .p = shape.filters_in(place.filter_set),
                       .q = shape.channels_in(place.channel_set),
                       .taps = shape.taps_x,
                       .stride = shape.stride_x,
                       .dilation = shape.dilation_x,
                       .windows = shape.windows,
                       .psums_in = !bottom || shape.psums_in,
                       .slots = shape.slots_in(place.filter_set)};
  Fifo<Sum>* below = nullptr;
  if (share.psums_in)
    below = bottom ? &bottoms_[column] : &links_[static_cast<std::size_t>(number + shape.rows)];
  Fifo<Sum>* above = chain == 0 ? &tops_[column] : &links_[static_cast<std::size_t>(number)];
  pes_.emplace_back(
      wiring.pe, share,
      typename RowPeClocked<Word>::Ports{&doors_[static_cast<std::size_t>(number)], below, above},
      shape.slots_of(place.filter_set));
}

template <class Word>
void RowArrayClocked<Word>::filters_ahead(std::int64_t beats) {
  for (; beats > 0 && !filter_bus_.done(); --beats) {
    filter_bus_.step(Cycles(0), pes_, 1);
    filter_bus_.commit();
    for (RowPeClocked<Word>& pe : pes_) pe.take_beat_ahead();
  }
}

template <class Word>
void RowArrayClocked<Word>::ifmap_ahead(std::int64_t cycles) {
  for (; cycles > 0; --cycles) {
    ifmap_bus_.step(Cycles(0), doors_, all_ready.ifmap);
    ifmap_bus_.commit();
    for (RowPeClocked<Word>& pe : pes_) pe.take_word_ahead();
    commit_all(doors_);
  }
}

template <class Word>
bool RowArrayClocked<Word>::slots_over() const {
  return std::all_of(pes_.begin(), pes_.end(), [](const RowPeClocked<Word>& pe) { return pe.done(); });
}

template <class Word>
ArrayWords RowArrayClocked<Word>::all_words() const {
  const auto sums = static_cast<std::int64_t>(psum_out_bus_.psums().size());
  return {filter_bus_.all_beats(), ifmap_bus_.all_words(), block_.shape.psums_in ? sums : 0, sums};
}

template <class Word>
void RowArrayClocked<Word>::step(const ArrayWords& offered) {
  const bool filters_loaded = filter_bus_.done();
  moved_ = {};
  moved_.filter_beats = filter_bus_.step(cycles_, pes_, offered.filter_beats);
  if (filters_loaded || double_ifmap_) moved_.ifmap = ifmap_bus_.step(cycles_, doors_, offered.ifmap);
  if (block_.shape.psums_in) moved_.psums_in = psum_in_bus_.step(cycles_, bottoms_, offered.psums_in);
  moved_.psums_out = psum_out_bus_.step(cycles_, tops_, offered.psums_out);
  for (RowPeClocked<Word>& pe : pes_) {
    pe.step();
    pe.commit();  // its registers are its own; what PEs share are the FIFOs, which commit below
  }
  count_cycle();
  commit();
  cycles_ += Cycles(1);
}

template <class Word>
void RowArrayClocked<Word>::commit() {
  filter_bus_.commit();
  ifmap_bus_.commit();
  psum_in_bus_.commit();
  psum_out_bus_.commit();
  commit_all(doors_);
  commit_all(bottoms_);
  commit_all(links_);
  commit_all(tops_);
}

template <class Word>
void RowArrayClocked<Word>::count_cycle() {
  std::array<std::int64_t, row_pe_states> pes_in{};
  for (const RowPeClocked<Word>& pe : pes_) ++pes_in[static_cast<std::size_t>(pe.state())];
  const auto in = [&](RowPeState state) { return pes_in[static_cast<std::size_t>(state)]; };

  std::int64_t top_blocked = 0;
  if (in(RowPeState::wait_output) > 0) {
    for (int number = 0; number < pes(); ++number) {
      const bool top = number / block_.shape.rows % block_.shape.chain() == 0;
      top_blocked += top && pe(number).state() == RowPeState::wait_output ? 1 : 0;
    }
  }
  bins_.add(Bin::compute, in(RowPeState::product));
  bins_.add(Bin::gated, in(RowPeState::gated));
  bins_.add(Bin::wait_weights, in(RowPeState::wait_weights));
  bins_.add(Bin::wait_activations, in(RowPeState::wait_activations));
  bins_.add(Bin::wait_psums,
            in(RowPeState::psum_slot) + in(RowPeState::wait_psums) + in(RowPeState::wait_output)-top_blocked);
  bins_.add(Bin::noc, top_blocked);
  bins_.add(Bin::drain, in(RowPeState::tail));
  bins_.add(in(RowPeState::done) == pes() ? Bin::drain : Bin::imbalance, in(RowPeState::done));
}

template <class Word>
RowPeEvents RowArrayClocked<Word>::events() const {
  RowPeEvents events;
  for (const RowPeClocked<Word>& pe : pes_) events += pe.events();
  return events;
}

template <class Word>
std::int64_t RowArrayClocked<Word>::link_words() const {
  std::int64_t words = 0;
  for (int number = 0; number < pes(); ++number) {
    const bool bottom = number / block_.shape.rows % block_.shape.chain() + 1 == block_.shape.chain();
    if (!bottom) words += pe(number).cycles_in(RowPeState::psum_slot).value;
  }
  return words;
}

template <class Word>
int RowArrayClocked<Word>::active_pes() const {
  return static_cast<int>(std::count_if(pes_.begin(), pes_.end(), [](const RowPeClocked<Word>& pe) {
    return pe.state() == RowPeState::product || pe.state() == RowPeState::psum_slot;
  }));
}

template class RowArrayClocked<std::int16_t>;
template class RowArrayClocked<float>;

}  // namespace basil
