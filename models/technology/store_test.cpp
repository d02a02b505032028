#include "models/technology/store.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/testing/property_check.h"

namespace basil {
namespace {

const std::vector<std::string> nodes{"45nm", "65nm"};

// Technologies are read once: the sweeps below price many stores.
const Technology& technology(const std::string& node) {
  static const Technology at45 = Technology::load("45nm"), at65 = Technology::load("65nm");
  return node == "45nm" ? at45 : at65;
}

// 24 words of 16 bits at 45 nm: a bit written 0.009 pJ, a multiplexer passed 0.0009 pJ, 8.34 um2 and 0.157 uW
// a bit.
TEST(Store, RegistersAreCountedByHand) {
  const StoreCost cost = store_cost({.words = 24, .bits = 16, .ports = 2, .kind = StoreKind::registers},
                                    technology("45nm"), Cell::lstp);
  EXPECT_NEAR(cost.write.pj, 16 * 0.009, 1e-12);
  EXPECT_NEAR(cost.read.pj, 16 * (24 - 1) * 0.0009, 1e-12);
  EXPECT_NEAR(cost.area_mm2, 24 * 16 * 8.34e-6, 1e-12);
  EXPECT_NEAR(cost.leakage.mw, 24 * 16 * 0.157e-3, 1e-12);
  EXPECT_EQ(cost.write.tag, Tag::published);
  EXPECT_EQ(cost.kind, StoreKind::registers);
}

// Two ports beyond a read and a write: two multiplexers more a bit, of 1.96 um2 and 0.0388 uW.
TEST(Store, AFurtherPortOfRegistersIsAMultiplexerABit) {
  const StoreCost cost = store_cost({.words = 24, .bits = 16, .ports = 4, .kind = StoreKind::registers},
                                    technology("45nm"), Cell::lstp);
  EXPECT_NEAR(cost.area_mm2, 24 * 16 * (8.34 + 2 * 1.96) * 1e-6, 1e-12);
  EXPECT_NEAR(cost.leakage.mw, 24 * 16 * (0.157 + 2 * 0.0388) * 1e-3, 1e-12);
}

// CACTI 7, 45 nm lstp, 4096 B of 64 bits: 3.3855 pJ a read, 6.4536 a write, 0.013503 mm2, which the envelope
// raises to the 0.014138 of 16 bits.
TEST(Store, AnSramIsCactisPoint) {
  const StoreCost cost =
      store_cost({.words = 512, .bits = 64, .kind = StoreKind::sram}, technology("45nm"), Cell::lstp);
  EXPECT_NEAR(cost.read.pj, 3.5184, 1e-9);  // of 16 bits, which costs more than the 3.3855 of 64
  EXPECT_NEAR(cost.write.pj, 6.4536, 1e-9);
  EXPECT_NEAR(cost.area_mm2, 0.014138, 1e-9);
  EXPECT_NEAR(cost.read.low_pj, 0.72 * 3.5184, 1e-9);
  EXPECT_NEAR(cost.read.high_pj, 1.64 * 3.5184, 1e-9);
}

// A second port: each edge of a cell 1.42 times as long; two transistors more on six.
TEST(Store, APortOfAnSramIsALongerCell) {
  const Store one{.words = 1024, .bits = 64, .kind = StoreKind::sram};
  Store two = one;
  two.ports = 2;
  const StoreCost single = store_cost(one, technology("45nm"), Cell::lstp);
  const StoreCost both = store_cost(two, technology("45nm"), Cell::lstp);
  EXPECT_NEAR(both.read.pj, 1.42 * single.read.pj, 1e-9);
  EXPECT_NEAR(both.write.pj, 1.42 * single.write.pj, 1e-9);
  EXPECT_NEAR(both.area_mm2, 1.42 * 1.42 * single.area_mm2, 1e-12);
  EXPECT_NEAR(both.leakage.mw, single.leakage.mw * 8 / 6, 1e-12);
  EXPECT_EQ(both.read.tag, Tag::estimated);
}

TEST(Store, ASmallSramCostsWhatTheSmallestMacroDoes) {
  const StoreCost small =
      store_cost({.words = 20, .bits = 8, .kind = StoreKind::sram}, technology("65nm"), Cell::hp);
  const StoreCost smallest =
      store_cost({.words = 256, .bits = 16, .kind = StoreKind::sram}, technology("65nm"), Cell::hp);
  EXPECT_EQ(small.area_mm2, smallest.area_mm2);
  EXPECT_EQ(small.read.pj, smallest.read.pj);
  EXPECT_EQ(small.write.pj, smallest.write.pj);
}

// 0.0018576 mm2 of the smallest macro are 222.7 bits of registers of 8.34 um2.
TEST(Store, LeftToTheAreaItIsTheSmallerOne) {
  const auto kind = [](std::int64_t words) {
    return store_cost({.words = words, .bits = 1}, technology("45nm"), Cell::lstp).kind;
  };
  EXPECT_EQ(kind(222), StoreKind::registers);
  EXPECT_EQ(kind(223), StoreKind::sram);
}

// Sparseloop's Eyeriss at 45 nm (Accelergy) reads a word of its 12 and 24 word spads for 0.197 and 0.253 pJ,
// and one of 224 words for 0.710.
TEST(Store, PublishedSpadsAreNearOurs) {
  const auto read = [](std::int64_t words, StoreKind kind) {
    return store_cost({.words = words, .bits = 16, .kind = kind}, technology("45nm"), Cell::lstp).read.pj;
  };
  EXPECT_NEAR(read(12, StoreKind::registers) / 0.197, 1, 0.35);
  EXPECT_NEAR(read(24, StoreKind::registers) / 0.253, 1, 0.35);
  EXPECT_NEAR(read(224, StoreKind::sram) / 0.710, 1, 0.05);
}

TEST(Store, OneWithoutWordsBitsOrPortsIsRefused) {
  for (const Store& store : {Store{.words = 0}, Store{.bits = 0}, Store{.ports = 0}})
    EXPECT_THROW((void)store_cost(store, technology("45nm"), Cell::lstp), Error);
}

std::vector<double> figures_of(const StoreCost& cost) {
  return {cost.read.pj,       cost.read.low_pj, cost.read.high_pj,   cost.write.pj,        cost.write.low_pj,
          cost.write.high_pj, cost.leakage.mw,  cost.leakage.low_mw, cost.leakage.high_mw, cost.area_mm2};
}

// To rounding.
bool none_falls(const StoreCost& from, const StoreCost& to) {
  const auto before = figures_of(from), after = figures_of(to);
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (after[i] < before[i] * (1 - 1e-12)) return false;
  }
  return true;
}

// Any two stores of a kind of which one is no larger in words, bits or ports.
TEST(Store, NothingFallsAsAStoreGrows) {
  check_property(2000, [] {
    const Technology& table = technology(*rc::gen::elementOf(nodes));
    const Cell cell = *rc::gen::element(Cell::hp, Cell::lstp);
    const Store small{.words = (std::int64_t{1} << *anywhere_in(0, 18)) + *anywhere_in(0, 100),
                      .bits = *anywhere_in(1, 2049),
                      .ports = *anywhere_in(1, 9),
                      .kind = *rc::gen::element(StoreKind::registers, StoreKind::sram)};
    Store large = small;
    large.words += *anywhere_in(0, static_cast<int>(small.words) + 7);
    large.bits += *anywhere_in(0, small.bits + 7);
    large.ports += *anywhere_in(0, 3);
    RC_ASSERT(none_falls(store_cost(small, table, cell), store_cost(large, table, cell)));
    Store left_small = small, left_large = large;
    left_small.kind = left_large.kind = StoreKind::by_area;
    RC_ASSERT(store_cost(left_small, table, cell).area_mm2 <=
              store_cost(left_large, table, cell).area_mm2 * (1 + 1e-12));
  });
}

// 1 B to 4 MB, in steps of an eighth of an octave, by widths of 1 to 2048 bits. Size at a width, width at a
// size.
TEST(Store, NothingFallsOverAllSizesAndWidths) {
  std::vector<std::int64_t> sizes;
  for (double bytes = 1; bytes <= (1 << 22); bytes *= std::exp2(1.0 / 8)) {
    const std::int64_t size = std::llround(bytes);
    if (sizes.empty() || sizes.back() < size) sizes.push_back(size);
  }
  std::vector<int> widths;
  for (int bits = 1; bits <= 2048; bits += bits < 160 ? 1 : bits < 640 ? 29 : 128) widths.push_back(bits);
  for (const std::string& node : nodes) {
    for (const Cell cell : {Cell::hp, Cell::lstp}) {
      const SramTable& table = technology(node).sram_table(cell);
      std::vector<SramCost> narrower(sizes.size());
      for (const int bits : widths) {
        SramCost smaller;
        for (std::size_t i = 0; i < sizes.size(); ++i) {
          const SramCost cost = table.at(Bytes(sizes[i]), bits);
          for (const SramCost& less : {smaller, narrower[i]}) {
            for (const auto figure :
                 {&SramCost::read_pj, &SramCost::write_pj, &SramCost::leakage_mw, &SramCost::area_mm2})
              ASSERT_GE(cost.*figure, less.*figure * (1 - 1e-12))
                  << node << ", " << sizes[i] << " B x " << bits;
          }
          smaller = narrower[i] = cost;
        }
      }
    }
  }
}

}  // namespace
}  // namespace basil
