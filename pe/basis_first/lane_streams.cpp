#include "pe/basis_first/lane_streams.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include "core/vectorised.h"

namespace basil::basis_first {
namespace {

inline constexpr int block = 64;           // pixels timed together
inline constexpr int greatest_window = 8;  // rows

// A block's windows. A pixel has a field of one Word in every array, but the arrays are of 64-bit words:
// shifts of those vectorise everywhere, those of narrower ones do not, and masks keep fields apart. The loops
// over pixels carry no branch: all windows move a row at a time, and a pixel whose head row is already empty
// within the current cycle's reach takes nothing in this row. The loops are kept from being unrolled in full:
// the compiler does that before it vectorises, and then does not vectorise.
template <class Word>
struct Block {
  static constexpr int words = block * static_cast<int>(sizeof(Word)) / 8;
  static constexpr int bits = 8 * static_cast<int>(sizeof(Word));
  using Fields = std::array<std::uint64_t, words>;

  alignas(64) std::array<Fields, greatest_window> slots;  // a ring of rows
  alignas(64) Fields free;                                // lanes without a term in this cycle
  alignas(64) Fields passed;                              // rows that the current cycle has left behind
  alignas(64) Fields cycles;
  alignas(64) Fields any;
};

// A value in every field.
template <class Word>
[[gnu::always_inline]] inline constexpr std::uint64_t spread(std::uint64_t value) {
  return std::numeric_limits<std::uint64_t>::max() / std::numeric_limits<Word>::max() * value;
}

// `count` ones, 1 to 64 of them.
[[gnu::always_inline]] inline constexpr std::uint64_t ones(int count) {
  return ~std::uint64_t{0} >> (64 - count);
}

// All ones in the fields that are not zero.
template <class Word>
[[gnu::always_inline]] inline std::uint64_t nonzero_fields(std::uint64_t fields) {
  constexpr int top = Block<Word>::bits - 1;
  constexpr std::uint64_t tops = spread<Word>(std::uint64_t{1} << top), rest = ~tops;
  const std::uint64_t set = (((fields & rest) + rest) | fields) & tops;
  return set | (set - (set >> top));
}

template <class Word>
struct Stream {
  const Word* maps;
  std::int64_t pitch;  // between rows of the stream
  const std::uint64_t* filter;
  int filter_step, rows;

