// A toy encoding, whole: a bit for every 8 positions in a row that hold something, and the 8 values of those.
#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "traces/encodings/bits.h"
#include "traces/encodings/payload.h"

namespace basil {
namespace {

constexpr std::int64_t length = 8;

struct Blocks {
  bits::Words kept;  // a bit a block; the last block may be shorter than the others
  friend bool operator==(const Blocks&, const Blocks&) = default;
};

std::int64_t blocks_of(const Operand& operand) { return ceil_div(operand.extent.positions(), length); }

std::int64_t end_of(const Operand& operand, std::int64_t block) {
  return std::min((block + 1) * length, operand.extent.positions());
}

template <class T>
std::vector<T> pack(std::vector<T> dense, Operand& to) {
  Blocks blocks{.kept = bits::Words(bits::words(blocks_of(to)))};
  std::vector<T> values;
  for (std::int64_t block = 0; block < blocks_of(to); ++block) {
    const auto first = dense.begin() + block * length, end = dense.begin() + end_of(to, block);
    if (std::all_of(first, end, [](T value) { return value == T{}; })) continue;
    bits::set(blocks.kept, block);
    values.insert(values.end(), first, end);
  }
  to.own = std::move(blocks);
  return values;
}

template <class T>
void unpack(const Operand& from, std::vector<T>& dense) {
  const bits::Words& kept = from.parts<Blocks>().kept;
  auto next = payload_of<T>(from).begin();
  for (std::int64_t block = 0; block < blocks_of(from); ++block) {
    if (!bits::at(kept, block)) continue;
    const std::int64_t size = end_of(from, block) - block * length;
    std::copy_n(next, size, dense.begin() + block * length);
    next += size;
  }
}

std::int64_t values_implied(const Operand& operand) {
  const bits::Words& kept = operand.parts<Blocks>().kept;
  std::int64_t values = 0;
  for (std::int64_t block = 0; block < blocks_of(operand); ++block)
    values += bits::at(kept, block) ? end_of(operand, block) - block * length : 0;
  return values;
}

void check_blocks(const Operand& operand, const std::string& where) {
  const bits::Words& kept = operand.parts<Blocks>().kept;
  if (kept.size() != bits::words(blocks_of(operand)) || !bits::tail_is_clear(kept, blocks_of(operand)))
    throw Error(where + ".kept", fmt::format("{} words of 64 bits, or bits past the last", kept.size()),
                fmt::format("a bit for each of {} blocks", blocks_of(operand)));
  if (payload_size(operand) != values_implied(operand))
    throw Error(where + ".values", fmt::format("{} values", payload_size(operand)),
                fmt::format("{}, those of the blocks kept", values_implied(operand)));
}

}  // namespace

extern const EncodingType blocks_encoding;
const EncodingType blocks_encoding{
    .name = "blocks",
    .summary = "a toy: 1 bit for 8 positions, and the values of those that hold something",
    .pack = pack<std::int16_t>,
    .pack_reals = pack<float>,
    .unpack = unpack<std::int16_t>,
    .unpack_reals = unpack<float>,
    .check = check_blocks,
    .bits = [](const Operand& operand) { return payload_bits(operand) + blocks_of(operand); },
    .write = [](const Operand& operand,
                PartWriter& file) { file.bits("kept", operand.parts<Blocks>().kept, blocks_of(operand)); },
    .read = [](Operand& operand,
               PartReader& file) { operand.own = Blocks{file.bits("kept", blocks_of(operand))}; },
    .values_implied = values_implied,
    .values_are = "those of the blocks kept",
};

}  // namespace basil
