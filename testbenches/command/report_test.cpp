// --report as a user gives it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "testbenches/command/command.h"

namespace basil {
namespace {

using testing::Outcome;
using testing::run_command;
using testing::sample;
using testing::Scratch;
using testing::text_of;

nlohmann::json data_of(const std::string& html) {
  const std::size_t start = html.find('>', html.find("id=\"basil-data\"")) + 1;
  return nlohmann::json::parse(html.substr(start, html.find("</script>", start) - start));
}

TEST(Report, OfARunHasTheFiguresOfItsJson) {
  const Scratch scratch;
  const Outcome outcome = run_command("run " + sample("lenet.npz") + " --on eyeriss --quiet --json " +
                                      scratch.file("r.json") + " --report " + scratch.file("r.html"));
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  const auto result = nlohmann::json::parse(text_of(scratch.file("r.json")));
  const auto page = data_of(text_of(scratch.file("r.html")))["studies"][0]["machines"][0];
  for (const char* key : {"trace", "accelerator", "technology", "fidelity", "cycles", "seconds", "energy_pj"})
    EXPECT_EQ(page[key], result[key]) << key;
  ASSERT_EQ(page["layers"].size(), result["layers"].size());
  for (std::size_t i = 0; i < page["layers"].size(); ++i) {
    for (const auto& [key, value] : page["layers"][i].items()) {
      if (key == "encoding") continue;
      EXPECT_EQ(value, result["layers"][i][key]) << key;
    }
  }
}

TEST(Report, OfAComparisonHasEveryTraceAndAccelerator) {
  const Scratch scratch;
  const Outcome outcome = run_command("compare " + sample("lenet.npz") + " " + sample("fashion-vgg.npz") +
                                      " --on dcnn,sparten,escalate --quiet --json " + scratch.file("c.json") +
                                      " --report " + scratch.file("c.html"));
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_LT(std::filesystem::file_size(scratch.file("c.html")), 3'000'000U);
  const auto result = nlohmann::json::parse(text_of(scratch.file("c.json")));
  const auto studies = data_of(text_of(scratch.file("c.html")))["studies"];
  ASSERT_EQ(studies.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(studies[i]["machines"].size(), 3U);
    for (std::size_t j = 0; j < 3; ++j) {
      const auto &machine = studies[i]["machines"][j], &entry = result[i]["accelerators"][j];
      EXPECT_EQ(machine["name"], entry["accelerator"]);
      EXPECT_EQ(machine["energy_pj"], entry["energy_pj"]);
      EXPECT_EQ(machine["speedup"], entry["speedup"]);
      EXPECT_EQ(machine["energy_gain"], entry["energy_gain"]);
      EXPECT_EQ(machine["layers"].size(), entry["layers"].size());
    }
  }
}

// Whose trace a result is: the same in the JSON, on the page, and as `basil inspect` says it.
TEST(Report, SaysWhichTraceFileItWas) {
  const Scratch scratch;
  ASSERT_EQ(run_command("inspect " + sample("lenet.npz") + " --json " + scratch.file("i.json")).status, 0);
  const std::string fingerprint = nlohmann::json::parse(text_of(scratch.file("i.json")))["fingerprint"];
  ASSERT_EQ(run_command("run " + sample("lenet.npz") + " --on eyeriss --quiet --json " +
                        scratch.file("r.json") + " --report " + scratch.file("r.html"))
                .status,
            0);
  ASSERT_EQ(
      run_command("compare " + sample("lenet.npz") + " --on eyeriss --quiet --json " + scratch.file("c.json"))
          .status,
      0);
  EXPECT_EQ(nlohmann::json::parse(text_of(scratch.file("r.json")))["trace_fingerprint"], fingerprint);
  EXPECT_EQ(nlohmann::json::parse(text_of(scratch.file("c.json")))[0]["trace_fingerprint"], fingerprint);
  EXPECT_EQ(data_of(text_of(scratch.file("r.html")))["studies"][0]["trace_fingerprint"], fingerprint);
}

// From a finished database without a new run, and the same page.
TEST(Report, OfAStudyComesFromItsDatabase) {
  const Scratch scratch;
  std::ofstream(scratch.file("s.yaml"))
      << "traces: " << sample("lenet.npz") << "\naccelerators: eyeriss\nparameters: {array.cols: [7, 14]}\n";
  const std::string sweep = "sweep " + scratch.file("s.yaml") + " --quiet --db " + scratch.file("s.sqlite");
  ASSERT_EQ(run_command(sweep + " --report " + scratch.file("first.html")).status, 0);
  const Outcome outcome = run_command(sweep + " --resume --report " + scratch.file("again.html"));
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  EXPECT_EQ(text_of(scratch.file("again.html")), text_of(scratch.file("first.html")));
  EXPECT_EQ(data_of(text_of(scratch.file("first.html")))["points"]["point"].size(), 2U);
}

// What a person calls it, and at the end how to get it again: what was set, and no word of the page itself.
TEST(Report, CarriesTitleCommandAndOverrides) {
  const Scratch scratch;
  const std::string title = " --title 'A <b>title</b>' --quiet --report ";
  ASSERT_EQ(run_command("run " + sample("lenet.npz") + " --on eyeriss --set array.rows=6" + title +
                        scratch.file("r.html"))
                .status,
            0);
  const std::string page = text_of(scratch.file("r.html"));
  EXPECT_NE(page.find("<title>A &lt;b&gt;title&lt;/b&gt;</title>"), std::string::npos);
  const auto study = data_of(page)["studies"][0];
  EXPECT_EQ(study["title"], "A <b>title</b>");
  EXPECT_EQ(study["command"], "basil run " + sample("lenet.npz") + " --on eyeriss --set array.rows=6");
  EXPECT_EQ(study["machines"][0]["overrides"], nlohmann::json({"array.rows=6"}));

  const std::string compared =
      "compare " + sample("lenet.npz") + " --on eyeriss,scnn --set eyeriss:clock_mhz=500";
  ASSERT_EQ(run_command(compared + title + scratch.file("c.html")).status, 0);
  const auto comparison = data_of(text_of(scratch.file("c.html")))["studies"][0];
  EXPECT_EQ(comparison["title"], "A <b>title</b>");
  EXPECT_EQ(comparison["command"], "basil " + compared);
  EXPECT_EQ(comparison["machines"][0]["overrides"], nlohmann::json({"clock_mhz=500"}));
  EXPECT_EQ(comparison["machines"][1]["overrides"], nlohmann::json::array());

  std::ofstream(scratch.file("s.yaml")) << "traces: " << sample("lenet.npz") << "\naccelerators: eyeriss\n";
  const std::string swept_into = " --db " + scratch.file("s.sqlite") + title + scratch.file("s.html");
  ASSERT_EQ(run_command("sweep " + scratch.file("s.yaml") + swept_into).status, 0);
  const auto swept = data_of(text_of(scratch.file("s.html")))["study"];
  EXPECT_EQ(swept["title"], "A <b>title</b>");
  EXPECT_EQ(swept["command"], "basil sweep " + scratch.file("s.yaml"));
}

TEST(Report, ATitleNeedsAPage) {
  for (const std::string& verb :
       {"run " + sample("lenet.npz") + " --on eyeriss", "compare " + sample("lenet.npz") + " --on eyeriss"}) {
    const Outcome outcome = run_command(verb + " --title T");
    EXPECT_EQ(outcome.status, 2);
    EXPECT_EQ(outcome.output,
              "basil: --title: given without --report, expected --report OUT.html beside it\n");
  }
}

TEST(Report, OfTheSameRunIsTheSame) {
  const Scratch scratch;
  for (const char* file : {"a.html", "b.html"})
    ASSERT_EQ(
        run_command("run " + sample("lenet.npz") + " --on eyeriss --quiet --report " + scratch.file(file))
            .status,
        0);
  EXPECT_EQ(text_of(scratch.file("a.html")), text_of(scratch.file("b.html")));
}

TEST(Report, IsRefusedInOneLineWhereItCannotBeWritten) {
  const Outcome outcome =
      run_command("run " + sample("lenet.npz") + " --on eyeriss --quiet --report /no/such/folder/r.html");
  EXPECT_EQ(outcome.status, 2);
  EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
}

}  // namespace
}  // namespace basil
