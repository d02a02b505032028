#include "pe/sparse_inner/inner_array.h"

#include "core/error.h"
#include "pe/operand_width.h"

namespace basil {
namespace {

inline constexpr int mask_piece = 16;              // bits of a register_write_16b
inline constexpr double join_row_positions = 128;  // of the technology table's inner_join_128

std::string width(const InnerArray& array) { return bits_of(array.dtype) > 8 ? "int16" : "int8"; }

}  // namespace

InnerEvents& InnerEvents::operator+=(const InnerEvents& other) {
  joins += other.joins;
  matches += other.matches;
  ifmap_writes += other.ifmap_writes;
  filter_writes += other.filter_writes;
  mask_writes += other.mask_writes;
  routed += other.routed;
  psum_reads += other.psum_reads;
  psum_writes += other.psum_writes;
  return *this;
}

InnerArray inner_array(const UnitParameters& parameters) {
  return {.clusters = parameters.rows,
          .units = parameters.at("units"),
          .chunk = parameters.at("chunk"),
          .skip_ifmap = parameters.at("skip_ifmap") != 0,
          .skip_weights = parameters.at("skip_weights") != 0,
          .balance = static_cast<Balance>(parameters.at("balance")),
          .psum_words = parameters.at("psum_words"),
          .filter_bits = parameters.at("filter_bits"),
          .dtype = parameters.dtype,
          .accumulator_bits = parameters.accumulator_bits,
          .delivery = parameters.delivery};
}

// A pass of one chunk keeps its set; a pixel then needs no psum store either.
FilterSets::FilterSets(const InnerArray& array, int filters_a_unit, std::int64_t chunks_of_filter,
                       std::int64_t pixels)
    : clusters(std::min<std::int64_t>(array.clusters, pixels)),
      chunks(chunks_of_filter),
      group(chunks == 1 ? ceil_div(pixels, clusters)
                        : std::max<std::int64_t>(1, array.psum_words / filters_a_unit)),
      groups(ceil_div(ceil_div(pixels, clusters), group)) {}

void check_inner_layer(const Layer& layer, const UnitParameters& parameters) {
  check_widths(
      layer, parameters,
      "at most " + std::string(to_string(parameters.dtype)) + ", which is what the sparse_inner unit takes");
}

void check_inner_parameters(const UnitParameters& parameters, const std::string& where) {
  if (parameters.dtype == Dtype::fp32) {
    throw Error(where + ": dtype", "fp32", "int4, int8, uint8 or int16: sparse_inner multiplies integers");
  }
  const int chunk = parameters.at("chunk");
  if (chunk % 64 != 0) throw Error(where + ": chunk", std::to_string(chunk), "a multiple of 64 positions");
}

std::vector<Part> inner_parts(const InnerArray& array) {
  const std::int64_t pes = array.pes();
  const int filters = array.filters_a_unit();
  const int bits = bits_of(array.dtype);
  const int mask_pieces =
      (halves(array.delivery.ifmap) + halves(array.delivery.weights) * filters) * (array.chunk / mask_piece);
  std::vector<Part> parts{
      {.component = "mac", .name = "mac_" + width(array), .instances = pes},
      {.component = "mac", .name = "mac_gated_" + width(array)},
      {.component = "index",
       .name = "inner_join_128",
       .instances = pes,
       .weight = array.chunk / join_row_positions},
      {.component = "spad",
       .name = "ifmap chunks",
       .instances = pes,
       .words = std::int64_t{halves(array.delivery.ifmap)} * array.chunk,
       .bits = bits,
       .ports = 2},  // a match reads while the next chunk comes in
      {.component = "spad",
       .name = "filter chunks",
       .instances = pes,
       .words = std::int64_t{halves(array.delivery.weights)} * filters * array.chunk,
       .bits = bits,
       .ports = 2},
      {.component = "spad", .name = "register_write_16b", .instances = pes * mask_pieces},
      {.component = "spad",
       .name = "register_write_16b",
       .instances = pes * filters,
       .weight = array.accumulator_bits / 16.0},
      {.component = "spad",
       .name = "psums",
       .instances = pes,
       .words = std::int64_t{halves(array.delivery.psums)} * array.psum_words,
       .bits = array.accumulator_bits,
       .ports = 2},  // a pixel's is read while the one before is written
  };
  if (array.balance == Balance::by_chunk) {
    parts.push_back({.component = "noc",
                     .name = "crossbar_16b",
                     .instances = pes,
                     .weight = array.accumulator_bits / 16.0});
    parts.push_back(
        {.component = "mac", .name = "add_psum", .instances = pes, .weight = array.accumulator_bits / 32.0});
  }
  return parts;
}

std::vector<Uses> inner_uses(const InnerArray& array, const TileWork& work, const InnerEvents& events) {
  std::vector<Uses> uses{
      {.count = work.products},
      {.count = work.bins.total() - work.products},
      {.count = events.joins},
      {.count = events.matches, .writes = events.ifmap_writes},
      {.count = events.matches, .writes = events.filter_writes},
      {.count = events.mask_writes},
      {.count = work.products},
      {.count = events.psum_reads, .writes = events.psum_writes},
  };
  if (array.balance == Balance::by_chunk) {
    uses.push_back({.count = events.routed});
    uses.push_back({.count = events.routed});
  }
  return uses;
}

void add_inner_fills(const InnerArray& array, const FilterSets& sets, std::int64_t pixels, TileWork& work) {
  work.weights_takers = sets.clusters;
  work.weights_first = fill_of(work.weights, sets.count(), 1);
  work.ifmap_first =
      array.delivery.ifmap ? fill_of(work.ifmap, pixels * sets.chunks, sets.clusters) : work.ifmap;
  work.psums_last = fill_of(work.psums_out, pixels, sets.clusters);
}

}  // namespace basil
