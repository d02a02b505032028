// `basil sweep`, `merge` and `export` as a user runs them: nothing lost, nothing twice, whatever happens in
// between; and one line for a study that is none.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <stdexcept>
#include <thread>

#include "models/study/points.h"
#include "models/study/store/database.h"
#include "models/study/store/sqlite.h"
#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

void write_file(const std::string& file, const std::string& text) { std::ofstream(file) << text; }

// 5 x 6 x 2 points on LeNet, or 10 x 10 x 2.
std::string study_text(bool full) {
  return "traces: " + sample("lenet.npz") +
         "\naccelerators: eyeriss\nparameters:\n  array.rows: {from: 5, to: " + (full ? "14" : "9") +
         ", step: 1}\n  array.cols: {from: 7, to: " + (full ? "16" : "12") +
         ", step: 1}\n  dram.link_mhz: [60, 120]\n";
}

// All rows of all tables, sorted: what two databases of one study must have in common.
std::vector<std::vector<Datum>> rows_of(const std::string& file) {
  SqliteFile database(file, SqliteFile::Use::look);
  std::vector<std::vector<Datum>> rows;
  for (const std::string table : {"study", "points", "results", "layers"}) {
    SqliteStatement select(database, "SELECT * FROM " + table + " ORDER BY 1, 2");
    const auto columns = static_cast<int>(select.columns().size());
    while (select.step()) {
      std::vector<Datum>& row = rows.emplace_back();
      for (int i = 0; i < columns; ++i) row.push_back(select.cell(i));
    }
  }
  return rows;
}

// The study, and for each point of LeNet its values, its result and four layers.
constexpr std::size_t rows_for(std::size_t points) { return 1 + points * (1 + 1 + 4); }

// The names of a folder's files and what each holds.
std::map<std::string, std::string> contents_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> contents;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    contents[entry.path().filename()] = text_of(entry.path());
  return contents;
}

// Refused in one line, with nothing made, changed or gone in `folder`.
void expect_refusal(const Outcome& outcome, const std::string& expected, const std::filesystem::path& folder,
                    const std::map<std::string, std::string>& before) {
  EXPECT_EQ(outcome.status, 2) << outcome.output;
  EXPECT_NE(outcome.output.find(expected), std::string::npos) << outcome.output << "expected " << expected;
  EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  EXPECT_TRUE(contents_of(folder) == before) << outcome.output;
}

std::size_t done(const std::string& file) { return StudyDatabase::look(file).results(); }

enum class Victim { parent, group };

// Starts a sweep and kills it, alone or with its children, so much later; whether it had ended by itself.
// None of its processes is left then.
bool kill_after(std::chrono::microseconds delay, Victim victim, const std::string& study,
                const std::string& database) {
  std::array<int, 2> alive{};  // all of them hold its other end, as long as they live
  if (pipe(alive.data()) != 0) throw std::runtime_error("no pipe");
  const pid_t pid = fork();
  if (pid == 0) {
    setpgid(0, 0);
    close(alive[0]);
    execl(BASIL_COMMAND, BASIL_COMMAND, "sweep", study.c_str(), "--db", database.c_str(), "--jobs", "2",
          "--quiet", static_cast<char*>(nullptr));
    _exit(127);
  }
  setpgid(pid, pid);  // whoever comes first
  close(alive[1]);
  std::this_thread::sleep_for(delay);
  kill(victim == Victim::group ? -pid : pid, SIGKILL);
  int status = 0;
  waitpid(pid, &status, 0);
  pollfd end{.fd = alive[0], .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&end, 1, 10000), 1) << "a child outlived its parent by 10 s";
  close(alive[0]);
  return WIFEXITED(status);
}

