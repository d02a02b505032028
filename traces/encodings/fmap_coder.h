// How an encoding serves feature maps on their way off the chip and back.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "core/units.h"

namespace basil {

// A coder between a chip's buffers and its memory. It takes the words of a map channel by channel; a coded
// value stands for a word and the zeros before it.
struct FmapCoder {
  bool in_buffer = false;                         // maps lie coded in the buffer too, as the unit takes them
  int max_run = std::numeric_limits<int>::max();  // zeros that a value may have before it
  // `values` coded ones of `positions` words.
  Bytes (*bytes)(std::int64_t values, std::int64_t positions, int word_bits);
  // Of a word on average, where a share of them is not zero.
  double (*bits_a_word)(double nonzero, int word_bits);
  // Energy: the row of the technology table that a use of the coder costs, and in an account its component
  // and its name; how many uses `words` that came to `coded` are; how often the row's operator stands in a
  // coder that keeps up with a link of so many bits; and in a use.
  std::string_view row, component, use;
  std::int64_t (*uses)(Bytes coded, std::int64_t words, int word_bits);
  double (*operators)(double link_bits, int word_bits);
  double (*operators_a_use)(int word_bits);
};

}  // namespace basil
