// What the waveform of `basil run` says of DRAM and network, against the run's own counts.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "models/description/dram_device.h"
#include "testbenches/command/command.h"
#include "testbenches/vcd/vcd_check.h"

namespace basil::testing {
namespace {

using Json = nlohmann::json;

struct Run {
  Json json;
  VcdSummary vcd;
};

// The run with and without a waveform, which must not change a figure.
Run run(const std::string& words) {
  const Scratch scratch;
  const std::string whole = "run " + sample("lenet.npz") + " --quiet " + words + " --json ";
  EXPECT_EQ(run_command(whole + scratch.file("without.json")).status, 0);
  const Outcome outcome = run_command(whole + scratch.file("with.json") + " --vcd " + scratch.file("w.vcd"));
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_EQ(text_of(scratch.file("with.json")), text_of(scratch.file("without.json")));
  return {Json::parse(text_of(scratch.file("with.json"))),
          check_vcd(std::filesystem::path(scratch.file("w.vcd")))};
}

// How long a variable has each of its values, in ticks.
template <class Read>
auto held(const VcdSummary& vcd, const VcdVariable& variable, Read read) {
  std::map<decltype(read(std::string())), std::vector<std::int64_t>> lengths;
  for (std::size_t i = 0; i < variable.history.size(); ++i) {
    const auto& [time, value] = variable.history[i];
    const std::int64_t until =
        i + 1 < variable.history.size() ? variable.history[i + 1].first : vcd.last_time;
    if (until > time) lengths[read(value)].push_back(until - time);
  }
  return lengths;
}

// --- the array

TEST(RunWaveform, SaysInWordsWhatTheArrayDoes) {
  const auto [json, vcd] = run("--on eyeriss");
  std::map<std::string, std::int64_t> cycles;
  for (const auto& [word, lengths] : held(vcd, vcd.variable("SystemC.array.state"), vcd_word)) {
    for (const std::int64_t length : lengths) cycles[word] += length;
  }
  std::int64_t processing = 0, stalls = 0;
  for (const Json& layer : json["layers"]) {
    processing += layer["processing_cycles"].get<std::int64_t>();
    stalls += layer["dram_stall_cycles"].get<std::int64_t>();
  }
  EXPECT_EQ(cycles["load"] + cycles["process"], processing);
  EXPECT_EQ(cycles["wait"], stalls);
  EXPECT_GT(cycles["load"], 0);
}

// A row of reals over the run: the sum of value times cycles where `when` holds.
template <class When>
double integral(const VcdSummary& vcd, const std::string& name, When when) {
  const VcdVariable& row = vcd.variable("SystemC." + name);
  double sum = 0;
  for (std::size_t i = 0; i < row.history.size(); ++i) {
    const std::int64_t until = i + 1 < row.history.size() ? row.history[i + 1].first : vcd.last_time;
    for (std::int64_t at = row.history[i].first; at < until; ++at)
      sum += when(at) ? std::stod(row.history[i].second) : 0;
  }
  return sum;
}
double integral(const VcdSummary& vcd, const std::string& name) {
  return integral(vcd, name, [](std::int64_t) { return true; });
}

// A row cycle by cycle.
template <class Read>
auto by_cycle(const VcdSummary& vcd, const std::string& name, Read read) {
  const VcdVariable& row = vcd.variable("SystemC." + name);
  std::vector<decltype(read(std::string()))> values(static_cast<std::size_t>(vcd.last_time));
  for (std::size_t i = 0; i < row.history.size(); ++i) {
    const std::int64_t until = i + 1 < row.history.size() ? row.history[i + 1].first : vcd.last_time;
    for (std::int64_t at = row.history[i].first; at < until; ++at)
      values[static_cast<std::size_t>(at)] = read(row.history[i].second);
  }
  return values;
}

// Work and energy: what the rows show is what the report counts. Two digits of each value are kept.
TEST(RunWaveform, ShowsTheWorkAndTheEnergyOfTheReport) {
  for (const std::string machine :
       {"eyeriss", "eyeriss --fidelity cycle", "tpu-like", "tpu-like --fidelity cycle",
        "tpu-like --set array.dataflow=output_stationary", "scnn", "scnn --fidelity cycle", "dcnn"}) {
    SCOPED_TRACE(machine);
    const auto [json, vcd] = run("--on " + machine);
    double work = 0, energy_pj = 0;
    for (const Json& layer : json["layers"]) {
      for (const char* bin : {"bin_compute", "bin_gated"}) work += layer[bin].get<double>();
      energy_pj += layer["energy_pj"].get<double>();
    }
    const double cycles = json["cycles"].get<double>(), ns = 1000 / json["clock_mhz"].get<double>();
    EXPECT_NEAR(integral(vcd, "array.active_pes"), work, 0.006 * cycles);
    EXPECT_NEAR(integral(vcd, "array.utilisation_percent") / 100 * json["pes"].get<double>(), work,
                0.006 * cycles * json["pes"].get<double>() / 100);
    EXPECT_NEAR(integral(vcd, "power_mw") * ns, energy_pj, 1e-3 * energy_pj);
    const auto samples = vcd.variable("SystemC.array.utilisation_percent").history.size();
    EXPECT_LE(samples, 1100U);
    const auto waits = by_cycle(vcd, "array.state", vcd_word);
    EXPECT_EQ(integral(vcd, "array.active_pes",
                       [&](std::int64_t at) { return waits[static_cast<std::size_t>(at)] == "wait"; }),
              0);
  }
}

// Eyeriss has no stores to fill ahead of a pass, nor to empty after it: its buses rest whenever it waits, and
// no sum leaves before the filters are in and a window is done.
TEST(RunWaveform, HasBusesThatRestWhileTheArrayWaits) {
  for (const std::string fidelity : {"transaction", "cycle"}) {
    SCOPED_TRACE(fidelity);
    const auto [json, vcd] = run("--on eyeriss --fidelity " + fidelity);
    const auto states = by_cycle(vcd, "array.state", vcd_word);
    std::map<std::string, std::map<std::string, std::int64_t>> busy;  // by bus and state
    for (const std::string bus : {"filter", "ifmap", "psum_in", "psum_out"}) {
      const auto row = by_cycle(vcd, "noc." + bus + "_bus_busy", vcd_number);
      for (std::size_t at = 0; at < row.size(); ++at) busy[bus][states[at]] += row[at];
      EXPECT_EQ(busy[bus]["wait"] + busy[bus]["idle"], 0) << bus;
      EXPECT_GT(busy[bus]["load"] + busy[bus]["process"], 0) << bus;
    }
    EXPECT_EQ(busy["psum_out"]["load"], 0);
    EXPECT_EQ(busy["ifmap"]["load"], 0);
  }
}

// From the first to the last sum of each pass both fidelities say the same.
TEST(RunWaveform, HasSumsLeaveAtTheSameTimeInBothFidelities) {
  std::vector<std::vector<std::pair<std::int64_t, std::int64_t>>> spans;
  for (const std::string fidelity : {"transaction", "cycle"}) {
    const auto [json, vcd] = run("--on eyeriss --layer L0 --fidelity " + fidelity);
    const auto pass = by_cycle(vcd, "sequencer.pass_id", vcd_number);
    const auto out = by_cycle(vcd, "noc.psum_out_bus_busy", vcd_number);
    std::map<std::int64_t, std::pair<std::int64_t, std::int64_t>> of_pass;
    for (std::int64_t at = 0; at < std::ssize(out); ++at) {
      if (out[static_cast<std::size_t>(at)] == 0) continue;
      auto& [from, until] = of_pass.try_emplace(pass[static_cast<std::size_t>(at)], at, at).first->second;
      until = at;
    }
    spans.emplace_back();
    for (const auto& [id, span] : of_pass) spans.back().push_back(span);
  }
  ASSERT_EQ(spans[0].size(), 2U);
  EXPECT_EQ(spans[0][0], spans[1][0]);  // the second pass waits for DRAM, which the first one's end decides
}

// PE 0 of L0 is that of the filter's top row and the ofmap's: of padding alone.
TEST(RunWaveform, ShowsAPeThatIsAlive) {
  for (const std::string machine : {"eyeriss", "tpu-like", "scnn"}) {
    SCOPED_TRACE(machine);
    const auto [json, vcd] =
        run("--fidelity cycle --on " + machine + (machine == "scnn" ? " --layer L1" : " --layer L0"));
    const std::string state = machine == "scnn" ? "array.unit.state" : "array.pe.state";
    auto words = held(vcd, vcd.variable("SystemC." + state), vcd_word);
    EXPECT_FALSE(words["multiply"].empty());
    EXPECT_FALSE(words["-"].empty());  // nothing is in the array while it waits
  }
  const auto [json, vcd] = run("--fidelity cycle --layer L0 --on eyeriss --vcd-pe 0");
  auto words = held(vcd, vcd.variable("SystemC.array.pe.state"), vcd_word);
  EXPECT_TRUE(words["multiply"].empty());
  EXPECT_FALSE(words["gated"].empty());
}

// Whatever an array of its own calls what its rows do: something of the shown one moves.
TEST(RunWaveform, ShowsARowOfATileArrayThatIsAlive) {
  for (const std::string machine : {"scnn", "sparten", "dcnn", "escalate"}) {
    for (const std::string layer : {"L0", "L3"}) {  // a convolution, and one of a single pixel
      const auto [json, vcd] = run("--fidelity cycle --layer " + layer + " --on " + machine);
      const bool moves = std::any_of(vcd.variables.begin(), vcd.variables.end(), [](const auto& variable) {
        return variable.name.find("array.unit.") != std::string::npos && variable.history.size() > 2;
      });
      EXPECT_TRUE(moves) << machine << " " << layer;
    }
  }
}

// --- DRAM

struct DramCase {
  std::string words, device;
  std::int64_t core_khz = 0, ticks_a_cycle = 0;
};

// Ticks to a DRAM clock.
double clock_ticks(const DramCase& one, const DramDevice& device) {
  return static_cast<double>(device.timing.tCK_ps * one.core_khz) * 1e-9 *
         static_cast<double>(one.ticks_a_cycle);
}

// Of all layers, from the energy account.
std::map<std::string, std::int64_t> counted(const Json& result, const std::string& device) {
  std::map<std::string, std::int64_t> counts;
  for (const Json& layer : result["layers"]) {
    for (const Json& line : layer["energy_lines"]) {
      const auto item = line["item"].get<std::string>();
      if (item.starts_with(device + " "))
        counts[item.substr(device.size() + 1)] += line["count"].get<std::int64_t>();
    }
  }
  return counts;
}

// A command is on the bus for a clock, so a word that stays for three is three commands. The last one of a
// layer may be cut short by its end.
std::map<std::string, std::int64_t> shown_commands(const VcdSummary& vcd, int channels, double clock) {
  std::map<std::string, std::int64_t> shown;
  for (int channel = 0; channel < channels; ++channel) {
    const VcdVariable& commands = vcd.variable("SystemC.dram.channel" + std::to_string(channel) + ".command");
    for (const auto& [word, lengths] : held(vcd, commands, vcd_word)) {
      for (const std::int64_t ticks : lengths)
        shown[word] += std::max<std::int64_t>(1, std::llround(static_cast<double>(ticks) / clock));
    }
  }
  return shown;
}

// Banks that enter a state, over all channels; and the ticks for which data buses carry data.
std::int64_t entries(const VcdSummary& vcd, const std::string& state) {
  std::int64_t entered = 0;
  for (const VcdVariable& variable : vcd.variables) {
    if (!variable.name.starts_with("SystemC.dram.") || !variable.name.ends_with(".state")) continue;
    for (const auto& [time, value] : variable.history) entered += vcd_word(value) == state ? 1 : 0;
  }
  return entered;
}

std::int64_t data_ticks(const VcdSummary& vcd, int channels) {
  std::int64_t ticks = 0;
  for (int channel = 0; channel < channels; ++channel) {
    const VcdVariable& data = vcd.variable("SystemC.dram.channel" + std::to_string(channel) + ".data");
    for (const auto& [word, lengths] : held(vcd, data, vcd_word)) {
      if (word == "-") continue;
      for (const std::int64_t length : lengths) ticks += length;
    }
  }
  return ticks;
}

TEST(RunWaveform, ShowsEveryCommandThatTheAccountCounts) {
  for (const DramCase& one :
       {DramCase{"--on eyeriss --set dram.device=ddr4-2400", "ddr4-2400", 200'000, 1'000},
        DramCase{"--on eyeriss --set dram.device=hbm2", "hbm2", 200'000, 1'000},
        DramCase{"--on tpu-like --set dram.device=lpddr4-3200 --set clock_mhz=1000", "lpddr4-3200", 1'000'000,
                 1'000},
        DramCase{"--on eyeriss --set dram.device=ddr4-2400 --set tiles=3 --set noc.kind=mesh", "ddr4-2400",
                 200'000, 1'000},
        DramCase{"--on eyeriss --set dram.device=ddr4-2400 --fidelity cycle --layer L1", "ddr4-2400", 200'000,
                 1'000},
        // More clocks to a cycle than thousandths.
        DramCase{"--on eyeriss --set dram.device=ddr4-2400 --set clock_mhz=0.5 --layer L0", "ddr4-2400", 500,
                 1'000'000}}) {
    SCOPED_TRACE(one.words);
    const auto [json, vcd] = run(one.words);
    const DramDevice device = load_dram_device(one.device);
    const int channels = device.organisation.channels;
    EXPECT_EQ(vcd.timescale, one.ticks_a_cycle == 1'000 ? "1 ps" : "1 fs");
    EXPECT_EQ(vcd.last_time, json["cycles"].get<std::int64_t>() * one.ticks_a_cycle);

    const double clock = clock_ticks(one, device);
    auto account = counted(json, one.device);
    auto shown = shown_commands(vcd, channels, clock);
    ASSERT_GT(account["read"], 0);
    EXPECT_EQ(shown["ACT"], account["activate and precharge"]);
    EXPECT_EQ(shown["RD"] + shown["RDA"], account["read"]);
    EXPECT_EQ(shown["WR"] + shown["WRA"], account["write"]);
    EXPECT_EQ(shown["REF"], account["refresh"]);
    EXPECT_EQ(entries(vcd, "opening"), account["activate and precharge"]);
    EXPECT_EQ(entries(vcd, "refresh"), account["refresh"] * device.organisation.banks_a_rank());
    const auto bursts = static_cast<double>(account["read"] + account["write"]);
    EXPECT_NEAR(static_cast<double>(data_ticks(vcd, channels)),
                bursts * static_cast<double>(device.organisation.burst_clocks()) * clock, bursts);
  }
}

// --- the networks

struct Links {
  std::int64_t most_flits = 0;    // on one link
  std::int64_t crossings = 0;     // flits out of routers
  std::int64_t least_excess = 0;  // of the cycles a link is taken over those that its flits need
  std::int64_t most_excess = 0;
};

Links links_of(const VcdSummary& vcd, const std::string& network, std::int64_t link_cycles) {
  const std::string prefix = "SystemC." + network + ".", flits_leaf = ".flits";
  Links links{.least_excess = 1 << 30};
  for (const VcdVariable& variable : vcd.variables) {
    if (!variable.name.starts_with(prefix) || !variable.name.ends_with(flits_leaf)) continue;
    const std::string link = variable.name.substr(0, variable.name.size() - flits_leaf.size());
    const std::int64_t flits = vcd_number(variable.last);
    std::int64_t taken = 0;
    auto stretches = held(vcd, vcd.variable(link + ".busy"), vcd_number);
    for (const std::int64_t cycles : stretches[1]) taken += cycles;
    links.most_flits = std::max(links.most_flits, flits);
    if (link.starts_with(prefix + "router")) links.crossings += flits;
    links.least_excess = std::min(links.least_excess, taken - flits * link_cycles);
    links.most_excess = std::max(links.most_excess, taken - flits * link_cycles);
  }
  return links;
}

// At transaction level a worm keeps a link while it waits for the next one; a flit takes it no longer than it
// needs.
void expect_links(const VcdSummary& vcd, const std::vector<std::string>& networks, const Json& layer,
                  const std::string& noc, std::int64_t link_cycles, bool flits) {
  std::int64_t most = 0, crossings = 0;
  for (const std::string& network : networks) {
    const Links links = links_of(vcd, network, link_cycles);
    most = std::max(most, links.most_flits);
    crossings += links.crossings;
    EXPECT_GE(links.least_excess, 0) << network;
    if (flits) { EXPECT_EQ(links.most_excess, 0) << network; }
  }
  EXPECT_GT(most, 0);
  EXPECT_EQ(most * link_cycles, layer[noc + "_busiest_link_cycles"].get<std::int64_t>());
  EXPECT_EQ(crossings, layer[noc + "_crossings"].get<std::int64_t>());
}

TEST(RunWaveform, ShowsEveryFlitThatTheNetworksCarry) {
  for (const std::string kind : {"mesh", "h-tree", "crossbar"}) {
    for (const std::string fidelity : {"transaction", "cycle"}) {
      for (const std::int64_t link_cycles : {1, 2}) {
        const std::string words = "--on eyeriss --layer L1 --set tiles=2 --set noc.kind=" + kind +
                                  " --set noc.routers.link_cycles=" + std::to_string(link_cycles) +
                                  " --fidelity " + fidelity;
        SCOPED_TRACE(words);
        const auto [json, vcd] = run(words);
        EXPECT_EQ(vcd.timescale, "1 ns");
        EXPECT_EQ(vcd.last_time, json["cycles"].get<std::int64_t>());
        const Json& layer = json["layers"][0];
        const bool flits = fidelity == "cycle";
        expect_links(vcd, {"tile0.noc", "tile1.noc"}, layer, "array_noc", link_cycles, flits);
        expect_links(vcd, {"chip_noc"}, layer, "chip_noc", link_cycles, flits);
      }
    }
  }
}

// Beyond 64 nodes: those of the buffers, which all traffic passes.
TEST(RunWaveform, ShowsOfALargeNetworkTheLinksAtTheBuffers) {
  const auto [json, vcd] =
      run("--on eyeriss --layer L1 --set noc.kind=mesh --set noc.routers.rows=9 --set noc.routers.cols=9");
  std::vector<std::string> links;
  for (const VcdVariable& variable : vcd.variables) {
    if (variable.name.ends_with(".flits")) links.push_back(variable.name);
  }
  EXPECT_EQ(links, (std::vector<std::string>{
                       "SystemC.noc.router0.to_node0.flits", "SystemC.noc.router8.to_node8.flits",
                       "SystemC.noc.node0.to_router0.flits", "SystemC.noc.node8.to_router8.flits"}));
  EXPECT_GT(vcd_number(vcd.variable(links[2]).last), 0);
}

}  // namespace
}  // namespace basil::testing
