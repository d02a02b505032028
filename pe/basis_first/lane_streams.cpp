#include "pe/basis_first/lane_streams.h"

#include <algorithm>
#include <array>

#include "core/vectorised.h"

namespace basil::basis_first {
namespace {

inline constexpr int block = 64;             // pixels timed together, one to a vector element
inline constexpr int greatest_window = 8;    // rows
inline constexpr int flush_after = 1 << 15;  // rows, so that a 16-bit count of cycles cannot overflow

// A block's windows. The loops over pixels carry no branch, so that they vectorise: a window is
// row-synchronous, and a pixel whose head row is already empty within the current cycle's reach takes nothing
// in this row.
template <class Word>
struct Block {
  alignas(64) std::array<std::array<Word, block>, greatest_window> slots;  // a ring of rows
  alignas(64) std::array<Word, block> free;    // lanes without a term in this cycle
  alignas(64) std::array<Word, block> passed;  // rows that the current cycle has left behind
  alignas(64) std::array<Word, block> cycles;
  alignas(64) std::array<Word, block> any;
};

template <class Word>
struct Stream {
  const Word* maps;
  std::int64_t pitch;  // between rows of the stream
  const std::uint64_t* filter;
  int filter_step, rows;
};

template <class Word>
[[gnu::always_inline]] inline void load(const Stream<Word>& stream, int row, std::array<Word, block>& slot,
                                        std::array<Word, block>& any) {
  if (row >= stream.rows) {
    slot.fill(0);
    return;
  }
  const Word filter = static_cast<Word>(stream.filter[std::int64_t{row} * stream.filter_step]);
  const Word* map = stream.maps + row * stream.pitch;
  for (int i = 0; i < block; ++i) {
    slot[i] = map[i] & filter;
    any[i] |= slot[i];
  }
}

// The lanes take their own terms of the head row, if a cycle starts here.
template <class Word>
[[gnu::always_inline]] inline void take_head(Block<Word>& b, const std::array<Word, block>& head, Word lanes,
                                             Word reach) {
  for (int i = 0; i < block; ++i) {
    const bool starts = (head[i] != 0) | (b.passed[i] == reach);
    b.free[i] = starts ? static_cast<Word>(lanes & ~head[i]) : Word{0};
    b.cycles[i] = static_cast<Word>(b.cycles[i] + (starts ? 1 : 0));
    b.passed[i] = starts ? Word{1} : static_cast<Word>(b.passed[i] + 1);
  }
}

template <class Word>
[[gnu::always_inline]] inline void take_own(Block<Word>& b, std::array<Word, block>& row) {
  for (int i = 0; i < block; ++i) {
    const Word taken = row[i] & b.free[i];
    row[i] ^= taken;
    b.free[i] ^= taken;
  }
}

// The lane `distance` above, then the one below; up = distance, down = lanes - distance on the ring.
template <class Word>
[[gnu::always_inline]] inline void take_aside(Block<Word>& b, std::array<Word, block>& row, Word lanes,
                                              int up, int down) {
  for (int i = 0; i < block; ++i) {
    Word left = row[i], free = b.free[i];
    const Word above = static_cast<Word>(left >> up | left << down) & lanes & free;
    free ^= above;
    left ^= static_cast<Word>(above << up | above >> down) & lanes;
    const Word below = static_cast<Word>(left << up | left >> down) & lanes & free;
    free ^= below;
    left ^= static_cast<Word>(below >> up | below << down) & lanes;
    row[i] = left;
    b.free[i] = free;
  }
}

template <class Word>
[[gnu::always_inline]] inline void flush(Block<Word>& b, std::int32_t* cycles) {
  for (int i = 0; i < block; ++i) {
    cycles[i] += static_cast<std::int32_t>(b.cycles[i]);
    b.cycles[i] = 0;
  }
}

template <class Word>
[[gnu::always_inline]] inline void time_block(const Stream<Word>& stream, const LaneWindow& window,
                                              std::int32_t* cycles, std::int32_t* effectual) {
  const int reach = window.look_ahead + 1;
  const Word lanes = static_cast<Word>(~std::uint64_t{0} >> (64 - window.lanes));
  const int aside = std::min(window.look_aside, window.lanes - 1);
  Block<Word> b;
  b.any.fill(0);
  b.cycles.fill(0);
  b.passed.fill(static_cast<Word>(reach));
  std::fill_n(cycles, block, 0);
  for (int row = 0; row < reach; ++row) load(stream, row, b.slots[static_cast<std::size_t>(row)], b.any);

  int head = 0;
  const auto slot = [&](int ahead) -> std::array<Word, block>& {
    const int at = head + ahead < reach ? head + ahead : head + ahead - reach;
    return b.slots[static_cast<std::size_t>(at)];
  };
  for (int row = 0; row < stream.rows; ++row) {
    take_head(b, slot(0), lanes, static_cast<Word>(reach));
    const int last = std::min(reach, stream.rows - row);
    for (int ahead = 1; ahead < last; ++ahead) take_own(b, slot(ahead));
    for (int ahead = 1; ahead < last; ++ahead) {
      for (int s = 1; s <= aside; ++s) take_aside(b, slot(ahead), lanes, s, window.lanes - s);
    }
    load(stream, row + reach, slot(0), b.any);
    head = head + 1 == reach ? 0 : head + 1;
    if (row % flush_after == flush_after - 1) flush(b, cycles);
  }
  flush(b, cycles);
  for (int i = 0; i < block; ++i) effectual[i] = b.any[i] != 0 ? 1 : 0;
}

BASIL_VECTORISED
void time_pixels(const Stream<std::uint16_t>& stream, const LaneWindow& window, std::int32_t* cycles,
                 std::int32_t* effectual) {
  time_block(stream, window, cycles, effectual);
}

BASIL_VECTORISED
void time_pixels(const Stream<std::uint32_t>& stream, const LaneWindow& window, std::int32_t* cycles,
                 std::int32_t* effectual) {
  time_block(stream, window, cycles, effectual);
}

BASIL_VECTORISED
void time_pixels(const Stream<std::uint64_t>& stream, const LaneWindow& window, std::int32_t* cycles,
                 std::int32_t* effectual) {
  time_block(stream, window, cycles, effectual);
}

}  // namespace

LaneStreams::LaneStreams(const LaneWindow& window) : window_(window) {
  if (window.lanes > 16) maps_ = std::vector<std::uint32_t>();
  if (window.lanes > 32) maps_ = std::vector<std::uint64_t>();
}

void LaneStreams::reset(std::int64_t positions, std::int64_t pixels) {
  rows_ = static_cast<int>(ceil_div(positions, window_.lanes));
  pitch_ = ceil_div(pixels, block) * block;
  std::visit([&](auto& maps) { maps.assign(static_cast<std::size_t>(rows_ * pitch_), 0); }, maps_);
}

template <class Value>
std::int64_t LaneStreams::mark_nonzeros(std::int64_t position, const Value* values, std::int64_t step,
                                        std::int64_t first, std::int64_t count) {
  return std::visit(
      [&](auto& maps) {
        using Word = typename std::decay_t<decltype(maps)>::value_type;
        std::int64_t nonzeros = 0;
        Word* map = maps.data() + position / window_.lanes * pitch_ + first;
        const int lane = static_cast<int>(position % window_.lanes);
        for (std::int64_t i = 0; i < count; ++i) {
          const Word bit = values[i * step] != 0 ? 1 : 0;
          map[i] |= static_cast<Word>(bit << lane);
          nonzeros += bit;
        }
        return nonzeros;
      },
      maps_);
}

std::int64_t LaneStreams::mark(std::int64_t position, const std::int16_t* values, std::int64_t step,
                               std::int64_t first, std::int64_t count) {
  return mark_nonzeros(position, values, step, first, count);
}

std::int64_t LaneStreams::mark(std::int64_t position, const std::int32_t* values, std::int64_t step,
                               std::int64_t first, std::int64_t count) {
  return mark_nonzeros(position, values, step, first, count);
}

void LaneStreams::time(const std::vector<std::uint64_t>& filter, Share share, std::int32_t* cycles,
                       std::int32_t* effectual) const {
  const int rows = static_cast<int>(ceil_div(rows_ - share.first, share.step));
  std::visit(
      [&](const auto& maps) {
        using Word = typename std::decay_t<decltype(maps)>::value_type;
        for (std::int64_t pixel = 0; pixel < pitch_; pixel += block) {
          const Stream<Word> stream{maps.data() + share.first * pitch_ + pixel, pitch_ * share.step,
                                    filter.data() + share.first, share.step, rows};
          time_pixels(stream, window_, cycles + pixel, effectual + pixel);
        }
      },
      maps_);
}

}  // namespace basil::basis_first
