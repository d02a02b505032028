#include "pe/comparator/parts.h"

#include "pe/pass_traffic.h"
#include "traces/encodings/comparator.h"
#include "traces/encodings/encode.h"

namespace basil::comparator_array {
namespace {

constexpr int code_bits = 8;    // a code word, and its place in the mask
constexpr int weight_bits = 4;  // sign and exponent

int word_bits(const UnitParameters& parameters) { return parameters.dtype == Dtype::int16 ? 16 : 8; }

}  // namespace

std::int64_t window_words(const UnitParameters& parameters) {
  return std::int64_t{comparator::max_taps + 1} * parameters.at("channels");
}

std::vector<Part> parts(const UnitParameters& parameters) {
  const int bits = word_bits(parameters);
  const std::int64_t rows = parameters.rows;
  const std::int64_t adders = rows * parameters.at("add_lanes");
  const double bytes = bits / 8.0;  // the table has shift-adders of 8-bit words: two make one of 16
  std::vector<Part> all(part::count);
  all[part::compare] = {.component = "mac",
                        .name = bits == 16 ? "compare_int16" : "compare_int8",
                        .instances = rows * parameters.at("compare_lanes")};
  all[part::shift_add] = {.component = "mac", .name = "shift1_int8", .instances = adders, .weight = bytes};
  all[part::shift_gated] = {.component = "mac", .name = "shift1_gated_int8", .weight = bytes};
  // Banked: comparators take a cycle's words, and give its code words, in the order in which they lie there,
  // so that no bank is asked twice. With a tap a channel that is a tap and a pivot for each comparator.
  const std::int64_t lanes = parameters.at("compare_lanes");
  all[part::code_queue] = {
      .component = "spad",
      .name = "code queue",
      .instances = rows * lanes,
      .words = ceil_div(std::int64_t{parameters.at("queue")} * parameters.at("channels"), lanes),
      .bits = code_bits,
      .ports = 2};
  all[part::window] = {
      .component = "spad",
      .name = "window store",
      .instances = rows * 2 * lanes,
      .words = halves(parameters.delivery.ifmap) * ceil_div(window_words(parameters), 2 * lanes),
      .bits = bits};
  all[part::weight_store] = {
      .component = "spad",
      .name = "weight store",
      .instances = rows,
      .words = std::int64_t{parameters.at("weight_words")} * halves(parameters.delivery.weights),
      .bits = weight_bits * parameters.at("add_lanes")};
  all[part::psum] = {.component = "spad",
                     .name = "register_write_16b",
                     .instances = adders * halves(parameters.delivery.psums),
                     .weight = 2 * psum_adder(parameters)};
  return all;
}

std::int64_t words_a_pixel(const Layer& layer) {
  return layer.weights.encoding == &comparator_encoding ? layer.shape.C : layer.shape.reduction();
}

void add_fills(const Layer& layer, const UnitParameters& parameters, const TilePass& pass,
               std::int64_t weight_words, TileWork& work) {
  const std::int64_t pixels = std::int64_t{pass.n.size()} * pass.rows.size() * layer.shape.Q();
  const std::int64_t held = parameters.at("weight_words");
  work.weights_first = weight_words <= held || !parameters.delivery.weights
                           ? work.weights
                           : fill_of(work.weights, weight_words * pixels, held);
  work.weights_takers = std::min<std::int64_t>(parameters.rows, pixels);
  work.ifmap_first = parameters.delivery.ifmap ? fill_of(work.ifmap, pixels, parameters.rows) : work.ifmap;
  work.psums_last =
      parameters.delivery.psums ? fill_of(work.psums_out, pixels, parameters.rows) : work.psums_out;
}

Bytes ifmap_bytes(const LayerShape& s, const SliceReader& ifmap, const TilePass& pass) {
  const Range rows = ifmap_rows(s, pass.rows);
  std::int64_t bits = 0;
  for (int n = pass.n.first; n < pass.n.end; ++n) {
    for (int y = rows.first; y < rows.end; ++y) bits += encoded_bits(ifmap, s, pass.group, {n, y, {0, s.W}});
  }
  return Bytes(ceil_div(bits, 8));
}

}  // namespace basil::comparator_array