  [[nodiscard]] std::uint64_t filter_row(int row) const { return filter[std::int64_t{row} * filter_step]; }
};

template <class Word>
[[gnu::always_inline]] inline void load(const Stream<Word>& stream, int row, Block<Word>& b, int slot) {
  auto& fields = b.slots[static_cast<std::size_t>(slot)];
  if (row >= stream.rows) {
    fields.fill(0);
    return;
  }
  const std::uint64_t filter = spread<Word>(stream.filter_row(row));
  std::memcpy(fields.data(), stream.maps + row * stream.pitch, sizeof(fields));
#pragma GCC unroll 1
  for (int i = 0; i < b.words; ++i) {
    fields[i] &= filter;
    b.any[i] |= fields[i];
  }
}

// The lanes take their own terms of the head row, if a cycle starts here.
template <class Word>
[[gnu::always_inline]] inline void take_head(Block<Word>& b, int slot, std::uint64_t lanes,
                                             std::uint64_t reach) {
  constexpr std::uint64_t one = spread<Word>(1);
  const auto& head = b.slots[static_cast<std::size_t>(slot)];
#pragma GCC unroll 1
  for (int i = 0; i < b.words; ++i) {
    const std::uint64_t starts = nonzero_fields<Word>(head[i]) | ~nonzero_fields<Word>(b.passed[i] ^ reach);
    b.free[i] = starts & lanes & ~head[i];
    b.cycles[i] += starts & one;
    b.passed[i] = (b.passed[i] & ~starts) + one;
  }
}

template <class Word>
[[gnu::always_inline]] inline void take_own(Block<Word>& b, int slot) {
  auto& row = b.slots[static_cast<std::size_t>(slot)];
#pragma GCC unroll 1
  for (int i = 0; i < b.words; ++i) {
    const std::uint64_t taken = row[i] & b.free[i];
    row[i] ^= taken;
    b.free[i] ^= taken;
  }
}

// Those of the lane `up` above, then of the one as far below; on the ring of lanes, up + down = lanes.
template <class Word>
[[gnu::always_inline]] inline void take_aside(Block<Word>& b, int slot, int up, int down) {
  auto& row = b.slots[static_cast<std::size_t>(slot)];
  const std::uint64_t ring = spread<Word>(ones(up + down));
  const std::uint64_t low_down = spread<Word>(ones(down)), low_up = spread<Word>(ones(up));
  const std::uint64_t high_down = ring & ~low_down, high_up = ring & ~low_up;
#pragma GCC unroll 1
  for (int i = 0; i < b.words; ++i) {
    std::uint64_t left = row[i], free = b.free[i];
    const std::uint64_t above = ((left >> up & low_down) | (left << down & high_down)) & free;
    free ^= above;
    left ^= (above << up & high_up) | (above >> down & low_up);
    const std::uint64_t below = ((left << up & high_up) | (left >> down & low_up)) & free;
    free ^= below;
    left ^= (below >> up & low_down) | (below << down & high_down);
    row[i] = left;
    b.free[i] = free;
  }
}

template <class Word>
[[gnu::always_inline]] inline void flush(Block<Word>& b, std::int32_t* cycles) {
  std::array<Word, block> counts;
  std::memcpy(counts.data(), b.cycles.data(), sizeof(counts));
  for (int i = 0; i < block; ++i) cycles[i] += static_cast<std::int32_t>(counts[i]);
  b.cycles.fill(0);
}

template <class Word>
[[gnu::always_inline]] inline void time_block(const Stream<Word>& stream, const LaneWindow& window,
                                              std::int32_t* cycles, std::int32_t* effectual) {
  // Rows after which the narrowest count of cycles is still exact.
  constexpr int flush_after = std::numeric_limits<std::uint8_t>::max();
  const int reach = window.look_ahead + 1;
  const int aside = std::min(window.look_aside, window.lanes - 1);
  const std::uint64_t lanes = spread<Word>(ones(window.lanes)),
                      rows_reached = spread<Word>(static_cast<unsigned>(reach));
  Block<Word> b;
  b.any.fill(0);
  b.cycles.fill(0);
  b.passed.fill(rows_reached);
  std::fill_n(cycles, block, 0);
  for (int row = 0; row < reach; ++row) load(stream, row, b, row);

  int head = 0;
  const auto slot = [&](int ahead) { return head + ahead < reach ? head + ahead : head + ahead - reach; };
  for (int row = 0, unflushed = 0; row < stream.rows; ++row) {
    take_head(b, head, lanes, rows_reached);
    const int last = std::min(reach, stream.rows - row);
    for (int ahead = 1; ahead < last; ++ahead) take_own(b, slot(ahead));
    for (int ahead = 1; ahead < last; ++ahead) {
      if (stream.filter_row(row + ahead) == 0) continue;  // nothing there for any pixel
      for (int s = 1; s <= aside; ++s) take_aside(b, slot(ahead), s, window.lanes - s);
    }
    load(stream, row + reach, b, head);
    head = slot(1 % reach);
    if (++unflushed == flush_after) flush(b, cycles), unflushed = 0;
  }
  flush(b, cycles);
  std::array<Word, block> any;
  std::memcpy(any.data(), b.any.data(), sizeof(any));
  for (int i = 0; i < block; ++i) effectual[i] = any[i] != 0 ? 1 : 0;
}

BASIL_VECTORISED
void time_pixels(const Stream<std::uint8_t>& stream, const LaneWindow& window, std::int32_t* cycles,
                 std::int32_t* effectual) {
  time_block(stream, window, cycles, effectual);
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
  if (window.lanes > 8) maps_ = std::vector<std::uint16_t>();
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

void LaneStreams::set(std::int64_t pixel, const std::vector<std::uint64_t>& map) {
  std::visit(
      [&](auto& maps) {
        using Word = typename std::decay_t<decltype(maps)>::value_type;
        Word* at = maps.data() + pixel;
        for (const std::uint64_t row : map) {
          *at = static_cast<Word>(row);
          at += pitch_;
        }
      },
      maps_);
}

void LaneStreams::get(std::int64_t pixel, std::vector<std::uint64_t>& map) const {
  std::visit(
      [&](const auto& maps) {
        const auto* at = maps.data() + pixel;
        map.resize(static_cast<std::size_t>(rows_));
        for (std::uint64_t& row : map) {
          row = *at;
          at += pitch_;
        }
      },
      maps_);
}

void LaneStreams::time(const std::vector<std::uint64_t>& filter, Share share, std::int32_t* cycles,
                       std::int32_t* effectual) const {
  const int rows = static_cast<int>(ceil_div(std::min(rows_, share.end) - share.first, share.step));
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
