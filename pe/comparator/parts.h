// What the comparator array is made of, and what passes through its door: shared by both twins.
//
// The design is OUR READING of the abstract of CMPNET / CMP-PIM (DAC 2018): bits from comparisons of
// depthwise taps with a pivot, weighted by powers of two into a code word, then a pointwise stage without
// multipliers. Numbers of lanes, stores and their sizes are parameters of ours, none are published.
//
// A row of the array is a pipeline of its own:
//
//   window store -> compare_lanes comparators -> code queue -> add_lanes shift-adders -> psum registers
//                    (stage 1)                                  (stage 2)
//
// Ofmap pixels are dealt to the rows round robin, pass by pass; rows share nothing but the end of the pass.
// Stage 1 takes compare_lanes comparisons a cycle, channel after channel, and never two pixels in a cycle. It
// writes the pixel's code words straight into a place of the queue, so it needs a free one from its first
// comparison on; a place is free again in the cycle after stage 2's last slot on it. Stage 2 has lanes over
// filters: block after block of add_lanes filters, word after word that is not zero (a mask finds them; with
// skip_zero: 0 words of zero are taken too), in `rounds` slots each: as many as the block's widest filter has
// terms, one in a comparator layer. A pixel without any slot takes one, in which its sums stay the bias.
//
// Layers the comparator recipe leaves alone have power_of_two weights: stage 2 takes the words of the window
// (R x S x C/groups) in place of code words, and stage 1 rests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "pe/tile.h"
#include "pe/unit.h"
#include "traces/encodings/slice.h"

namespace basil::comparator_array {

// In the order of parts() and of TileWork::uses.
namespace part {
enum Index : std::size_t {
  compare,       // one comparison
  shift_add,     // one effectual term
  shift_gated,   // any other lane-cycle
  code_queue,    // reads and writes of code words
  window,        // of ifmap words
  weight_store,  // of words of add_lanes codes
  psum,          // sums handed out (the accumulators belong to the shift-adders)
  count
};
}
[[nodiscard]] std::vector<Part> parts(const UnitParameters& parameters);

// Ifmap words the window store of a row holds.
[[nodiscard]] std::int64_t window_words(const UnitParameters& parameters);
// Words that stage 2 takes of a pixel at most: channels, or R x S x C/groups.
[[nodiscard]] std::int64_t words_a_pixel(const Layer& layer);

// What fills the stores of the rows before a pass's work, and what is left in them after it: the weight store
// if it holds the pass's codes (else they stream through its halves, or the array waits for all), a window of
// each row, the sums of each row's last pixel. `weight_words`: of the pass's filters.
void add_fills(const Layer& layer, const UnitParameters& parameters, const TilePass& pass,
               std::int64_t weight_words, TileWork& work);

// The ifmap rows behind the pass's ofmap rows, as encoded.
[[nodiscard]] Bytes ifmap_bytes(const LayerShape& shape, const SliceReader& ifmap, const TilePass& pass);

}  // namespace basil::comparator_array
