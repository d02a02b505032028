// Mapping files: written and read back, and one clear line for what is wrong in one.
#include "dataflows/row_stationary/mappings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "core/testing/property_check.h"
#include "models/description/description.h"

namespace basil {
namespace {

// A file of that text, gone with it.
class File {
 public:
  explicit File(const std::string& text) {
    path_ = (std::filesystem::temp_directory_path() / "basil-mappings-XXXXXX").string();
    const int open = mkstemp(path_.data());
    if (open >= 0) close(open);
    std::ofstream(path_) << text;
  }
  ~File() { std::filesystem::remove(path_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<GivenMapping> read_back(const std::string& text) {
  const File file(text);
  return load_accelerator("eyeriss", {"mappings=" + file.path()}).mappings;
}

std::string complaint(const std::string& text) {
  try {
    (void)read_back(text);
  } catch (const Error& error) { return error.what(); }
  return "none";
}

TEST(Mappings, AreReadAsTheyWereWritten) {
  check_property(300, [] {
    std::vector<GivenMapping> written;
    for (int i = in(0, 5); i > 0; --i) {
      std::string name =
          *rc::gen::element<std::string>("conv1", "a b", "x[2]", "q\"?*", "back\\slash", "L0: fc");
      const RowMapping map{in(1, 999), in(1, 9), in(1, 99), in(1, 24), in(1, 12),
                           in(1, 99),  in(1, 9), in(1, 11), in(1, 11), in(0, 1)};
      written.push_back({name, map, in(1, 99), in(1, 99), in(1, 99), {}});
    }
    const std::vector<GivenMapping> read = read_back(mappings_text(written, "by a test"));
    RC_ASSERT(read.size() == written.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
      LayerShape shape;
      shape.K = written[i].filters;
      shape.C = written[i].channels;
      shape.W = written[i].columns;
      RC_ASSERT(read[i].mapping == written[i].mapping);
      RC_ASSERT(read[i].fits(written[i].layer, shape));
      RC_ASSERT(!read[i].fits(written[i].layer + "1", shape));
    }
  });
}

TEST(Mappings, OfTheSameLayersPartsGoByTheirShape) {
  const RowMapping a{.m = 4, .taps_y = 3, .taps_x = 3}, b{.m = 8, .taps_y = 3, .taps_x = 3};
  const auto read = read_back(mappings_text({{"c", a, 22, 3, 9, {}}, {"c", b, 21, 3, 9, {}}}, "two tiles"));
  ASSERT_EQ(read.size(), 2U);
  LayerShape shape;
  shape.C = 3;
  shape.W = 9;
  shape.K = 21;
  EXPECT_FALSE(read[0].fits("c", shape));
  EXPECT_TRUE(read[1].fits("c", shape));
}

TEST(Mappings, SayWhereTheyAreWrong) {
  const std::string whole = "{layer: c, m: 1, n: 1, e: 1, p: 1, q: 1, r: 1, t: 1";
  const std::string one = "mappings:\n  - " + whole;
  EXPECT_EQ(complaint(one + "}\n"), "none");
  EXPECT_NE(complaint(one + ", z: 1}\n").find(":2:58: mappings[0].z: unknown key"), std::string::npos)
      << complaint(one + ", z: 1}\n");
  EXPECT_NE(
      complaint("mappings:\n  - {layer: c, m: 0}\n").find(":2:19: mappings[0].m: '0', expected a whole"),
      std::string::npos)
      << complaint("mappings:\n  - {layer: c, m: 0}\n");
  EXPECT_NE(complaint("mappings:\n  - {layer: c, m: 1}\n").find("mappings[0].n: missing"), std::string::npos);
  EXPECT_NE(complaint(one + ", taps_y: 9999999}\n").find("taps_y: '9999999'"), std::string::npos);
  EXPECT_NE(complaint("mappings: {}\n").find(":1:11: mappings: a map, expected a list"), std::string::npos)
      << complaint("mappings: {}\n");
  EXPECT_NE(complaint("mapings: []\n").find("mapings: unknown key, expected 'mappings'"), std::string::npos)
      << complaint("mapings: []\n");
  EXPECT_NE(complaint(one + "}\nmore: 1\n").find(":3:1: more: unknown key"), std::string::npos);
  EXPECT_NE(complaint("{").find("not valid YAML"), std::string::npos);
  EXPECT_NE(complaint("").find("expected a map"), std::string::npos) << complaint("");
  std::string many = "mappings:\n";
  for (int i = 0; i < 16385; ++i) many += "  - " + std::string("{}\n");
  EXPECT_NE(complaint(many).find("16385 mappings, expected at most 16384"), std::string::npos)
      << complaint(many);
}

TEST(Mappings, MayBeNoFileAtAll) {
  try {
    (void)load_accelerator("eyeriss", {"mappings=nowhere.yaml"});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("nowhere.yaml: no such file"), std::string::npos);
  }
}

TEST(Mappings, BelongToRowStationaryArrays) {
  EXPECT_THROW((void)load_accelerator("tpu-like", {"mappings=nowhere.yaml"}), Error);
  EXPECT_THROW((void)load_accelerator("eyeriss", {"mapper.objective=speed"}), Error);
  EXPECT_EQ(load_accelerator("eyeriss", {"mapper.objective=edp"}).objective, RowObjective::edp);
}

TEST(Mappings, NameLayersOfTheTrace) {
  Trace trace;
  trace.name = "net";
  trace.layers.emplace_back().name = "conv1";
  check_layer_globs({{"conv*", {}, 0, 0, 0, "m.yaml:2:5", true}}, trace);
  check_layer_globs({{"other", {}, 0, 0, 0, "eyeriss-alexnet:5:5"}}, trace);
  try {
    check_layer_globs({{"conv2", {}, 0, 0, 0, "m.yaml:2:5", true}}, trace);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "m.yaml:2:5: 'conv2', no layer of net, expected 'conv1'");
  }
}

}  // namespace
}  // namespace basil
