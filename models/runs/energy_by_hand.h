// For tests: what a machine's small layer costs, written out by hand: every use times its price, every part
// times its area and leakage, and nothing beside them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "models/description/description.h"
#include "models/result/result.h"
#include "models/simulate.h"
#include "models/technology/technology.h"
#include "traces/encodings/encode.h"
#include "traces/encodings/power_of_two.h"
#include "traces/trace.h"

namespace basil::testing {

// Of one store. SRAM macros are CACTI 7's points, from shared/technology/cacti7_sram.csv, sub-threshold and
// gate leakage together, read off by hand as sram_table.h says.
struct StoreByHand {
  double read_pj, write_pj, leakage_mw, area_mm2;
};

// A pointwise layer of ones: 4 x 4 pixels, 16 channels, 8 filters, so 2048 products of non-zeros and 128
// outputs of 16.
inline Layer layer_of_ones() {
  Layer layer;
  layer.name = "ones";
  layer.shape = {.N = 1, .C = 16, .H = 4, .W = 4, .K = 8};
  const Extent weights{8, 1, 1, 16}, ifmap{1, 4, 4, 16};
  layer.weights = encode(&dense_encoding, Dtype::int8, weights, std::vector<std::int16_t>(128, 1), {1.0F});
  layer.ifmap = encode(&dense_encoding, Dtype::int8, ifmap, std::vector<std::int16_t>(256, 1), {1.0F});
  layer.output = {.dtype = Dtype::int8, .scale = 1.0F};
  return layer;
}

// The same with weights that are one power of two each, 2^0.
inline Layer layer_of_shifts() {
  Layer layer = layer_of_ones();
  layer.weights.encoding = &power_of_two_encoding;
  layer.weights.dtype = Dtype::int4;
  layer.weights.parts<PowerOfTwo>().terms.assign(8, 1);
  return layer;
}

inline Layer layer_of_reals() {
  Layer layer = layer_of_ones();
  layer.weights = encode_real(&dense_encoding, layer.weights.extent, std::vector<float>(128, 1.0F));
  layer.ifmap = encode_real(&dense_encoding, layer.ifmap.extent, std::vector<float>(256, 1.0F));
  layer.output.dtype = Dtype::fp32;
  return layer;
}

class ByHand {
 public:
  explicit ByHand(const Description& machine)
      : machine_(machine), technology_(Technology::load(machine.technology)) {}

  // pJ of a row of the technology's table.
  [[nodiscard]] double pj(const std::string& row) const { return technology_.row(row).pj; }

  // Registers: a bit written, a multiplexer passed by a bit read; a read and a write port.
  [[nodiscard]] StoreByHand registers(double words, double bits) const {
    const CostRow& bit = technology_.row("register_file_write");
    return {.read_pj = bits * (words - 1) * pj("register_file_mux"),
            .write_pj = bits * bit.pj,
            .leakage_mw = words * bits * bit.leakage_uw * 1e-3,
            .area_mm2 = words * bits * bit.area_um2 * 1e-6};
  }

  // `instances` of an operator, each as large as `uses` of the row.
  void has(const std::string& group, double instances, const std::string& row, double uses = 1) {
    add(group, instances * uses * technology_.row(row).area_um2 * 1e-6,
        instances * uses * technology_.row(row).leakage_uw * 1e-3);
  }
  void has(const std::string& group, double instances, const StoreByHand& store) {
    add(group, instances * store.area_mm2, instances * store.leakage_mw);
  }
  // Edge of a PE: of what the array has so far.
  [[nodiscard]] double pitch_mm(double pes) const { return std::sqrt(total_mm2() / pes); }

  // A line of the account. An item may have two prices.
  void uses(const std::string& item, double count, double each_pj) {
    if (count > 0) lines_.push_back({item, count, each_pj});
  }
  void uses(const std::string& store, double reads, double writes, const StoreByHand& price) {
    uses(store + " read", reads, price.read_pj);
    uses(store + " write", writes, price.write_pj);
  }

  // Both ways: no line is missing, none beside. Leakage of each group is what it has, over the layer's
  // cycles.
  void check(const Result& result) {
    const LayerResult& layer = result.layers.at(0);
    for (const auto& [group, leakage_mw] : leakage_mw_)
      uses("leakage of " + group + ", a cycle", static_cast<double>(layer.cycles.value),
           leakage_mw * 1000 / machine_.clock_mhz);
    for (const EnergyLine& line : layer.energy.lines()) {
      if (line.count == 0) continue;
      const auto found = std::find_if(lines_.begin(), lines_.end(), [&](const Line& hand) {
        return hand.item == line.item && std::abs(line.each.value / hand.each_pj - 1) < price_slack &&
               std::abs(line.count / hand.count - 1) < count_slack;
      });
      if (found == lines_.end()) {
        ADD_FAILURE() << machine_.name << ": " << line.item << ", " << line.count << " x " << line.each.value
                      << " pJ";
      } else {
        lines_.erase(found);
      }
    }
    for (const Line& hand : lines_) {
      ADD_FAILURE() << machine_.name << ": by hand " << hand.item << ", " << hand.count << " x "
                    << hand.each_pj << " pJ";
    }
    EXPECT_NEAR(result.area_mm2 / total_mm2(), 1, price_slack) << machine_.name;
  }

 private:
  struct Line {
    std::string item;
    double count, each_pj;
  };
  static constexpr double price_slack = 1e-4, count_slack = 1e-6;  // stores' figures have six digits

  void add(const std::string& group, double mm2, double leakage_mw) {
    mm2_[group] += mm2;
    leakage_mw_[group] += leakage_mw;
  }
  [[nodiscard]] double total_mm2() const {
    double sum = 0;
    for (const auto& [group, mm2] : mm2_) sum += mm2;
    return sum;
  }

  const Description& machine_;
  Technology technology_;
  std::map<std::string, double> mm2_, leakage_mw_;
  std::vector<Line> lines_;
};

inline Result run_layer(const Layer& layer, const Description& machine) {
  Trace trace;
  trace.name = "by hand";
  trace.layers = {layer};
  return simulate(trace, machine, {});
}

}  // namespace basil::testing
