// The table of columns: names, meanings, and the page in the docs.
#include "models/result/column.h"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "core/units.h"
#include "models/result/column_makers.h"
#include "models/result/column_reference.h"

namespace basil {
namespace {

TEST(MetricColumns, EachHasANameOfItsOwnAndSaysWhatItMeans) {
  std::set<std::string> names;
  for (const MetricColumn& column : metric_columns()) {
    EXPECT_TRUE(names.insert(column.name).second) << column.name;
    EXPECT_TRUE(std::regex_match(column.name, std::regex("[a-z][a-z0-9_]*"))) << column.name;
    EXPECT_FALSE(column.description.empty()) << column.name;
    EXPECT_TRUE(column.of_layer || column.of_run) << column.name;
    EXPECT_EQ(find_column(column.name), &column);
  }
  EXPECT_EQ(find_column("no_such_column"), nullptr);
}

// What a unit's suffix says is the unit.
TEST(MetricColumns, NamesEndInTheirUnits) {
  for (const auto& [suffix, unit] : {std::pair{"_pj", "pJ"},
                                     {"_bytes", "B"},
                                     {"_cycles", "cycles"},
                                     {"_bits", "bit"},
                                     {"_percent", "%"},
                                     {"_mm2", "mm2"},
                                     {"_js", "Js"},
                                     {"_mhz", "MHz"}}) {
    for (const MetricColumn& column : metric_columns()) {
      if (column.name.ends_with(suffix)) { EXPECT_EQ(column.unit, unit) << column.name; }
    }
  }
}

LayerResult layer_of(std::int64_t cycles, int widest, std::optional<double> error) {
  LayerResult layer;
  layer.cycles = Cycles(cycles);
  layer.sums.widest_bits = widest;
  layer.output_error = error;
  layer.energy.add({"mac", "mac_int8", 2, Picojoules(static_cast<double>(cycles)), Tag::derived});
  return layer;
}

// Sums, the most, and what a run says of its own: 3 + 5 cycles of 2 x 3 and 2 x 5 pJ at 100 MHz.
TEST(MetricColumns, OfARunFollowFromThoseOfItsLayers) {
  Result result;
  result.clock_mhz = 100;
  result.layers = {layer_of(3, 9, 0.25), layer_of(5, 7, 0.75)};
  const auto run = [&](const char* name) { return number_in(find_column(name)->of_run(result)); };
  EXPECT_EQ(run("cycles"), 8);
  EXPECT_EQ(run("widest_sum_bits"), 9);
  EXPECT_DOUBLE_EQ(run("seconds"), 80e-9);
  EXPECT_DOUBLE_EQ(run("mac_pj"), 16);
  EXPECT_DOUBLE_EQ(run("tagged_derived_pj"), 16);
  EXPECT_DOUBLE_EQ(run("derived_share"), 1);
  EXPECT_DOUBLE_EQ(run("energy_delay_js"), 16e-12 * 80e-9);
  EXPECT_DOUBLE_EQ(run("output_error"), 0.5);
  EXPECT_EQ(std::get<std::int64_t>(find_column("layer_index")->of_layer(result, result.layers[1])), 1);
  result.layers[1].output_error.reset();
  EXPECT_FALSE(known(find_column("output_error")->of_run(result)));  // not of all layers
  EXPECT_FALSE(known(find_column("speedup")->of_run(result)));
  result.layers.clear();
  EXPECT_EQ(run("cycles"), 0);
}

// Of 5 cycles at 100 MHz and two uses of 5 pJ, which may be 2 or 9.
TEST(MetricColumns, OfALayerAreWorkedOutByHand) {
  Result result;
  result.clock_mhz = 100;
  LayerResult layer = layer_of(5, 7, {});
  layer.energy = {};
  layer.energy.add({"mac", "mac_int8", 2, Picojoules(5), Tag::derived, Picojoules(2), Picojoules(9)});
  result.layers = {layer, layer};
  const auto of_layer = [&](const char* name) {
    return number_in(find_column(name)->of_layer(result, result.layers[1]));
  };
  const auto of_run = [&](const char* name) { return number_in(find_column(name)->of_run(result)); };
  EXPECT_DOUBLE_EQ(of_layer("seconds"), 50e-9);
  EXPECT_DOUBLE_EQ(of_layer("energy_pj"), 10);
  EXPECT_DOUBLE_EQ(of_layer("energy_low_pj"), 4);
  EXPECT_DOUBLE_EQ(of_layer("energy_high_pj"), 18);
  EXPECT_DOUBLE_EQ(of_layer("mac_pj"), 10);
  EXPECT_DOUBLE_EQ(of_layer("dram_pj"), 0);
  EXPECT_DOUBLE_EQ(of_layer("energy_delay_js"), 10e-12 * 50e-9);
  EXPECT_DOUBLE_EQ(of_run("energy_pj"), 20);
  EXPECT_DOUBLE_EQ(of_run("energy_low_pj"), 8);
  EXPECT_DOUBLE_EQ(of_run("energy_high_pj"), 36);
}

// Which field is behind which name: exchanged, they would still be put back.
TEST(MetricColumns, ShowTheFieldsThatTheyAreNamedAfter) {
  Result result;
  result.layers.resize(1);
  LayerResult& layer = result.layers[0];
  layer.array_noc = {.packets = 7, .crossings = 8, .busiest = Cycles(9)};
  layer.chip_noc = {.packets = 10, .crossings = 11, .busiest = Cycles(12)};
  layer.bank_conflicts.fmaps[static_cast<std::size_t>(StreamKind::weights)] = 3;
  layer.bank_conflicts.filters[static_cast<std::size_t>(StreamKind::dram)] = 4;
  layer.bank_conflicts.accumulators[static_cast<std::size_t>(StreamKind::psums)] = 5;
  for (const auto& [name, wanted] : {std::pair{"array_noc_packets", 7},
                                     {"array_noc_crossings", 8},
                                     {"array_noc_busiest_link_cycles", 9},
                                     {"chip_noc_packets", 10},
                                     {"chip_noc_crossings", 11},
                                     {"chip_noc_busiest_link_cycles", 12},
                                     {"conflict_fmaps_weights_cycles", 3},
                                     {"conflict_fmaps_dram_cycles", 0},
                                     {"conflict_filters_dram_cycles", 4},
                                     {"conflict_filters_weights_cycles", 0},
                                     {"conflict_accumulators_psums_cycles", 5}})
    EXPECT_EQ(number_in(find_column(name)->of_layer(result, layer)), wanted) << name;
}

// A variance of 4 with 10 degrees of freedom: Student's t of 2.228 (97.5 %), times 2.
TEST(MetricColumns, OfASampleHaveTheEndsOfItsInterval) {
  Result result;
  result.layers = {layer_of(100, 7, {})};
  LayerResult& layer = result.layers[0];
  layer.sample = SampledPart{.passes = 2, .cycles = {.variance = 4, .degrees = 10}, .energy_pj = {}};
  const auto of_layer = [&](const char* name) {
    return number_in(find_column(name)->of_layer(result, layer));
  };
  EXPECT_NEAR(of_layer("sampled_cycles_low"), 100 - 2 * 2.228, 0.01);
  EXPECT_NEAR(of_layer("sampled_cycles_high"), 100 + 2 * 2.228, 0.01);
  EXPECT_DOUBLE_EQ(of_layer("sampled_cycles_variance"), 4);
  EXPECT_DOUBLE_EQ(of_layer("sampled_cycles_degrees"), 10);
  EXPECT_DOUBLE_EQ(of_layer("sampled_passes"), 2);
}

// A field's column puts back what it said.
TEST(MetricColumns, PutBackWhatTheySay) {
  Result result;
  result.layers = {layer_of(3, 9, 0.25)};
  LayerResult& layer = result.layers[0];
  layer.name = "conv1";
  layer.bins.add(Bin::dram, 4);
  layer.sample = SampledPart{.passes = 2, .cycles = {.variance = 5, .degrees = 3}, .energy_pj = {}};
  layer.array_noc = {.packets = 7, .crossings = 8, .busiest = Cycles(9)};
  layer.dram_waits.ofmap.edge = Cycles(6);
  Result again;
  again.layers.resize(1);
  for (const MetricColumn* column : layer_columns()) {
    if (column->put_in_layer) column->put_in_layer(again.layers[0], column->of_layer(result, layer));
  }
  again.layers[0].energy = layer.energy;  // by its lines
  for (const MetricColumn* column : layer_columns())
    EXPECT_EQ(column->of_layer(again, again.layers[0]), column->of_layer(result, layer)) << column->name;
}

// basil list columns --markdown > docs/columns.md, below its first lines.
TEST(MetricColumns, AreThePageInTheDocs) {
  std::ifstream file(std::string(BASIL_SOURCE_DIR) + "/docs/columns.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::size_t tables = page.str().find("\n## ");
  ASSERT_NE(tables, std::string::npos);
  EXPECT_EQ(page.str().substr(tables), columns_page());
}

}  // namespace
}  // namespace basil
