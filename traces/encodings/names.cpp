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

std::string_view to_string(Encoding encoding) { return word_of(encodings, encoding); }
std::string_view to_string(Dtype dtype) { return word_of(dtypes, dtype); }

Encoding parse_encoding(const std::string& word, const std::string& where) {
  return parse_word(encodings, word, where);
}
Dtype parse_dtype(const std::string& word, const std::string& where) {
  return parse_word(dtypes, word, where);
}

}  // namespace basil
