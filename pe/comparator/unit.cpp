#include "pe/unit.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "pe/comparator/comparator_clocked.h"
#include "pe/comparator/comparator_tile.h"
#include "pe/comparator/parts.h"
#include "pe/operand_width.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/power_of_two.h"

namespace basil {
namespace {

void check_layer(const Layer& layer, const UnitParameters& parameters) {
  check_ifmap_width(layer, parameters,
                    "integers of at most " + std::string(to_string(parameters.dtype)) +
                        ", which is what the comparator unit takes");
}

std::optional<Error> lacks(const Layer& layer, const UnitParameters& parameters) {
  const int channels = parameters.at("channels");
  if (layer.weights.encoding != &comparator_encoding || layer.shape.C <= channels) return std::nullopt;
  return Error(
      "layer " + layer.name + ": shape.C", std::to_string(layer.shape.C),
      fmt::format("at most {}, a place of the comparator unit's code queue (key `channels`)", channels));
}

void check_parameters(const UnitParameters& parameters, const std::string& where) {
  if (parameters.dtype == Dtype::int8 || parameters.dtype == Dtype::uint8 || parameters.dtype == Dtype::int16)
    return;
  throw Error(where, "dtype " + std::string(to_string(parameters.dtype)),
              "int8, uint8 or int16: comparators and shift-adders of 8 or 16 bits");
}

// All filters of a group, so that a pixel is compared once, as far as the weight store holds their codes;
// never less than the lanes take at a time, whose codes stream in with every pixel if need be.
TileCut cut(const Layer& layer, const UnitParameters& parameters) {
  const PowerOfTwo* powers = layer.weights.own.as<PowerOfTwo>();
  const std::int64_t rounds =
      powers == nullptr ? 1 : std::max<std::int64_t>(1, *std::ranges::max_element(powers->terms));
  const std::int64_t block = rounds * comparator_array::words_a_pixel(layer);
  const std::int64_t blocks = std::max<std::int64_t>(1, parameters.at("weight_words") / block);
  const std::int64_t filters = blocks * parameters.at("add_lanes");
  return {.filters = static_cast<int>(std::min<std::int64_t>(filters, layer.shape.filters_per_group()))};
}

std::unique_ptr<TileUnit> make_fast(const Layer& layer, const UnitParameters& parameters) {
  return std::make_unique<comparator_array::ComparatorTile>(layer, parameters);
}

std::unique_ptr<ClockedTile> make_clocked(const Layer& layer, const UnitParameters& parameters,
                                          const TilePass& pass) {
  return std::make_unique<comparator_array::ComparatorClocked>(layer, parameters, pass);
}

constexpr TileArray comparator_tiles{
    .check = check_parameters,
    .columns = [](const UnitParameters& parameters) { return parameters.at("add_lanes"); },
    .cut = cut,
    .lacks = lacks,
    .parts = comparator_array::parts,
    .make = make_fast,
    .clocked = make_clocked,
    .signals = comparator_array::signals,
};

}  // namespace

extern const UnitType comparator_unit;
const UnitType comparator_unit{
    .name = "comparator",
    .summary =
        "taps compared with a pivot into code words, then shift-adds over channels (CMPNET, our reading)",
    .weight_encodings = {&comparator_encoding, &power_of_two_encoding},
    .check = check_layer,
    .keys = {{"compare_lanes", 1, 256, 16, "comparators of a row: comparisons a cycle"},
             {"add_lanes", 1, 256, 32, "shift-adders of a row, each on a filter of its own"},
             {"queue", 1, 64, 4, "pixels whose code words are held between comparators and shift-adders"},
             {"skip_zero", 0, 1, 1, "1: code words of zero cost no slot; 0: they cost gated slots"},
             {"channels", 1, 4096, 512, "code words a place of the queue holds: greatest C that is compared"},
             {"weight_words", 1, 65536, 2048, "words of a row's weight store, add_lanes 4-bit codes each"}},
    .array = &comparator_tiles,
};

}  // namespace basil