// Twenty moments that lie within an eighth of a run each, so that most of them hit one study on its way.
TEST(SweepCommand, AKillAtAnyMomentLosesNothingAndCountsNothingTwice) {
  constexpr int kills = 20;
  constexpr std::size_t points = 200;
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml"), calm = scratch.file("calm.sqlite"),
                    hurt = scratch.file("hurt.sqlite");
  write_file(study, study_text(true));
  const auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(run_command("sweep " + study + " --quiet --jobs 2 --db " + calm).status, 0);
  const auto whole =
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  const auto expected = rows_of(calm);
  ASSERT_EQ(expected.size(), rows_for(points));

  std::mt19937_64 random(7);
  std::uniform_int_distribution<std::int64_t> moment(0, whole.count() / 8);
  std::size_t last = 0;
  int amid = 0;  // kills that left a part of the results
  for (int i = 0; i < kills; ++i) {
    const Victim victim = i % 2 == 0 ? Victim::parent : Victim::group;
    if (kill_after(std::chrono::microseconds(moment(random)), victim, study, hurt)) {  // begin anew
      EXPECT_EQ(rows_of(hurt), expected);
      for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(hurt + end);
      last = 0;
      continue;
    }
    if (!std::filesystem::exists(hurt) || std::filesystem::file_size(hurt) == 0) continue;
    const std::size_t now = run_command("export " + hurt).status == 0 ? done(hurt) : last;
    EXPECT_GE(now, last);  // what was stored stays
    amid += now > 0 && now < points ? 1 : 0;
    last = now;
  }
  EXPECT_GE(amid, kills / 4);
  ASSERT_EQ(run_command("sweep " + study + " --quiet --jobs 2 --db " + hurt).status, 0);
  EXPECT_EQ(rows_of(hurt), expected);
}

TEST(SweepCommand, AnInterruptSaysHowToGoOn) {
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml");
  write_file(study, study_text(true));
  const Outcome outcome = run_command("sweep " + study + " --db " + scratch.file("s.sqlite") +
                                      " 2>&1 & child=$!; sleep 0.2; kill -INT $child; wait $child");
  if (outcome.status == 0) GTEST_SKIP() << "over before the interrupt came";
  EXPECT_EQ(outcome.status, 1);
  EXPECT_NE(outcome.output.find("interrupted after"), std::string::npos) << outcome.output;
  EXPECT_NE(outcome.output.find("the same command goes on"), std::string::npos) << outcome.output;
}

TEST(SweepCommand, ATerminalSeesTheRateAndTheTimeLeft) {
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml"), seen = scratch.file("seen");
  write_file(study, study_text(true));
  const std::string command =
      std::string(BASIL_COMMAND) + " sweep " + study + " --quiet --db " + scratch.file("s.sqlite");
  ASSERT_EQ(std::system(("script -qec '" + command + "' " + seen + " >/dev/null").c_str()), 0);
  const std::regex line("[0-9]+ of 200 points, [0-9.]+ a second, [0-9.]+ [mu]?s left");
  EXPECT_TRUE(std::regex_search(text_of(seen), line)) << text_of(seen);
}

TEST(SweepCommand, NothingIsRunTwice) {
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml"), database = scratch.file("s.sqlite");
  write_file(study, study_text(false));
  ASSERT_EQ(run_command("sweep " + study + " --quiet --db " + database).status, 0);
  EXPECT_NE(run_command("sweep " + study + " --dry-run --db " + database).output.find("60 points, 0 to run"),
            std::string::npos);
  const std::string before = text_of(database);
  ASSERT_EQ(run_command("sweep " + study + " --resume --quiet --db " + database).status, 0);
  EXPECT_EQ(rows_of(database).size(), rows_for(60));

  // A study that has grown runs only what is new.
  std::string grown = study_text(false);
  grown.replace(grown.find("[60, 120]"), 9, "[60, 120, 240]");
  write_file(study, grown);
  EXPECT_NE(run_command("sweep " + study + " --dry-run --db " + database).output.find("90 points, 30 to run"),
            std::string::npos);
  EXPECT_EQ(text_of(database), before);
  ASSERT_EQ(run_command("sweep " + study + " --quiet --db " + database).status, 0);
  EXPECT_EQ(rows_of(database).size(), rows_for(90));
}

