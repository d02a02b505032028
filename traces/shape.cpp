#include "traces/shape.h"

#include "core/words.h"

namespace basil {
namespace {

constexpr Words<Kind, 5> kinds = {{{Kind::conv, "conv"},
                                   {Kind::depthwise, "depthwise"},
                                   {Kind::fc, "fc"},
                                   {Kind::pool, "pool"},
                                   {Kind::add, "add"}}};

}  // namespace

std::string_view to_string(Kind kind) { return word_of(kinds, kind); }

Kind parse_kind(const std::string& word, const std::string& where) { return parse_word(kinds, word, where); }

}  // namespace basil
