#include "dataflows/row_stationary/row_streams.h"

namespace basil {

RowPassStreams row_streams(const LayerShape& shape, const RowArray& array, const RowPass& pass,
                           const RowPassTiming& timing) {
  const Bytes psums(ceil_div(
      std::int64_t{pass.n.size()} * pass.filters.size() * pass.rows.size() * shape.Q() * array.psum_bits, 8));
  RowPassStreams streams;
  const std::int64_t weights =
      timing.activity.filter_spad_writes / pass.rows.size();  // a row's PEs take a word together
  streams.weights = Bytes(ceil_div(weights * array.weight_bits, 8));
  streams.ifmap = Bytes(timing.ifmap_words * array.word_bytes);
  streams.psums_in = pass.first ? Bytes(0) : psums;
  streams.psums_out = psums;
  streams.weight_takers = pass.rows.size();
  streams.ifmap_takers =
      ceil_div(timing.activity.ifmap_spad_writes, std::max<std::int64_t>(1, timing.ifmap_words));
  return streams;
}

}  // namespace basil
