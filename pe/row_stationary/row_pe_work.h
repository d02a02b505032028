// For tests: random work of a spad PE, and what it should compute.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "core/testing/property_check.h"
#include "pe/mac/number.h"
#include "pe/row_stationary/row_pe.h"

namespace basil {

// A PE, its work and the operands in the order they come.
template <class Word>
struct RowPeWork {
  RowPe pe;
  RowShape shape;
  std::vector<int> slots;     // of each filter's weights; empty: one each
  std::vector<Word> filters;  // tap, channel, slot
  std::vector<Word> ifmap;    // n, touched column, channel
  std::vector<SumOf<Word>> psums;
  std::vector<std::int64_t> arrival;  // of each ifmap word; empty: all in cycle 0
};

template <class Word>
std::vector<Word> random_row_words(std::int64_t count, int zero_percent) {
  return *rc::gen::container<std::vector<Word>>(
      static_cast<std::size_t>(count), rc::gen::mapcat(anywhere_in(0, 100), [zero_percent](int roll) {
        return roll < zero_percent ? rc::gen::just(Word{}) : rc::gen::map(anywhere_in(1, 255), [](int value) {
          return static_cast<Word>(value < 128 ? value : 127 - value);
        });
      }));
}

inline RowShape random_row_shape() {
  RowShape shape;
  shape.n = *anywhere_in(1, 4);
  shape.p = *anywhere_in(1, 8);
  shape.q = *anywhere_in(1, 7);
  shape.taps = *anywhere_in(1, 8);
  shape.stride = *anywhere_in(1, 10);
  shape.dilation = *anywhere_in(1, 4);
  shape.windows = *anywhere_in(1, 16);
  shape.psums_in = *rc::gen::arbitrary<bool>();
  return shape;
}

inline RowPe random_row_pe(const RowShape& shape) {
  RowPe pe;
  const int slack = *rc::gen::element(0, 0, 1, 3, 50);
  pe.filter_spad = static_cast<int>(shape.filter_words()) + slack;
  pe.ifmap_spad = ifmap_spad_needed(shape) + slack;
  pe.psum_spad = shape.p;
  pe.filter_words_per_beat = *anywhere_in(1, 6);
  pe.pipeline = *anywhere_in(1, 6);
  pe.zero_gating = *rc::gen::arbitrary<bool>();
  return pe;
}

template <class Word>
RowPeWork<Word> random_row_pe_work() {
  RowPeWork<Word> work;
  work.shape = random_row_shape();
  if (*rc::gen::arbitrary<bool>()) {  // weights of several terms
    work.slots =
        *rc::gen::container<std::vector<int>>(static_cast<std::size_t>(work.shape.p), anywhere_in(1, 4));
    work.shape.slots = std::accumulate(work.slots.begin(), work.slots.end(), 0);
  }
  work.pe = random_row_pe(work.shape);
  work.filters = random_row_words<Word>(work.shape.filter_words(), *rc::gen::element(0, 50));
  work.ifmap =
      random_row_words<Word>(work.shape.n * ifmap_words(work.shape), *rc::gen::element(0, 30, 70, 100));
  work.psums.resize(static_cast<std::size_t>(work.shape.n * work.shape.windows * work.shape.p));
  for (std::size_t i = 0; i < work.psums.size(); ++i) {
    work.psums[i] = work.shape.psums_in ? static_cast<SumOf<Word>>(1000 * i) - 5000 : 0;
  }
  return work;
}

inline int filter_of_slot(const std::vector<int>& slots, int slot) {
  if (slots.empty()) return slot;
  int filter = 0;
  for (; slot >= slots[static_cast<std::size_t>(filter)]; ++filter)
    slot -= slots[static_cast<std::size_t>(filter)];
  return filter;
}

// The 1-D convolution by its definition: n, window, filter.
template <class Word>
std::vector<SumOf<Word>> naive_row(const RowPeWork<Word>& work) {
  const RowShape& shape = work.shape;
  const std::vector<int> columns = touched_columns(shape);
  std::vector<SumOf<Word>> sums = work.psums;
  for (int n = 0; n < shape.n; ++n) {
    for (int window = 0; window < shape.windows; ++window) {
      for (int slot = 0; slot < shape.word_slots(); ++slot) {
        const int filter = filter_of_slot(work.slots, slot);
        auto& sum = sums[static_cast<std::size_t>((n * shape.windows + window) * shape.p + filter)];
        for (int tap = 0; tap < shape.taps; ++tap) {
          const auto column =
              std::find(columns.begin(), columns.end(), window * shape.stride + tap * shape.dilation);
          const std::size_t place = static_cast<std::size_t>(n) * columns.size() +
                                    static_cast<std::size_t>(column - columns.begin());
          for (int channel = 0; channel < shape.q; ++channel) {
            const Word word =
                work.ifmap[place * static_cast<std::size_t>(shape.q) + static_cast<std::size_t>(channel)];
            const int address = (tap * shape.q + channel) * shape.word_slots() + slot;
            sum += multiply(word, work.filters[static_cast<std::size_t>(address)]);
          }
        }
      }
    }
  }
  return sums;
}

}  // namespace basil
