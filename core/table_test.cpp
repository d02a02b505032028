#include "core/table.h"

#include <gtest/gtest.h>

#include <sstream>

namespace basil {
namespace {

Table wide() {
  Table table({"layer", "cycles", "energy", "of DRAM"});
  table.add({"conv1", "1 234", "56 uJ", "7.8 kB"});
  return table;
}

TEST(Table, IsAsWideAsItIsWhereNobodyLimitsIt) {
  EXPECT_EQ(wide().text(1000),
            "  layer  cycles  energy  of DRAM\n"
            "  ------------------------------\n"
            "  conv1   1 234   56 uJ   7.8 kB\n");
}

TEST(Table, LeavesOutTheLastColumnsOnANarrowTerminal) {
  EXPECT_EQ(wide().text(24),
            "  layer  cycles  energy\n"
            "  ---------------------\n"
            "  conv1   1 234   56 uJ\n"
            "  (1 more column on a wider terminal)\n");
  for (std::size_t most = 8; most < 40; ++most) {
    std::istringstream lines(wide().text(most));
    for (std::string line; std::getline(lines, line);) {
      if (line.find("wider terminal") == std::string::npos) {
        EXPECT_LE(line.size(), std::max<std::size_t>(7, most));
      }
    }
  }
}

TEST(Table, AlignsLettersNotBytes) {
  Table table({"name", "n"});
  table.add({"gr\xc3\xbc\xc3\x9f", "1"});
  table.add({"abcd", "2"});
  EXPECT_EQ(table.text(1000), "  name  n\n  -------\n  gr\xc3\xbc\xc3\x9f  1\n  abcd  2\n");
}

TEST(Table, KeepsANameOnItsLine) {
  Table table({"name", "n"});
  table.add({"a\nb\x1b[2J", "1"});
  EXPECT_EQ(table.text(1000), "  name        n\n  -------------\n  a b\\x1B[2J  1\n");
}

}  // namespace
}  // namespace basil
