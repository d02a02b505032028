#include "models/report/html_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "models/report/report.h"

namespace basil {
namespace {

using Json = nlohmann::ordered_json;

std::string kilobytes(Bytes bytes) { return fmt::format("{:g} KB", static_cast<double>(bytes.value) / 1024); }

std::string buffer_text(const BufferParameters& buffer) {
  return fmt::format("{}, {} banks of {} bit", kilobytes(buffer.bytes), buffer.banks, buffer.port_bits);
}

std::string overlap_text(const Overlap& overlap) {
  std::string text;
  for (const auto& [on, name] : {std::pair{overlap.weights, "weights"}, std::pair{overlap.ifmap, "ifmap"},
                                 std::pair{overlap.ofmap, "ofmap"}}) {
    if (on) text += (text.empty() ? "" : ", ") + std::string(name);
  }
  return text.empty() ? "nothing" : text;
}

// What an architect would ask about the machine, as it ran: overrides and scaling included.
Json configuration(const Description& machine) {
  Json keys{{"unit", machine.unit->name},
            {"dataflow", machine.dataflow->name},
            {"array", fmt::format("{} x {} PEs", machine.rows, machine.cols)},
            {"tiles", std::to_string(machine.tiles)},
            {"clock", fmt::format("{:g} MHz", machine.clock_mhz)},
            {"technology", machine.technology},
            {"word", fmt::format("{} bit, psums {} bit", machine.word_bits(), machine.psum_bits)},
            {"feature-map buffer", buffer_text(machine.fmap_buffer)},
            {"filter buffer", buffer_text(machine.filter_buffer)}};
  if (machine.accumulators) keys["accumulators"] = buffer_text(*machine.accumulators);
  const RouterGrid& routers = machine.noc.routers;
  keys["network on chip"] =
      machine.noc.routed() ? fmt::format("{} {}x{}, flits of {} bit, packets of {} flits", machine.noc.kind,
                                         routers.cols, routers.rows, routers.flit_bits, routers.packet)
                           : "multicast buses";
  keys["streams, bit a cycle"] =
      fmt::format("filter {}, ifmap {}, psum in {}, psum out {}", machine.noc.filter_bits,
                  machine.noc.ifmap_bits, machine.noc.psum_in_bits, machine.noc.psum_out_bits);
  keys["DRAM"] =
      fmt::format("{}, {} bit at {:g} MHz, latency {} cycles", machine.dram_energy, machine.dram.bits,
                  static_cast<double>(machine.dram.link_khz) / 1000, machine.dram.latency.value);
  if (machine.dram_device) keys["DRAM device"] = machine.dram_device->name;
  keys["feature maps in DRAM"] = to_string(machine.fmaps);
  keys["weights in DRAM"] = machine.encoded_weights ? "encoded" : "expanded";
  keys["loads and stores under the array's work"] = overlap_text(machine.overlap);
  keys["zero gating"] = machine.unit_parameters.zero_gating ? "yes" : "no";
  for (const auto& [key, value] : machine.unit_parameters.own) keys["unit." + key] = std::to_string(value);
  return keys;
}

Json tag_shares(const EnergyAccount& energy) {
  Json shares;
  for (const Tag tag : {Tag::measured, Tag::published, Tag::derived, Tag::estimated})
    shares[std::string(to_string(tag))] = energy.of(tag).value / energy.total().value;
  return shares;
}

Json energy_items(const EnergyAccount& energy) {
  Json items = Json::array();
  for (const EnergyLine& line : energy.lines()) {
    items.push_back({{"component", line.component},
                     {"item", line.item},
                     {"count", line.count},
                     {"pj", line.energy().value},
                     {"low_pj", line.count * line.low.value},
                     {"high_pj", line.count * line.high.value},
                     {"tag", to_string(line.tag)}});
  }
  return items;
}

Encoding encoding_of(const Trace& trace, const std::string& layer) {
  const auto found = std::find_if(trace.layers.begin(), trace.layers.end(),
                                  [&](const Layer& candidate) { return candidate.name == layer; });
  return found->weights.encoding;
}

// The result as --json has it, with what else the page shows. The technology's rows are summed over the
// layers.
Json machine_json(const Result& result, const Description& machine, const Trace& trace,
                  const std::string& name) {
  Json json = to_json(result);
  json["name"] = name;
  EnergyAccount energy;
  for (std::size_t i = 0; i < result.layers.size(); ++i) {
    energy += result.layers[i].energy;
    json["layers"][i].erase("energy_lines");
    json["layers"][i]["encoding"] = to_string(encoding_of(trace, result.layers[i].name));
  }
  json["energy_items"] = energy_items(energy);
  json["tags"] = tag_shares(energy);
  json["dram_bytes_per_second"] =
      static_cast<double>(machine.dram.bits) / 8 * static_cast<double>(machine.dram.link_khz) * 1000;
  json["configuration"] = configuration(machine);
  return json;
}

// Accelerators may carry the same name twice, with other overrides: the page needs them apart.
std::string unique_name(const Comparison& comparison, std::size_t index) {
  const std::string& name = comparison.contenders[index].name;
  std::size_t before = 0;
  for (std::size_t i = 0; i < index; ++i) before += comparison.contenders[i].name == name ? 1 : 0;
  return before == 0 ? name : fmt::format("{} ({})", name, before + 1);
}

Json study_json(const Comparison& comparison, const std::string& title, const std::string& command) {
  const Json figures = to_json(comparison);
  Json study{{"title", title},
             {"trace_fingerprint", comparison.trace_fingerprint},
             {"command", command},
             {"refused", figures["refused"]},
             {"footing", figures["footing"]},
             {"remarks", figures["remarks"]},
             {"machines", Json::array()}};
  for (std::size_t i = 0; i < comparison.results.size(); ++i) {
    const Contender& contender = comparison.contenders[i];
    Json machine =
        machine_json(comparison.results[i], contender.machine, contender.trace, unique_name(comparison, i));
    const Json& entry = figures["accelerators"][i];
    machine["derivation"] = contender.derivation;
    machine["overrides"] = contender.overrides;
    machine["output_error"] = entry["mean_output_error"];
    machine["speedup"] = entry["geometric_mean_speedup"];
    machine["energy_gain"] = entry["geometric_mean_energy_gain"];
    machine["energy_overlaps"] = entry["energy_overlaps"];
    machine["energy_delay_overlaps"] = entry["energy_delay_overlaps"];
    study["machines"].push_back(std::move(machine));
  }
  return study;
}

constexpr std::array<std::string_view, 3> run_scripts{"roofline.js", "figures_behind.js", "page.js"};

}  // namespace

std::string to_html(const Result& result, const Description& machine, const Trace& trace,
                    const std::string& given_title) {
  Json json{{"studies", Json::array()}};
  const std::string title = given_title.empty() ? result.trace + " on " + result.accelerator : given_title;
  json["studies"].push_back(
      {{"title", title},
       {"trace_fingerprint", result.trace_fingerprint},
       {"command", result.command},
       {"machines", Json::array({machine_json(result, machine, trace, result.accelerator)})}});
  return report_page(title, result.program, json, run_scripts);
}

std::string to_html(const std::vector<Comparison>& comparisons, const std::string& program,
                    const PageOptions& options) {
  Json json{{"studies", Json::array()}};
  std::string traces;
  for (const Comparison& comparison : comparisons) {
    const std::string own = fmt::format("{} on {} accelerators", comparison.trace, comparison.results.size());
    const std::string title = options.title.empty()     ? own
                              : comparisons.size() == 1 ? options.title
                                                        : options.title + ": " + own;
    json["studies"].push_back(study_json(comparison, title, options.command));
    traces += (traces.empty() ? "" : ", ") + comparison.trace;
  }
  return report_page(options.title.empty() ? traces + ": accelerators compared" : options.title, program,
                     json, run_scripts);
}

}  // namespace basil
