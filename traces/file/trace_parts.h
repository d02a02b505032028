// The arrays of a trace file: how an operand's parts lie in members, named LAYER.OPERAND.PART.npy.
//
//   part     dtype              shape
//   values   i1 u1 i2 f4        (outer, rows, cols, depth) when dense, else (values,)
//            u1 for int4        (bytes,), two values a byte, the low nibble first
//   scale    f4                 (outer,)
//   others   as the encoding writes them (traces/encodings/<encoding>.cpp)
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

// Adds the operand's arrays to a file, and fills its parts from one: its encoding, dtype, extent and fields
// must be known. `part` is "weights" or "ifmap". Throws Error for a member that is absent, damaged, or not of
// the dtype and shape that the operand implies; the values themselves are left to check().
void write_parts(const Operand& operand, const std::string& layer, const std::string& part, NpzWriter& file);
void read_parts(NpzReader& file, const std::string& layer, const std::string& part, Operand& operand);

}  // namespace basil
