// `basil dram` as a user runs it.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "memory/dram/dram_trace.h"
#include "memory/dram/memory.h"
#include "models/description/dram_device.h"
#include "models/presets/embedded.h"
#include "testbenches/command/command.h"
#include "testbenches/vcd/vcd_check.h"

namespace basil::testing {
namespace {

TEST(DramCommand, ReplaysATraceAndAccountsForEveryPicojoule) {
  const Scratch scratch;
  std::ofstream(scratch.file("t.txt")) << "# a read and a write of its row\n0x0 READ 0\n0x40 WRITE 5\n";
  const Outcome outcome =
      run_command("dram " + scratch.file("t.txt") + " --device ddr4-2400 --json " + scratch.file("t.json"));
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_NE(outcome.output.find("read latency"), std::string::npos) << outcome.output;
  std::ifstream in(scratch.file("t.json"));
  const nlohmann::json json = nlohmann::json::parse(in);
  EXPECT_EQ(json["read_latency_cycles"]["worst"], 17 + 17 + 4);  // tRCD + CL + BL/2
  double parts = 0;
  for (const auto& [part, pj] : json["energy_pj"].items()) parts += part == "total" ? 0 : pj.get<double>();
  EXPECT_NEAR(parts, json["energy_pj"]["total"].get<double>(), 1e-6);
}

// --- the waveform

// A signal of a waveform at a time.
class ShownDram {
 public:
  explicit ShownDram(const VcdVariable& variable) {
    for (const auto& [time, value] : variable.history) values_[time] = value;
  }
  [[nodiscard]] std::int64_t number(std::int64_t time) const { return vcd_number(at(time)); }
  [[nodiscard]] std::string word(std::int64_t time) const { return vcd_word(at(time)); }
  [[nodiscard]] const std::map<std::int64_t, std::string>& values() const { return values_; }

 private:
  [[nodiscard]] const std::string& at(std::int64_t time) const {
    return std::prev(values_.upper_bound(time))->second;
  }

