#include "traces/encodings/run_length.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "traces/encodings/bits.h"
#include "traces/encodings/payload.h"
#include "traces/encodings/run_length_code.h"
#include "traces/encodings/slice.h"

namespace basil {
namespace {

// The greatest run a pair can state.
constexpr std::int64_t max_run(int run_bits) { return (std::int64_t{1} << run_bits) - 1; }

// Pairs that carry a non-zero after `zeros` zeros: a pair with the greatest run and value 0 stands for
// max_run + 1 zeros.
constexpr std::int64_t pairs_for(std::int64_t zeros, int run_bits) { return (zeros >> run_bits) + 1; }

template <class T>
std::vector<T> pack(std::vector<T> dense, Operand& to) {
  const RunLength* given = to.own.as<RunLength>();
  RunLength pairs{.run_bits = given != nullptr ? given->run_bits : RunLength().run_bits, .runs = {}};
  const std::int64_t longest = max_run(pairs.run_bits);
  std::vector<T> payload;
  std::int64_t zeros = 0;
  for (const T value : dense) {
    if (value == T{}) {
      ++zeros;
      continue;
    }
    for (; zeros > longest; zeros -= longest + 1) {
      pairs.runs.push_back(static_cast<std::uint16_t>(longest));
      payload.push_back(T{});
    }
    pairs.runs.push_back(static_cast<std::uint16_t>(zeros));
    payload.push_back(value);
    zeros = 0;
  }
  to.own = std::move(pairs);
  return payload;
}

template <class T>
void unpack(const Operand& from, std::vector<T>& dense) {
  const std::vector<std::uint16_t>& runs = from.parts<RunLength>().runs;
  const std::vector<T>& payload = payload_of<T>(from);
  std::size_t position = 0;
  for (std::size_t pair = 0; pair < payload.size(); ++pair) {
    position += runs[pair];
    dense[position++] = payload[pair];
  }
}

bool is_zero(const Operand& operand, std::size_t pair) {
  return operand.is_real() ? operand.reals[pair] == 0.0F : operand.values[pair] == 0;
}

void check_pair(const Operand& operand, std::size_t pair, int run_bits, const std::string& where) {
  const std::int64_t run = operand.parts<RunLength>().runs[pair], longest = max_run(run_bits);
  if (run > longest) {
    throw Error(where + ".runs", fmt::format("{} in pair {}", run, pair),
                fmt::format("at most {} for {} bits", longest, run_bits));
  }
  if (run < longest && is_zero(operand, pair)) {
    throw Error(where + ".values", fmt::format("zero in pair {} behind a run of {}", pair, run),
                fmt::format("zero only behind the greatest run, {}", longest));
  }
}

void check_pairs(const Operand& operand, const std::string& where) {
  const auto& [run_bits, runs] = operand.parts<RunLength>();
  if (run_bits < 1 || run_bits > 16) throw Error(where + ".run_bits", std::to_string(run_bits), "1 to 16");
  if (static_cast<std::int64_t>(runs.size()) != payload_size(operand)) {
    throw Error(where + ".runs", fmt::format("{} runs", runs.size()),
                fmt::format("one for each of the {} values", payload_size(operand)));
  }
  std::int64_t position = 0;
  for (std::size_t pair = 0; pair < runs.size(); ++pair) {
    check_pair(operand, pair, run_bits, where);
    position += runs[pair] + 1;
  }
  if (position > operand.extent.positions()) {
    throw Error(where + ".runs", fmt::format("pairs that reach position {}", position - 1),
                fmt::format("at most {}", operand.extent.positions() - 1));
  }
}

std::vector<std::int64_t> pair_positions(const std::vector<std::uint16_t>& runs) {
  std::vector<std::int64_t> positions(runs.size());
  std::int64_t position = -1;
  for (std::size_t pair = 0; pair < runs.size(); ++pair) {
    position += runs[pair] + 1;
    positions[pair] = position;
  }
  return positions;
}

class RunLengthSlices final : public EncodedSlices {
 public:
  explicit RunLengthSlices(const Operand& operand)
      : operand_(operand),
        run_bits_(operand.parts<RunLength>().run_bits),
        positions_(pair_positions(operand.parts<RunLength>().runs)) {}

