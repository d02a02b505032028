#include "testbenches/command/noc_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "testbenches/command/verb.h"

namespace basil {
namespace {

std::string heading(const NocSetting& setting) {
  return fmt::format("{}, {} virtual channel{}, buffers of {} flits, a flit a link in {} cycle{}, {} level\n",
                     setting.topology.name, setting.parameters.vcs, setting.parameters.vcs == 1 ? "" : "s",
                     setting.parameters.buffer, setting.parameters.link_cycles,
                     setting.parameters.link_cycles == 1 ? "" : "s", setting.fidelity);
}

std::string load_of(const NocSetting& setting, const NocCase& run) {
  if (setting.packet == 0)
    return fmt::format("{}, {} cycles, {} of them warm-up\n", run.traffic, run.measured.cycles,
                       run.measured.warmup);
  return fmt::format(
      "{}, {} packets a node and cycle, {} flits each, seed {}, {} cycles, {} of them warm-up\n", run.traffic,
      run.rate, setting.packet, setting.seed, run.measured.cycles, run.measured.warmup);
}

double pj_a_flit(const NocCase& run) {
  return run.measured.ejected == 0 ? 0
                                   : total_of(run.energy).value / static_cast<double>(run.measured.ejected);
}

std::string energy_lines(const NocSetting& setting, const NocCase& run) {
  const double total = total_of(run.energy).value;
  std::string text = fmt::format("  {:<12} {:.4g} pJ of {}, without leakage; {:.2f} pJ a flit delivered\n",
                                 "energy", total, setting.technology, pj_a_flit(run));
  for (const NocEnergyPart& part : run.energy)
    text += fmt::format("  {:<12} {:>5.1f} % {}, {}\n", "", total > 0 ? 100 * part.pj.value / total : 0,
                        part.name, to_string(part.tag));
  return text;
}

std::string delay_line(const std::string& name, const Delays& delays, const std::string& meaning) {
  return fmt::format("  {:<12} {:.2f} cycles on average, 99 % within {}, longest {}: {}\n", name,
                     delays.average, delays.p99, delays.longest, meaning);
}

std::string end_name(const Topology& topology, int router, int port) {
  const PortEnd& end = topology.end(router, port);
  return fmt::format("router {} to {} {}", router, end.kind == PortEnd::Kind::node ? "node" : "router",
                     end.index);
}

std::vector<LinkUse> busiest(const NocMeasure& measured, std::size_t most) {
  std::vector<LinkUse> links = measured.links;
  std::stable_sort(links.begin(), links.end(),
                   [](const LinkUse& a, const LinkUse& b) { return a.flits > b.flits; });
  links.resize(std::min(links.size(), most));
  return links;
}

std::string busiest_links(const NocSetting& setting, const NocMeasure& measured) {
  std::string text = "\n  % of the cycles that the busiest links are busy\n";
  for (const LinkUse& link : busiest(measured, 10))
    text += fmt::format("  {:>6.1f}  {}\n", 100 * utilisation(link, setting, measured),
                        end_name(setting.topology, link.router, link.port));
  return text;
}

// Two lines between neighbours: above and left the way south and east, below and right the way back.
std::string mesh_map(const NocSetting& setting, const NocMeasure& measured) {
  std::map<std::pair<int, int>, int> percent;
  for (const LinkUse& link : measured.links)
    percent[{link.router, link.port}] = static_cast<int>(100 * utilisation(link, setting, measured) + 0.5);
  const auto use = [&](int router, int port) { return percent[{router, port}]; };
  const int cols = setting.topology.cols, rows = setting.topology.rows;
  std::string text =
      "\n  % of the cycles that a link is busy: [node: to it], > east, < west, v south, ^ north\n";
  for (int row = 0; row < rows; ++row) {
    std::string east = "  ", west = "  ", down = "  ";
    for (int col = 0; col < cols; ++col) {
      const int router = row * cols + col;
      const bool last = col + 1 == cols;
      east += fmt::format("[{:>4}:{:>3}]", router, use(router, mesh_local));
      east += last ? "" : fmt::format(" {:>3}> ", use(router, mesh_east));
      west += fmt::format("{:10}", "");
      west += last ? "" : fmt::format("<{:>3}  ", use(router + 1, mesh_west));
      if (row + 1 < rows)
        down +=
            fmt::format("v{:>3} ^{:>3} {:6}", use(router, mesh_south), use(router + cols, mesh_north), "");
    }
    text += east + "\n" + (cols > 1 ? west + "\n" : "") + (row + 1 < rows ? down + "\n" : "");
  }
  return text;
}

nlohmann::ordered_json to_json(const Delays& delays) {
  return {{"average", delays.average}, {"p99", delays.p99}, {"longest", delays.longest}};
}

nlohmann::ordered_json to_json(const NocSetting& setting, const NocCase& run) {
  const NocMeasure& measured = run.measured;
  nlohmann::ordered_json json{
      {"traffic", run.traffic},
      {"rate", run.rate},
      {"cycles", measured.cycles},
      {"warmup", measured.warmup},
      {"packets", {{"offered", measured.offered}, {"copies_delivered", measured.delivered}}},
      {"delay_cycles", {{"head", to_json(measured.head)}, {"last_flit", to_json(measured.tail)}}},
      {"flits_a_node_and_cycle", {{"offered", measured.offered_rate}, {"accepted", measured.accepted_rate}}},
      {"saturated", measured.saturated()},
      {"flits",
       {{"injected", measured.injected}, {"ejected", measured.ejected}, {"in_routers", measured.held}}},
      {"counts",
       {{"buffer_writes", measured.counters.buffer_writes},
        {"buffer_reads", measured.counters.buffer_reads},
        {"crossings", measured.counters.crossings},
        {"routes", measured.counters.routes}}}};
  for (const NocEnergyPart& part : run.energy)
    json["energy_pj"][part.name] = {{"nominal", part.pj.value},
                                    {"low", part.low.value},
                                    {"high", part.high.value},
                                    {"tag", to_string(part.tag)}};
  json["energy_pj"]["total"] = total_of(run.energy).value;
  for (const LinkUse& link : measured.links) {
    const PortEnd& end = setting.topology.end(link.router, link.port);
    json["links"].push_back({{"router", link.router},
                             {"to", end.kind == PortEnd::Kind::node ? "node" : "router"},
                             {"index", end.index},
                             {"flits", link.flits},
                             {"utilisation", utilisation(link, setting, measured)}});
  }
  return json;
}

}  // namespace

double utilisation(const LinkUse& link, const NocSetting& setting, const NocMeasure& measured) {
  const auto busy = static_cast<double>(link.flits) * setting.parameters.link_cycles;
  return std::min(1.0, busy / static_cast<double>(measured.cycles));
}

std::string to_text(const NocSetting& setting, const NocCase& run) {
  const NocMeasure& measured = run.measured;
  std::string text = heading(setting) + load_of(setting, run) + "\n";
  text += fmt::format("  {:<12} {} offered, {} copies delivered, both after the warm-up\n", "packets",
                      measured.offered, measured.delivered);
  text += delay_line("delay", measured.head, "head, from its birth to its departure from the last router");
  text += delay_line("last flit", measured.tail, "the same of a packet's last flit");
  text +=
      fmt::format("  {:<12} {:.4f} flits a node and cycle arrive of {:.4f} offered{}\n", "throughput",
                  measured.accepted_rate, measured.offered_rate, measured.saturated() ? ": SATURATED" : "");
  text += fmt::format("  {:<12} {} injected, {} ejected, {} in routers at the end\n", "flits",
                      measured.injected, measured.ejected, measured.held);
  text += energy_lines(setting, run);
  return text + (setting.topology.name.starts_with("mesh") ? mesh_map(setting, measured)
                                                           : busiest_links(setting, measured));
}

std::string to_text(const NocSetting& setting, const std::vector<NocCase>& sweep) {
  std::string text =
      heading(setting) +
      fmt::format(
          "{}, {} flits a packet, seed {}, {} cycles, {} of them warm-up; delays in cycles, "
          "throughput in flits a node and cycle\n\n",
          sweep[0].traffic, setting.packet, setting.seed, sweep[0].measured.cycles, sweep[0].measured.warmup);
  text += fmt::format("  {:>8}  {:>9}  {:>7}  {:>9}  {:>8}  {:>8}  {:>9}  {:>12}\n", "rate", "avg delay",
                      "99 %", "last flit", "offered", "accepted", "pJ a flit", "busiest link");
  for (const NocCase& run : sweep) {
    const NocMeasure& measured = run.measured;
    const std::vector<LinkUse> top = busiest(measured, 1);
    text +=
        fmt::format("  {:>8.5g}  {:>9.2f}  {:>7}  {:>9.2f}  {:>8.4f}  {:>8.4f}  {:>9.2f}  {:>10.1f} %{}\n",
                    run.rate, measured.head.average, measured.head.p99, measured.tail.average,
                    measured.offered_rate, measured.accepted_rate, pj_a_flit(run),
                    100 * utilisation(top[0], setting, measured), measured.saturated() ? "  SATURATED" : "");
  }
  return text;
}

nlohmann::ordered_json to_json(const NocSetting& setting, const std::vector<NocCase>& runs) {
  nlohmann::ordered_json json{{"program", program_name()},
                              {"network", setting.topology.name},
                              {"fidelity", setting.fidelity},
                              {"vcs", setting.parameters.vcs},
                              {"buffer_flits", setting.parameters.buffer},
                              {"link_cycles", setting.parameters.link_cycles},
                              {"packet_flits", setting.packet},
                              {"seed", setting.seed},
                              {"flit_bits", setting.wires.flit_bits},
                              {"pitch_mm", setting.wires.pitch_mm},
                              {"technology", setting.technology}};
  for (const NocCase& run : runs) json["runs"].push_back(to_json(setting, run));
  return json;
}

}  // namespace basil
