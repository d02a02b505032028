#include "models/presets/build_id.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/testing/scratch.h"

namespace basil {
namespace {

namespace fs = std::filesystem;

// What cmake/model_id.cmake says of a folder with these files.
class ModelId : public ::testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder_ / "list") << "a.cpp\nb.yaml\n";
    put("a.cpp", "one");
    put("b.yaml", "two");
  }
  void put(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  [[nodiscard]] std::string made() const {
    const std::string out = (folder_ / "out.cpp").string();
    const std::string command = "cmake -D LIST=" + (folder_ / "list").string() +
                                " -D ROOT=" + folder_.string() + " -D OUT=" + out +
                                " -P " BASIL_SOURCE_DIR "/cmake/model_id.cmake";
    EXPECT_EQ(std::system(command.c_str()), 0);
    return testing::text_of(out);
  }
  testing::Scratch scratch_;
  fs::path folder_ = scratch_.path();
};

TEST_F(ModelId, FollowsTheFilesAndNothingElse) {
  const std::string first = made();
  EXPECT_NE(first.find("return \""), std::string::npos);
  put("c.cpp", "not listed");
  EXPECT_EQ(made(), first);
  put("a.cpp", "two");
  const std::string second = made();
  EXPECT_NE(second, first);
  put("a.cpp", "one");
  EXPECT_EQ(made(), first);
}

TEST(BuildId, IsAHash) {
  EXPECT_EQ(build_id().size(), 40U);
  EXPECT_EQ(build_id().find_first_not_of("0123456789abcdef"), std::string::npos);
}

}  // namespace
}  // namespace basil
