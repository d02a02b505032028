#include "traces/encodings/dtype.h"

#include "core/words.h"

namespace basil {
namespace {

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

std::string_view to_string(Dtype dtype) { return word_of(dtypes, dtype); }

Dtype parse_dtype(const std::string& word, const std::string& where) {
  return parse_word(dtypes, word, where);
}

}  // namespace basil
