#include "models/technology/technology.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <string>

#include "core/error.h"
#include "models/presets/embedded.h"

namespace basil {
namespace {

// The text of the 45 nm table with one stretch replaced.
std::string altered(const std::string& from, const std::string& to) {
  std::string text(*embedded("technologies", "45nm"));
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::string complaint(const std::string& text) {
  try {
    (void)Technology::parse(text, "t.yaml");
    return {};
  } catch (const Error& error) { return error.what(); }
}

TEST(Technology, BothNodesHaveTheSameRowsWithinTheirBrackets) {
  const Technology at45 = Technology::load("45nm"), at65 = Technology::load("65nm");
  EXPECT_EQ(at45.node_nm(), 45);
  EXPECT_EQ(at65.node_nm(), 65);
  ASSERT_EQ(at45.rows().size(), at65.rows().size());
  for (const auto& [item, row] : at45.rows()) {
    EXPECT_EQ(at65.row(item).unit, row.unit) << item;
    EXPECT_LE(row.low_pj, row.pj) << item;
    EXPECT_LE(row.pj, row.high_pj) << item;
    EXPECT_FALSE(row.source.empty()) << item;
  }
}

// Stillmaker and Baas: 65 nm at 1.1 V takes 1.952 times the energy of HP45 at 1.0 V, 1.5 times the area.
TEST(Technology, LogicAt65IsThatOf45ScaledAndSaysSo) {
  const Technology at45 = Technology::load("45nm"), at65 = Technology::load("65nm");
  for (const char* item : {"mac_int4", "mac_int8", "mac_int16", "mac_fp32", "mac_gated_int16", "add_psum"}) {
    EXPECT_NEAR(at65.row(item).pj / at45.row(item).pj, 1.952, 0.002) << item;
    EXPECT_NEAR(at65.row(item).area_um2, 1.5 * at45.row(item).area_um2, 1) << item;
    EXPECT_EQ(at65.row(item).tag, Tag::derived) << item;
  }
  EXPECT_EQ(at45.row("mac_int16").tag, Tag::published);
}

// What the sources of the 45 nm table add up to, pJ; its figures have two digits or more.
TEST(Technology, RowsAreWhatTheirSourcesAddUpTo) {
  const double mac_int4 = 0.120, mac_int8 = 0.298, mac_int16 = 0.947;  // BitFusion synthesis
  const double add_8 = 0.03, add_32 = 0.1, add_fp32 = 0.9;             // Horowitz
  const double multiply_32 = 3.1, multiply_fp32 = 3.7;                 // Horowitz
  const double shift_8 = 0.024, shift_32 = 0.13;                       // ShiftAddNet
  const double flip_flop = 0.009, gated_flip_flops_24 = 0.052;         // Aladdin; simulation of 8 bits
  const double read_io_lpddr4 = 3.21, write_io_lpddr4 = 1.17, io_ddr4 = 11.6;
  const double fF = 0.3 / 1328;  // pJ a simulated fJ: the INT8 MAC is the anchor
  const std::map<std::string, double> sums{{"mac_int4", mac_int4},
                                           {"mac_int8", mac_int8},
                                           {"mac_int16", mac_int16},
                                           {"mac_fp32", multiply_fp32 + add_fp32},
                                           {"mac_gated_int4", mac_int4 * 153.0 / 303.7},
                                           {"mac_gated_int8", mac_int8 * 229.5 / 1327.6},
                                           {"mac_gated_int16", mac_int16 * 382.5 / 5531.4},
                                           {"mac_gated_fp32", gated_flip_flops_24 * 64 / 24},
                                           {"ternary_int16", 0.12 * 484.1 / 334.9},
                                           {"ternary_gated_int8", gated_flip_flops_24},
                                           {"ternary_gated_int16", gated_flip_flops_24 * 32 / 24},
                                           {"add_psum", add_32},
                                           {"add_psum_fp32", add_fp32},
                                           {"register_write_16b", 16 * flip_flop},
                                           {"register_file_write", flip_flop},
                                           {"register_file_mux", (3448 - 2448 - 48) * fF / (16 * 15)},
                                           {"requantise", multiply_32 / 2 + shift_32 + add_32 + 2 * add_8},
                                           {"bitmap_word", add_8 + add_8 + shift_8},
                                           {"bus_per_bit_mm", 0.25 * 0.4 * 1.0 * 1.0},  // C V^2 / 4
                                           {"dram_lpddr4_read_per_bit", 5.26 + read_io_lpddr4},
                                           {"dram_lpddr4_write_per_bit", 3.87 + write_io_lpddr4},
                                           {"dram_ddr4_read_per_bit", 6.1 + io_ddr4},
                                           {"dram_ddr4_write_per_bit", 5.63 + io_ddr4}};
  const Technology at45 = Technology::load("45nm");
  for (const auto& [item, sum] : sums) EXPECT_NEAR(at45.row(item).pj / sum, 1, 0.012) << item;
  EXPECT_NEAR(at45.row("mac_fp32").area_um2, 7700 + 4184, 1);
  EXPECT_NEAR(at45.row("requantise").area_um2, 3495 / 2.0 + 157 + 137 + 36, 1);
}

TEST(Technology, AGatedSlotCostsLessThanAMultiply) {
  for (const char* name : {"45nm", "65nm"}) {
    const Technology technology = Technology::load(name);
    for (const std::string dtype : {"int4", "int8", "int16", "fp32"}) {
      EXPECT_LT(technology.row("mac_gated_" + dtype).pj, technology.row("mac_" + dtype).pj) << name << dtype;
    }
  }
}

// CACTI 7 at 65 nm, 8192 B, 64 bit: 8.8128 pJ (hp) and 11.125 pJ (lstp) a read.
TEST(Technology, SramGivesTheCactiPointOfTheCell) {
  const Technology technology = Technology::load("65nm");
  EXPECT_DOUBLE_EQ(technology.sram(Bytes(8192), 64, Cell::hp).read_pj, 8.8128);
  EXPECT_DOUBLE_EQ(technology.sram(Bytes(8192), 64, Cell::lstp).read_pj, 11.125);
  EXPECT_EQ(technology.sram(Bytes(8192), 64, Cell::lstp).tag, Tag::measured);
  EXPECT_GT(technology.sram(Bytes(8192), 64, Cell::hp).leakage_mw,
            1000 * technology.sram(Bytes(8192), 64, Cell::lstp).leakage_mw);
}

// The tables' own figures that fall are raised, each listed with its raw value: 45 nm lstp, 65 536 B x 128
// bits takes 0.18795 mm2, less than the 0.23156 of 16 bits.
TEST(Technology, TheEnvelopeListsWhatItRaises) {
  const SramTable& table = Technology::load("45nm").sram_table(Cell::lstp);
  const auto& raised = table.raised();
  const auto found = std::find_if(raised.begin(), raised.end(), [](const SramTable::Raised& row) {
    return row.raw.bytes == 65536 && row.raw.width_bits == 128;
  });
  ASSERT_NE(found, raised.end());
  EXPECT_EQ(found->raw.cost.area_mm2, 0.18795);
  EXPECT_EQ(found->used.area_mm2, 0.23156);
  for (const SramTable::Raised& row : raised) EXPECT_LT(row.used.area_mm2, 1.34 * row.raw.cost.area_mm2);
}

TEST(Technology, UnknownNamesComeWithTheNearest) {
  try {
    (void)Technology::load("65nn");
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "technology: '65nn', expected one of 45nm, 65nm (did you mean 65nm?), or a YAML file");
  }
  try {
    (void)Technology::load("45nm").row("mac_int61");
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "technology 45nm: no row mac_int61, expected mac_int16");
  }
  EXPECT_THROW((void)Technology::load("no/such.yaml"), Error);
}

TEST(Technology, AFileIsReadByItsPath) {
  const std::string file = testing::TempDir() + "basil_technology.yaml";
  std::ofstream(file) << altered("name: 45nm", "name: mine");
  EXPECT_EQ(Technology::load(file).name(), "mine");
}

TEST(Technology, AWrongTableIsRefusedWithItsPlace) {
  EXPECT_EQ(complaint(altered("name: 45nm", "name: mine")), "");
  const std::string typo = complaint(altered("node_nm: 45", "node_mm: 45"));
  EXPECT_EQ(typo.substr(0, 7), "t.yaml:");
  EXPECT_NE(typo.find("unknown key node_mm, expected node_nm"), std::string::npos) << typo;
  EXPECT_NE(complaint(altered("tag: published", "tag: heard")).find("tag heard, expected measured"),
            std::string::npos);
  EXPECT_NE(complaint(altered("low: 0.07", "low: 7")).find("expected low <= nominal <= high"),
            std::string::npos);
  EXPECT_NE(complaint(altered("low: 0.07", "low: x")).find("x, expected a number of at least 0"),
            std::string::npos);
  EXPECT_NE(complaint(altered("low: 0.07", "low: .nan")).find("a number of at least 0"), std::string::npos);
  EXPECT_NE(complaint(altered("high: 0.17", "high: .inf")).find("a number of at least 0"), std::string::npos);
  EXPECT_NE(
      complaint(altered("  port_growth: {nominal: 0.42, low: 0.2", "  port_growth: {nominal: 0.42, low: 0.5"))
          .find("expected low <= nominal <= high"),
      std::string::npos);
  EXPECT_NE(complaint(altered("mac_int8:", "mac_int4:")).find("a second row mac_int4"), std::string::npos);
  EXPECT_NE(complaint(altered("    unit: pJ/op\n", "")).find("no unit"), std::string::npos);
  EXPECT_NE(complaint(altered("- [512, 16,", "- [512,")).find("no point"), std::string::npos);
  EXPECT_NE(complaint(altered("- [512, 16,", "- [1024, 16,")).find("twice"), std::string::npos);
  EXPECT_NE(complaint("rows: [").find("t.yaml:1:"), std::string::npos);
  EXPECT_NE(complaint("").find("t.yaml"), std::string::npos);
}

// Whatever bytes a table is made to hold, the answer is a table or one line that begins with its name.
RC_GTEST_PROP(Technology, AMutatedTableIsReadOrRefused, ()) {
  const std::string_view whole = *embedded("technologies", "45nm");
  std::string text(whole.substr(0, whole.find("\nsram:")));
  text +=
      "\nsram: {tag: derived, source: us, energy: &b {nominal: 1, low: 1, high: 2}, leakage_hp: *b, "
      "leakage_lstp: *b, port_growth: *b, hp: &p [[8, 16, 1, 1, 1, 1], [16, 16, 2, 2, 2, 2]], lstp: *p}\n";
  RC_ASSERT(complaint(text).empty());
  for (int i = *rc::gen::inRange(1, 6); i > 0; --i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text.replace(at, *rc::gen::inRange<std::size_t>(0, 3), 1,
                 *rc::gen::elementOf(std::string("{}[]:,-#&*!|>'\"%@ \n\t0x~\xff")));
  }
  const std::string said = complaint(text);
  RC_ASSERT(said.empty() || said.starts_with("t.yaml:"));
  RC_ASSERT(std::count(said.begin(), said.end(), '\n') == 0);
}

}  // namespace
}  // namespace basil
