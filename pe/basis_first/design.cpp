#include "pe/basis_first/design.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "pe/operand_width.h"
#include "traces/encodings/basis.h"

namespace basil::basis_first {
namespace {

// So that an intermediate map's value fits 32 bits: 2^15 * 2^7 * taps.
inline constexpr std::int64_t greatest_taps = 511;
// So that a slice's sum fits 32 bits: 2^15 * channels.
inline constexpr std::int64_t greatest_coefficients = 65535;

// Ofmap rows whose psums are open at a time: those that one ifmap row reaches.
std::int64_t open_rows(const LayerShape& shape) {
  return std::min<std::int64_t>(shape.P(),
                                ceil_div(std::int64_t{shape.R - 1} * shape.dilation_y + 1, shape.stride_y));
}

// Rows of psums that a slice holds: the open ones, and one that leaves under them.
std::int64_t psum_rows(const LayerShape& shape, const Design& design, std::int64_t open) {
  return std::min<std::int64_t>(shape.P(), open + (design.delivery.psums ? 1 : 0));
}

struct Need {
  const char* key;
  std::int64_t words = 0;  // needed
  int held = 0;
};

// What a layer of this shape needs of a block's and a slice's stores.
std::vector<Need> needs(const Layer& layer, const Design& design) {
  const LayerShape& shape = layer.shape;
  const Need row_by_row{"psums", psum_rows(shape, design, 1) * shape.Q(), design.psums};
  if (layer.weights.encoding != &basis_encoding) return {row_by_row};
  const std::int64_t lanes = design.stage_1.lanes;
  const Need coefficients{"coefficients",
                          ceil_div(layer.weights.parts<Basis>().bases, design.slices) *
                              ceil_div(shape.channels_per_group(), lanes) * lanes,
                          design.coefficients};
  if (design.convolve_first) return {coefficients, row_by_row};
  return {coefficients,
          {"row_words", std::int64_t{shape.W} * shape.channels_per_group(), design.row_words},
          {"pixel_words", ceil_div(shape.channels_per_group(), lanes) * lanes, design.pixel_words},
          {"psums", psum_rows(shape, design, open_rows(shape)) * shape.Q(), design.psums}};
}

}  // namespace

int reach(const LayerShape& shape) {
  return static_cast<int>(ceil_div(std::int64_t{shape.S - 1} * shape.dilation_x + 1, shape.stride_x));
}

Design::Design(const UnitParameters& parameters)
    : dtype(parameters.dtype),
      blocks(parameters.rows),
      slices(parameters.at("slices")),
      multipliers(parameters.at("multipliers")),
      queue(parameters.at("queue")),
      stage_1{parameters.at("lanes"), parameters.at("look_ahead"), parameters.at("look_aside")},
      convolve_first(parameters.at("order") == 1),
      coefficients(parameters.at("coefficients")),
      row_words(parameters.at("row_words")),
      pixel_words(parameters.at("pixel_words")),
      psums(parameters.at("psums")),
      psum_banks(parameters.at("psum_banks")),
      delivery(parameters.delivery) {}

PixelPlaces::PixelPlaces(const Design& design, int lanes, std::int64_t stream_rows) {
  const std::int64_t held = design.pixel_words / lanes;
  rows = stream_rows <= held ? stream_rows : std::max<std::int64_t>(1, held / 2);
  places = static_cast<int>(held / rows);
  parts = ceil_div(stream_rows, rows);
}

std::vector<IntegerKey> keys() {
  return {
      {"slices", 1, 64, 6, "slices a block: basis kernels at a time"},
      {"multipliers", 1, 64, 5, "multipliers in a slice's row"},
      {"lanes", 1, 64, 16, "adders of stage 1 in a slice"},
      {"look_ahead", 0, 7, 2, "rows beyond the head that a lane takes terms from"},
      {"look_aside", 0, 8, 2, "neighbours on each side that a lane takes terms of"},
      {"queue", 1, 64, 4, "sums between stage 1 and stage 2"},
      {"order", 0, 1, 0, "0: sum over channels first (ESCALATE); 1: convolve first (PENNI)"},
      {"coefficients", 64, greatest_coefficients, 2048, "ternary coefficients that a slice holds"},
      {"row_words", 64, 1 << 20, 16384, "activations of an ifmap row that a block holds"},
      {"pixel_words", 64, 1 << 16, 1024, "activations of pixels that a slice holds"},
      {"psums", 64, 1 << 20, 1024, "psums that a slice holds"},
      {"psum_banks", 1, 64, 8, "banks of a slice's psums: each takes a product a cycle"},
  };
}

void check_layer(const Layer& layer, const UnitParameters& parameters) {
  check_widths(layer, parameters,
               "at most " + std::string(to_string(parameters.dtype)) + " for the basis_first unit");
  const LayerShape& shape = layer.shape;
  if (layer.weights.encoding != &basis_encoding || !Design(parameters).convolve_first) return;
  if (std::int64_t{shape.R} * shape.S > greatest_taps) {
    throw Error("layer " + layer.name + ": weights", fmt::format("kernels of {} x {}", shape.R, shape.S),
                fmt::format("at most {} taps for order 1 of the basis_first unit", greatest_taps));
  }
}

std::optional<Error> lacks(const Layer& layer, const UnitParameters& parameters) {
  for (const Need& need : needs(layer, Design(parameters))) {
    if (need.words <= need.held) continue;
    return Error("layer " + layer.name + ": unit." + need.key, std::to_string(need.held),
                 fmt::format("at least {}", need.words));
  }
  return std::nullopt;
}

TileCut cut(const Layer& layer, const UnitParameters& parameters) {
  if (layer.weights.encoding != &basis_encoding || !Design(parameters).convolve_first) {
    return {.filters = parameters.rows, .buffer_row = 0};
  }
  const std::int64_t maps =
      std::int64_t{layer.weights.parts<Basis>().bases} * layer.shape.channels_per_group();
  return {.filters = layer.shape.filters_per_group(), .buffer_row = maps * layer.shape.Q() * 4};
}

}  // namespace basil::basis_first
