#include "core/output_check.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/error.h"
#include "core/input_file.h"
#include "core/testing/scratch.h"

namespace basil {
namespace {

namespace fs = std::filesystem;

class OutputCheck : public ::testing::Test {
 protected:
  void SetUp() override {
    put("in.txt", "steps");
    put("in.npz", "PK\3\4...");
    put("in.sqlite", "SQLite format 3\0...");
  }

  void put(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  [[nodiscard]] std::string complaint(const std::vector<Output>& outputs,
                                      const std::vector<std::string>& inputs = {}) const {
    std::vector<Output> placed = outputs;
    for (Output& output : placed) output.file = folder_ / output.file;
    std::vector<fs::path> files;
    for (const std::string& input : inputs) files.push_back(folder_ / input);
    try {
      check_outputs(placed, files);
    } catch (const Error& error) { return error.what(); }
    return "";
  }

  testing::Scratch scratch_;
  fs::path folder_ = scratch_.path();
};

constexpr auto text = Output::Kind::text, archive = Output::Kind::archive, database = Output::Kind::database;

TEST_F(OutputCheck, AllowsNewFilesAndThoseOfTheirKind) {
  put("old.json", "{}");
  EXPECT_EQ(complaint({{"--json", "new.json", text}, {"--csv", "old.json", text}, {"-o", "in.npz", archive}}),
            "");
  EXPECT_EQ(complaint({{"--db", "in.sqlite", database}}), "");
  EXPECT_EQ(complaint({{"--json", "/dev/null", text}, {"--csv", "/dev/null", text}}), "");
}

TEST_F(OutputCheck, RefusesAnInputByAnyOfItsNames) {
  fs::create_symlink("in.txt", folder_ / "symbolic");
  fs::create_hard_link(folder_ / "in.txt", folder_ / "hard");
  for (const char* name : {"in.txt", "./in.txt", "symbolic", "hard"})
    EXPECT_NE(complaint({{"--json", name, text}}, {"in.txt"}).find("a file that this command reads"),
              std::string::npos)
        << name;
  static_cast<void>(read_file(folder_ / "in.txt", 100, "a text"));
  EXPECT_NE(complaint({{"--json", "hard", text}}).find("a file that this command reads"), std::string::npos);
}

TEST_F(OutputCheck, RefusesTwoOutputsInOneFile) {
  EXPECT_NE(complaint({{"--json", "new", text}, {"--csv", "./new", text}}).find("the file of --json"),
            std::string::npos);
  EXPECT_THROW(check_outputs({{"--json", "-", text}, {"--csv", "-", text}}, {}), Error);
}

TEST_F(OutputCheck, RefusesPlacesThatCannotBeWritten) {
  EXPECT_NE(complaint({{"--json", "none/new", text}}).find("no folder"), std::string::npos);
  EXPECT_NE(complaint({{"--json", ".", text}}).find("a folder"), std::string::npos);
  EXPECT_THROW(check_outputs({{"--json", "", text}}, {}), Error);
  EXPECT_THROW(check_outputs({{"--json", "/proc/new.json", text}}, {}), Error);
}

TEST_F(OutputCheck, RefusesToReplaceResultsOfAnotherKind) {
  EXPECT_NE(complaint({{"--json", "in.sqlite", text}}).find("a study's database"), std::string::npos);
  EXPECT_NE(complaint({{"-o", "in.sqlite", archive}}).find("a study's database"), std::string::npos);
  EXPECT_NE(complaint({{"--json", "in.npz", text}}).find("ZIP"), std::string::npos);
}

}  // namespace
}  // namespace basil
