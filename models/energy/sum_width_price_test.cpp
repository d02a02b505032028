// What the accumulators' width costs: adders, psum stores and links of a PE, the buffer's traffic not.
#include <gtest/gtest.h>

#include <algorithm>

#include "dataflows/row_stationary/row_timing.h"
#include "models/energy/energy.h"

namespace basil {
namespace {

// Of an account over one psum addition and 5 writes of the psum spad.
double each_pj(const Description& machine, const std::string& item) {
  Activity activity;
  activity.psum_adds = 1;
  activity.psum_spad_writes = 5;
  const EnergyModel costs(machine, Technology::load(machine.technology));
  const EnergyAccount account = costs.account(activity, {}, Cycles(0));
  for (const EnergyLine& line : account.lines()) {
    if (line.item == item) return line.each.value;
  }
  return -1;
}

double area(const Description& machine) {
  return EnergyModel(machine, Technology::load(machine.technology)).area_mm2();
}

TEST(SumWidthPrice, AnAdderCostsByItsBits) {
  const Technology technology = Technology::load("65nm");
  const Description narrow = load_accelerator("eyeriss", {"psum_bits=16"}),
                    guarded = load_accelerator("eyeriss", {"psum_bits=16", "accumulator_bits=40"});
  EXPECT_DOUBLE_EQ(each_pj(narrow, "psum add"), technology.row("add_psum").pj * 16 / 32);
  EXPECT_DOUBLE_EQ(each_pj(guarded, "psum add"), technology.row("add_psum").pj * 40 / 32);
  EXPECT_DOUBLE_EQ(each_pj(guarded, "psum spad write"),
                   each_pj(load_accelerator("eyeriss", {"psum_bits=40"}), "psum spad write"));
  EXPECT_NE(each_pj(guarded, "psum spad write"), each_pj(narrow, "psum spad write"));
}

// Every kind of array, buffers and buses alike.
TEST(SumWidthPrice, GuardBitsTakeArea) {
  for (const char* name : {"eyeriss", "dcnn", "scnn", "escalate"}) {
    const double guarded = area(load_accelerator(name, {"psum_bits=16", "accumulator_bits=64"}));
    EXPECT_GT(guarded, area(load_accelerator(name, {"psum_bits=16"}))) << name;
  }
}

// A psum addition of a unit's own array counts as so many of the table's 32-bit adder.
TEST(SumWidthPrice, PartsOfAUnitsArrayScale) {
  const auto adders = [](const std::string& name, const char* bits) {
    const Description machine =
        load_accelerator(name, {std::string("accumulator_bits=") + bits, "psum_bits=16"});
    double weight = 0;
    for (const Part& part : machine.unit->array->parts(machine.unit_parameters)) {
      if (part.name == "add_psum") weight += part.weight;
    }
    return weight;
  };
  for (const char* name : {"dcnn", "scnn", "escalate"}) {
    EXPECT_DOUBLE_EQ(adders(name, "32"), 1) << name;
    EXPECT_DOUBLE_EQ(adders(name, "24"), 0.75) << name;
  }
}

// Two channel sets of one filter row: a column of two PEs hands each of its psums on once.
TEST(SumWidthPrice, PsumsClimbAsWideAsAccumulators) {
  const LayerShape shape{.C = 2, .H = 1, .W = 4, .K = 1, .R = 1, .S = 1};
  const RowPass pass{.n = {0, 1},
                     .filters = {0, 1},
                     .channels = {0, 2},
                     .taps_y = {0, 1},
                     .taps_x = {0, 1},
                     .rows = {0, 1},
                     .r = 2};
  const Description machine = load_accelerator("eyeriss", {"psum_bits=16", "accumulator_bits=20"});
  RowTimer timer(shape, machine.row_array(), {});
  EXPECT_EQ(timer.time(pass).activity.link_bits, 4 * 20);
}

}  // namespace
}  // namespace basil
