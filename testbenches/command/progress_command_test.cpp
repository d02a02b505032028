// What a person at a terminal sees of long work, and that nobody else sees it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <fstream>
#include <regex>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

// The command with a terminal for stderr, until `seen` or for a minute; it is ended then.
std::string terminal_of(const std::string& words, const std::regex& seen) {
  int terminal = -1;
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, nullptr);
  if (pid == 0) {
    execl("/bin/sh", "sh", "-c", ("exec " BASIL_COMMAND " " + words + " > /dev/null").c_str(), nullptr);
    _exit(127);
  }
  std::string text;
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  std::array<char, 4096> block{};
  while (!std::regex_search(text, seen) && std::chrono::steady_clock::now() < until) {
    pollfd one{terminal, POLLIN, 0};
    if (poll(&one, 1, 500) <= 0) continue;
    const ssize_t got = read(terminal, block.data(), block.size());
    if (got <= 0) break;
    text.append(block.data(), static_cast<std::size_t>(got));
  }
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  close(terminal);
  return text;
}

inline constexpr const char* long_noc = "noc --mesh 16x16 --rate 0.01 --cycles 1000000000";

TEST(Progress, IsShownOnATerminal) {
  const std::regex line("cycle [0-9]+ of 1000000000, [0-9]+ s");
  EXPECT_TRUE(std::regex_search(terminal_of(long_noc, line), line));
}

// Without cycles of flits, too.
TEST(Progress, IsShownAtTransactionLevel) {
  const std::regex line("cycle [0-9]+ of 1000000000, [0-9]+ s");
  EXPECT_TRUE(std::regex_search(terminal_of(std::string(long_noc) + " --fidelity transaction", line), line));
}

// Of a long replay the requests that are through with it.
TEST(Progress, IsShownWhileATraceIsReplayed) {
  const Scratch scratch;
  {
    std::ofstream trace(scratch.file("long.txt"));
    std::uint64_t address = 1;
    for (int i = 0; i < 3'000'000; ++i) {  // rows at random: 3 seconds and more
      address = address * 6364136223846793005 + 1442695040888963407;
      trace << "0x" << std::hex << (address >> 38 << 6) << std::dec << " READ 0\n";
    }
  }
  const std::regex line("request [0-9]+ of 3000000, [0-9]+ s");
  const std::string text = terminal_of("dram " + scratch.file("long.txt") + " --device ddr4-2400", line);
  EXPECT_TRUE(std::regex_search(text, line)) << text;
}

// A child has the layer; both say how far it is.
TEST(Progress, IsShownInsideALongLayer) {
  const Scratch scratch;
  const std::string conv = "C: 64, H: 128, K: 64, R: 3, pad: 1}";  // 604 million products each
  std::ofstream(scratch.file("long.yaml"))
      << "name: long\nlayers: [{name: a, " + conv + ", {name: b, " + conv + "]\n";
  const std::string synth = "synth " + scratch.file("long.yaml") + " -o " + scratch.file("t.npz");
  ASSERT_EQ(run_command(synth).status, 0) << run_command(synth).output;
  const std::string run = "run " + scratch.file("t.npz") + " --on eyeriss --fidelity cycle --no-verify";
  const std::string pass = ": [ab], pass [0-9]+, cycle [0-9 ]+, [0-9]+ s";
  for (const auto& [jobs, layer] : {std::pair<std::string, std::string>{"", "layer [12] of 2"},
                                    {" --jobs 2", "process [12] of 2: layer 1 of 1"}}) {
    const std::regex line(layer + pass);
    const std::string text = terminal_of(run + jobs, line);
    EXPECT_TRUE(std::regex_search(text, line)) << text;
  }
}

TEST(Progress, IsShownToNobodyElse) {
  const Outcome outcome = run_shell("timeout 4 " BASIL_COMMAND " " + std::string(long_noc));
  EXPECT_EQ(outcome.status, 124);
  EXPECT_EQ(outcome.output, "");
}

}  // namespace
}  // namespace basil::testing
