#include "dataflows/row_stationary/row_fit.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace basil {

int sets_held(const RowArray& array, int taps_y, int e) {
  const int slots = array.rows / taps_y;
  if (e <= array.cols) return slots * (array.cols / e);
  return slots / static_cast<int>(ceil_div(e, array.cols));
}

std::int64_t psum_bytes(const LayerShape& shape, const RowArray& array, const RowMapping& map) {
  return std::int64_t{std::min(map.m, shape.filters_per_group())} * map.n * map.e * shape.Q() *
         array.psum_bytes();
}

std::int64_t ifmap_tile_bytes(const LayerShape& shape, const RowArray& array, const RowMapping& map) {
  const int rows = (map.e - 1) * shape.stride_y + (map.taps_y - 1) * shape.dilation_y + 1;
  return std::int64_t{map.n} * map.q * map.r * std::min(rows, shape.H) * shape.W * array.word_bytes;
}

bool buffer_holds(const LayerShape& shape, const RowArray& array, const RowMapping& map) {
  return psum_bytes(shape, array, map) + ifmap_tile_bytes(shape, array, map) <= array.fmap_buffer.value;
}

void check_mapping(const LayerShape& shape, const RowArray& array, const RowMapping& map,
                   const std::string& where) {
  const auto demand = [&](bool holds, const char* letters, std::int64_t found, const std::string& expected) {
    if (!holds) throw Error(where + ": mapping " + letters, std::to_string(found), expected);
  };
  for (const auto& [letter, value] : {std::pair{"m", map.m},
                                      {"n", map.n},
                                      {"e", map.e},
                                      {"p", map.p},
                                      {"q", map.q},
                                      {"r", map.r},
                                      {"t", map.t},
                                      {"taps_y", map.taps_y},
                                      {"taps_x", map.taps_x}}) {
    demand(value >= 1, letter, value, "at least 1");
  }
  const RowShape share = pe_share(shape, map, true);
  demand(map.p <= array.pe.psum_spad, "p", map.p,
         fmt::format("at most the psum spad's {} words", array.pe.psum_spad));
  const std::int64_t filter_words = share.filter_words() * array.weight_slots;
  demand(filter_words <= array.pe.filter_spad, "p*q*taps_x", filter_words,
         fmt::format("at most the filter spad's {} words", array.pe.filter_spad));
  demand(ifmap_spad_needed(share) <= array.pe.ifmap_spad, "q", map.q,
         fmt::format("at most the ifmap spad's {} words ({} needed)", array.pe.ifmap_spad,
                     ifmap_spad_needed(share)));
  demand(map.taps_y <= array.rows, "taps_y", map.taps_y,
         fmt::format("at most the array's {} rows", array.rows));
  demand(map.ifmap_words >= 0 && map.ifmap_words <= array.ifmap_words_per_cycle, "ifmap_words",
         map.ifmap_words,
         fmt::format("at most the {} that the ifmap bus can send", array.ifmap_words_per_cycle));
  demand(map.r * map.t <= sets_held(array, map.taps_y, map.e), "r*t", map.r * map.t,
         fmt::format("at most the {} sets of {} x {} PEs the array holds",
                     sets_held(array, map.taps_y, map.e), map.taps_y, map.e));
  demand(buffer_holds(shape, array, map), "m*n*e",
         psum_bytes(shape, array, map) + ifmap_tile_bytes(shape, array, map),
         fmt::format("at most {} bytes of psums and ifmap tile", array.fmap_buffer.value));
}

}  // namespace basil
