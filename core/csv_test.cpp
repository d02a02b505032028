// RFC 4180: what holds a comma, a quote or a line's end stands in quotes, and quotes in it are doubled.
#include "core/csv.h"

#include <gtest/gtest.h>

namespace basil {
namespace {

TEST(Csv, HoldsNoFormulas) {
  EXPECT_EQ(csv_cell("=1+2"), "\"'=1+2\"");
  EXPECT_EQ(csv_cell("@sum(a)"), "\"'@sum(a)\"");
  EXPECT_EQ(csv_cell("-cmd|x"), "\"'-cmd|x\"");
  EXPECT_EQ(csv_cell("\tx"), "\"'\tx\"");
  EXPECT_EQ(csv_cell("-12.5e3"), "-12.5e3");
  EXPECT_EQ(csv_cell("+7"), "+7");
  EXPECT_EQ(csv_cell("a,\"b\""), "\"a,\"\"b\"\"\"");
  EXPECT_EQ(csv_cell("conv1"), "conv1");
}

TEST(Csv, RowsEndInALine) {
  EXPECT_EQ(csv_row({"a", "b c", ""}), "a,b c,\n");
  EXPECT_EQ(csv_row({"two\nlines", "=1"}), "\"two\nlines\",\"'=1\"\n");
}

}  // namespace
}  // namespace basil
