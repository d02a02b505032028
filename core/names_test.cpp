// The formulas: RFC 3629 for UTF-8, Unicode 15 23.2 for what turns the direction.
#include "core/names.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "core/testing/property_check.h"

namespace basil {
namespace {

TEST(Names, AreUtf8OrNot) {
  EXPECT_TRUE(is_utf8("\xc3\xa4 \xe2\x82\xac \xf0\x9f\x8e\x89"));
  for (const char* bad :
       {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"})
    EXPECT_FALSE(is_utf8(bad)) << printable(bad);
}

TEST(Names, MoveNoCursorAndTurnNoText) {
  EXPECT_EQ(printable("a\x1b[31mb"), "a\\x1B[31mb");
  EXPECT_EQ(printable("a\xe2\x80\xae"
                      "b"),
            "a\\u202Eb");
  EXPECT_EQ(printable("a\xc2\x9b"
                      "31m"),
            "a\\u009B31m");
  EXPECT_EQ(printable("a\nb\tc\rd"), "a b c d");
  EXPECT_EQ(printable("a\xff"), "a\\xFF");
  EXPECT_EQ(printable_lines("a\nb\x07"), "a\nb\\x07");
  EXPECT_EQ(printable("gr\xc3\xbc\xc3\x9f"), "gr\xc3\xbc\xc3\x9f");
}

TEST(Names, EndNoCommentAndOpenNoElement) {
  EXPECT_EQ(vcd_text("x $end $var wire 1 ! a $end"), "x $ end $var wire 1 ! a $ end");
  EXPECT_EQ(xml_text("<a b='c' d=\"&\">"), "&lt;a b=&#39;c&#39; d=&quot;&amp;&quot;&gt;");
}

// Whatever bytes: what is shown is UTF-8 on one line, without an escape, and showing it again changes
// nothing.
TEST(Names, AreShownAsUtf8OnOneLine) {
  check_property(1000, [] {
    std::string bytes;
    for (const int byte : *rc::gen::container<std::vector<int>>(anywhere_in(0, 256)))
      bytes += static_cast<char>(byte);
    const std::string shown = printable(bytes);
    RC_ASSERT(is_utf8(shown));
    for (const char letter : shown) RC_ASSERT(static_cast<unsigned char>(letter) >= 0x20 && letter != 0x7f);
    RC_ASSERT(printable(shown) == shown);
  });
}

TEST(Names, ALibrarysMessageKeepsWhatAPersonReads) {
  EXPECT_EQ(library_message(std::runtime_error("[json.exception.parse_error.101] parse error at line 1")),
            "parse error at line 1");
  EXPECT_EQ(library_message(std::runtime_error("[8] of 9")), "[8] of 9");
}

}  // namespace
}  // namespace basil
