#include "traces/file/requantisation_file.h"

#include <cstdint>
#include <span>
#include <vector>

namespace basil {
namespace {

using nlohmann::ordered_json;

constexpr int least_code = -32768, greatest_code = 32767;

void add(const std::vector<std::int32_t>& list, const std::string& name, NpzWriter& file) {
  const NpyArray array =
      NpyArray::of(std::span<const std::int32_t>(list), {static_cast<std::int64_t>(list.size())});
  file.add(name + ".npy", array.member(), NpzWriter::Packing::stored);
}

}  // namespace

ordered_json output_json(const Requantisation& output) {
  ordered_json json = {{"dtype", to_string(output.dtype)}, {"scale", output.scale}, {"relu", output.relu}};
  if (output.dtype == Dtype::fp32) return json;
  json["zero_point"] = output.zero_point;
  json["rule"] = to_string(output.rule);
  if (output.clamp) json["clamp"] = {output.clamp->least, output.clamp->greatest};
  return json;
}

int read_code(JsonReader& json, const char* field) {
  return json.integer(field, least_code, greatest_code, 0);
}

Requantisation read_output(JsonReader json) {
  Requantisation output;
  output.dtype = parse_dtype(json.text("dtype"), json.where("dtype"));
  output.scale = json.real("scale");
  output.relu = json.flag("relu", false);
  output.zero_point = read_code(json, "zero_point");
  output.rule = parse_rule(json.text("rule", "real"), json.where("rule"));
  if (json.has("clamp")) {
    const std::vector<int> range = json.integers("clamp", least_code, greatest_code, {0, 0});
    output.clamp = CodeRange{range[0], range[1]};
  }
  json.done();
  return output;
}

void write_factors(const Requantisation& output, const std::string& layer, NpzWriter& file) {
  if (output.rule != RequantisationRule::tflite) return;
  std::vector<std::int32_t> multipliers, shifts;
  for (const FixedPoint& factor : output.factors) {
    multipliers.push_back(factor.multiplier);
    shifts.push_back(factor.shift);
  }
  add(multipliers, layer + ".output.multiplier", file);
  add(shifts, layer + ".output.shift", file);
}

void read_factors(NpzReader& file, const std::string& layer, int filters, Requantisation& output) {
  if (output.rule != RequantisationRule::tflite) return;
  const std::string where = "layer " + layer + ": output.";
  const std::int64_t limit = std::int64_t{filters} * std::int64_t{sizeof(std::int32_t)};
  const NpyArray multipliers = file.read_array(layer + ".output.multiplier", limit, where + "multiplier");
  const std::int64_t count = multipliers.elements() == 1 ? 1 : filters;
  multipliers.expect("i4", {count}, where + "multiplier");
  const NpyArray shifts = file.read_array(layer + ".output.shift", limit, where + "shift");
  shifts.expect("i4", {count}, where + "shift");
  const auto multiplier = multipliers.as<std::int32_t>(), shift = shifts.as<std::int32_t>();
  for (std::size_t k = 0; k < multiplier.size(); ++k) output.factors.push_back({multiplier[k], shift[k]});
}

}  // namespace basil
