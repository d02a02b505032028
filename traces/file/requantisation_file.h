// How a layer's sums leave the chip, as network.json and two arrays say it: in traces and in networks alike.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "traces/file/json_reader.h"
#include "traces/file/npz.h"
#include "traces/requantisation.h"

namespace basil {

// {dtype, scale, relu, zero_point, rule, clamp}; of fp32 only the first three.
[[nodiscard]] nlohmann::ordered_json output_json(const Requantisation& output);
// The factors are left to read_factors().
[[nodiscard]] Requantisation read_output(JsonReader json);

// <layer>.output.multiplier and <layer>.output.shift, i4, one for all or one a filter: of the rule tflite
// alone.
void write_factors(const Requantisation& output, const std::string& layer, NpzWriter& file);
void read_factors(NpzReader& file, const std::string& layer, int filters, Requantisation& output);

// A code, or a zero point; 0 where the field is not there.
[[nodiscard]] int read_code(JsonReader& json, const char* field);

}  // namespace basil
