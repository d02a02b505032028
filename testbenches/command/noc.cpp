#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/atomic_file.h"
#include "core/error.h"
#include "memory/noc/measure.h"
#include "models/energy/noc_energy.h"
#include "models/waveform/noc_signals.h"
#include "testbenches/command/noc_report.h"
#include "testbenches/command/verb.h"
#include "testbenches/command/waveform_option.h"

namespace basil {
namespace {

namespace po = boost::program_options;

// "8x4": columns and rows.
std::pair<int, int> parse_grid(const std::string& text) {
  const std::size_t cross = text.find('x');
  const auto number = [&](const std::string& part) {
    if (part.empty() || part.size() > 4 || part.find_first_not_of("0123456789") != std::string::npos)
      throw Error("--mesh", "'" + text + "'", "COLUMNSxROWS, e.g. 8x8");
    return std::stoi(part);
  };
  if (cross == std::string::npos) throw Error("--mesh", "'" + text + "'", "COLUMNSxROWS, e.g. 8x8");
  return {number(text.substr(0, cross)), number(text.substr(cross + 1))};
}

// "R1:R2:STEP".
std::vector<double> parse_sweep(const std::string& text) {
  std::vector<double> numbers;
  for (std::size_t at = 0; at <= text.size() && numbers.size() < 4;) {
    const std::size_t colon = std::min(text.find(':', at), text.size());
    const std::string word = text.substr(at, colon - at);
    std::size_t read = 0;
    try {
      numbers.push_back(std::stod(word, &read));
    } catch (const std::exception&) { read = word.size() + 1; }
    if (read != word.size())
      throw Error("--sweep", "'" + text + "'", "FIRST:LAST:STEP, e.g. 0.001:0.04:0.003");
    at = colon + 1;
  }
  constexpr double most = 1000;
  if (numbers.size() != 3 ||
      !(numbers[0] > 0 && numbers[1] >= numbers[0] && numbers[1] <= 1 && numbers[2] > 0) ||
      (numbers[1] - numbers[0]) / numbers[2] > most)
    throw Error("--sweep", "'" + text + "'",
                fmt::format("FIRST:LAST:STEP with 0 < FIRST <= LAST <= 1 and at most {} steps", most));
  std::vector<double> rates;
  const auto steps = static_cast<int>(std::floor((numbers[1] - numbers[0]) / numbers[2] + 1e-6));
  // As a person would add: 0.005 and three times 0.01 is 0.035, not 0.034999999999999996.
  for (int step = 0; step <= steps; ++step)
    rates.push_back(std::stod(fmt::format("{:.12g}", numbers[0] + step * numbers[2])));
  return rates;
}

struct Plan {
  NocSetting setting;
  Traffic traffic;
  std::optional<std::vector<Packet>> packets;  // of a trace
  std::string traffic_name;
  std::vector<double> rates;
  std::int64_t cycles = 0, warmup = 0;
  std::optional<WaveformOptions> waveform;
  std::vector<int> shown;  // routers of the waveform
  ShowProgress progress;
};

// Tells how far a run is; nothing where nobody watches.
std::function<void(std::int64_t)> said(const Plan& plan) {
  if (!plan.progress) return {};
  return [&plan](std::int64_t cycle) {
    plan.progress([&] { return fmt::format("cycle {} of {}", cycle, plan.cycles); });
  };
}

// The same after each cycle of a network of flits.
std::function<void(const Network&)> said_of_flits(const Plan& plan) {
  if (!plan.progress) return {};
  return [tell = said(plan)](const Network& network) { tell(network.cycle()); };
}

void plan_traffic(Plan& plan, const Arguments& arguments) {
  plan.traffic_name = arguments.get<std::string>("pattern");
  if (plan.traffic_name == "trace") {
    for (const char* option : {"rate", "sweep", "packet"}) {
      if (arguments.has(option))
        throw Error("basil noc", fmt::format("--pattern trace with --{}", option), "the trace's own packets");
    }
    if (!arguments.has("trace")) throw Error("basil noc", "--pattern trace without a trace", "--trace FILE");
    plan.traffic_name = arguments.get<std::string>("trace");
    plan.packets = read_packets(plan.traffic_name, plan.setting.topology.nodes());
    plan.rates = {0};
    return;
  }
  if (arguments.has("trace"))
    throw Error("basil noc", "--trace with --pattern " + plan.traffic_name, "--pattern trace");
  if (arguments.has("rate") && arguments.has("sweep"))
    throw Error("basil noc", "--rate with --sweep", "one of them");
  plan.traffic = {.pattern = parse_pattern(plan.traffic_name, "--pattern"),
                  .rate = arguments.has("rate") ? arguments.get<double>("rate") : 0.01,
                  .flits = arguments.has("packet") ? arguments.get<int>("packet") : 8,
                  .seed = plan.setting.seed,
                  .hotspot_share = arguments.get<double>("hotspot-share"),
                  .multicast_share = arguments.get<double>("multicast-share")};
  plan.setting.packet = plan.traffic.flits;
  plan.rates = arguments.has("sweep") ? parse_sweep(arguments.get<std::string>("sweep"))
                                      : std::vector<double>{plan.traffic.rate};
}

// So low a rate offers nothing, and nothing cannot be measured.
void check_offers(const Plan& plan) {
  if (plan.packets) return;
  for (const double rate : plan.rates) {
    const double packets = rate * static_cast<double>(plan.cycles) * plan.setting.topology.nodes();
    if (packets < 1)
      throw Error("--rate",
                  fmt::format("{:g}: {:.2g} packets expected in {} cycles", rate, packets, plan.cycles),
                  "a rate or --cycles that offer at least one");
  }
}

// "0,5,12": routers, each once.
std::vector<int> parse_routers(const std::string& text, int routers) {
  std::vector<int> shown;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    const std::string word = text.substr(at, comma - at);
    const bool number =
        !word.empty() && word.size() <= 4 && word.find_first_not_of("0123456789") == std::string::npos;
    if (!number || std::stoi(word) >= routers)
      throw Error("--vcd-routers", "'" + word + "'", fmt::format("0 to {}, commas between", routers - 1));
    if (std::find(shown.begin(), shown.end(), std::stoi(word)) != shown.end())
      throw Error("--vcd-routers", word + " twice", "each router once");
    shown.push_back(std::stoi(word));
    at = comma + 1;
  }
  return shown;
}

void plan_waveform(Plan& plan, const Arguments& arguments) {
  plan.waveform = waveform_options(arguments, "basil noc");
  const int routers = plan.setting.topology.routers();
  if (arguments.has("vcd-routers")) {
    if (!plan.waveform) throw Error("basil noc", "--vcd-routers without --vcd", "--vcd FILE beside it");
    plan.shown = parse_routers(arguments.get<std::string>("vcd-routers"), routers);
  } else {
    plan.shown.resize(static_cast<std::size_t>(routers));
    std::iota(plan.shown.begin(), plan.shown.end(), 0);
  }
  if (!plan.waveform) return;
  if (arguments.has("sweep"))
    throw Error("basil noc", "--vcd with --sweep", "one rate: a waveform is of one run");
  if (plan.setting.fidelity != "flit")
    throw Error("basil noc", "--vcd with --fidelity " + plan.setting.fidelity,
                "--fidelity flit: nothing else moves flits");
  constexpr std::size_t most = 64;
  if (plan.shown.size() > most && !plan.waveform->force)
    throw Error("--vcd " + plan.waveform->file, fmt::format("{} routers", plan.shown.size()),
                fmt::format("at most {}: choose --vcd-routers, or give --vcd-force", most));
}

Plan plan_from(const Arguments& arguments) {
  Plan plan;
  const auto [cols, rows] = parse_grid(arguments.get<std::string>("mesh"));
  plan.setting.topology = make_topology(arguments.get<std::string>("topology"), cols, rows);
  plan.setting.parameters = {arguments.get<int>("vcs"), arguments.get<int>("buffer"),
                             arguments.get<int>("link-cycles")};
  plan.setting.wires = {arguments.get<int>("flit-bits"), arguments.get<double>("pitch-mm")};
  plan.setting.technology = arguments.get<std::string>("technology");
  plan.setting.fidelity = arguments.get<std::string>("fidelity");
  const auto seed = arguments.get<std::int64_t>("seed");
  if (seed < 0) throw Error("--seed", std::to_string(seed), "0 or more");
  plan.setting.seed = static_cast<std::uint64_t>(seed);
  if (plan.setting.fidelity != "flit" && plan.setting.fidelity != "transaction")
    throw Error("--fidelity", "'" + plan.setting.fidelity + "'", "flit or transaction");
  plan_traffic(plan, arguments);
  constexpr std::int64_t most = 1'000'000'000;
  plan.cycles = arguments.has("cycles") ? arguments.get<std::int64_t>("cycles")
                : plan.packets          ? most
                                        : 20'000;
  if (plan.cycles < 1 || plan.cycles > most)
    throw Error("--cycles", std::to_string(plan.cycles), fmt::format("1 to {}", most));
  plan.warmup = arguments.has("warmup") ? arguments.get<std::int64_t>("warmup")
                : plan.packets          ? 0
                                        : std::min<std::int64_t>(1000, plan.cycles / 10);
  check_offers(plan);
  plan_waveform(plan, arguments);
  return plan;
}

PacketStream stream_of(const Plan& plan, double rate) {
  if (plan.packets) return offer_packets(*plan.packets);
  Traffic traffic = plan.traffic;
  traffic.rate = rate;
  return offer_pattern(traffic, plan.setting.topology.cols, plan.setting.topology.rows);
}

NocMeasure measure_and_show(const Plan& plan, Network& network, double rate) {
  const auto window = plan.waveform->window.value_or(std::pair(Cycles(0), Cycles(plan.cycles)));
  check_waveform_size(
      *plan.waveform,
      noc_waveform_bytes(stream_of(plan, rate), network.topology(), network.parameters(), plan.shown.size(),
                         window.first.value, std::min(window.second.value, plan.cycles)),
      "choose --vcd-window or --vcd-routers");
  Waveform waveform(*plan.waveform, "basil noc: " + network.topology().name + ", " + plan.traffic_name +
                                        "; 1 ns is one cycle of the network");
  NocSignals signals(waveform, network, plan.shown);
  const auto tell = said_of_flits(plan);
  NocMeasure measured =
      measure(network, stream_of(plan, rate), plan.cycles, plan.warmup, [&](const Network& moved) {
        signals.show(moved);
        if (tell) tell(moved);
      });
  waveform.close(Cycles(measured.cycles));
  return measured;
}

NocCase run_at(const Plan& plan, double rate, const Technology& technology) {
  const NocSetting& setting = plan.setting;
  const PacketStream stream = stream_of(plan, rate);
  NocCase run{plan.traffic_name, rate, {}, {}};
  if (setting.fidelity == "flit") {
    Network network(setting.topology, setting.parameters);
    run.measured = plan.waveform ? measure_and_show(plan, network, rate)
                                 : measure(network, stream, plan.cycles, plan.warmup, said_of_flits(plan));
  } else {
    LinkReservation network(setting.topology, setting.parameters);
    run.measured = measure(network, stream, plan.cycles, plan.warmup, said(plan));
  }
  run.energy = noc_energy(run.measured, setting.topology, setting.parameters, setting.wires, technology);
  return run;
}

int noc(const Arguments& arguments) {
  Plan plan = plan_from(arguments);
  plan.progress = arguments.progress();
  const Technology technology = Technology::load(plan.setting.technology);
  arguments.check_outputs();
  std::vector<NocCase> runs;
  for (const double rate : plan.rates) runs.push_back(run_at(plan, rate, technology));
  const bool sweep = arguments.has("sweep");
  if (arguments.has("json")) {
    nlohmann::ordered_json json = to_json(plan.setting, runs);
    json["program"] = program_build();
    json["command"] = arguments.command();
    write_file_atomically(arguments.get<std::string>("json"), json.dump(1) + "\n");
  }
  if (arguments.has("svg"))
    write_file_atomically(arguments.get<std::string>("svg"),
                          sweep ? latency_curve(plan.setting, runs) : heat_map(plan.setting, runs[0]));
  if (!arguments.flag("quiet")) print(sweep ? to_text(plan.setting, runs) : to_text(plan.setting, runs[0]));
  return 0;
}

}  // namespace

