#include "pe/comparator/comparator_tile.h"

#include <algorithm>
#include <limits>

#include "core/vectorised.h"
#include "pe/comparator/parts.h"
#include "pe/mac/mac_kernels.h"
#include "pe/pass_traffic.h"
#include "traces/encodings/comparator.h"

namespace basil::comparator_array {
namespace {

// Non-zero words of each pixel, and the effectual terms of all: those of words that are not zero. A word has
// at most two terms a filter, so that 2^9 words of up to 2^20 filters stay within 32 bits.
BASIL_VECTORISED
std::int64_t count_pixels(const std::int16_t* words, std::int64_t pixels, std::int64_t pitch,
                          const std::int32_t* terms, std::int64_t* nonzeros) {
  constexpr std::int64_t stretch = 512;
  std::int64_t all_terms = 0;
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel, words += pitch) {
    std::int64_t all_nonzeros = 0;
    for (std::int64_t first = 0; first < pitch; first += stretch) {
      const std::int64_t end = std::min(first + stretch, pitch);
      std::int32_t nonzeros_here = 0, terms_here = 0;
      for (std::int64_t i = first; i < end; ++i) {
        nonzeros_here += words[i] != 0 ? 1 : 0;
        terms_here += words[i] != 0 ? terms[i] : 0;
      }
      all_nonzeros += nonzeros_here;
      all_terms += terms_here;
    }
    nonzeros[pixel] = all_nonzeros;
  }
  return all_terms;
}

}  // namespace

ComparatorTile::ComparatorTile(const Layer& layer, const UnitParameters& parameters)
    : layer_(layer),
      parameters_(parameters),
      compares_(layer.weights.encoding == &comparator_encoding),
      skip_zero_(parameters.at("skip_zero") != 0),
      rows_(parameters.rows),
      add_lanes_(parameters.at("add_lanes")),
      queue_(parameters.at("queue")),
      compare_cycles_(compares_
                          ? ceil_div(std::int64_t{layer.shape.C} * layer.weights.parts<Comparator>().taps,
                                     parameters.at("compare_lanes"))
                          : 0),
      weight_words_(parameters.at("weight_words")),
      window_words_(window_words(parameters)),
      words_(layer),
      pointwise_(layer, add_lanes_, words_.pitch()),
      ends_(static_cast<std::size_t>(queue_)) {}

std::int64_t ComparatorTile::words_taken(std::int64_t nonzeros) const {
  return skip_zero_ ? nonzeros : words_a_pixel(layer_);
}

void ComparatorTile::count_terms() {
  slots_.resize(static_cast<std::size_t>(words_.pixels()));
  effectual_ = count_pixels(words_.of(0), words_.pixels(), words_.pitch(), pointwise_.effectual().data(),
                            slots_.data());
  taken_ = empty_ = 0;
  for (std::int64_t& pixel : slots_) {
    const std::int64_t taken = words_taken(pixel), slots = taken * pointwise_.word().slots;
    taken_ += taken;
    empty_ += slots == 0 ? 1 : 0;
    pixel = std::max<std::int64_t>(slots, 1);
  }
}

void ComparatorTile::sum_up(const TilePass& pass, Ofmap& sums) const {
  const std::int64_t pitch = words_.pitch();
  const std::int64_t narrow =
      std::numeric_limits<std::int32_t>::max() / (words_.greatest() * pointwise_.greatest());
  const DotBlock block{.pixels = sums.Q, .filters = pass.filters.size(), .length = pitch, .stride = sums.K};
  const std::int16_t* words = words_.of(0);
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int p = pass.rows.first; p < pass.rows.end; ++p, words += sums.Q * pitch) {
      std::int64_t* out = sums.sums.data() + sums.at(n, p, 0, pass.filters.first);
      for (int q = 0; q < sums.Q; ++q) {
        std::int64_t* pixel = out + std::int64_t{q} * sums.K;
        if (layer_.bias.empty()) {
          std::fill_n(pixel, pass.filters.size(), 0);
        } else {
          std::copy_n(layer_.bias.begin() + pass.filters.first, pass.filters.size(), pixel);
        }
      }
      if (pitch <= narrow) {
        add_dots_narrow(block, words, pointwise_.weights().data(), out);
      } else {
        add_dots_wide(block, words, pointwise_.weights().data(), out);
      }
    }
  }
}

