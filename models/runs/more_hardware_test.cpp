// The law of scaling, in whole runs: twice the rows, columns, ports, buses or link. Rows of DRAM that one
// mapping happens to find open, and another not, are no matter of the law: a miss costs nothing here.
#include <gtest/gtest.h>

#include "models/runs/drawn_runs.h"

namespace basil {
namespace {

using testing::draw_shape;
using testing::Run;
using testing::runs_of;
using testing::trace_of;

std::string in_a_line(const std::vector<std::string>& keys) {
  std::string line;
  for (const std::string& key : keys) line += key + ' ';
  return line;
}

// The layer that took 4 776 136 cycles on 12 rows and 5 837 808 on 24, though every mapping of 12 is one
// of 24.
TEST(MoreHardware, TwiceTheRowsCostALargeLayerNoMore) {
  LayerShape shape;
  shape.C = shape.K = 64;
  shape.H = shape.W = 128;
  shape.R = shape.S = 3;
  shape.pad_top = shape.pad_bottom = shape.pad_left = shape.pad_right = 1;
  const Trace trace = trace_of({shape});
  const auto few = runs_of(trace, "int16", {"array.rows=12"});
  const auto many = runs_of(trace, "int16", {"array.rows=24"});
  ASSERT_EQ(few.size(), 1U);
  ASSERT_EQ(many.size(), 1U);
  EXPECT_LE(few[0].cycles, 4'850'000);
  EXPECT_LT(many[0].cycles, few[0].cycles * 3 / 4);
}

// Runs of 1,000 random layers on 200 random machines: twice the rows, columns, ports, buses or link rarely
// cost more than 1 % (the mapper's closed form misjudges some: RowMapper.RarelyPricesMoreHardwareHigher).
TEST(MoreHardware, RarelyCostsARowStationaryRunMore) {
  int runs = 0, more = 0;
  check_property(200, [&] {
    struct Key {
      const char* name;
      int value;
    };
    const std::vector<Key> keys{{"array.rows", in(2, 14)},
                                {"array.cols", in(2, 16)},
                                {"buffers.fmaps.port_bits", *rc::gen::element(16, 64)},
                                {"buffers.filters.port_bits", *rc::gen::element(16, 64)},
                                {"noc.filter_bits", *rc::gen::element(16, 64, 128)},
                                {"noc.ifmap_bits", *rc::gen::element(16, 32)},
                                {"noc.psum_in_bits", *rc::gen::element(32, 128)},
                                {"noc.psum_out_bits", *rc::gen::element(32, 128)},
                                {"dram.link_mhz", in(50, 1200)}};
    const auto twice = static_cast<std::size_t>(in(0, static_cast<int>(keys.size()) - 1));
    std::vector<std::string> few{"dram.row_miss_ns=0"}, many{few};
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto set = [&](int times) {
        return std::string(keys[i].name) + "=" + std::to_string(times * keys[i].value);
      };
      few.push_back(set(1));
      many.push_back(set(i == twice ? 2 : 1));
    }
    for (const char* key : {"overlap.weights", "overlap.ifmap", "overlap.ofmap"}) {
      few.push_back(std::string(key) + (*rc::gen::arbitrary<bool>() ? "=true" : "=false"));
      many.push_back(few.back());
    }
    std::vector<LayerShape> shapes;
    for (int i = 0; i < 5; ++i) shapes.push_back(draw_shape());
    const Trace trace = trace_of(shapes);
    const auto before = runs_of(trace, "int16", few), after = runs_of(trace, "int16", many);
    RC_LOG() << in_a_line(few) << "\ntwice " << keys[twice].name;
    RC_ASSERT(before.size() == shapes.size());
    RC_ASSERT(after.size() == shapes.size());
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const double ratio = static_cast<double>(after[i].cycles) / static_cast<double>(before[i].cycles);
      RC_ASSERT(ratio < 1.5);
      ++runs;
      more += ratio > 1.01 ? 1 : 0;
    }
  });
  EXPECT_GE(runs, 1000);
  EXPECT_LT(more, 40);
}

// Of every fold of a systolic array before its first sum and after its last pixel: weights down the rows and
// a wave across rows and columns (weight stationary), or the wave and, once, the sums' way out (output
// stationary).
double fill(const char* dataflow, int rows, int cols, std::int64_t folds) {
  const auto of_folds = static_cast<double>(folds);
  if (std::string(dataflow) == "weight_stationary") return of_folds * (2 * rows + cols - 2);
  return of_folds * (rows + cols - 2) + rows;
}

TEST(MoreHardware, CostsASystolicRunNoMoreButForItsFill) {
  check_property(200, [] {
    const char* dataflow = *rc::gen::element("weight_stationary", "output_stationary");
    const int rows = in(2, 24), cols = in(2, 24), link = in(100, 1200), port = *rc::gen::element(64, 256);
    const int what = in(0, 3);
    const auto keys = [&](int times) {
      const auto of = [&](int key, int value) { return value * (key == what ? times : 1); };
      return std::vector<std::string>{"dram.row_miss_ns=0",
                                      std::string("array.dataflow=") + dataflow,
                                      fmt::format("array.rows={}", of(0, rows)),
                                      fmt::format("array.cols={}", of(1, cols)),
                                      fmt::format("dram.link_mhz={}", of(2, link)),
                                      fmt::format("buffers.fmaps.port_bits={}", of(3, port)),
                                      fmt::format("buffers.filters.port_bits={}", of(3, port))};
    };
    std::vector<LayerShape> shapes;
    for (int i = 0; i < 5; ++i) shapes.push_back(draw_shape());
    const Trace trace = trace_of(shapes);
    const auto few = keys(1), many = keys(2);
    const auto before = runs_of(trace, "tpu-like", few), after = runs_of(trace, "tpu-like", many);
    RC_LOG() << in_a_line(few) << '\n' << in_a_line(many);
    RC_ASSERT(before.size() == shapes.size());
    RC_ASSERT(after.size() == shapes.size());
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const double more =  // of the folds there are now: before, they may have lain under DRAM's transfers
          fill(dataflow, what == 0 ? 2 * rows : rows, what == 1 ? 2 * cols : cols, after[i].passes) -
          fill(dataflow, rows, cols, after[i].passes);
      RC_LOG() << fmt::format("layer {}: {} and {} cycles, {} more of fill\n", i, before[i].cycles,
                              after[i].cycles, more);
      RC_ASSERT(static_cast<double>(after[i].cycles) <=
                1.01 * static_cast<double>(before[i].cycles) + std::max(0.0, more));
    }
  });
}

}  // namespace
}  // namespace basil
