#include "traces/npz.h"

#include <gtest/gtest.h>

#include "core/error.h"
#include "traces/trace_surgery.h"

namespace basil {
namespace {

using testing::TemporaryFolder;

TEST(Npy, KeepsElementsAndShape) {
  const std::vector<float> elements{1.0F, -2.5F, 0.0F, 4.0F, 5.0F, 6.0F};
  const NpyArray made = NpyArray::of(std::span<const float>(elements), {2, 3});
  const NpyArray read = NpyArray::parse(made.member(), "a");
  read.expect("f4", {2, 3}, "a");
  EXPECT_EQ(read.as<float>(), elements);
  EXPECT_EQ((made.member().size() - 6 * sizeof(float)) % 64, 0U);  // where numpy aligns the payload
}

// The header numpy 1.24 writes for np.arange(3, dtype='<i2'), and the longer forms of versions 2 and 3.
TEST(Npy, ReadsEveryVersionOfTheFormat) {
  const std::string dict = "{'descr': '<i2', 'fortran_order': False, 'shape': (3,), }\n";
  const std::string payload("\0\0\1\0\2\0", 6);
  const char length = static_cast<char>(dict.size());
  const auto member = [&](const std::string& version, const std::string& rest_of_length) {
    std::string text = "\x93NUMPY";
    return text.append(version)
        .append(1, '\0')
        .append(1, length)
        .append(rest_of_length)
        .append(dict)
        .append(payload);
  };
  EXPECT_EQ(NpyArray::parse(member("\x01", std::string(1, '\0')), "a").as<std::int16_t>(),
            (std::vector<std::int16_t>{0, 1, 2}));
  for (const char* version : {"\x02", "\x03"}) {
    EXPECT_EQ(NpyArray::parse(member(version, std::string(3, '\0')), "a").shape(),
              (std::vector<std::int64_t>{3}));
  }
}

TEST(Npz, GivesTheSameBytesEveryTime) {
  const auto write = [] {
    NpzWriter file;
    file.add("a", std::string(1000, 'x'), NpzWriter::Packing::deflated);
    file.add("b", "y", NpzWriter::Packing::stored);
    return file.finish();
  };
  EXPECT_EQ(write(), write());
}

TEST(Npz, KeepsTrackOfWhatWasRead) {
  const TemporaryFolder folder;
  testing::store(folder / "a.npz", testing::zip_of({{"a", "1"}, {"b", ""}, {"c", "33"}}));
  NpzReader file(folder / "a.npz");
  EXPECT_EQ(file.read("b", 0, "b"), "");
  EXPECT_EQ(file.read("c", 2, "c"), "33");
  EXPECT_EQ(file.unread(), (std::vector<std::string>{"a"}));
  EXPECT_THROW((void)file.read("c", 1, "c"), Error);
  EXPECT_THROW((void)file.read("d", 1, "d"), Error);
}

TEST(Npz, ReadsWhatNumpyWrote) {
  const std::filesystem::path path = BASIL_SOURCE_DIR "/../shared/data/digits-lenet.npz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is absent";
  NpzReader file(path);
  EXPECT_GT(file.read("network.json", 1 << 20, "network.json").size(), 0U);
  file.read_array("L0.weight", 1 << 20, "L0").expect("f4", {16, 1, 3, 3}, "L0");
}

}  // namespace
}  // namespace basil
