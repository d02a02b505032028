#include "traces/file/npz.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "traces/testing/trace_surgery.h"

namespace basil {
namespace {

using testing::Scratch;

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

TEST(Npy, RefusesAnythingBehindTheHeader) {
  std::string member = NpyArray::of(std::span<const float>(), {0}).member();
  const std::size_t end = member.find('}');
  ASSERT_EQ(member[end + 1], ' ');
  member[end + 1] = ';';
  try {
    (void)NpyArray::parse(member, "a");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.what(),
              fmt::format("a: a npy header that cannot be read at byte {}, expected a numpy array",
                          end + 1 - 10));  // counted from the header's own start
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
  const Scratch folder;
  testing::store(folder / "a.npz", testing::zip_of({{"a", "1"}, {"b", ""}, {"c", "33"}}));
  NpzReader file(folder / "a.npz");
  EXPECT_EQ(file.read("b", 0, "b"), "");
  EXPECT_EQ(file.read("c", 2, "c"), "33");
  EXPECT_EQ(file.unread(), (std::vector<std::string>{"a"}));
  EXPECT_THROW((void)file.read("c", 1, "c"), Error);
  EXPECT_THROW((void)file.read("d", 1, "d"), Error);
}

template <class... Numbers>
std::string little_endian(Numbers... numbers) {
  std::string bytes;
  (bytes.append(reinterpret_cast<const char*>(&numbers), sizeof numbers), ...);
  return bytes;
}

// A ZIP64 file whose one member "a" states these sizes in bytes; the two it has are there.
std::string zip_that_states(std::uint64_t size, std::uint64_t packed, std::uint16_t method) {
  using u16 = std::uint16_t;
  using u32 = std::uint32_t;
  constexpr u32 in_zip64 = 0xffffffff;
  const std::string fields =
      little_endian(u16{0}, method, u16{0}, u16{33}, u32{0}, in_zip64, in_zip64, u16{1});
  const std::string sizes = little_endian(u16{1}, u16{16}, size, packed);
  const std::string local =
      "PK\3\4" + little_endian(u16{45}) + fields + little_endian(u16{20}) + "a" + sizes + "{}";
  const std::string entry = "PK\1\2" + little_endian(u16{45}, u16{45}) + fields +
                            little_endian(u16{20}, u16{0}, u16{0}, u16{0}, u32{0}, u32{0}) + "a" + sizes;
  const std::string end =
      "PK\5\6" + little_endian(u16{0}, u16{0}, u16{1}, u16{1}, static_cast<u32>(entry.size()),
                               static_cast<u32>(local.size()), u16{0});
  return local + entry + end;
}

std::string complaint(const std::string& bytes) {
  const Scratch folder;
  testing::store(folder / "a.npz", bytes);
  try {
    NpzReader file(folder / "a.npz");
    return "read: " + file.read("a", INT64_MAX, "a");
  } catch (const Error& error) { return error.what(); }
}

TEST(Npz, RefusesSizesThatTheFileCannotHold) {
  constexpr std::uint16_t stored = 0, deflated = 8;
  const std::string expected = ", expected a plain member, stored or deflated";
  constexpr std::uint64_t negative = (std::uint64_t{1} << 63) + 8;  // if it were taken for signed
  EXPECT_EQ(complaint(zip_that_states(negative, negative, stored)),
            "a: a member packed in 9223372036854775816 bytes" + expected);
  EXPECT_EQ(complaint(zip_that_states(negative, std::uint64_t{1} << 60, deflated)),
            "a: a member packed in 1152921504606846976 bytes" + expected);
  EXPECT_EQ(complaint(zip_that_states(negative, 2, deflated)),
            "a: a member larger than its packed bytes can be" + expected);
  EXPECT_EQ(complaint(zip_that_states(3, 2, stored)), "a: a stored member of two sizes" + expected);
  EXPECT_EQ(complaint(zip_that_states(2, 2, 12)), "a: compression method 12" + expected);
  EXPECT_EQ(complaint(zip_that_states(2, 2, stored)), "a: member a is damaged: CRC error");
}

// 400 MB of zeros, none of them read.
TEST(Npz, RefusesAFileThatUnpacksBeyondAllMeasure) {
  NpzWriter file;
  for (const char* name : {"a", "b", "c", "d"}) {
    file.add(name, std::string(100'000'000, '\0'), NpzWriter::Packing::deflated);
  }
  const std::string bytes = file.finish();
  EXPECT_EQ(complaint(bytes), fmt::format("c: a file of {} bytes that unpacks to 300000000 and more, "
                                          "expected at most 100 times its size",
                                          bytes.size()));
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
