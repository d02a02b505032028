#include "core/error.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace basil {
namespace {

TEST(Error, IsOneLine) {
  const Error error("net.npz: layer a", "two\nlines", "one");
  EXPECT_STREQ(error.what(), "net.npz: layer a: two lines, expected one");
  EXPECT_STREQ(Error("", "nothing").what(), "nothing");
}

// Of a part longer than 2000 bytes, 1500 of its beginning stay and 500 of its end; no letter is cut in two.
TEST(Error, StaysReadableWhateverAFileHolds) {
  const std::string whole(2000, 'x');
  EXPECT_EQ(Error(whole, whole, whole).what(), whole + ": " + whole + ", expected " + whole);
  EXPECT_EQ(Error("a", std::string(1'000'000, 'x')).what(),
            "a: " + std::string(1500, 'x') + " ... " + std::string(500, 'x'));
  const std::string accent = "\xc3\xa9";  // one letter of two bytes
  const std::string around = std::string(1499, 'x') + accent + std::string(1000, 'x') + accent;
  EXPECT_EQ(Error("", around + std::string(499, 'y')).what(),
            std::string(1499, 'x') + " ... " + std::string(499, 'y'));
}

TEST(Error, IsSeenFromFurtherOut) {
  const Error error("layer a", "2", "1");
  EXPECT_STREQ(error.within("net.npz").what(), "net.npz: layer a: 2, expected 1");
  EXPECT_STREQ(Error("", "2").within("net.npz").what(), "net.npz: 2");
}

std::string shouted(const std::string& name) { return "<" + name + ">"; }

// A text that happens to hold a field's name is only text.
TEST(Error, KnowsItsFieldsFromItsText) {
  const std::string field = field_name("options.layers");
  const Error error(field + " options.layers", "no such layer", "a layer, or " + field_name("overrides"));
  EXPECT_STREQ(error.what(), "options.layers options.layers: no such layer, expected a layer, or overrides");
  EXPECT_EQ(error.told(shouted),
            "<options.layers> options.layers: no such layer, expected a layer, or <overrides>");
  EXPECT_EQ(error.within("a.yaml").told(shouted), "a.yaml: " + error.told(shouted));
  EXPECT_STREQ(Error("", error.marked()).what(), error.what());
  EXPECT_EQ(Error("", error.marked()).told(shouted), error.told(shouted));
  EXPECT_EQ(Error("a", "half a mark \xfe, \xff and a tab\t").told(shouted), "a: half a mark <, > and a tab ");
}

TEST(Nearest, FindsTheWordMeant) {
  const std::array known{"stride", "padding", "dilation"};
  EXPECT_EQ(nearest("stirde", known), "stride");
  EXPECT_EQ(nearest("paddings", known), "padding");
  EXPECT_EQ(nearest("groups", known), "");
  EXPECT_EQ(one_of(known, "stirde"), "one of stride, padding, dilation (did you mean stride?)");
  EXPECT_EQ(one_of(known, "groups"), "one of stride, padding, dilation");
}

TEST(Nearest, CountsEdits) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);  // k->s, e->i, +g
  EXPECT_EQ(edit_distance("same", "same"), 0U);
}

}  // namespace
}  // namespace basil
