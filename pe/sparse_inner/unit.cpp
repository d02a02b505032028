#include "pe/unit.h"

#include <algorithm>

#include "pe/sparse_inner/inner_clocked.h"
#include "pe/sparse_inner/inner_tile.h"

namespace basil {
namespace {

TileCut cut(const Layer& layer, const UnitParameters& parameters) {
  return {.filters = std::min(layer.shape.filters_per_group(), inner_array(parameters).filters_a_pass())};
}

const TileArray inner_join_array{
    .check = check_inner_parameters,
    .columns = [](const UnitParameters& parameters) { return parameters.at("units"); },
    .cut = cut,
    .parts = [](const UnitParameters& parameters) { return inner_parts(inner_array(parameters)); },
    .make = [](const Layer& layer, const UnitParameters& parameters) -> std::unique_ptr<TileUnit> {
      return std::make_unique<InnerTile>(layer, parameters);
    },
    .clocked = [](const Layer& layer, const UnitParameters& parameters, const TilePass& pass)
        -> std::unique_ptr<ClockedTile> { return std::make_unique<InnerClocked>(layer, parameters, pass); },
    .signals = [](const UnitParameters& parameters) { return inner_signals(inner_array(parameters)); },
};

}  // namespace

extern const UnitType sparse_inner_unit;
const UnitType sparse_inner_unit{
    .name = "sparse_inner",
    .summary = "SparTen: bit-mask inner join of ifmap and filter chunks, greedy balancing of filters",
    .weight_encodings = {},
    .plain_weights = true,
    .check = check_inner_layer,
    .keys = {{"units", 1, 1024, 32, "compute units of a cluster, one multiplier each"},
             {"chunk", 64, 1024, 128, "positions of an inner-join chunk, a multiple of 64"},
             {"skip_ifmap", 0, 1, 1, "1 skips zeros of the ifmap"},
             {"skip_weights", 0, 1, 1, "1 skips zeros of the filters"},
             {"balance", 0, 2, 1,
              "filters of a unit: 0 one; 1 two, paired by density (GB-S); 2 paired anew each chunk (GB-H)"},
             {"psum_words", 2, 65536, 32,
              "psums a unit keeps between chunks: pixels that share a filter chunk"},
             {"filter_bits", 1, 65536, 1024, "filter chunks multicast into all clusters, bits a cycle"}},
    .array = &inner_join_array,
};

}  // namespace basil