// Stage 1 starts a pixel when it is done with the one before and a place of the queue is free; stage 2 when
// it is done with the one before and the code words are complete.
ComparatorTile::RowTime ComparatorTile::time_row(int row) {
  std::fill(ends_.begin(), ends_.end(), 0);
  std::int64_t compared = 0, busy = 0, end = 0;
  std::size_t place = 0;
  for (auto pixel = static_cast<std::size_t>(row); pixel < slots_.size();
       pixel += static_cast<std::size_t>(rows_)) {
    compared = std::max(compared, ends_[place]) + compare_cycles_;
    end = std::max(compared, end) + slots_[pixel];
    busy += slots_[pixel];
    ends_[place] = end;
    if (++place == ends_.size()) place = 0;
  }
  return {end, busy};
}

void ComparatorTile::account(const TilePass& pass, TileWork& work) {
  const std::int64_t filters = pass.filters.size(), lanes = std::min<std::int64_t>(filters, add_lanes_);
  const std::int64_t pixels = words_.pixels(), working = std::min<std::int64_t>(rows_, pixels);
  std::int64_t last = 0, ends = 0, busy = 0;
  for (int row = 0; row < working; ++row) {
    const RowTime time = time_row(row);
    last = std::max(last, time.end);
    ends += time.end;
    busy += time.busy;
  }
  const WordCost& word = pointwise_.word();
  const std::int64_t lane_slots = taken_ * word.lane_slots;

  work.cycles = Cycles(last);
  work.products = effectual_;
  work.bins.add(Bin::compute, effectual_);
  work.bins.add(Bin::gated, lane_slots - effectual_ + empty_ * lanes);
  work.bins.add(Bin::wait_activations, (ends - busy) * lanes);
  work.bins.add(Bin::imbalance, (working * last - ends) * lanes + taken_ * word.slots * lanes - lane_slots);
  work.bins.add(Bin::idle, (std::int64_t{rows_} * add_lanes_ - working * lanes) * last);
}

void ComparatorTile::use_parts(const TilePass& pass, TileWork& work) const {
  const std::int64_t pixels = words_.pixels(), length = words_a_pixel(layer_);
  const std::int64_t working = std::min<std::int64_t>(rows_, pixels);
  const WordCost& word = pointwise_.word();
  const std::int64_t weight_words = word.slots * length;
  const bool resident = weight_words <= weight_words_;
  const std::int64_t places = compares_ ? layer_.weights.parts<Comparator>().taps + 1 : 0;

  work.uses.assign(part::count, {});
  work.uses[part::shift_add].count = effectual_;
  work.uses[part::shift_gated].count = std::int64_t{rows_} * add_lanes_ * work.cycles.value - effectual_;
  if (compares_) {
    work.uses[part::compare].count = pixels * length * layer_.weights.parts<Comparator>().taps;
    work.uses[part::code_queue] = {.count = taken_ * word.reads, .writes = pixels * length};
    work.uses[part::window] = {.count = pixels * length * places, .writes = pixels * length * places};
  } else {
    // A window too long for its store passes through it again for every block of filters.
    const std::int64_t again = length <= window_words_ ? 0 : (pixels - empty_) * (word.reads - 1);
    work.uses[part::window] = {.count = taken_ * word.reads, .writes = (pixels + again) * length};
  }
  work.uses[part::weight_store] = {.count = taken_ * word.slots,
                                   .writes = weight_words * (resident ? working : pixels)};
  work.uses[part::psum].count = pixels * pass.filters.size();

  work.weights = pointwise_.bytes() * (resident ? 1 : pixels);
  work.ifmap = words_.ifmap_bytes();
  work.psums_out = finished_psums(layer_.shape, pass);
  add_fills(layer_, parameters_, pass, weight_words, work);
}

TileWork ComparatorTile::run(const TilePass& pass, Ofmap& sums) {
  words_.make(pass);
  pointwise_.load(pass.filters);
  count_terms();
  sum_up(pass, sums);
  TileWork work;
  account(pass, work);
  use_parts(pass, work);
  return work;
}

}  // namespace basil::comparator_array
