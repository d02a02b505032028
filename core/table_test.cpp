#include "core/table.h"

#include <gtest/gtest.h>

#include <algorithm>
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
            "  (no room for of DRAM)\n");
}

TEST(Table, BreaksItsHeadsBeforeItLosesAColumn) {
  EXPECT_EQ(wide().text(31),
            "                             of\n"
            "  layer  cycles  energy    DRAM\n"
            "  -----------------------------\n"
            "  conv1   1 234   56 uJ  7.8 kB\n");
}

TEST(Table, KeepsTheDearestColumnsLongest) {
  Table table = wide();
  table.keep({"energy", "of DRAM"});
  EXPECT_EQ(table.text(23),
            "                     of\n"
            "  layer  energy    DRAM\n"
            "  ---------------------\n"
            "  conv1   56 uJ  7.8 kB\n"
            "  (no room for cycles)\n");
  EXPECT_EQ(table.text(15),
            "  layer  energy\n"
            "  -------------\n"
            "  conv1   56 uJ\n"
            "  (no room for\n"
            "  cycles, of\n"
            "  DRAM)\n");
}

TEST(Table, KeepsAColumnWithoutAHeadBesideTheOneBefore) {
  Table table({"machine", "energy", "", "low"});
  table.add({"eyeriss", "56 uJ", "~", "40 uJ"});
  table.keep({"low"});
  EXPECT_EQ(table.text(1000),
            "  machine  energy       low\n"
            "  -------------------------\n"
            "  eyeriss   56 uJ  ~  40 uJ\n");
  EXPECT_EQ(table.text(20),
            "  machine    low\n"
            "  --------------\n"
            "  eyeriss  40 uJ\n"
            "  (no room for\n"
            "  energy)\n");
}

TEST(Table, CutsLongNamesInTheirMiddle) {
  Table table({"layer", "n"});
  table.add({"res5c_branch2c_convolution", "1"});
  table.add({"\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", "2"});
  EXPECT_EQ(table.text(13),
            "  layer     n\n"
            "  -----------\n"
            "  res\xe2\x80\xa6"
            "tion  1\n"
            "  \xc3\xbc\xc3\xbc\xc3\xbc\xe2\x80\xa6\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc  2\n");
}

TEST(Table, HasNoLineBeyondTheTerminal) {
  const auto length = [](const std::string& line) {  // in letters
    return std::count_if(line.begin(), line.end(),
                         [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; });
  };
  Table table({"a layer", "cycles of it", "energy", "of DRAM", "x bound"});
  table.add({"res5c_branch2c_convolution", "1 234 567", "56 uJ", "7.8 kB", "1.2"});
  table.keep({"energy"});
  for (std::ptrdiff_t most = 20; most < 90; ++most) {
    std::istringstream lines(table.text(static_cast<std::size_t>(most)));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(length(line), most) << line;
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
