// Random traffic: no rule broken, nothing lost or duplicated, data read is data written.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "memory/dram/memory.h"
#include "memory/dram/protocol_checker.h"
#include "memory/dram/test_device.h"

namespace basil {
namespace {

// Addresses of a few hot rows or all over the memory, reads and writes, dense and sparse in time.
struct Traffic {
  std::uint64_t seed = 1;
  int requests = 1000;
  double writes = 0.4;
  double hot = 0.5;      // share of requests to 64 bursts, where reads and writes meet
  std::int64_t gap = 8;  // mean clocks between requests
};

struct Asked {
  std::uint64_t address;
  bool write;
  std::int64_t expected;  // of a read: the id of the last write before it, in the order asked; -1 none
};

class Harness {
 public:
  explicit Harness(const DramDevice& device) : memory_(device) {
    for (DramChannel& channel : memory_.channels()) channel.keep_log();
  }

  void ask(const Traffic& traffic) {
    std::mt19937_64 random(traffic.seed);
    const auto bytes = static_cast<std::uint64_t>(memory_.device().organisation.capacity().value);
    const auto burst = static_cast<std::uint64_t>(memory_.device().organisation.burst_bytes().value);
    std::map<std::uint64_t, std::int64_t> last_write;
    const auto chance = [&](double p) { return static_cast<double>(random() >> 11) * 0x1p-53 < p; };
    std::int64_t clock = 0;
    for (int i = 0; i < traffic.requests; ++i) {
      const std::uint64_t address =
          (chance(traffic.hot) ? random() % 64 * 7919 * burst : random()) % bytes / burst * burst;
      const bool write = chance(traffic.writes);
      const auto before = last_write.find(address);
      asked_.push_back({address, write, before == last_write.end() ? -1 : before->second});
      if (write) last_write[address] = i;
      memory_.enqueue(i, address, write, clock);
      if (traffic.gap > 0)
        clock += static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(2 * traffic.gap));
      if (chance(0.0005)) clock += 30'000;  // silence: refreshes on their own
    }
    memory_.finish();
  }

  // Every request is done once, and a read returns what was written last before it.
  void check_data() {
    std::vector<int> times(asked_.size(), 0);
    for (DramChannel& channel : memory_.channels()) {
      std::map<std::uint64_t, std::int64_t> cells;  // the id of the write a burst holds
      for (const DramCompletion& c : channel.completions()) {
        const auto id = static_cast<std::size_t>(c.id);
        ASSERT_LT(id, asked_.size());
        ++times[id];
        const Asked& asked = asked_[id];
        ASSERT_EQ(c.write, asked.write);
        ASSERT_LE(c.asked, c.accepted);
        ASSERT_LE(c.accepted, c.served);
        ASSERT_LT(c.served, c.done);
        if (c.write) {
          cells[asked.address] = c.id;
          continue;
        }
        const auto cell = cells.find(asked.address);
        const std::int64_t stored = cell == cells.end() ? -1 : cell->second;
        ASSERT_EQ(c.forwarded_from >= 0 ? c.forwarded_from : stored, asked.expected) << "read " << c.id;
      }
    }
    EXPECT_EQ(std::count(times.begin(), times.end(), 1), static_cast<std::ptrdiff_t>(times.size()));
  }

  // Returns the number of commands.
  std::size_t check_rules() {
    std::size_t commands = 0;
    for (DramChannel& channel : memory_.channels()) {
      commands += channel.log().size();
      for (const DramViolation& v : check_protocol(memory_.device(), channel.log(), 3))
        ADD_FAILURE() << v.text;
    }
    return commands;
  }