  std::map<std::int64_t, std::string> values_;
};

// Requests in bunches, a tenth of them anywhere and the others in one of eight rows.
void draw_requests(const std::string& file, Bytes capacity) {
  std::mt19937_64 draw(7);
  std::ofstream out(file);
  std::int64_t clock = 0;
  for (int i = 0; i < 1500; ++i) {
    clock += i % 150 == 0 ? 500 : static_cast<std::int64_t>(draw() % 6);
    const std::uint64_t near = (draw() % 8) << 18 | (draw() % 64) << 6;
    const std::uint64_t address =
        draw() % 10 == 0 ? draw() % static_cast<std::uint64_t>(capacity.value) : near;
    out << "0x" << std::hex << address << std::dec << (draw() % 3 == 0 ? " WRITE " : " READ ") << clock
        << "\n";
  }
}

// Every command of a channel's log is in the waveform at its clock, and no other.
void expect_the_log(const VcdSummary& vcd, int index, DramChannel& channel, const DramDevice& device) {
  const std::string name = "SystemC.channel" + std::to_string(index) + ".";
  std::map<std::string, ShownDram> signals;
  const auto shown = [&](const std::string& leaf) -> const ShownDram& {
    const auto known = signals.find(leaf);
    return known != signals.end() ? known->second
                                  : signals.emplace(leaf, vcd.variable(name + leaf)).first->second;
  };
  const ShownDram &command = shown("command"), &rank = shown("rank"), &group = shown("bank_group"),
                  &bank = shown("bank"), &row = shown("row"), &column = shown("column"),
                  &data = shown("data");
  const DramOrganisation& o = device.organisation;
  std::map<std::int64_t, std::string> words;
  for (const LoggedDramCommand& sent : channel.log()) {
    words[sent.clock] = to_string(sent.command);
    words.emplace(sent.clock + 1, "-");
    EXPECT_EQ(command.word(sent.clock), to_string(sent.command)) << sent.clock;
    EXPECT_EQ(rank.number(sent.clock), sent.rank);
    EXPECT_TRUE(sent.row < 0 || row.number(sent.clock) == sent.row) << sent.clock;
    EXPECT_TRUE(sent.column < 0 || column.number(sent.clock) == sent.column) << sent.clock;
    if (sent.bank < 0) continue;
    EXPECT_EQ(group.number(sent.clock), sent.group % o.bank_groups);
    EXPECT_EQ(bank.number(sent.clock), sent.bank % o.banks);
    const std::string place = "rank" + std::to_string(sent.rank) + ".group" +
                              std::to_string(sent.group % o.bank_groups) + ".bank" +
                              std::to_string(sent.bank % o.banks) + ".";
    const ShownDram& state = shown(place + "state");
    if (sent.command == DramCommand::precharge) {
      EXPECT_EQ(state.word(sent.clock), "closing");
      EXPECT_EQ(state.word(sent.clock - 1), "open");
    } else if (sent.command == DramCommand::activate) {
      const std::string before = state.word(sent.clock - 1);
      EXPECT_TRUE(before == "idle" || before == "closing" || before == "refresh") << before;
      EXPECT_EQ(state.word(sent.clock), "opening");
      EXPECT_EQ(state.word(sent.clock + device.timing.tRCD), "open");
      EXPECT_EQ(shown(place + "row").number(sent.clock), sent.row);
    } else {
      const bool write = sent.command == DramCommand::write || sent.command == DramCommand::write_precharge;
      const std::int64_t from =
          sent.clock + (write ? device.timing.write_latency() : device.timing.read_latency());
      EXPECT_EQ(state.word(sent.clock), "open") << sent.clock;
      EXPECT_EQ(data.word(from), write ? "write" : "read") << sent.clock;
      EXPECT_EQ(data.word(from + o.burst_clocks() - 1), write ? "write" : "read") << sent.clock;
    }
  }
  for (const auto& [clock, value] : command.values()) {
    if (clock == 0 && words.count(0) == 0) continue;
    ASSERT_EQ(words.count(clock), 1U) << clock;
    EXPECT_EQ(vcd_word(value), words[clock]) << clock;
  }
  for (const std::string queue : {"reads_waiting", "writes_waiting"}) {
    const ShownDram& waiting = shown(queue);
    EXPECT_EQ(waiting.number(vcd.last_time - 1), 0);
    for (const auto& [clock, value] : waiting.values())
      EXPECT_LE(vcd_number(value), queue[0] == 'r' ? device.policy.read_queue : device.policy.write_queue);
  }
}

TEST(DramCommand, ItsWaveformShowsEveryCommandOfTheLog) {
  struct Case {
    std::string device;
    std::vector<std::string> set;
  };
  for (const Case& one :
       {Case{"ddr4-2400", {}}, Case{"ddr4-2400", {"controller.page=closed", "organisation.ranks=2"}},
        Case{"lpddr4-3200", {"controller.scheduler=fcfs"}}, Case{"hbm2", {}}}) {
    SCOPED_TRACE(one.device);
    const Scratch scratch;
    const DramDevice device = load_dram_device(one.device, one.set);
    draw_requests(scratch.file("t.txt"), device.organisation.capacity());
    std::string words = "dram " + scratch.file("t.txt") + " --device " + one.device;
    for (const std::string& set : one.set) words += " --set " + set;
    const Outcome outcome =
        run_command(words + " --vcd " + scratch.file("w.vcd") + " --quiet --json " + scratch.file("w.json"));
    ASSERT_EQ(outcome.status, 0) << outcome.output;
    const VcdSummary vcd = check_vcd(std::filesystem::path(scratch.file("w.vcd")));
    EXPECT_EQ(vcd.timescale, "1 ns");
    std::ifstream in(scratch.file("w.json"));
    EXPECT_EQ(vcd.last_time, nlohmann::json::parse(in)["cycles"].get<std::int64_t>());

    DramMemory memory(device);
    for (DramChannel& channel : memory.channels()) channel.keep_log();
    const DramTraceResult result =
        run_dram_trace(memory, read_dram_trace(scratch.file("t.txt"), device.organisation.capacity()));
    EXPECT_EQ(vcd.last_time, result.cycles);
    for (std::size_t i = 0; i < memory.channels().size(); ++i)
      expect_the_log(vcd, static_cast<int>(i), memory.channels()[i], device);
  }
}

// What a person looks for: a read of a closed bank, by hand. ACT at 10, RD after tRCD = 17, its data after
// CL = 17 for BL/2 = 4 clocks, to the end of the waveform; the row is that of the address.
TEST(DramCommand, ItsWaveformShowsAReadAsOneWouldDrawIt) {
  const Scratch scratch;
  const DramDevice device = load_dram_device("ddr4-2400");
  const std::uint64_t address = AddressMap(device).address({.group = 1, .bank = 6, .row = 1234, .column = 5});
  std::ofstream(scratch.file("t.txt")) << "0x" << std::hex << address << " READ 10\n";
  const Outcome outcome =
      run_command("dram " + scratch.file("t.txt") + " --device ddr4-2400 --quiet --vcd " + scratch.file("w"));
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  const VcdSummary vcd = check_vcd(std::filesystem::path(scratch.file("w.vcd")));
  const auto history = [&](const std::string& name, const auto& read) {
    std::vector<std::pair<std::int64_t, decltype(read(std::string()))>> values;
    for (const auto& [time, value] : vcd.variable("SystemC.channel0." + name).history)
      values.emplace_back(time, read(value));
    return values;
  };
  using Words = std::vector<std::pair<std::int64_t, std::string>>;
  using Numbers = std::vector<std::pair<std::int64_t, std::int64_t>>;
  EXPECT_EQ(history("command", vcd_word), (Words{{0, "-"}, {10, "ACT"}, {11, "-"}, {27, "RD"}, {28, "-"}}));
  EXPECT_EQ(history("data", vcd_word), (Words{{0, "-"}, {44, "read"}}));
  EXPECT_EQ(history("rank0.group1.bank2.state", vcd_word),
            (Words{{0, "idle"}, {10, "opening"}, {27, "open"}}));
  EXPECT_EQ(history("rank0.group1.bank2.row", vcd_number), (Numbers{{0, 0}, {10, 1234}}));
  EXPECT_EQ(history("rank0.group0.bank2.state", vcd_word), (Words{{0, "idle"}}));
  EXPECT_EQ(history("column", vcd_number), (Numbers{{0, 0}, {27, 5}}));
  EXPECT_EQ(history("reads_waiting", vcd_number), (Numbers{{0, 0}, {10, 1}, {27, 0}}));
  EXPECT_EQ(vcd.last_time, 48);
  const std::string saved = text_of(scratch.file("w.gtkw"));
  EXPECT_NE(saved.find("1 ns is one DRAM clock"), std::string::npos);
  EXPECT_NE(saved.find("@820\n+{channel0 command} SystemC.channel0.command[31:0]\n"), std::string::npos)
      << saved;
}

TEST(DramCommand, AWindowOfItsWaveformShowsNothingElse) {
  const Scratch scratch;
  const DramDevice device = load_dram_device("ddr4-2400");
  draw_requests(scratch.file("t.txt"), device.organisation.capacity());
  const Outcome outcome = run_command("dram " + scratch.file("t.txt") + " --device ddr4-2400 --quiet --vcd " +
                                      scratch.file("w.vcd") + " --vcd-window 1000:1200");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  const VcdSummary vcd = check_vcd(std::filesystem::path(scratch.file("w.vcd")));
  std::int64_t inside = 0;
  for (const VcdVariable& variable : vcd.variables) {
    for (const auto& [time, value] : variable.history) {
      EXPECT_TRUE(time == 0 || (time >= 1000 && time <= 1200)) << variable.name << " at " << time;
      inside += time > 0 ? 1 : 0;
    }
  }
  EXPECT_GT(inside, 20);
}

TEST(DramCommand, ExplainsItself) {
  const Outcome outcome = run_command("dram --help");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_NE(outcome.output.find("example:"), std::string::npos);
}

TEST(DramCommand, ItsDevicesAreListedWithASummaryEach) {
  const Outcome outcome = run_command("list devices");
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  for (const std::string& name : embedded_names("dram_devices")) {
    const std::string summary = load_dram_device(name).summary;
    EXPECT_NE(outcome.output.find("  " + name + " "), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find(" " + summary + "\n"), std::string::npos) << outcome.output;
  }
}

TEST(DramCommand, RefusesBadTracesAndImpossibleDevicesInOneLine) {
  struct Bad {
    const char* words;
    const char* said;
  };
  const Scratch scratch;
  std::ofstream(scratch.file("good.txt")) << "0x40 READ 0\n";
  std::ofstream(scratch.file("bad.txt")) << "0x40 READ 0\n0x80 FETCH 4\n";
  std::ofstream(scratch.file("far.txt")) << "0xFFFFFFFFFF READ 0\n";
  for (const Bad& bad :
       {Bad{"good.txt", "no device"}, Bad{"bad.txt --device ddr4-2400", "bad.txt:2: '0x80 FETCH 4'"},
        Bad{"far.txt --device ddr4-2400", "far.txt:1: address"}, Bad{"good.txt --device ddr5", "ddr4-2400"},
        Bad{"nothing.txt --device hbm2", "nothing.txt"},
        Bad{"good.txt --device ddr4-2400 --set timing.tRAS=16", "timing.tRAS: 16"},
        Bad{"good.txt --device ddr4-2400 --set organisation.banks=0", "organisation.banks: 0"},
        Bad{"good.txt --device ddr4-2400 --set timing.tRDC=3", "'tRCD'"},
        Bad{"good.txt --device ddr4-2400 --set timing.tRC=50", "timing.tRC: 50"},
        Bad{"good.txt --device ddr4-2400 --set timing.tRPab=5", "timing.tRPab: 5"},
        Bad{"good.txt --device ddr4-2400 --json no/such/out.json", "no/such"},
        Bad{"good.txt --device ddr4-2400 --vcd no/such/out.vcd", "no/such"},
        Bad{"good.txt --device ddr4-2400 --vcd-window 0:9", "--vcd"},
        Bad{"good.txt --device ddr4-2400 --vcd out.vcd --vcd-window 9:0", "--vcd-window"}}) {
    const Outcome outcome = run_command(std::string("--version >/dev/null; cd ") + scratch.path().string() +
                                        " && " + BASIL_COMMAND + " dram " + bad.words + " --quiet");
    EXPECT_EQ(outcome.status, 2) << bad.words << ": " << outcome.output;
    EXPECT_NE(outcome.output.find(bad.said), std::string::npos) << outcome.output;
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  }
}

}  // namespace
}  // namespace basil::testing