TEST(SweepCommand, MergedShardsEqualOneRun) {
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml"), whole = scratch.file("whole.sqlite");
  write_file(study, study_text(false));
  ASSERT_EQ(run_command("sweep " + study + " --quiet --db " + whole).status, 0);
  ASSERT_EQ(run_command("sweep " + study + " --quiet --shard 1/2 --db " + scratch.file("1.sqlite")).status,
            0);
  // The second as the last task of a Slurm array 3-4.
  const std::string path = std::filesystem::path(BASIL_COMMAND).parent_path().string();
  const std::string task = "cd " + scratch.path().string() + " && PATH=" + path +
                           ":$PATH SLURM_ARRAY_TASK_ID=4 SLURM_ARRAY_TASK_COUNT=2 SLURM_ARRAY_TASK_MIN=3 "
                           "SLURM_ARRAY_TASK_MAX=4 " +
                           std::string(BASIL_SOURCE_DIR) + "/testbenches/studies/slurm-array.sh study.yaml";
  ASSERT_EQ(std::system(task.c_str()), 0);
  std::filesystem::rename(scratch.file("study.2-of-2.sqlite"), scratch.file("2.sqlite"));
  EXPECT_EQ(done(scratch.file("1.sqlite")), 30U);
  EXPECT_EQ(done(scratch.file("2.sqlite")), 30U);
  for (const std::string order : {"1.sqlite 2.sqlite", "2.sqlite 1.sqlite"}) {
    const std::string merged = scratch.file("merged of " + order.substr(0, 1));
    const Outcome outcome = run_command("merge " + scratch.file(order.substr(0, 8)) + " " +
                                        scratch.file(order.substr(9)) + " -o '" + merged + "'");
    ASSERT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_EQ(rows_of(merged), rows_of(whole));
    for (const std::string rows : {"points", "layers"}) {
      EXPECT_EQ(run_command("export '" + merged + "' --rows " + rows).output,
                run_command("export " + whole + " --rows " + rows).output);
    }
  }
}

// Ways to end badly, each recorded; the rest goes on, and nobody runs them again unasked.
TEST(SweepCommand, APointThatFailsIsRecordedAndTheRestGoesOn) {
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml"), database = scratch.file("s.sqlite");
  write_file(study, "traces: " + sample("lenet.npz") +
                        "\naccelerators: eyeriss\nparameters: {noc.ifmap_bits: [16, 8], psum_bits: [16]}\n");
  const Outcome refused = run_command("sweep " + study + " --db " + database);
  EXPECT_EQ(refused.status, 0) << refused.output;
  EXPECT_NE(refused.output.find("2 points, 1 done, 1 refused"), std::string::npos) << refused.output;
  EXPECT_NE(refused.output.find(
                "point 1 (eyeriss, noc.ifmap_bits=8, psum_bits=16) refused: eyeriss: noc.ifmap_bits"),
            std::string::npos)
      << refused.output;

  // A layer with 100 MB of sums, which takes longer than 20 ms.
  write_file(scratch.file("wide.yaml"),
             "name: wide\nlayers: [{name: L0, kind: conv, C: 1, H: 224, K: 256, R: 1}]\n");
  ASSERT_EQ(run_command("synth " + scratch.file("wide.yaml") + " -o " + scratch.file("wide.npz")).status, 0);
  const std::string wide = scratch.file("study.yaml"),
                    sweep = "sweep " + wide + " --db " + scratch.file("wide.sqlite"),
                    text = "traces: wide.npz\naccelerators: eyeriss\n";
  write_file(wide, text + "limits: {seconds: 0.02}\n");
  const Outcome late = run_command(sweep);
  EXPECT_EQ(late.status, 1) << late.output;
  EXPECT_NE(late.output.find("1 points, 0 done, 1 failed"), std::string::npos) << late.output;
  EXPECT_NE(late.output.find("over the time limit of 0.02 s"), std::string::npos) << late.output;
  write_file(wide, text + "limits: {megabytes: 20}\n");
  EXPECT_NE(run_command(sweep + " --dry-run").output.find("1 points, 0 to run"), std::string::npos);
#ifndef __SANITIZE_ADDRESS__  // whose allocator ends the process where memory is short
  const Outcome large = run_command(sweep + " --retry");
  EXPECT_EQ(large.status, 1) << large.output;
  EXPECT_NE(large.output.find("over the memory limit of 20 MB"), std::string::npos) << large.output;
#endif
  write_file(wide, text);
  const Outcome good = run_command(sweep + " --retry");
  EXPECT_EQ(good.status, 0) << good.output;
  EXPECT_NE(good.output.find("1 points, 1 done\n"), std::string::npos) << good.output;
}

