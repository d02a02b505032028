// What moved between DRAM, buffers and array.
#include "models/result/column_makers.h"
#include "traces/trace.h"

namespace basil {
namespace {

MetricColumn moved(const char* name, const char* meaning, Bytes LayerResult::*bytes) {
  return summed(in_layers(
      {name, "B", meaning}, [=](auto& layer) -> auto& { return layer.*bytes; }));
}

MetricColumn streamed(const char* name, const char* meaning, Bytes StreamBytes::*bytes) {
  return summed(in_layers(
      {name, "B", meaning}, [=](auto& layer) -> auto& { return layer.noc.*bytes; }));
}

MetricColumn of_weights(const char* name, const char* meaning, Bytes WeightsMoved::*bytes) {
  return summed(in_layers(
      {name, "B", meaning}, [=](auto& layer) -> auto& { return layer.weights.*bytes; }));
}

MetricColumn weight_bits(const char* name, const char* meaning, int WeightsMoved::*bits) {
  return most(in_layers(
      {name, "bit", meaning}, [=](auto& layer) -> auto& { return layer.weights.*bits; }));
}

std::vector<MetricColumn> columns() {
  return {
      moved("dram_weights_bytes", "weights from DRAM", &LayerResult::dram_weights),
      moved("dram_ifmap_bytes", "ifmap from DRAM", &LayerResult::dram_ifmap),
      moved("dram_ofmap_bytes", "ofmap to DRAM", &LayerResult::dram_ofmap),
      summed(of_layers({"dram_bytes", "B", "between chip and DRAM, all of it"},
                       [](const Result&, const LayerResult& layer) { return layer.dram(); })),
      of_weights("weights_encoded_bytes", "the weights as the trace holds them, each once",
                 &WeightsMoved::encoded),
      of_weights("weights_moved_bytes", "the weights as the machine brings them, each once",
                 &WeightsMoved::moved),
      weight_bits("weights_trace_bits", "of a weight in the trace; of a run the most",
                  &WeightsMoved::trace_bits),
      weight_bits("weights_kept_bits", "of a weight in the machine's stores; of a run the most",
                  &WeightsMoved::kept_bits),
      with_run(of_layers({"weights_expanded", "",
                          "whether the machine makes more of the weights than the trace has"},
                         [](const Result&, const LayerResult& layer) { return layer.weights.expanded(); }),
               [](const Result& result) { return result.weights().expanded(); }),
      moved("buffer_read_bytes", "read from buffers, by anyone", &LayerResult::buffer_read),
      moved("buffer_written_bytes", "written to buffers, by anyone", &LayerResult::buffer_written),
      moved("buffer_array_bytes", "feature maps and psums between buffers and array, and results out",
            &LayerResult::buffer_array),
      streamed("noc_weights_bytes", "weights to the array; a word that many PEs take counts once",
               &StreamBytes::weights),
      streamed("noc_ifmap_bytes", "ifmap to the array", &StreamBytes::ifmap),
      streamed("noc_psums_in_bytes", "psums to the array", &StreamBytes::psums_in),
      streamed("noc_psums_out_bytes", "psums and results from the array", &StreamBytes::psums_out),
  };
}

}  // namespace

extern const ColumnGroup traffic_columns;
const ColumnGroup traffic_columns{.heading = "Traffic", .place = 50, .columns = columns};

}  // namespace basil
