#include "memory/dram/dram_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>
#include <string_view>

#include "core/error.h"
#include "core/input_file.h"
#include "core/memory_limit.h"
#include "core/table.h"

namespace basil {
namespace {

constexpr std::int64_t most_bytes = 256 << 20;
constexpr std::string_view line_form = "0xADDRESS READ|WRITE CYCLE";

// The words of a line, blanks between them.
std::string_view take_word(std::string_view& line) {
  constexpr std::string_view blanks = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  const std::string_view word = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(word.size());
  return word;
}

template <class Number>
bool parse(std::string_view word, Number& value, int base) {
  const char* end = word.data() + word.size();
  const auto [stop, failure] = std::from_chars(word.data(), end, value, base);
  return failure == std::errc() && stop == end;
}

bool parse_request(std::string_view line, DramTraceRequest& request) {
  const std::string_view address = take_word(line), kind = take_word(line), cycle = take_word(line);
  request.write = kind == "WRITE";
  return address.size() > 2 && address[0] == '0' && (address[1] == 'x' || address[1] == 'X') &&
         parse(address.substr(2), request.address, 16) && (request.write || kind == "READ") &&
         parse(cycle, request.cycle, 10) && take_word(line).empty();
}

// One line of a trace, against the device and the request before it.
DramTraceRequest checked_request(std::string_view line, std::int64_t number, const std::string& file,
                                 Bytes capacity, std::int64_t cycle_before) {
  constexpr std::int64_t most_cycles = std::int64_t{1} << 53;
  constexpr std::size_t shown = 60;
  const auto refuse = [&](const std::string& found, const std::string& expected) {
    throw Error(fmt::format("{}:{}", file, number), found, expected);
  };
  DramTraceRequest request;
  if (!parse_request(line, request))
    refuse(fmt::format("'{}'", line.substr(0, shown)), std::string(line_form));
  if (request.address >= static_cast<std::uint64_t>(capacity.value))
    refuse(fmt::format("address {:#x}", request.address),
           fmt::format("below the device's {:#x} bytes", capacity.value));
  if (request.cycle < 0 || request.cycle > most_cycles)
    refuse(fmt::format("cycle {}", request.cycle), fmt::format("0 to {}", most_cycles));
  if (request.cycle < cycle_before)
    refuse(fmt::format("cycle {} after {}", request.cycle, cycle_before), "cycles that do not fall");
  return request;
}

DramLatency latency_of(std::vector<std::int64_t>& clocks) {
  if (clocks.empty()) return {};
  const double sum = std::accumulate(clocks.begin(), clocks.end(), 0.0);
  const auto p99 = clocks.begin() + static_cast<std::ptrdiff_t>((clocks.size() * 99 + 99) / 100 - 1);
  std::nth_element(clocks.begin(), p99, clocks.end());
  return {.mean = sum / static_cast<double>(clocks.size()),
          .p99 = *p99,
          .worst = *std::max_element(p99, clocks.end())};
}

void measure_latencies(DramMemory& memory, DramTraceResult& result) {
  std::vector<std::int64_t> from_request, from_acceptance;
  for (DramChannel& channel : memory.channels()) {
    for (const DramCompletion& completion : channel.completions()) {
      if (completion.write) continue;
      from_request.push_back(completion.done - completion.asked);
      from_acceptance.push_back(completion.done - completion.accepted);
    }
  }
  result.from_request = latency_of(from_request);
  result.from_acceptance = latency_of(from_acceptance);
}

}  // namespace

std::vector<DramTraceRequest> read_dram_trace(const std::filesystem::path& file, Bytes capacity) {
  const std::string text = read_file(file, most_bytes, "a trace of memory requests");
  std::vector<DramTraceRequest> trace;
  std::int64_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line(text.data() + at, end - at);
    line = line.substr(0, line.find('#'));
    at = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    trace.push_back(
        checked_request(line, number, file.string(), capacity, trace.empty() ? 0 : trace.back().cycle));
  }
  if (trace.empty()) throw Error(file.string(), "no request", std::string(line_form) + " on each line");
  return trace;
}

double DramTraceResult::gigabytes_a_second() const {
  const auto bytes = static_cast<double>((reads + writes) * device.organisation.burst_bytes().value);
  return bytes * 1e3 / (static_cast<double>(cycles) * static_cast<double>(device.timing.tCK_ps));
}

double DramTraceResult::row_hit_rate() const {
  const std::int64_t columns = activity.reads + activity.writes;
  return columns == 0 ? 0 : static_cast<double>(activity.row_hits) / static_cast<double>(columns);
}

DramTraceResult run_dram_trace(DramMemory& memory, const std::vector<DramTraceRequest>& trace,
                               const ShowProgress& progress) {
  DramTraceResult result;
  result.device = memory.device();
  constexpr double bytes_a_request = 300;  // in queue, log and latencies
  check_memory(bytes_a_request * static_cast<double>(trace.size()), "basil dram", "requests under way");
  for (std::size_t i = 0; i < trace.size(); ++i) {
    memory.enqueue(static_cast<std::int64_t>(i), trace[i].address, trace[i].write, trace[i].cycle);
    ++(trace[i].write ? result.writes : result.reads);
  }
  const auto all = static_cast<std::int64_t>(trace.size());
  memory.finish([&](std::int64_t waiting) {
    if (progress) progress([&] { return fmt::format("request {} of {}", all - waiting, all); });
  });
  result.cycles = memory.last_done();
  result.activity = memory.activity(result.cycles);
  result.energy = energy_of(result.device, result.activity);
  measure_latencies(memory, result);
  return result;
}

