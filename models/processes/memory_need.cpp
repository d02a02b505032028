#include "models/processes/memory_need.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/memory_limit.h"
#include "core/names.h"
#include "traces/layer_memory.h"

namespace basil {
namespace {

// Measured (testbenches/memory_stated_test.py): a run of a layer of a few words, and what of it a forked
// process does not share.
inline constexpr double program_bytes = 20e6, own_bytes = 3e6;
inline constexpr double clocked_pe_bytes = 4096;  // every register of a PE

double bytes_on(const Layer& layer, const Description& machine) {
  const double bytes = bytes_to_run(layer);
  return bytes + (machine.dataflow->own_bytes != nullptr ? machine.dataflow->own_bytes(layer.shape) : 0);
}

}  // namespace

MemoryNeed memory_need(const Trace& trace, const Description& machine, Fidelity fidelity,
                       const std::vector<std::size_t>& layers, double beside) {
  MemoryNeed need{.shared = bytes_held(trace) + beside};
  for (const std::size_t index : layers) {
    const Layer& layer = trace.layers[index];
    const double bytes = bytes_on(layer, machine);
    if (bytes <= need.of_layer) continue;
    need.of_layer = bytes;
    need.layer = layer.name;
  }
  need.own = program_bytes + need.of_layer;
  if (fidelity == Fidelity::cycle) need.clocked_pes = machine.pes() * machine.tiles;
  need.own += clocked_pe_bytes * static_cast<double>(need.clocked_pes);
  return need;
}

MemoryNeed memory_at_a_time(const std::vector<MemoryNeed>& processes) {
  const auto most =
      std::max_element(processes.begin(), processes.end(),
                       [](const MemoryNeed& a, const MemoryNeed& b) { return a.of_layer < b.of_layer; });
  MemoryNeed all = *most;
  all.processes = static_cast<int>(processes.size());
  all.own = program_bytes;
  for (const MemoryNeed& need : processes) all.own += need.own - program_bytes + own_bytes;
  return all;
}

void check_memory_of(const std::vector<MemoryNeed>& processes, const std::string& where) {
  if (processes.empty()) return;
  std::vector<std::string> layers;
  for (const MemoryNeed& need : processes) {
    if (std::find(layers.begin(), layers.end(), need.layer) == layers.end()) layers.push_back(need.layer);
  }
  std::string names = "layer " + printable(layers.front());
  for (std::size_t i = 1; i < std::min<std::size_t>(layers.size(), 4); ++i)
    names += ", " + printable(layers[i]);
  if (layers.size() > 4) names += ", ...";
  const std::int64_t pes = processes.front().clocked_pes;
  const std::string registers = pes == 0 ? "" : fmt::format("registers of {} PEs, ", pes);
  const std::string what = processes.size() == 1
                               ? registers + "trace, operands and sums"
                               : fmt::format("{}{} processes at a time", registers, processes.size());
  check_memory(memory_at_a_time(processes).bytes(), (where.empty() ? "" : where + ": ") + names, what);
}

}  // namespace basil
