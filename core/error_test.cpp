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

TEST(Error, IsSeenFromFurtherOut) {
  const Error error("layer a", "2", "1");
  EXPECT_STREQ(error.within("net.npz").what(), "net.npz: layer a: 2, expected 1");
  EXPECT_STREQ(Error("", "2").within("net.npz").what(), "net.npz: 2");
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
