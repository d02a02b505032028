// What a row-stationary pass moves between buffers and array, and when that and the pass are over.
#pragma once

#include <algorithm>
#include <cstdint>

#include "dataflows/row_stationary/row_stationary.h"
#include "dataflows/row_stationary/row_timing.h"

namespace basil {

struct RowPassStreams {
  Bytes weights, ifmap, psums_in, psums_out;
  std::int64_t weight_takers = 1, ifmap_takers = 1;  // PEs that take a word together
};

[[nodiscard]] RowPassStreams row_streams(const RowArray& array, const RowPass& pass,
                                         const RowPassTiming& timing);

// In cycles after the pass's start.
struct RowPassEnds {
  Cycles weights, ifmap, psums_in, psums_out;  // of the streams
  Cycles pass;
};

// `own`: what the pass takes by itself. Weights come first; ifmap and psums follow them, each over its own
// path. A stream that takes longer than the array holds up the pass. `ports` moves a stream: `weights(Bytes,
// Cycles start)` and so on tell its end.
template <class Ports>
RowPassEnds run_streams(const RowPassStreams& streams, Cycles own, Cycles filter_load, Ports&& ports) {
  RowPassEnds ends;
  ends.weights = std::max(filter_load, ports.weights(streams.weights, Cycles(0)));
  ends.ifmap = ports.ifmap(streams.ifmap, ends.weights);
  ends.psums_in = ends.weights;
  if (streams.psums_in > Bytes(0)) ends.psums_in = ports.psums_in(streams.psums_in, ends.weights);
  ends.psums_out = ports.psums_out(streams.psums_out, ends.weights);
  ends.pass = std::max({own + (ends.weights - filter_load), ends.ifmap, ends.psums_in, ends.psums_out});
  return ends;
}

}  // namespace basil
