#include "dataflows/row_stationary/row_streams.h"

namespace basil {

RowPassStreams row_streams(const RowArray& array, const RowPass& pass, const RowPassTiming& timing) {
  const RowFlow& flow = timing.flow;
  const Bytes psums(ceil_div(flow.psum_out_bus.words * array.psum_bits, 8));
  RowPassStreams streams;
  // The words there are, not whole beats: through a narrow port a wider bus must not cost more.
  const std::int64_t weights = timing.activity.filter_spad_writes / pass.rows.size();
  streams.weights = Bytes(ceil_div(weights * array.weight_bits, 8));
  streams.ifmap = Bytes(flow.ifmap_bus.words * array.word_bytes);
  streams.psums_in = pass.first ? Bytes(0) : psums;
  streams.psums_out = psums;
  streams.weight_takers = pass.rows.size();  // a row's PEs take a word together
  streams.ifmap_takers =
      ceil_div(timing.activity.ifmap_spad_writes, std::max<std::int64_t>(1, flow.ifmap_bus.words));
  return streams;
}

}  // namespace basil
