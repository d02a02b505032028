// Accelerator files: what ships loads, what is wrong is refused in one line, and no text does worse.
#include "models/description/description.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#include "core/error.h"
#include "core/yaml.h"
#include "models/presets/embedded.h"

namespace basil {
namespace {

std::string refusal(const std::string& accelerator, const std::vector<std::string>& overrides) {
  try {
    (void)load_accelerator(accelerator, overrides);
  } catch (const Error& error) { return error.what(); }
  return "accepted";
}

TEST(Description, EveryShippedAcceleratorLoads) {
  for (const std::string& name : embedded_names("accelerators")) {
    const Description machine = load_accelerator(name);
    EXPECT_EQ(machine.name, name);
    EXPECT_NO_THROW((void)Technology::load(machine.technology)) << name;
  }
}

TEST(Description, ABaseGivesWhatAFileDoesNotSay) {
  const Description machine = load_accelerator("eyeriss-alexnet");
  EXPECT_EQ(machine.rows, 12);
  ASSERT_EQ(machine.mappings.size(), 5U);
  EXPECT_EQ(machine.mappings[1].mapping.q, 2);
}

TEST(Description, ABaseGivesSectionsKeyByKey) {
  const Description base = load_accelerator("dcnn");
  const Description machine =
      parse_accelerator("base: dcnn\nbuffers: {fmaps: {bytes: 65536}}\nunit: {dtype: int8}\n", "mine.yaml");
  EXPECT_EQ(machine.fmap_buffer.bytes, Bytes(65536));
  EXPECT_EQ(machine.fmap_buffer.banks, base.fmap_buffer.banks);
  EXPECT_EQ(machine.filter_buffer.bytes, base.filter_buffer.bytes);
  EXPECT_EQ(machine.unit_parameters.dtype, Dtype::int8);
  EXPECT_EQ(machine.unit_parameters.own, base.unit_parameters.own);
}

// A map that is written once and stands twice is merged with what the base has in either place.
TEST(Description, AMapThatStandsTwiceIsMergedTwice) {
  const Description base = load_accelerator("dcnn");
  const Description machine =
      parse_accelerator("base: dcnn\nbuffers: {fmaps: &less {bytes: 65536}, filters: *less}\n", "mine.yaml");
  EXPECT_EQ(machine.fmap_buffer.banks, base.fmap_buffer.banks);
  EXPECT_EQ(machine.filter_buffer.banks, base.filter_buffer.banks);
  EXPECT_NE(base.fmap_buffer.banks, base.filter_buffer.banks);
}

TEST(Description, AnotherUnitOrDataflowLeavesTheBasesBehind) {
  const Description unit = parse_accelerator("base: lightpe2\nunit: {kind: mac, dtype: int8}\n", "mine.yaml");
  EXPECT_TRUE(unit.unit_parameters.own.empty());
  const Description array = parse_accelerator(
      "base: int16\narray: {dataflow: weight_stationary, rows: 16, cols: 16}\n", "mine.yaml");
  EXPECT_EQ(array.cols, 16);
}

TEST(Description, ABaseMayBeAFileBesideIt) {
  const auto folder = std::filesystem::temp_directory_path() / "basil-bases-XXXXXX";
  std::string path = folder.string();
  ASSERT_NE(mkdtemp(path.data()), nullptr);
  const auto write = [&](const char* name, const char* text) { std::ofstream(path + "/" + name) << text; };
  write("wide.yaml", "base: eyeriss\nname: wide\narray: {cols: 28}\n");
  write("tall.yaml", "base: wide.yaml\nname: tall\narray: {rows: 24}\n");
  write("wrong.yaml", "base: wide.yaml\nnoc: {ifmap_bits: 8}\narray: {rows: many}\n");
  write("round.yaml", "base: round.yaml\n");
  const Description machine = load_accelerator(path + "/tall.yaml");
  EXPECT_EQ(machine.rows, 24);
  EXPECT_EQ(machine.cols, 28);
  EXPECT_EQ(refusal(path + "/wrong.yaml", {}),
            path + "/wrong.yaml:3:15: array.rows: 'many', expected a whole number from 1 to 4096");
  write("wide.yaml", "base: eyeriss\nname: wide\narray: {cols: wide}\n");
  EXPECT_EQ(refusal(path + "/tall.yaml", {}),
            path + "/wide.yaml:3:15: array.cols: 'wide', expected a whole number from 1 to 4096");
  EXPECT_EQ(refusal(path + "/round.yaml", {}),
            path + "/round.yaml:1:7: base: a chain of more than 16 bases, expected one that ends");
  std::filesystem::remove_all(path);
}

TEST(Description, OverridesReplaceAnyKey) {
  const Description machine =
      load_accelerator("tpu-like", {"array.rows=16", "dram.link_mhz=600", "overlap.ifmap=false"});
  EXPECT_EQ(machine.rows, 16);
  EXPECT_EQ(machine.dram.link_khz, 600'000);
  EXPECT_FALSE(machine.overlap.ifmap);
  EXPECT_EQ(machine.noc.ifmap_bits, 16 * 8) << "a bus as wide as the array needs follows the array";
}

TEST(Description, RefusalsNamePlaceFoundAndExpected) {
  EXPECT_EQ(refusal("eyeriss", {"array.rows=0"}).find("eyeriss:"), 0U);
  EXPECT_NE(
      refusal("eyeriss", {"array.rows=0"}).find("array.rows: '0', expected a whole number from 1 to 4096"),
      std::string::npos);
  EXPECT_NE(refusal("eyeriss", {"array.row=3"}).find("'rows'"), std::string::npos);
  EXPECT_NE(refusal("eyeriss", {"array.dataflow=row_statoinary"}).find("'row_stationary'"),
            std::string::npos);
  EXPECT_NE(refusal("eyeriss", {"noc.ifmap_bits=8"}).find("at least one 16-bit word"), std::string::npos);
  EXPECT_NE(refusal("eyeriss", {"clock_mhz=nan"}).find("clock_mhz"), std::string::npos);
  EXPECT_NE(refusal("eyerss", {}).find("'eyeriss'"), std::string::npos);
}

TEST(Description, BuffersHaveBanksPortsLayoutsAndHalves) {
  const Description machine =
      load_accelerator("eyeriss", {"buffers.fmaps.layout=interleaved", "buffers.fmaps.arbitration=priority",
                                   "buffers.fmaps.ports=2", "buffers.filters.double=true"});
  EXPECT_EQ(machine.fmap_buffer.layout, BankLayout::interleaved);
  EXPECT_EQ(machine.fmap_buffer.arbitration, Arbitration::priority);
  EXPECT_EQ(machine.fmap_buffer.ports, 2);
  EXPECT_FALSE(machine.fmap_buffer.doubled);
  EXPECT_EQ(machine.row_array().filter_buffer, Bytes(8192 / 2)) << "dataflows count on one half";
  EXPECT_EQ(load_accelerator("tpu-like", {"buffers.accumulators.double=true"}).accumulators->room(),
            Bytes(1048576 / 2));
}

TEST(Description, ImpossibleBuffersAreRefused) {
  const auto refused = [](const std::string& key, const std::string& expected) {
    EXPECT_NE(refusal("eyeriss", {"buffers.fmaps." + key}).find(expected), std::string::npos)
        << refusal("eyeriss", {"buffers.fmaps." + key});
  };
  refused("banks=0", "buffers.fmaps.banks: '0', expected a whole number from 1 to 65536");
  refused("ports=0", "buffers.fmaps.ports: '0', expected a whole number from 1 to 2");
  refused("ports=3", "buffers.fmaps.ports: '3', expected a whole number from 1 to 2");
  refused("layout=interleavd", "'interleaved'");
  refused("arbitration=lottery", "arbitration: 'lottery', expected");
  refused("arbitration=priority", "'priority' with layout streams, expected first_come");
  refused("double=true", "25 of a double buffer, expected an even number: each half has its own");
  EXPECT_NE(
      refusal("eyeriss", {"buffers.filters.double=true", "buffers.filters.bytes=15"})
          .find("buffers.filters.bytes: 15 of a double buffer, expected at least 16: a word in each half"),
      std::string::npos);
}

TEST(Description, SumsHaveAWidthAndARule) {
  const Description machine =
      load_accelerator("eyeriss", {"psum_bits=12", "accumulator_bits=20", "overflow=saturate"});
  EXPECT_EQ(machine.sum_width().psum_bits, 12);
  EXPECT_EQ(machine.sum_width().accumulator_bits, 20);
  EXPECT_EQ(machine.sum_width().overflow, Overflow::saturate);
  EXPECT_EQ(machine.unit_parameters.accumulator_bits, 20);
  EXPECT_EQ(load_accelerator("eyeriss", {"psum_bits=24"}).accumulator_bits, 24) << "0: as many";
  EXPECT_EQ(load_accelerator("eyeriss-alexnet").psum_bits, 16) << "the chip's";
  for (const std::string& name : embedded_names("accelerators")) {
    const bool published = name.starts_with("eyeriss-");
    EXPECT_EQ(load_accelerator(name).psum_bits, published ? 16 : 32) << name << ": a common width";
  }
}

TEST(Description, ImpossibleWidthsOfSumsAreRefused) {
  const auto refused = [](const std::string& name, const std::vector<std::string>& keys,
                          const std::string& expected) {
    EXPECT_NE(refusal(name, keys).find(expected), std::string::npos) << refusal(name, keys);
  };
  refused("eyeriss", {"psum_bits=0"}, "psum_bits: '0', expected a whole number from 1 to 64");
  refused("eyeriss", {"psum_bits=65"}, "psum_bits: '65', expected a whole number from 1 to 64");
  refused("eyeriss", {"overflow=saturated"}, "overflow: 'saturated', expected 'saturate'");
  refused("eyeriss", {"accumulator_bits=31"}, "accumulator_bits: 31, expected 0, or at least psum_bits, 32");
  refused("eyeriss", {"overflow=saturate"}, "saturate with accumulators of 32 bits, no more than psum_bits");
  refused("fp32", {"psum_bits=16"}, "psum_bits: 16 with dtype fp32, expected 32");
  refused("eyeriss", {"unit.dtype=fp32", "noc.ifmap_bits=32", "accumulator_bits=40"},
          "accumulator_bits: 40 with dtype fp32, expected 32");
}

// A machine that does not say what happens to wide sums stops at them.
TEST(Description, WithoutARuleOverflowIsAnError) {
  std::string text(*embedded("accelerators", "tpu-like"));
  const std::size_t at = text.find("overflow: wrap");
  text.erase(at, text.find('\n', at) - at);
  EXPECT_EQ(parse_accelerator(text, "mine.yaml").overflow, Overflow::error);
}

// A value that clashes may stand in the file, in its base, or in an override.
TEST(Description, RefusalsNameTheFileThatAValueCameFrom) {
  const auto refused = [](const std::string& text) {
    try {
      (void)parse_accelerator(text, "mine.yaml");
    } catch (const Error& error) { return std::string(error.what()); }
    return std::string("accepted");
  };
  EXPECT_EQ(refused("base: eyeriss\nclock_mhz: fast\n").find("mine.yaml:2:12: clock_mhz: 'fast'"), 0U);
  const std::string_view base = *embedded("accelerators", "eyeriss");
  const auto lines =
      std::count(base.begin(), base.begin() + static_cast<std::ptrdiff_t>(base.find("dataflow:")), '\n');
  const std::string said = refused("base: eyeriss\nunit: {kind: sparse_inner, dtype: int8}\n");
  EXPECT_EQ(said.find("eyeriss:" + std::to_string(lines + 1) + ":"), 0U) << said;
  EXPECT_NE(said.find("array.dataflow: 'row_stationary' with unit sparse_inner"), std::string::npos) << said;
  EXPECT_EQ(refusal("eyeriss", {"dram.bits=x"}),
            "eyeriss: overrides dram.bits: 'x', expected a whole number from 1 to 65536");
}

// One random edit of a text.
std::string mutated(std::string text, std::mt19937_64& random) {
  if (text.empty()) return "a";
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  const std::size_t at = below(text.size());
  switch (below(6)) {
    case 0:
      text[at] = static_cast<char>(random() & 0xFF);
      break;
    case 1:
      text.erase(at, 1 + below(20));
      break;
    case 2:
      text.insert(at, std::string(1 + below(100), "[{:-,&*!|>'\"%@#0 \n\t"[below(20)]));
      break;
    case 3:
      text.insert(at, text.substr(below(text.size()), below(80)));
      break;
    case 4:
      text.resize(at + 1);
      break;
    default:
      text.insert(at, std::to_string(static_cast<std::int64_t>(random())));
      break;
  }
  return text;
}

TEST(Description, MutatedFilesAreReadOrRefused) {
  const std::string original(*embedded("accelerators", "eyeriss"));
  std::mt19937_64 random(20);
  int refused = 0;
  for (int i = 0; i < 4000; ++i) {
    std::string text = original;
    for (std::uint64_t edits = 1 + random() % 4; edits > 0; --edits) text = mutated(text, random);
    try {
      (void)parse_accelerator(text, "mutant");
    } catch (const Error& error) {
      ++refused;
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
  }
  EXPECT_GT(refused, 1000);
}

TEST(Yaml, DeepOrEndlessTextIsRefused) {
  for (const std::string& text :
       {std::string(5000, '['), std::string(5000, '{'), std::string("a: ") + std::string(2 << 20, 'x'),
        std::string("- ") + std::string(4000, '-'),
        [] {
          std::string deep;
          for (int i = 0; i < 3000; ++i) deep += std::string(static_cast<std::size_t>(i), ' ') + "a:\n";
          return deep;
        }(),
        [] {
          std::string nested;
          for (int i = 0; i < 3000; ++i) nested += "- ";
          return nested;
        }()}) {
    EXPECT_THROW((void)YamlReader::parse(text, "deep"), Error) << text.substr(0, 20);
  }
}

// Of 8-bit words a flit of 64 bits carries 8, and a FIFO of 4 could never take one whole.
TEST(Description, RefusesAFlitWiderThanTheFifo) {
  const std::vector<std::string> narrow{"unit.dtype=int8", "noc.kind=mesh", "noc.ifmap_fifo=4"};
  try {
    static_cast<void>(load_accelerator("eyeriss", narrow));
    FAIL() << "8 words went into 4 places";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("noc.ifmap_fifo"), std::string::npos) << text;
    EXPECT_NE(text.find("8 words of a flit"), std::string::npos) << text;
  }
  EXPECT_NO_THROW(static_cast<void>(
      load_accelerator("eyeriss", {"unit.dtype=int8", "noc.kind=mesh", "noc.ifmap_fifo=8"})));
  EXPECT_NO_THROW(static_cast<void>(load_accelerator("eyeriss", {"unit.dtype=int8", "noc.ifmap_fifo=4"})));
}

}  // namespace
}  // namespace basil
