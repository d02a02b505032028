#include "pe/unit.h"

#include <fmt/format.h>

#include "core/error.h"
#include "pe/dot/dot_clocked.h"
#include "pe/dot/dot_tile.h"
#include "pe/operand_width.h"

namespace basil {
namespace {

void check_layer(const Layer& layer, const UnitParameters& parameters) {
  check_widths(layer, parameters,
               fmt::format("integers of at most {} bits, which is what the dot unit takes",
                           bits_of(parameters.dtype)));
}

void check_parameters(const UnitParameters& parameters, const std::string& where) {
  if (parameters.dtype == Dtype::fp32)
    throw Error(where, "fp32", "an integer dtype: the dot unit multiplies integers");
  check_tile_cols(parameters, where);
}

TileCut cut_layer(const Layer& layer, const UnitParameters& parameters) {
  const DotMachine machine(parameters);
  return {.filters = machine.group * machine.grid(layer.shape, {0, layer.shape.P()}).sets()};
}

const TileArray dot_array{
    .check = check_parameters,
    .columns = [](const UnitParameters& parameters) { return DotMachine(parameters).width; },
    .row_step = [](const UnitParameters& parameters) { return parameters.at("tile_cols"); },
    .cut = cut_layer,
    .parts = dot_parts,
    .make = [](const Layer& layer, const UnitParameters& parameters) -> std::unique_ptr<TileUnit> {
      return std::make_unique<DotTileUnit>(layer, parameters);
    },
    .clocked = [](const Layer& layer, const UnitParameters& parameters, const TilePass& pass)
        -> std::unique_ptr<ClockedTile> { return std::make_unique<DotClocked>(layer, parameters, pass); },
    .signals = dot_signals,
};

}  // namespace

extern const UnitType dot_unit;
const UnitType dot_unit{
    .name = "dot",
    .summary =
        "dense dot products in planar tiles of the ofmap, optional zero gating (DCNN, SCNN's baseline)",
    .weight_encodings = {},
    .plain_weights = true,
    .check = check_layer,
    .keys =
        {
            {"tile_cols", 1, 1024, 8, "PEs side by side over the plane's columns; divides the rows"},
            {"width", 1, 1024, 16, "multipliers of a PE: words of a dot product a cycle"},
            {"group", 1, 1024, 8, "filters of a pass at most, times the sets of PEs"},
            {"psum_words", 1, 1048576, 1024, "psums a PE holds"},
        },
    .array = &dot_array,
};

}  // namespace basil