  void read(std::int64_t first, std::int64_t count, std::int16_t* out) const override {
    scatter(operand_.values, first, count, out);
  }
  void read(std::int64_t first, std::int64_t count, float* out) const override {
    scatter(operand_.reals, first, count, out);
  }
  [[nodiscard]] std::int64_t nonzeros(std::int64_t first, std::int64_t count) const override {
    return payload_nonzeros(operand_, pair_at(first), pair_at(first + count));
  }
  [[nodiscard]] std::int64_t encoded_bits(std::int64_t first, std::int64_t count) const override {
    const std::int64_t end = pair_at(first + count);
    std::int64_t pairs = 0, zeros_from = first;
    for (std::int64_t pair = pair_at(first); pair < end; ++pair) {
      const auto at = static_cast<std::size_t>(pair);
      if (is_zero(operand_, at)) continue;
      pairs += pairs_for(positions_[at] - zeros_from, run_bits_);
      zeros_from = positions_[at] + 1;
    }
    return pairs * (bits_of(operand_.dtype) + run_bits_);
  }

 private:
  // The first pair at or after a position.
  [[nodiscard]] std::int64_t pair_at(std::int64_t position) const {
    return std::lower_bound(positions_.begin(), positions_.end(), position) - positions_.begin();
  }

  template <class T>
  void scatter(const std::vector<T>& payload, std::int64_t first, std::int64_t count, T* out) const {
    std::fill_n(out, count, T{});
    const std::int64_t end = pair_at(first + count);
    for (std::int64_t pair = pair_at(first); pair < end; ++pair) {
      const auto at = static_cast<std::size_t>(pair);
      out[positions_[at] - first] = payload[at];
    }
  }

  const Operand& operand_;
  int run_bits_;
  std::vector<std::int64_t> positions_;  // of each pair's value
};

const std::uint64_t* nonzero_map(const Operand& operand, std::vector<std::uint64_t>& packed) {
  const std::vector<std::uint16_t>& runs = operand.parts<RunLength>().runs;
  packed.assign(bits::words(operand.extent.positions()), 0);
  std::int64_t position = -1;
  for (std::size_t pair = 0; pair < runs.size(); ++pair) {
    position += runs[pair] + 1;
    bits::set(packed, position, operand.values[pair] != 0);
  }
  return packed.data();
}

constexpr EncodingField fields[] = {
    {.name = "run_bits",
     .min = 1,
     .max = 16,
     .get = [](const Operand& operand) { return operand.parts<RunLength>().run_bits; },
     .set = [](Operand& operand, int bits) { operand.parts<RunLength>().run_bits = bits; }}};

// As Eyeriss sends feature maps: RunLengthCode.
constexpr FmapCoder coder{
    .max_run = (1 << RunLengthCode().run_bits) - 1,
    .bytes = [](std::int64_t values, std::int64_t,
                int word_bits) { return RunLengthCode{.level_bits = word_bits}.bytes(values); },
    .bits_a_word =
        [](double nonzero, int word_bits) {
          // A pair a non-zero, or a full run of 31 zeros and one more.
          const double pairs = nonzero + (1 - nonzero) / 32;
          return pairs * 64 / RunLengthCode{.level_bits = word_bits}.pairs_a_word();
        },
    .row = "rle_pair",
    .component = "dram",
    .use = "rle_pair, run-length coder, per pair",
    .uses = [](Bytes coded, std::int64_t,
               int word_bits) { return RunLengthCode{.level_bits = word_bits}.pairs_in(coded); },
    .operators =
        [](double link_bits, int word_bits) {
          return RunLengthCode{.level_bits = word_bits}.pairs_a_word() *
                 std::ceil(link_bits / RunLengthCode::word_bits);
        },
    .operators_a_use = [](int) { return 1.0; },
};

}  // namespace

const EncodingType run_length_encoding{
    .name = "run_length",
    .summary = "pairs of a zero run and a value",
    .fields = fields,
    .pack = pack<std::int16_t>,
    .pack_reals = pack<float>,
    .unpack = unpack<std::int16_t>,
    .unpack_reals = unpack<float>,
    .check = check_pairs,
    .bits =
        [](const Operand& operand) {
          return payload_bits(operand) + payload_size(operand) * operand.parts<RunLength>().run_bits;
        },
    .nonzeros = payload_nonzeros,
    .slices = [](const Operand& operand) -> std::unique_ptr<const EncodedSlices> {
      return std::make_unique<const RunLengthSlices>(operand);
    },
    .nonzero_map = nonzero_map,
    .write =
        [](const Operand& operand, PartWriter& file) {
          const auto& [run_bits, runs] = operand.parts<RunLength>();
          file.numbers("runs", runs, run_bits);
        },
    .read =
        [](Operand& operand, PartReader& file) {
          auto& [run_bits, runs] = operand.parts<RunLength>();
          runs = file.numbers("runs", run_bits, operand.extent.positions());
        },
    .values_implied =
        [](const Operand& operand) {
          return static_cast<std::int64_t>(operand.parts<RunLength>().runs.size());
        },
    .values_are = "one value for each run",
    .fmap_coder = &coder,
};

}  // namespace basil
