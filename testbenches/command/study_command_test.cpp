// What `basil sweep` says of a study's points is what `basil run` and `basil synth` say of them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "models/study/points.h"
#include "models/study/store/database.h"
#include "testbenches/command/command.h"

namespace basil::testing {
namespace {

void write(const std::string& file, const std::string& text) { std::ofstream(file) << text; }

// The figures of a point are those of `basil run`, and its front holds no point that another beats.
TEST(StudyCommand, FiguresAreThoseOfRuns) {
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml"), database = scratch.file("s.sqlite");
  write(study,
        "traces: " + sample("lenet.npz") +
            "\naccelerators: [eyeriss, {name: scnn, parameters: {clock_mhz: [500]}}]\nobjectives: [cycles, "
            "energy, area, seconds * area]\n");
  ASSERT_EQ(run_command("sweep " + study + " --quiet --db " + database + " --json " + scratch.file("s.json"))
                .status,
            0);
  Rows rows;
  StudyDatabase::look(database).each_point([&](const Rows& row) {
    rows.columns = row.columns;
    rows.cells.push_back(row.cells[0]);
  });
  ASSERT_EQ(rows.cells.size(), 2U);
  const std::vector<std::string> words{"eyeriss", "scnn --set clock_mhz=500"};
  for (std::size_t i = 0; i < words.size(); ++i) {
    ASSERT_EQ(run_command("run " + sample("lenet.npz") + " --quiet --on " + words[i] + " --json " +
                          scratch.file("r.json"))
                  .status,
              0);
    const auto run = nlohmann::json::parse(text_of(scratch.file("r.json")));
    for (const char* key : {"cycles", "seconds", "energy_pj", "area_mm2", "pes"}) {
      const auto column = std::find(rows.columns.begin(), rows.columns.end(), key) - rows.columns.begin();
      EXPECT_EQ(rows.cells[i][static_cast<std::size_t>(column)], run[key]) << words[i] << " " << key;
    }
  }
  const auto json = nlohmann::json::parse(text_of(scratch.file("s.json")));
  EXPECT_EQ(json["done"], 2);
  EXPECT_EQ(json["fronts"][0]["trace"], "lenet");
  EXPECT_GE(json["fronts"][0]["points"].size(), 1U);
}

nlohmann::json difference(const Scratch& scratch, const std::string& before, const std::string& after) {
  const Outcome outcome =
      run_command("diff " + before + " " + after + " --quiet --json " + scratch.file("d.json"));
  EXPECT_EQ(outcome.status, 0) << outcome.output;
  return nlohmann::json::parse(text_of(scratch.file("d.json")));
}

// A point's description is that of the same machine in `basil run`, key by key, and two points differ in what
// the study varied.
TEST(StudyCommand, KeepsTheWholeDescriptionOfEachPoint) {
  const Scratch scratch;
  write(scratch.file("study.yaml"), "traces: " + sample("lenet.npz") +
                                        "\naccelerators: eyeriss-vgg16\nlayers: L1\nparameters: {clock_mhz: "
                                        "[100, 250], noc.pe_pitch_mm: [0.25]}\n");
  const std::string database = scratch.file("s.sqlite"), run = scratch.file("r.json");
  ASSERT_EQ(run_command("sweep " + scratch.file("study.yaml") + " --quiet --db " + database).status, 0);
  ASSERT_EQ(
      run_command("run " + sample("lenet.npz") +
                  " --on eyeriss-vgg16 --layer L1 --set clock_mhz=250 --set noc.pe_pitch_mm=0.25 --quiet "
                  "--json " +
                  run)
          .status,
      0);
  const auto same = difference(scratch, database + ":1", run);
  EXPECT_EQ(same["description"], nlohmann::json::array()) << same["description"];
  EXPECT_EQ(same["traces_differ"], false);
  const auto other = difference(scratch, database + ":0", run);
  EXPECT_EQ(other["description"],
            nlohmann::json::parse(R"([{"key": "clock_mhz", "before": "100", "after": "250"}])"));
}

// One scaled to the study's size, too: as `basil compare` says of it.
TEST(StudyCommand, KeepsTheDescriptionOfAScaledMachine) {
  const Scratch scratch;
  write(scratch.file("study.yaml"),
        "traces: " + sample("lenet.npz") + "\naccelerators: [eyeriss, scnn]\nlayers: L1\nmultipliers: 256\n");
  const std::string database = scratch.file("s.sqlite");
  ASSERT_EQ(run_command("sweep " + scratch.file("study.yaml") + " --quiet --db " + database).status, 0);
  ASSERT_EQ(
      run_command("compare " + sample("lenet.npz") +
                  " --on eyeriss,scnn --multipliers 256 --layer L1 --quiet --json " + scratch.file("c.json"))
          .status,
      0);
  const auto compared = nlohmann::json::parse(text_of(scratch.file("c.json")))[0];
  const auto keys = difference(scratch, database + ":0", database + ":1")["description"];
  EXPECT_GT(keys.size(), 10U);
  for (const auto& key : keys) {
    for (const auto& [side, accelerator] : {std::pair{"before", 0}, {"after", 1}}) {
      const auto& description = compared["accelerators"][accelerator]["description"];
      EXPECT_EQ(description.value(key["key"].get<std::string>(), "-"), key[side]) << key["key"];
    }
  }
  EXPECT_EQ(compared["accelerators"][0]["description"]["array.rows"], "15");  // 12 x sqrt(256 / 168), rounded
  EXPECT_FALSE(compared["accelerators"][0]["scaling"].empty());
}

TEST(StudyCommand, ASyntheticTraceIsTheOneThatSynthWrites) {
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml"), end = "\naccelerators: [eyeriss, int16, lightpe1]\n";
  write(scratch.file("small.yaml"),
        "name: small\nlayers: [{name: L0, C: 3, H: 8, K: 16, R: 3}, {name: L1, C: 16, H: 6, K: 8, R: 3}]\n");
  ASSERT_EQ(run_command("synth " + scratch.file("small.yaml") + " -o " + scratch.file("small.npz")).status,
            0);
  write(study, "traces: {synth: small.yaml, name: small}" + end);
  ASSERT_EQ(run_command("sweep " + study + " --quiet --db " + scratch.file("drawn.sqlite")).status, 0);
  write(study, "traces: {file: small.npz, name: small}" + end);
  ASSERT_EQ(run_command("sweep " + study + " --quiet --db " + scratch.file("read.sqlite")).status, 0);
  const auto layers = [&](const char* file) {
    return run_command("export --rows layers " + scratch.file(file)).output;
  };
  EXPECT_NE(layers("drawn.sqlite").find("L1"), std::string::npos);
  EXPECT_EQ(layers("drawn.sqlite"), layers("read.sqlite"));

  // Whoever changes the list does not get the results of the old one.
  write(study, "traces: {synth: small.yaml, name: small}" + end);
  const std::string again = "sweep " + study + " --dry-run --db " + scratch.file("drawn.sqlite");
  EXPECT_NE(run_command(again).output.find("3 points, 0 to run"), std::string::npos);
  write(scratch.file("small.yaml"), "name: small\nlayers: [{name: L0, C: 3, H: 8, K: 16, R: 3}]\n");
  EXPECT_NE(run_command(again).output.find("3 points, 3 to run"), std::string::npos);
}

// Two points apart, as the results of their runs are; the titles alone differ.
TEST(StudyCommand, ADiffOfPointsIsThatOfTheirRuns) {
  const Scratch scratch;
  const std::string study = scratch.file("study.yaml"), database = scratch.file("s.sqlite");
  write(study, "traces: " + sample("lenet.npz") +
                   "\naccelerators: eyeriss\nparameters: {noc.ifmap_bits: [16, 8, 32], dram.link_mhz: [60, "
                   "240]}\n");
  ASSERT_EQ(run_command("sweep " + study + " --quiet --db " + database).status, 0);
  const std::string run = "run " + sample("lenet.npz") + " --on eyeriss --quiet --set noc.ifmap_bits=";
  ASSERT_EQ(run_command(run + "16 --set dram.link_mhz=60 --json " + scratch.file("0.json")).status, 0);
  ASSERT_EQ(run_command(run + "32 --set dram.link_mhz=240 --json " + scratch.file("5.json")).status, 0);
  const std::string limit = " --fail-if 'dram > -10%' --fail-if 'cycles > +1%' --quiet --json ";
  const Outcome runs = run_command("diff " + scratch.file("0.json") + " " + scratch.file("5.json") + limit +
                                   scratch.file("runs.json"));
  const Outcome points =
      run_command("diff " + database + ":0 " + database + ":5" + limit + scratch.file("points.json"));
  EXPECT_EQ(points.status, runs.status);
  EXPECT_EQ(points.output, runs.output);
  auto expected = nlohmann::json::parse(text_of(scratch.file("runs.json")));
  auto found = nlohmann::json::parse(text_of(scratch.file("points.json")));
  EXPECT_LT(found["all"]["cycles"]["after"], found["all"]["cycles"]["before"]);
  EXPECT_EQ(found["before"], "lenet on eyeriss, noc.ifmap_bits=16, dram.link_mhz=60 (" + database + ":0)");
  for (const char* title : {"before", "after"}) {
    found.erase(title);
    expected.erase(title);
  }
  EXPECT_EQ(found, expected);

  const std::vector<std::pair<std::string, std::string>> refusals{
      {database + ":6", "s.sqlite:6: no such point, expected a point from 0 to 5"},
      {database + ":2", "s.sqlite:2: refused: eyeriss: noc.ifmap_bits"},
      {scratch.file("none.sqlite") + ":0", "no such file"},
      {study + ":0", "not a database"},
      {database + ":x", "no such file"}};
  for (const auto& [point, expected_words] : refusals) {
    const Outcome refused = run_command("diff " + database + ":0 " + point);
    EXPECT_EQ(refused.status, 2) << refused.output;
    EXPECT_NE(refused.output.find(expected_words), std::string::npos) << refused.output;
    EXPECT_EQ(std::count(refused.output.begin(), refused.output.end(), '\n'), 1) << refused.output;
  }
  SqliteFile(database, SqliteFile::Use::change).run("DELETE FROM results");
  EXPECT_NE(run_command("diff " + database + ":0 " + database + ":1").output.find("a point not run yet"),
            std::string::npos);
}

// Of ../shared/data beside the clone: a network that does not ship.
bool needs_absent_network(const std::string& study) {
  const std::string network = "../shared/data/face-resnet34.npz";
  return study.find(network) != std::string::npos &&
         !std::filesystem::exists(std::string(BASIL_SOURCE_DIR) + "/" + network);
}

// Of seconds a point; each is still read.
bool is_long(const std::filesystem::path& study) {
  const std::string name = study.stem();
  return name.ends_with("-resnet34") || name.ends_with("-vgg16");
}

TEST(StudyCommand, TheStudiesThatShipAreGood) {
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(BASIL_SOURCE_DIR) + "/testbenches/studies")) {
    if (entry.path().extension() != ".yaml") continue;
    const Study read = read_study(entry.path());
    EXPECT_GE(Points(read).size(), 10U) << entry.path();
    const bool absent = needs_absent_network(text_of(entry.path().string()));
    if (!absent && is_long(entry.path()) && std::getenv("BASIL_FULL") == nullptr) continue;
    const Scratch scratch;
    const Outcome outcome =
        run_command("sweep " + entry.path().string() + " --dry-run --db " + scratch.file("s.sqlite"));
    if (absent) {
      EXPECT_EQ(outcome.status, 2) << outcome.output;
      EXPECT_NE(outcome.output.find("face-resnet34.npz: no such file"), std::string::npos) << outcome.output;
      EXPECT_TRUE(std::filesystem::is_empty(scratch.path())) << outcome.output;
      continue;
    }
    EXPECT_EQ(outcome.status, 0) << entry.path() << outcome.output;
    EXPECT_NE(outcome.output.find("from a sample of"), std::string::npos) << outcome.output;
  }
}

}  // namespace
}  // namespace basil::testing
