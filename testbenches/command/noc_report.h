// What `basil noc` found, as text, JSON and pictures.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "memory/noc/measure.h"
#include "models/energy/noc_energy.h"

namespace basil {

struct NocCase {
  std::string traffic;  // "uniform" or a trace's file
  double rate = 0;      // 0 of a trace
  NocMeasure measured;
  std::vector<NocEnergyPart> energy;
};

// What was asked for, the same for all points of a sweep.
struct NocSetting {
  Topology topology;
  NocParameters parameters;
  NocWires wires;
  std::string fidelity, technology;
  std::uint64_t seed = 0;
  int packet = 0;  // flits; 0 of a trace
};

// How much of the run a link was busy.
[[nodiscard]] double utilisation(const LinkUse& link, const NocSetting& setting, const NocMeasure& measured);

// Text of one run, with the utilisation of the links: of a mesh a map, else the busiest ones.
[[nodiscard]] std::string to_text(const NocSetting& setting, const NocCase& run);
// Text of a sweep: a row a rate.
[[nodiscard]] std::string to_text(const NocSetting& setting, const std::vector<NocCase>& sweep);
[[nodiscard]] nlohmann::ordered_json to_json(const NocSetting& setting, const std::vector<NocCase>& runs);

// SVG: the links coloured by their utilisation; the delays over the rates of a sweep.
[[nodiscard]] std::string heat_map(const NocSetting& setting, const NocCase& run);
[[nodiscard]] std::string latency_curve(const NocSetting& setting, const std::vector<NocCase>& sweep);

}  // namespace basil
