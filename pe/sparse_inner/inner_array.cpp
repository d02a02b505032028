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
  return *this;
}

InnerArray inner_array(const UnitParameters& parameters) {
  return {.clusters = parameters.rows,
          .units = parameters.at("units"),
          .chunk = parameters.at("chunk"),
          .skip_ifmap = parameters.at("skip_ifmap") != 0,
          .skip_weights = parameters.at("skip_weights") != 0,
          .balance = static_cast<Balance>(parameters.at("balance")),
          .dtype = parameters.dtype,
          .accumulator_bits = parameters.accumulator_bits};
}

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
       .words = 2 * array.chunk,
       .bits = bits,
       .ports = 2},  // a match reads while the next chunk comes in
      {.component = "spad",
       .name = "filter chunks",
       .instances = pes,
       .words = std::int64_t{2} * filters * array.chunk,
       .bits = bits,
       .ports = 2},
      {.component = "spad",
       .name = "register_write_16b",
       .instances = pes * 2 * (1 + filters) * (array.chunk / mask_piece)},
      {.component = "spad",
       .name = "register_write_16b",
       .instances = pes * filters * (array.balance == Balance::by_chunk ? 2 : 1),
       .weight = array.accumulator_bits / 16.0},
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
      {.count = work.products + events.routed},
  };
  if (array.balance == Balance::by_chunk) {
    uses.push_back({.count = events.routed});
    uses.push_back({.count = events.routed});
  }
  return uses;
}

}  // namespace basil
