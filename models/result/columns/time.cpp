// How long it took, and what the array waited for.
#include "models/result/column_makers.h"

namespace basil {
namespace {

MetricColumn wait_column(const char* operand, const char* when, const char* meaning,
                         DramWaits::Wait DramWaits::*waits, Cycles DramWaits::Wait::*cycles) {
  const std::string name = std::string("dram_wait_") + operand + "_" + when + "_cycles";
  return summed(in_layers(
      {name, "cycles", std::string("the array waiting for ") + operand + " " + meaning},
      [=](auto& layer) -> auto& { return layer.dram_waits.*waits.*cycles; }));
}

std::vector<MetricColumn> columns() {
  using Wait = DramWaits::Wait;
  const char* first = "before the first pass";
  const char* between = "between passes";
  return {
      summed(in_layers(
          {"passes", "", "of the array over pieces of the layer"},
          [](auto& layer) -> auto& { return layer.passes; })),
      summed(in_layers(
          {"cycles", "cycles", "of the core clock, all of it"},
          [](auto& layer) -> auto& { return layer.cycles; })),
      with_run(of_layers({"seconds", "s", "the same at the array's clock"},
                         [](const Result& result, const LayerResult& layer) {
                           return result.seconds(layer.cycles);
                         }),
               [](const Result& result) { return result.seconds(result.cycles()); }),
      summed(in_layers(
          {"processing_cycles", "cycles", "the array busy with passes"},
          [](auto& layer) -> auto& { return layer.processing; })),
      summed(in_layers(
          {"dram_stall_cycles", "cycles", "the array waiting for DRAM"},
          [](auto& layer) -> auto& { return layer.dram_stall; })),
      wait_column("weights", "edge", first, &DramWaits::weights, &Wait::edge),
      wait_column("weights", "steady", between, &DramWaits::weights, &Wait::steady),
      wait_column("ifmap", "edge", first, &DramWaits::ifmap, &Wait::edge),
      wait_column("ifmap", "steady", between, &DramWaits::ifmap, &Wait::steady),
      wait_column("ofmap", "edge", "to leave after the last pass", &DramWaits::ofmap, &Wait::edge),
      wait_column("ofmap", "steady", "to leave between passes", &DramWaits::ofmap, &Wait::steady),
      summed(in_layers(
          {"transaction_cycles", "cycles", "at cycle fidelity: what transaction fidelity says"},
          [](auto& layer) -> auto& { return layer.transaction_cycles; })),
  };
}

}  // namespace

extern const ColumnGroup time_columns;
const ColumnGroup time_columns{.heading = "Time", .place = 10, .columns = columns};

}  // namespace basil
