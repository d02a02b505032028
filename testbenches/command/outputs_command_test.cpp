// What the command writes: never over what it reads, whole or not at all, wherever it is stopped.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <set>
#include <thread>

#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

namespace fs = std::filesystem;

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

// A trace, a network, an accelerator's description and a study with its database.
class Outputs : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::copy_file(sample("lenet.npz"), scratch.file("x.npz"));
    fs::copy_file(sample("digits-lenet.npz"), scratch.file("y.npz"));
    std::ofstream(scratch.file("m.yaml")) << "base: eyeriss\nname: m\n";
    std::ofstream(scratch.file("r.yaml")) << "steps: [{quantise: {bits: 8}}]\n";
    std::ofstream(scratch.file("s.yaml")) << "traces: x.npz\naccelerators: m.yaml\nlayers: L0\n";
    std::ofstream(scratch.file("d.txt")) << "0x0 READ 0\n";
    fs::create_hard_link(scratch.file("x.npz"), scratch.file("hard.npz"));
    fs::create_symlink("x.npz", scratch.file("soft.npz"));
    ASSERT_EQ(in_folder("sweep s.yaml --quiet").status, 0);
    ASSERT_EQ(in_folder("run x.npz --on m.yaml --quiet --json a.json").status, 0);
  }
  Outcome in_folder(const std::string& words) const {
    return run_shell("cd " + scratch.path().string() + " && " + BASIL_COMMAND + " " + words);
  }

  Scratch scratch;
};

TEST_F(Outputs, NeverTakeThePlaceOfAnInputOrOfAnotherKindOfResult) {
  std::map<std::string, std::string> before;
  for (const std::string& name : names_in(scratch.path())) before[name] = text_of(scratch.file(name));
  for (const char* words : {"run x.npz --on eyeriss --csv x.npz",
                            "run x.npz --on eyeriss --json x.npz",
                            "run x.npz --on eyeriss --report x.npz",
                            "run x.npz --on eyeriss --timeline x.npz",
                            "run x.npz --on eyeriss --json hard.npz",
                            "run x.npz --on eyeriss --json soft.npz",
                            "run hard.npz --on eyeriss --json ./x.npz",
                            "run x.npz --on m.yaml --json m.yaml",
                            "run x.npz --on eyeriss --json y.npz",
                            "run x.npz --on eyeriss --json s.sqlite",
                            "run x.npz --on eyeriss --json new --csv new",
                            "run x.npz --on eyeriss --vcd new --json new.gtkw",
                            "compare x.npz --on eyeriss,m.yaml --json m.yaml",
                            "compare x.npz y.npz --on eyeriss,scnn --csv y.npz",
                            "compress y.npz -o y.npz",
                            "compress y.npz --recipe r.yaml -o r.yaml",
                            "compress y.npz -o new.npz --json y.npz",
                            "import y.npz -o y.npz",
                            "inspect x.npz --json x.npz",
                            "export s.sqlite -o s.sqlite",
                            "sweep s.yaml --json s.yaml",
                            "sweep s.yaml --json s.sqlite",
                            "sweep s.yaml --db new.sqlite --json new.sqlite",
                            "sweep s.yaml --report x.npz",
                            "sweep s.yaml --report m.yaml",
                            "sweep s.yaml --json x.npz",
                            "diff a.json a.json --json a.json",
                            "diff s.sqlite:0 s.sqlite:0 --json s.sqlite",
                            "dram d.txt --device ddr4-2400 --json d.txt",
                            "synth vgg16 -o s.sqlite",
                            "merge s.sqlite -o s.sqlite"}) {
    const Outcome outcome = in_folder(words);
    EXPECT_EQ(outcome.status, 2) << words << "\n" << outcome.output;
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  }
  std::map<std::string, std::string> after;
  for (const std::string& name : names_in(scratch.path())) after[name] = text_of(scratch.file(name));
  EXPECT_TRUE(before == after);
}

TEST_F(Outputs, AreRefusedBeforeTheWork) {
  for (const char* words : {"run x.npz --on eyeriss --json none/a.json",
                            "run x.npz --on eyeriss --vcd none/a.vcd", "run x.npz --on eyeriss --csv .",
                            "compress y.npz -o none/z.npz", "sweep s.yaml --report none/s.html"}) {
    const Outcome outcome = in_folder(words);
    EXPECT_EQ(outcome.status, 2) << words;
    EXPECT_EQ(outcome.output.find("lenet_digits on"), std::string::npos) << outcome.output;
  }
}

// Stopped at any moment a run leaves the files of before, or all of its own.
TEST_F(Outputs, AreWholeOrAbsentWhereverARunIsStopped) {
  const std::set<std::string> before = names_in(scratch.path());
  int stopped = 0;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGKILL}) {
    for (const int milliseconds : {5, 15, 30, 50, 80}) {
      const pid_t child = fork();
      if (child == 0) {
        if (chdir(scratch.path().c_str()) != 0) _exit(9);
        execl(BASIL_COMMAND, "basil", "run", "x.npz", "--on", "eyeriss", "--quiet", "--fidelity", "cycle",
              "--vcd", "w.vcd", "--timeline", "t.json", "--json", "j.json", nullptr);
        _exit(9);
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
      kill(child, signal);
      int status = 0;
      waitpid(child, &status, 0);
      stopped += WIFSIGNALED(status) ? 1 : 0;
      for (const std::string& name : names_in(scratch.path())) {
        if (before.contains(name)) continue;
        EXPECT_TRUE(name == "w.vcd" || name == "w.gtkw" || name == "t.json" || name == "j.json") << name;
        if (name == "w.vcd") {
          EXPECT_NE(text_of(scratch.file(name)).find("$enddefinitions"), std::string::npos);
        }
        fs::remove(scratch.file(name));
      }
    }
  }
  EXPECT_GT(stopped, 4);
}

// The next file opened would be number 1, and what is printed would land in it.
TEST_F(Outputs, AreNotWhatIsPrintedWhereStandardDescriptorsAreClosed) {
  for (const char* closed : {">&-", "2>&-", "<&-", ">&- 2>&-", "<&- >&- 2>&-"}) {
    fs::remove(scratch.file("s.sqlite"));
    const std::string command =
        "cd " + scratch.path().string() + " && " + BASIL_COMMAND + " sweep s.yaml " + closed;
    const int status = std::system(command.c_str());
    const bool prints =
        std::string(closed).find(" >&-") == std::string::npos && std::string(closed)[0] != '>';
    EXPECT_EQ(WEXITSTATUS(status), prints ? 0 : 2) << closed;
    const Outcome after = in_folder("export s.sqlite");
    EXPECT_EQ(after.status, 0) << closed << after.output;
    EXPECT_NE(after.output.find(",done,"), std::string::npos) << closed;
    EXPECT_EQ(text_of(scratch.file("s.sqlite")).substr(0, 15), "SQLite format 3") << closed;
  }
}

}  // namespace
}  // namespace basil::testing