TEST(SweepCommand, ABadStudySaysSoInOneLineAndTouchesNothing) {
  const std::string head = "traces: " + sample("lenet.npz") + "\naccelerators: eyeriss\n";
  const std::vector<std::pair<std::string, std::string>> refusals{
      {head + "parameters: {array.rwos: [8]}\n",
       "3:26: parameters.array.rwos: unknown key 'array.rwos' of eyeriss, expected 'array.rows'"},
      {head + "parametres: {array.rows: [8]}\n", "3:1: parametres: unknown key, expected 'parameters'"},
      {head + "parameters: {array.rows: []}\n", "no value"},
      {head + "parameters: {array.rows: [8, 8]}\n", "'8' a second time"},
      {head + "parameters: {array.rows: {from: 8, to: 12}}\n", "neither step nor factor"},
      {head + "parameters: {array.rows: [eight, nine]}\n", "no point can be built; the first: eyeriss:"},
      {head + "parameters: {array: [8]}\n", "'array' of eyeriss holds more than a plain value"},
      {head + "parameters: {array.rows: [8, 9]}\nconstraints: [array.rows > 9]\n",
       "'array.rows > 9' excludes each of the 2 points"},
      {head + "parameters: {array.rows: [8, 9]}\nconstraints: [array.rows > 8, array.rows < 9]\n",
       "they exclude all 2 points between them"},
      {head + "constraints: [array.rows >]\n", "the end, expected a number, a key or '('"},
      {head + "constraints: [array.rosw > 3]\n", "expected 'array.rows'"},
      {head + "objectives: [enregy]\n", "did you mean energy?"},
      {head + "layers: [L9]\n", "no such layer in"},
      {head + "multipliers: 64\narea_mm2: 2\n", "beside multipliers"},
      {"traces: nowhere.npz\naccelerators: eyeriss\n", "nowhere.npz"},
      {"traces: {synth: vgg61}\naccelerators: eyeriss\n",
       "vgg61' is neither a file nor a shipped list, expected 'vgg16'"},
      {"traces: {synth: vgg16, file: lenet.npz}\naccelerators: eyeriss\n", "beside file"},
      {"traces: " + sample("lenet.npz") + "\naccelerators: eyeris\n", "did you mean eyeriss?"},
      {"traces: " + sample("lenet.npz") + "\n", "accelerators: missing, expected this key"},
      {head + "parameters: {clock_mhz: {from: 1, to: 1000, step: 1}, array.rows: {from: 1, to: 2000, step: "
              "1}}\n",
       "at most 1000000"}};
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml"), database = scratch.file("s.sqlite");
  for (const bool begun : {false, true}) {
    if (begun) {  // by the same study, while it was good
      write_file(study, head);
      ASSERT_EQ(run_command("sweep " + study + " --quiet --db " + database).status, 0);
    }
    for (const auto& [text, expected] : refusals) {
      write_file(study, text);
      const auto before = contents_of(scratch.path());
      expect_refusal(run_command("sweep " + study + " --db " + database), expected, scratch.path(), before);
    }
  }
}

