#include "pe/unit.h"

#include <fmt/format.h>

#include "core/error.h"
#include "pe/operand_width.h"
#include "pe/sparse_outer/outer_clocked.h"
#include "pe/sparse_outer/outer_tile.h"

namespace basil {
namespace {

void check_layer(const Layer& layer, const UnitParameters& parameters) {
  check_widths(layer, parameters,
               fmt::format("integers of at most {} bits, which is what the sparse_outer unit takes",
                           bits_of(parameters.dtype)));
}

std::optional<Error> lacks(const Layer& layer, const UnitParameters& parameters) {
  const OuterMachine machine(parameters);
  for (int p = 0; p < layer.shape.P(); ++p) {
    if (fits(layer.shape, machine, {p, p + 1})) continue;
    return Error("layer " + layer.name + ": accumulators of a PE",
                 fmt::format("{} banks of {} words", machine.banks, machine.bank_words),
                 fmt::format("{} psums for its part of one ofmap row",
                             lay_out(layer.shape, machine, {p, p + 1}).region()));
  }
  return std::nullopt;
}

void check_parameters(const UnitParameters& parameters, const std::string& where) {
  if (parameters.dtype == Dtype::fp32)
    throw Error(where, "fp32", "an integer dtype: the sparse_outer unit multiplies integers");
  const int banks = parameters.at("banks");
  if ((banks & (banks - 1)) != 0) throw Error(where + ".banks", std::to_string(banks), "a power of two");
  check_tile_cols(parameters, where);
}

// Where the accumulators hold fewer filters than a channel group, the pass takes several rounds.
TileCut cut_layer(const Layer& layer, const UnitParameters& parameters) {
  const OuterMachine machine(parameters);
  return {.filters = machine.group * lay_out(layer.shape, machine, {0, layer.shape.P()}).grid.sets()};
}

std::unique_ptr<TileUnit> make_tile(const Layer& layer, const UnitParameters& parameters) {
  const OuterMachine machine(parameters);
  if (fits_bytes(machine.queue, machine.multipliers()))
    return std::make_unique<OuterTileUnit<std::int8_t>>(layer, parameters);
  return std::make_unique<OuterTileUnit<std::int16_t>>(layer, parameters);
}

const TileArray outer_array{
    .check = check_parameters,
    .columns = [](const UnitParameters& parameters) { return OuterMachine(parameters).multipliers(); },
    .row_step = [](const UnitParameters& parameters) { return parameters.at("tile_cols"); },
    .cut = cut_layer,
    .lacks = lacks,
    .parts = outer_parts,
    .make = make_tile,
    .clocked = [](const Layer& layer, const UnitParameters& parameters, const TilePass& pass)
        -> std::unique_ptr<ClockedTile> { return std::make_unique<OuterClocked>(layer, parameters, pass); },
    .signals = outer_signals,
};

}  // namespace

extern const UnitType sparse_outer_unit;
const UnitType sparse_outer_unit{
    .name = "sparse_outer",
    .summary =
        "outer products of non-zero activations and non-zero weights in planar tiles, scattered to "
        "accumulator banks (SCNN)",
    .weight_encodings = {},
    .plain_weights = true,
    .check = check_layer,
    .keys =
        {
            {"tile_cols", 1, 1024, 8, "PEs side by side over the plane's columns; divides the rows"},
            {"ifmap_vector", 1, 16, 4, "activations a step (I)"},
            {"weight_vector", 1, 16, 4, "weights a step (F)"},
            {"banks", 1, 256, 32, "accumulator banks of a PE, a power of two"},
            {"bank_words", 1, 65536, 32, "psums an accumulator bank holds"},
            {"queue", 1, 64, 4, "products that wait in front of a bank at most"},
            {"group", 1, 1024, 8, "filters that a PE accumulates together at most (Kc)"},
            {"halo_words", 1, 64, 4, "halo psums a PE gives away a cycle"},
            {"skip_ifmap", 0, 1, 1, "zero activations take no slot"},
            {"skip_weights", 0, 1, 1, "zero weights take no slot"},
        },
    .array = &outer_array,
};

}  // namespace basil
