// What there is to know of an encoding. Every file of traces/encodings/ defines one, `<name>_encoding` in
// <name>.cpp; the build gathers them into a table, and nothing else of Basil needs to know which there are.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/random_stream.h"
#include "core/range.h"
#include "traces/encodings/fmap_coder.h"
#include "traces/encodings/part_file.h"

namespace basil {

struct Operand;
class EncodedSlices;

// An integer that network.json says of an operand, beside its encoding: bits of a run, kernels of a basis.
struct EncodingField {
  std::string_view name;
  int min, max;
  int (*get)(const Operand& operand);
  void (*set)(Operand& operand, int value);
};

// The meaning of weights that are multiplied not with the ifmap but with words made of its windows, one a
// pixel and channel: the layer is a pointwise one over these words.
struct WindowWords {
  // `window` has the channel's rows x cols values, zeros on padding.
  std::int16_t (*word)(const Operand& weights, int channel, const std::int16_t* window);
  // outer x depth weights of the pointwise stage.
  std::vector<std::int16_t> (*weights)(const Operand& weights);
};

// "Null: ..." says what holds where an encoding leaves a function out.
struct EncodingType {
  std::string_view name;
  std::string_view summary;
  // No activation carries it, a recipe's step fits it; what it decodes to is taken for 8 bits wide.
  bool only_weights = false;
  // Values lie as the tensor does, so that a file holds them with its four axes, deflated.
  bool tensor = false;
  std::span<const EncodingField> fields = {};

  // Values. `pack` fills the parts and returns the values that go with them; null: the encoding is not made
  // from a dense tensor. `unpack` fills one element a position of `dense`, which holds zeros; null: the
  // values are that already.
  std::vector<std::int16_t> (*pack)(std::vector<std::int16_t> dense, Operand& to) = nullptr;
  std::vector<float> (*pack_reals)(std::vector<float> dense, Operand& to) = nullptr;
  void (*unpack)(const Operand& from, std::vector<std::int16_t>& dense) = nullptr;
  void (*unpack_reals)(const Operand& from, std::vector<float>& dense) = nullptr;
  // Throws Error naming the part in which an operand contradicts itself.
  void (*check)(const Operand& operand, const std::string& where);

  // Size. Bits of the filters before `filter`; parts that belong to no filter (basis kernels, offsets,
  // thresholds) count with the first one.
  std::int64_t (*bits_before)(const Operand& operand, int filter) = nullptr;
  // Bits of all of it; null: those before the filter past the last.
  std::int64_t (*bits)(const Operand& operand) = nullptr;
  // Values that the encoding states; null: a value a position.
  std::int64_t (*weights_held)(const Operand& operand) = nullptr;
  // Of these that are not zero; null: positions that are not.
  std::int64_t (*nonzeros)(const Operand& operand) = nullptr;
  // Reading stretches without decoding the rest; null: of what it decodes to, and bits in proportion.
  std::unique_ptr<const EncodedSlices> (*slices)(const Operand& operand) = nullptr;
  // A bit a position, LSB of word 0 first; `packed` keeps them where the operand does not. Null: from what it
  // decodes to.
  const std::uint64_t* (*nonzero_map)(const Operand& operand, std::vector<std::uint64_t>& packed) = nullptr;
  // Bits of a stretch where positions and non-zeros say them; null: they do not.
  std::int64_t (*bits_by_count)(std::int64_t positions, std::int64_t nonzeros, int value_bits) = nullptr;

  // Pieces, still encoded. `to` comes as a copy whose extent and scales are those of the piece: these filters
  // in this order; a stretch of the innermost axis. Null: what that decodes to, encoded again.
  void (*take_filters)(const Operand& from, std::span<const int> filters, Operand& to) = nullptr;
  void (*take_channels)(const Operand& from, Range channels, Operand& to) = nullptr;

  // The file: arrays beside `values`, and how many values these imply.
  void (*write)(const Operand& operand, PartWriter& file) = nullptr;
  void (*read)(Operand& operand, PartReader& file) = nullptr;
  std::int64_t (*values_implied)(const Operand& operand);
  std::string_view values_are = {};  // "one value for each run": why so many

  // Meaning. What a weight is multiplied with, and how large it is; null: the ifmap, the greatest value.
  const WindowWords* window_words = nullptr;
  std::int16_t (*ifmap_word)(const Operand& weights, int channel, std::int16_t word) = nullptr;
  std::int64_t (*max_weight)(const Operand& weights, std::int64_t max_value) = nullptr;
  std::int64_t (*max_word)(const Operand& weights) = nullptr;  // of words that are not the ifmap's
  // Units carry out operations of its own on it, fewer or other ones than products with decoded weights.
  bool own_operations = false;

  // What a compression report says: bits that state a weight, where not those of its dtype; what of it is
  // shared over channels, so that with few of them it costs more than it stands for.
  int stated_bits = 0;
  std::string_view shared = {};

  // As feature maps lie off the chip; null: they cannot.
  const FmapCoder* fmap_coder = nullptr;

  // Chance. Values elsewhere, density and parts' sizes as they are; null: positions shuffled.
  void (*shuffle)(Operand& operand, RandomStream& random) = nullptr;
  // Weights at random for tests, about `zeros` percent of them zero: extent and fields are given, the fields
  // within what a file may say. Null: a tensor packed.
  void (*draw)(Operand& weights, RandomStream& random, int zeros) = nullptr;
  int min_window = 1;  // rows x cols

  // Whether its layer is the convolution of the ifmap with the decoded weights. The words of others are a
  // channel's own affair, so that their layers have no groups.
  [[nodiscard]] bool convolves() const { return window_words == nullptr && ifmap_word == nullptr; }
};

using Encoding = const EncodingType*;

// What an operand has until something else is said: a value for every position.
extern const EncodingType dense_encoding;

// All of them, by name; and those that any tensor can be packed into.
[[nodiscard]] std::span<const Encoding> encoding_types();
[[nodiscard]] std::vector<Encoding> plain_encodings();

[[nodiscard]] inline bool only_weights(Encoding encoding) { return encoding->only_weights; }
[[nodiscard]] inline std::string_view to_string(Encoding encoding) { return encoding->name; }
// Error at `where` for another word.
[[nodiscard]] Encoding parse_encoding(const std::string& word, const std::string& where);

}  // namespace basil