TEST(SweepCommand, AnothersDatabaseIsRefusedAndLeftAlone) {
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml"), database = scratch.file("s.sqlite");
  write_file(study, study_text(false));
  ASSERT_EQ(run_command("sweep " + study + " --quiet --db " + database).status, 0);
  write_file(scratch.file("other.yaml"), study_text(false));
  write_file(scratch.file("text"), std::string(5000, 'x'));
  const auto refused = [&](const std::string& words, const std::string& expected) {
    const auto before = contents_of(scratch.path());
    expect_refusal(run_command(words), expected, scratch.path(), before);
  };
  refused("sweep " + scratch.file("other.yaml") + " --db " + database,
          "results of study 'study', expected 'other'");
  refused("sweep " + study + " --db " + scratch.file("text"), "not a database");
  refused("export " + scratch.file("text"), "not a database");
  refused("merge " + database + " -o " + scratch.file("text"), "a file already");
  refused("sweep " + study + " --resume --db " + scratch.file("none"), "no results");
  refused("sweep " + study + " --shard 3/2 --db " + database, "k/n");

  SqliteFile(database, SqliteFile::Use::change).run("UPDATE study SET program = 'basil 0.0.1'");
  refused("sweep " + study + " --db " + database, "results of basil 0.0.1, expected basil");
  SqliteFile(database, SqliteFile::Use::change).run("PRAGMA user_version = 99");
  refused("export " + database, "schema 99, expected schema 1");
  SqliteFile(database, SqliteFile::Use::change).run("PRAGMA application_id = 1");
  refused("sweep " + study + " --db " + database, "a database of something else");
}

// Of another build as a change of its sources makes one: a copy of the program with another hash of them.
std::string another_build(const Scratch& scratch, const std::string& build) {
  std::string bytes = text_of(BASIL_COMMAND);
  const std::size_t at = bytes.find(build);
  if (at == std::string::npos) throw std::runtime_error("no hash " + build);
  bytes[at] = bytes[at] == '0' ? '1' : '0';
  const std::string file = scratch.file("rebuilt");
  write_file(file, bytes);
  std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  return file;
}

TEST(SweepCommand, AnotherBuildsResultsAreNeitherTakenNorTouched) {
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml"), first = scratch.file("1.sqlite"),
                    second = scratch.file("2.sqlite");
  const std::string version = run_command("--version").output;
  const std::string build = version.substr(version.find(", build ") + 8, 12);
  const std::string rebuilt = another_build(scratch, build);
  write_file(study, study_text(false));
  ASSERT_EQ(run_command("sweep " + study + " --quiet --shard 1/2 --db " + first).status, 0);
  ASSERT_EQ(std::system((rebuilt + " sweep " + study + " --quiet --shard 2/2 --db " + second).c_str()), 0);
  EXPECT_EQ(done(second), 30U);

  const std::string expected = "build " + build;
  const auto before = contents_of(scratch.path());
  for (const std::string option : {"", " --dry-run", " --resume", " --retry"})
    expect_refusal(run_command("sweep " + study + " --db " + second + option),
                   ", expected " + version.substr(0, version.size() - 1), scratch.path(), before);
  expect_refusal(run_command("merge " + first + " " + second + " -o " + scratch.file("m.sqlite")), expected,
                 scratch.path(), before);
  // They can be shown, exported and merged all the same.
  EXPECT_EQ(run_command("sweep " + study + " --show --db " + second).status, 0);
  EXPECT_NE(run_command("export " + second).output.find(",done,"), std::string::npos);
  const Outcome merged = run_command("merge " + second + " -o " + scratch.file("m.sqlite"));
  EXPECT_EQ(merged.status, 0) << merged.output;
  EXPECT_EQ(run_command("diff " + second + ":1 " + second + ":3").status, 0);
  std::filesystem::remove(scratch.file("m.sqlite"));

  {  // as a kill leaves it, with its log beside it
    SqliteFile open(second, SqliteFile::Use::change);
    open.run("CREATE TABLE more (number INTEGER)");
    auto with_log = contents_of(scratch.path());
    ASSERT_FALSE(with_log.at("2.sqlite-wal").empty());
    EXPECT_EQ(run_command("sweep " + study + " --db " + second).status, 2);
    auto after = contents_of(scratch.path());
    for (auto* contents : {&with_log, &after}) contents->erase("2.sqlite-shm");  // who reads notes so there
    EXPECT_TRUE(after == with_log);
  }
}

}  // namespace
}  // namespace basil::testing
