#include "models/report/older_results.h"

#include <string>
#include <utility>
#include <vector>

#include "core/error.h"
#include "memory/bank_calendar.h"
#include "models/result/parts.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;
using Places = std::vector<std::pair<std::string, std::string>>;  // of old: JSON pointer, column

void add_group(Places& places, const std::string& group, const std::string& prefix, const std::string& suffix,
               const std::vector<std::string>& members) {
  for (const std::string& member : members)
    places.emplace_back("/" + group + "/" + member, prefix + column_word(member) + suffix);
}

std::vector<std::string> bins() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < bin_count; ++i) names.emplace_back(to_string(static_cast<Bin>(i)));
  return names;
}

std::vector<std::string> streams() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < stream_kinds; ++i) names.emplace_back(to_string(static_cast<StreamKind>(i)));
  return names;
}

// Of basil-result/1, whose layers had figures in groups.
Places places_of_layers() {
  Places places{{"/name", "layer"},
                {"/buffer_bytes/with_array", "buffer_array_bytes"},
                {"/energy_range_pj/low", "energy_low_pj"},
                {"/energy_range_pj/high", "energy_high_pj"},
                {"/sum_widths/count", "sum_count"},
                {"/sum_widths/widest_bits", "widest_sum_bits"},
                {"/sum_widths/overflowed", "sums_overflowed"},
                {"/sum_widths/needed_bits", "sums_needed_bits"},
                {"/sample/passes_simulated", "sampled_passes"}};
  add_group(places, "bins_pe_cycles", "bin_", "", bins());
  add_group(places, "energy_by_component_pj", "", "_pj",
            {energy_components.begin(), energy_components.end()});
  add_group(places, "dram_bytes", "dram_", "_bytes", {"weights", "ifmap", "ofmap"});
  add_group(places, "buffer_bytes", "buffer_", "_bytes", {"read", "written"});
  add_group(places, "noc_bytes", "noc_", "_bytes", {"weights", "ifmap", "psums_in", "psums_out"});
  add_group(places, "weights", "weights_", "",
            {"encoded_bytes", "moved_bytes", "trace_bits", "kept_bits", "expanded"});
  add_group(places, "bound", "bound_", "", {"effectual_macs", "bytes", "cycles", "by"});
  add_group(places, "density_only", "density_only_", "",
            {"cycles", "cycles_error_percent", "energy_pj", "energy_error_percent", "ofmap_density"});
  for (const char* operand : {"weights", "ifmap", "ofmap"})
    add_group(places, std::string("dram_waits/") + operand, std::string("dram_wait_") + operand + "_",
              "_cycles", {"edge", "steady"});
  for (const char* network : {"array", "chip"})
    add_group(places, std::string("noc/") + network, std::string(network) + "_noc_", "",
              {"packets", "crossings", "busiest_link_cycles"});
  for (const char* buffer : {"fmaps", "filters", "accumulators"})
    add_group(places, std::string("bank_conflict_cycles/") + buffer, std::string("conflict_") + buffer + "_",
              "_cycles", streams());
  for (const auto& [of, suffix] : {std::pair{"cycles", ""}, {"energy_pj", "_pj"}}) {
    const std::string group = std::string("/sample/") + of,
                      name = std::string("sampled_") + (suffix[0] == 0 ? "cycles" : "energy");
    places.emplace_back(group + "/low", name + "_low" + suffix);
    places.emplace_back(group + "/high", name + "_high" + suffix);
    places.emplace_back(group + "/variance", name + "_variance");
    places.emplace_back(group + "/degrees_of_freedom", name + "_degrees");
  }
  return places;
}

}  // namespace

nlohmann::ordered_json in_todays_words(const nlohmann::ordered_json& written) {
  const Json& schema = written.at("schema");
  if (schema == "basil-result/2") return written;
  if (schema != "basil-result/1")
    throw Error("result: schema", schema.dump(), "basil-result/2 or basil-result/1");
  static const Places places = places_of_layers();
  Json json = written;
  for (Json& layer : json.at("layers")) {
    Json flat;
    for (const auto& [key, value] : layer.items()) {
      if (!value.is_object() && key != "name") flat[key] = value;
    }
    for (const auto& [pointer, name] : places) {
      const Json::json_pointer place(pointer);
      if (layer.contains(place)) flat[name] = layer.at(place);
    }
    layer = std::move(flat);
  }
  return json;
}

}  // namespace basil