namespace {

std::string line(const char* name, const std::string& value) {
  return fmt::format("  {:<14} {}\n", name, value);
}

std::string latency_line(const char* name, const DramLatency& l, const char* since) {
  return line(name, fmt::format("mean {:.1f}, 99 % within {}, worst {} cycles, {}", l.mean, grouped(l.p99),
                                grouped(l.worst), since));
}

std::string energy_table(const DramEnergy& energy) {
  Table table({"energy", "", "share"});
  const auto row = [&](const char* name, Picojoules pj) {
    table.add({name, metric(pj.value * 1e-12, "J"),
               fmt::format("{:.1f} %", 100 * pj.value / energy.total().value)});
  };
  row("activate and precharge", energy.activate);
  row("read", energy.read);
  row("write", energy.write);
  row("refresh", energy.refresh);
  row("active standby", energy.active_standby);
  row("precharged standby", energy.precharged_standby);
  table.rule();
  row("total", energy.total());
  return table.text();
}

}  // namespace

std::string to_text(const DramTraceResult& r) {
  const DramActivity& a = r.activity;
  const std::int64_t burst_bytes = r.device.organisation.burst_bytes().value;
  const double ns_a_clock = static_cast<double>(r.device.timing.tCK_ps) * 1e-3;
  const double peak = r.device.peak_gigabytes_a_second();
  std::string text = fmt::format("{}: {}\n\n", r.device.name, r.device.summary);
  text += line("requests", fmt::format("{} reads, {} writes of {} bytes", grouped(r.reads), grouped(r.writes),
                                       burst_bytes));
  text += line("cycles", fmt::format("{} of {:g} ns, {}", grouped(r.cycles), ns_a_clock,
                                     metric(static_cast<double>(r.cycles) * ns_a_clock * 1e-9, "s")));
  text += line("bandwidth", fmt::format("{:.2f} GB/s, {:.1f} % of the peak of {:.2f}", r.gigabytes_a_second(),
                                        100 * r.gigabytes_a_second() / peak, peak));
  if (r.reads > 0) {
    text += latency_line("read latency", r.from_request, "from the trace's cycle");
    text += latency_line("", r.from_acceptance, "from the controller's queue");
  }
  text +=
      line("row hits", fmt::format("{:.1f} % ({} of {}), {} conflicts, {} reads from the write queue",
                                   100 * r.row_hit_rate(), grouped(a.row_hits), grouped(a.reads + a.writes),
                                   grouped(a.conflicts), grouped(a.forwarded)));
  text += line("commands",
               fmt::format("{} ACT, {} PRE, {} RD, {} WR, {} REF", grouped(a.activates),
                           grouped(a.precharges), grouped(a.reads), grouped(a.writes), grouped(a.refreshes)));
  const auto bits = static_cast<double>((r.reads + r.writes) * burst_bytes * 8);
  return text + "\n" + energy_table(r.energy) +
         fmt::format("\n{:.2f} pJ a bit moved; {}\n", r.energy.total().value / bits, r.device.source);
}

nlohmann::ordered_json to_json(const DramTraceResult& r) {
  const auto latency = [](const DramLatency& l) {
    return nlohmann::ordered_json{{"mean", l.mean}, {"p99", l.p99}, {"worst", l.worst}};
  };
  const DramActivity& a = r.activity;
  return {{"device", r.device.name},
          {"source", r.device.source},
          {"tCK_ps", r.device.timing.tCK_ps},
          {"burst_bytes", r.device.organisation.burst_bytes().value},
          {"reads", r.reads},
          {"writes", r.writes},
          {"cycles", r.cycles},
          {"gigabytes_a_second", r.gigabytes_a_second()},
          {"peak_gigabytes_a_second", r.device.peak_gigabytes_a_second()},
          {"read_latency_cycles", latency(r.from_request)},
          {"read_latency_in_controller_cycles", latency(r.from_acceptance)},
          {"row_hit_rate", r.row_hit_rate()},
          {"row_hits", a.row_hits},
          {"row_conflicts", a.conflicts},
          {"forwarded_reads", a.forwarded},
          {"commands",
           {{"activate", a.activates},
            {"precharge", a.precharges},
            {"read", a.reads},
            {"write", a.writes},
            {"refresh", a.refreshes}}},
          {"rank_clocks", {{"active", a.active_clocks}, {"precharged", a.precharged_clocks}}},
          {"energy_pj",
           {{"activate", r.energy.activate.value},
            {"read", r.energy.read.value},
            {"write", r.energy.write.value},
            {"refresh", r.energy.refresh.value},
            {"active_standby", r.energy.active_standby.value},
            {"precharged_standby", r.energy.precharged_standby.value},
            {"total", r.energy.total().value}}}};
}

}  // namespace basil
