#include "traces/encodings/names.h"

#include "core/words.h"

namespace basil {
namespace {

constexpr Words<Encoding, 7> encodings = {{{Encoding::dense, "dense"},
                                           {Encoding::bitmap, "bitmap"},
                                           {Encoding::run_length, "run_length"},
                                           {Encoding::power_of_two, "power_of_two"},
                                           {Encoding::basis, "basis"},
                                           {Encoding::comparator, "comparator"},
                                           {Encoding::binary, "binary"}}};
constexpr Words<Dtype, 5> dtypes = {{{Dtype::int4, "int4"},
                                     {Dtype::int8, "int8"},
                                     {Dtype::uint8, "uint8"},
                                     {Dtype::int16, "int16"},
                                     {Dtype::fp32, "fp32"}}};

}  // namespace

int bits_of(Dtype dtype) {
  switch (dtype) {
    case Dtype::int4:
      return 4;
    case Dtype::int8:
    case Dtype::uint8:
      return 8;
    case Dtype::int16:
      return 16;
    case Dtype::fp32:
      return 32;
  }
  return 0;
}

std::int32_t lowest(Dtype dtype) {
  if (dtype == Dtype::fp32 || dtype == Dtype::uint8) return 0;
  return -(std::int32_t{1} << (bits_of(dtype) - 1));
}

std::int32_t highest(Dtype dtype) {
  if (dtype == Dtype::fp32) return 0;
  if (dtype == Dtype::uint8) return 255;
  return (std::int32_t{1} << (bits_of(dtype) - 1)) - 1;
}

bool only_weights(Encoding encoding) {
  return encoding != Encoding::dense && encoding != Encoding::bitmap && encoding != Encoding::run_length;
}

std::string_view to_string(Encoding encoding) { return word_of(encodings, encoding); }
std::string_view to_string(Dtype dtype) { return word_of(dtypes, dtype); }

Encoding parse_encoding(const std::string& word, const std::string& where) {
  return parse_word(encodings, word, where);
}
Dtype parse_dtype(const std::string& word, const std::string& where) {
  return parse_word(dtypes, word, where);
}

}  // namespace basil
