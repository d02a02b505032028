// Results of basil-result/1, whose layers had figures in groups, are read by today's names: every group's
// place.
#include "models/report/older_results.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/error.h"
#include "models/report/result_account.h"
#include "models/result/column.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

// As that version wrote a layer of a run on a machine with a mesh, sampled and held against densities alone.
const Json layer_of_old = Json::parse(R"({
  "name": "L1", "kind": "conv", "mapping": "m=36", "passes": 4, "cycles": 6097, "seconds": 3.0485e-05,
  "processing_cycles": 2350, "dram_stall_cycles": 3747, "macs": 73728, "gated_macs": 25984, "verified": true,
  "dram_waits": {"weights": {"edge": 1096, "steady": 1997}, "ifmap": {"edge": 150, "steady": 137},
                 "ofmap": {"edge": 160, "steady": 207}},
  "density_only": {"cycles": 6074, "cycles_error_percent": -0.38, "energy_pj": 3191788.1, "energy_error_percent": -0.37,
                   "ofmap_density": 0.52},
  "sample": {"passes_simulated": 3, "passes": 4,
             "cycles": {"estimate": 6097, "low": 6000, "high": 6200, "variance": 2500, "degrees_of_freedom": 2},
             "energy_pj": {"estimate": 3203668.8, "low": 3203000, "high": 3204000, "variance": 9, "degrees_of_freedom": 3}},
  "sum_widths": {"count": 512, "widest_bits": 31, "overflowed": 1, "needed_bits": 33},
  "bins_pe_cycles": {"compute": 47744, "gated": 25984, "imbalance": 7224, "wait-weights": 94032,
                     "wait-activations": 93444, "wait-psums": 11724, "noc": 10992, "dram": 510672, "drain": 21360,
                     "idle": 201120},
  "energy_pj": 3203668.8, "energy_range_pj": {"low": 2193828, "high": 6018008.1},
  "energy_by_component_pj": {"mac": 124858.25, "index": 0.5, "spad": 209122.1, "buffer": 31904.7, "noc": 297020.5,
                             "dram": 715205.3, "leakage": 1825558.1},
  "dram_bytes": {"weights": 9216, "ifmap": 688, "ofmap": 856},
  "weights": {"encoded_bytes": 1958, "moved_bytes": 9216, "trace_bits": 8, "kept_bits": 16, "expanded": true},
  "buffer_bytes": {"read": 14592, "written": 13824, "with_array": 9472},
  "noc_bytes": {"weights": 9216, "ifmap": 2304, "psums_in": 2048, "psums_out": 4096},
  "noc": {"array": {"packets": 271, "crossings": 15744, "busiest_link_cycles": 1136},
          "chip": {"packets": 7, "crossings": 8, "busiest_link_cycles": 9}},
  "bank_conflict_cycles": {"fmaps": {"weights": 11, "activations": 12, "psums": 13, "dram": 14},
                           "filters": {"weights": 21, "activations": 22, "psums": 23, "dram": 24},
                           "accumulators": {"weights": 31, "activations": 32, "psums": 33, "dram": 34}},
  "bound": {"effectual_macs": 14054, "bytes": 10760, "cycles": 4484, "by": "memory"}
})");

Json result_of_old() {
  return {{"schema", "basil-result/1"}, {"trace", "lenet"}, {"accelerator", "eyeriss"},
          {"trace_fingerprint", "f"},   {"pes", 168},       {"description", {{"array.rows", "12"}}},
          {"layers", {layer_of_old}}};
}

void add_leaves(const Json& object, std::vector<Json>& leaves) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object())
      add_leaves(value, leaves);
    else if (key != "estimate" && !(key == "passes" && object.contains("passes_simulated")))
      leaves.push_back(value);  // those stand elsewhere in the layer, too
  }
}

TEST(OlderResults, HaveEveryFigureByTodaysName) {
  const Json today = in_todays_words(result_of_old());
  const Json& layer = today["layers"][0];
  for (const auto& [name, value] : layer.items()) {
    EXPECT_NE(find_column(name), nullptr) << name;
    EXPECT_FALSE(value.is_object()) << name;
  }
  std::vector<Json> before, after;
  add_leaves(layer_of_old, before);
  add_leaves(layer, after);
  EXPECT_TRUE(std::is_permutation(before.begin(), before.end(), after.begin(), after.end())) << layer;
  for (const auto& [name, value] : std::map<std::string, Json>{{"layer", "L1"},
                                                               {"bin_wait_psums", 11724},
                                                               {"dram_pj", 715205.3},
                                                               {"dram_ifmap_bytes", 688},
                                                               {"weights_kept_bits", 16},
                                                               {"buffer_array_bytes", 9472},
                                                               {"noc_psums_in_bytes", 2048},
                                                               {"chip_noc_crossings", 8},
                                                               {"conflict_filters_psums_cycles", 23},
                                                               {"dram_wait_ofmap_steady_cycles", 207},
                                                               {"bound_cycles", 4484},
                                                               {"sums_needed_bits", 33},
                                                               {"energy_high_pj", 6018008.1},
                                                               {"sampled_passes", 3},
                                                               {"sampled_cycles_high", 6200},
                                                               {"sampled_energy_low_pj", 3203000},
                                                               {"sampled_energy_degrees", 3},
                                                               {"density_only_energy_error_percent", -0.37}})
    EXPECT_EQ(layer.at(name), value) << name;
}

// A result of that version and what today's says in its place: nothing moved, and what moved is named.
TEST(OlderResults, AreComparedWithTodays) {
  Json today = in_todays_words(result_of_old());
  today["schema"] = "basil-result/2";
  const ResultAccount before = account_from_json(result_of_old());
  EXPECT_EQ(before.layers.at(0).name, "L1");
  EXPECT_EQ(before.pes, 168);
  EXPECT_TRUE(diff(before, account_from_json(today)).all.columns.empty());
  today["layers"][0]["noc_ifmap_bytes"] = 2305;
  const ResultDiff moved = diff(before, account_from_json(today));
  ASSERT_EQ(moved.all.columns.size(), 1U);
  EXPECT_EQ(moved.all.columns[0].name, "noc_ifmap_bytes");
  EXPECT_EQ(moved.all.columns[0].change(), 1);
}

TEST(OlderResults, OfAnotherKindAreRefused) {
  Json other = result_of_old();
  other["schema"] = "basil-result/3";
  EXPECT_THROW(static_cast<void>(account_from_json(other)), Error);
  other.erase("schema");
  EXPECT_THROW(static_cast<void>(account_from_json(other)), Error);
}

}  // namespace
}  // namespace basil
