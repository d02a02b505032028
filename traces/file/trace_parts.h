// The arrays of a trace file: how an operand's parts lie in members, named LAYER.OPERAND.PART.npy.
//
//   part     dtype              shape
//   values      i1 u1 i2 f4     (outer, rows, cols, depth) when dense, else (values,)
//               u1              (bytes,) for other widths than 8, 16 and 32 bits: one value after the other,
//                               the lowest bit first
//   scale       f4              (outer,)
//   zero_point  i4              (outer,)
//   others      as the encoding writes them (traces/encodings/<encoding>.cpp)
#pragma once

#include <string>

#include "traces/encodings/operand.h"
#include "traces/file/npy.h"
#include "traces/file/npz.h"

namespace basil {

// What network.json gives for `scale` or `zero_point` where an array holds one for each filter.
inline constexpr const char* per_filter = "per_filter";

// What network.json gives for `axes`: an operand's axes in the order of its positions, the last one fastest.
inline constexpr const char* weight_axes = "KRSC";
inline constexpr const char* ifmap_axes = "NHWC";

// Name of the array of a part such as "weights.values" or "bias".
[[nodiscard]] std::string member_name(const std::string& layer, const std::string& part);

// Adds the operand's arrays to a file, and fills its parts from one: its encoding, dtype, extent and fields
// must be known. `part` is "weights" or "ifmap". Throws Error for a member that is absent, damaged, or not of
// the dtype and shape that the operand implies; the values themselves are left to check().
void write_parts(const Operand& operand, const std::string& layer, const std::string& part, NpzWriter& file);
void read_parts(NpzReader& file, const std::string& layer, const std::string& part, Operand& operand);

}  // namespace basil
