// One table of columns: what it lists is in every format, called alike, and old files are still read.
#include <gtest/gtest.h>

#include "testbenches/command/columns_everywhere.h"

namespace basil::testing {
namespace {

TEST(Columns, OfTheTableAreInEveryFormat) {
  const ListedColumns listed = listed_columns();
  ASSERT_GT(listed.of_layers.size(), 50U);
  ASSERT_GT(listed.of_runs.size(), 50U);
  const Scratch scratch;
  const ColumnsFound found = columns_found(scratch);
  for (const auto& [where, names] : found.of_layers) expect_all(listed.of_layers, names, where);
  for (const auto& [where, names] : found.of_runs) expect_all(listed.of_runs, names, where);
}

// CSV, which has a cell for whatever may be missing, has no figure that the table does not list.
TEST(Columns, OfCsvAreThoseOfTheTable) {
  const Scratch scratch;
  const Names listed = listed_columns().all;
  for (const auto& [where, names] : columns_found(scratch).of_layers) {
    if (!where.ends_with("--csv")) continue;
    for (const std::string& name : names) EXPECT_TRUE(listed.contains(name)) << where << " has " << name;
  }
}

TEST(Columns, ThatAddUpAreFiguresOfDiffsLimits) {
  const Scratch scratch;
  ASSERT_EQ(
      run_command("run " + sample("lenet.npz") + " --on eyeriss --quiet --json " + scratch.file("r.json"))
          .status,
      0);
  std::string limits;
  for (const std::string& name : listed_columns().summed) limits += " --fail-if '" + name + " > 0'";
  const Outcome outcome =
      run_command("diff " + scratch.file("r.json") + " " + scratch.file("r.json") + " --quiet" + limits);
  EXPECT_EQ(outcome.status, 0) << outcome.output;
}

}  // namespace
}  // namespace basil::testing