  // The counts are those of the log.
  void check_counts() {
    std::map<DramCommand, std::int64_t> sent;
    for (DramChannel& channel : memory_.channels()) {
      for (const LoggedDramCommand& command : channel.log()) ++sent[command.command];
    }
    const DramActivity a = memory_.activity(memory_.last_done());
    EXPECT_EQ(a.activates, sent[DramCommand::activate]);
    EXPECT_EQ(a.refreshes, sent[DramCommand::refresh]);
    EXPECT_EQ(a.reads, sent[DramCommand::read] + sent[DramCommand::read_precharge]);
    EXPECT_EQ(a.writes, sent[DramCommand::write] + sent[DramCommand::write_precharge]);
    EXPECT_EQ(a.reads + a.writes + a.forwarded, static_cast<std::int64_t>(asked_.size()));
    EXPECT_EQ(
        a.active_clocks + a.precharged_clocks,
        memory_.last_done() * memory_.device().organisation.channels * memory_.device().organisation.ranks);
  }

 private:
  DramMemory memory_;
  std::vector<Asked> asked_;
};

std::vector<DramDevice> devices() {
  std::vector<DramDevice> devices{ddr4_for_tests(), lpddr4_for_tests()};
  DramDevice two_ranks = ddr4_for_tests();
  two_ranks.organisation.ranks = 2;
  two_ranks.organisation.channels = 2;
  two_ranks.policy.mapping = "ro-ba-co-bg-ra-ch";
  devices.push_back(two_ranks);
  for (DramDevice& device : devices) device.policy.refresh = true;
  return devices;
}

std::vector<DramPolicy> policies() {
  DramPolicy closed, fcfs, eager;
  closed.page = DramPage::closed;
  fcfs.scheduler = DramScheduler::fcfs;
  eager.starvation_cap = 2;
  eager.write_queue = eager.write_high = 3;
  eager.write_low = 0;
  eager.read_queue = 4;
  return {DramPolicy{}, closed, fcfs, eager};
}

// Over a million commands in all.
TEST(DramRandomTraffic, BreaksNoRuleLosesNothingAndReadsWhatWasWritten) {
  std::size_t commands = 0;
  std::uint64_t seed = 1;
  for (DramDevice device : devices()) {
    const std::string mapping = device.policy.mapping;
    for (const DramPolicy& policy : policies()) {
      device.policy = policy;
      device.policy.mapping = mapping;
      for (const std::int64_t gap : {0, 6, 40}) {
        Harness harness(device);
        harness.ask({.seed = seed++, .requests = 15'000, .gap = gap});
        harness.check_data();
        harness.check_counts();
        commands += harness.check_rules();
        if (HasFailure()) FAIL() << device.name << ", seed " << seed - 1 << ", gap " << gap;
      }
    }
  }
  EXPECT_GT(commands, 1'000'000U);
}

// What happens when does not depend on how often the caller looks.
TEST(DramRandomTraffic, StepsOfAnySizeGiveTheSameCommands) {
  std::mt19937_64 random(7);
  for (const DramDevice& device : devices()) {
    DramChannel whole(device), stepped(device);
    whole.keep_log();
    stepped.keep_log();
    const AddressMap map(device);
    std::int64_t clock = 0;
    for (int i = 0; i < 5000; ++i) {
      DramPlace place = map.place(random());
      place.row %= 4;
      const DramRequest request{.id = i, .place = place, .write = random() % 3 == 0};
      whole.enqueue(request, clock);
      stepped.enqueue(request, clock);
      clock += static_cast<std::int64_t>(random() % 40);
      for (std::int64_t at = stepped.now(); at < clock; at += static_cast<std::int64_t>(random() % 20))
        stepped.advance(at);
      stepped.advance(clock);
    }
    whole.drain();
    stepped.drain();
    ASSERT_EQ(whole.log().size(), stepped.log().size()) << device.name;
    for (std::size_t i = 0; i < whole.log().size(); ++i) {
      ASSERT_EQ(whole.log()[i].clock, stepped.log()[i].clock) << device.name << ", command " << i;
      ASSERT_EQ(whole.log()[i].command, stepped.log()[i].command);
      ASSERT_EQ(whole.log()[i].bank, stepped.log()[i].bank);
    }
  }
}

}  // namespace
}  // namespace basil
