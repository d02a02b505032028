#include "models/presets/embedded.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/testing/scratch.h"

namespace basil {
namespace {

TEST(Embedded, EveryYamlOfTheTreeIsThereByteForByte) {
  const std::filesystem::path root = BASIL_SOURCE_DIR;
  std::size_t found = 0;
  for (const char* folder :
       {"models/technologies", "models/accelerators", "models/dram_devices", "traces/shapes"}) {
    if (!std::filesystem::exists(root / folder)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(root / folder)) {
      if (entry.path().extension() != ".yaml") continue;
      const auto text =
          embedded(std::filesystem::path(folder).filename().string(), entry.path().stem().string());
      ASSERT_TRUE(text) << entry.path();
      EXPECT_EQ(*text, testing::text_of(entry.path())) << entry.path();
      ++found;
    }
  }
  EXPECT_EQ(found, embedded_files().size());
  EXPECT_GE(found, 2U);
}

TEST(Embedded, UnknownNamesAndFoldersAreNotThere) {
  EXPECT_FALSE(embedded("technologies", "65um"));
  EXPECT_FALSE(embedded("nowhere", "65nm"));
  EXPECT_TRUE(embedded_names("nowhere").empty());
}

TEST(Embedded, NamesAreSorted) {
  const std::vector<std::string> names = embedded_names("technologies");
  EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
  EXPECT_TRUE(std::binary_search(names.begin(), names.end(), "65nm"));
}

}  // namespace
}  // namespace basil
