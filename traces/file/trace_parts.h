// The arrays of a trace file: how an operand's parts lie in members, named LAYER.OPERAND.PART.npy.
//
//   part     dtype              shape
//   values   i1 u1 i2 f4        (outer, rows, cols, depth) when dense, else (values,)
//            u1 for int4        (bytes,), two values a byte, the low nibble first
//   bitmap   u1                 (bytes,), 8 positions a byte, the lowest bit first
//   runs     u1, or u2 where runs take more than 8 bits   (pairs,)
//   scale    f4                 (outer,)
//   signs    u1                 (bytes,), a bit for each set one of a basis' bitmap (outer x bases x depth)
//   terms    u1                 (outer,), of power_of_two
//   offsets  u1                 (depth, taps + 1), of a comparator: the pivot, then the taps
#pragma once

#include <string>

#include "traces/encodings/operand.h"
#include "traces/file/npy.h"
#include "traces/file/npz.h"

namespace basil {

// What network.json gives for `scale` where an array holds one for each filter.
inline constexpr const char* scale_per_filter = "per_filter";

// Name of the array of a part such as "weights.values" or "bias".
[[nodiscard]] std::string member_name(const std::string& layer, const std::string& part);

[[nodiscard]] NpyArray pack_values(const Operand& operand);
[[nodiscard]] NpyArray pack_bitmap(const Operand& operand);
[[nodiscard]] NpyArray pack_runs(const Operand& operand);
[[nodiscard]] NpyArray pack_signs(const Operand& operand);
[[nodiscard]] NpyArray pack_terms(const Operand& operand);
[[nodiscard]] NpyArray pack_offsets(const Operand& operand);
[[nodiscard]] bool has_bitmap(Encoding encoding);

// Fills the parts of an operand whose encoding, dtype, extent, run_bits, bases and taps are known.
// `part` is "weights" or "ifmap". Throws Error for a member that is absent, damaged, or not of the dtype
// and shape that the operand implies; the values themselves are left to check().
void read_parts(NpzReader& file, const std::string& layer, const std::string& part, Operand& operand);

}  // namespace basil