Verb noc_verb() {
  return {
      .name = "noc",
      .summary = "a network on chip under a load: delay, throughput, energy, link utilisation",
      .usage = "[--mesh COLSxROWS] [--pattern PATTERN] [--rate R] [options]",
      .details =
          "Wormhole routers with virtual channels and credits; two cycles a router. The delay is that of a "
          "packet's\n"
          "head, from the cycle in which its node offers it, waiting there included, to its departure from "
          "the last\n"
          "router: 2 x (hops + 1) cycles for a lone packet on a mesh, and link-cycles x (packet - 1) more "
          "for its\n"
          "last flit. Buffers are of flits, for each virtual channel. With --link-cycles 2 each flit is "
          "acknowledged\n"
          "before the next; 1 is a pipelined link.\n"
          "\n"
          "Patterns: uniform (any other node), transpose (node (x, y) to (y, x)), hotspot (a share to the "
          "middle\n"
          "node), trace. A trace has a packet a line, in the order of the cycles, nodes numbered row by "
          "row:\n"
          "  CYCLE SOURCE DESTINATION[,DESTINATION...] FLITS     # several destinations: a tree multicast\n"
          "It runs until its packets have arrived.\n"
          "\n"
          "Saturated: less than 95 % of the offered flits arrive. --fidelity transaction gives links to "
          "packets\n"
          "instead of clocking routers: faster, the same cycles at any load but for multicasts, one virtual "
          "channel.",
      .example =
          "  basil noc --mesh 8x8 --pattern uniform --rate 0.01 --packet 8 --buffer 4 --cycles 20000 --seed "
          "1\n"
          "  basil noc --mesh 4x4 --sweep 0.001:0.036:0.005 --cycles 100000 --svg curve.svg\n"
          "  basil noc --mesh 4x4 --pattern trace --trace packets.txt --json out.json --svg map.svg\n"
          "  basil noc --mesh 4x4 --rate 0.02 --vcd flits.vcd --vcd-window 0:500 --vcd-routers 5,6\n",
      .positional = {},
      .required = {},
      .options =
          [](po::options_description_easy_init add) {
            const auto word = [] { return po::value<std::string>(); };
            const auto integer = [](int otherwise) { return po::value<int>()->default_value(otherwise); };
            const auto number = [](double otherwise, const char* shown) {
              return po::value<double>()->default_value(otherwise, shown);
            };
            add("mesh", word()->default_value("8x8"), "COLUMNSxROWS of nodes, up to 32x32")(
                "topology", word()->default_value("mesh"), "mesh, h-tree or crossbar over these nodes")(
                "pattern", word()->default_value("uniform"), "uniform, transpose, hotspot or trace")(
                "rate", po::value<double>(),
                "packets offered by a node in a cycle, above 0, up to 1 (default 0.01)")(
                "packet", po::value<int>(), "flits a packet (default 8)")("buffer", integer(4),
                                                                          "flits an input buffer holds")(
                "vcs", integer(1), "virtual channels a link")("link-cycles", integer(2),
                                                              "a link takes a flit every so many cycles")(
                "cycles", po::value<std::int64_t>(), "cycles simulated (default 20000)")(
                "warmup", po::value<std::int64_t>(),
                "cycles whose packets are not measured (default 1000, or a tenth of the cycles if that is "
                "less)")("seed", po::value<std::int64_t>()->default_value(1), "of the traffic")(
                "hotspot-share", number(0.1, "0.1"), "of a hotspot's packets, those that go to the middle")(
                "multicast-share", number(0, "0"), "of the packets, those that go to several nodes")(
                "trace", word(), "packets of --pattern trace")(
                "sweep", word(), "FIRST:LAST:STEP of rates, for the latency curve")(
                "fidelity", word()->default_value("flit"), "flit or transaction")(
                "technology", word()->default_value("45nm"), "of the energy: see 'basil list technologies'")(
                "flit-bits", integer(64), "width of a flit and of the links")(
                "pitch-mm", number(1, "1"), "distance of neighbouring nodes")("json", text_output(),
                                                                              "write the figures as JSON")(
                "svg", text_output(), "write the link utilisation, or the curve of a sweep, as SVG")(
                "quiet", po::bool_switch(), "no text");
            add_waveform_options(add, "one cycle of the network");
            add("vcd-routers", word(),
                "the routers to show, commas between, as numbered in the text's map (default all, up to 64)");
          },
      .run = noc};
}

}  // namespace basil
