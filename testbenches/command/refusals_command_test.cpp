// What a command says of input that is wrong, too large or not what it takes: in words of its own, on one
// line.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "models/study/store/sqlite.h"
#include "testbenches/command/command.h"
#include "traces/testing/trace_surgery.h"

namespace basil::testing {
namespace {

class Refusals : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::copy_file(sample("lenet.npz"), scratch.file("x.npz"));
    std::filesystem::copy_file(sample("digits-lenet.npz"), scratch.file("y.npz"));
    std::ofstream(scratch.file("s.yaml")) << "traces: x.npz\naccelerators: eyeriss\nlayers: L0\n";
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(scratch.file(name)) << text;
  }
  Outcome in_folder(const std::string& words, const std::string& before = "") const {
    return run_shell("cd " + scratch.path().string() + " && " + before + BASIL_COMMAND + " " + words);
  }
  // On one line, of exit code `status`, saying each of `parts`.
  void expect(const std::string& words, const std::vector<std::string>& parts, int status = 2) const {
    const Outcome outcome = in_folder(words);
    EXPECT_EQ(outcome.status, status) << words << "\n" << outcome.output;
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
    for (const std::string& part : parts)
      EXPECT_NE(outcome.output.find(part), std::string::npos) << words << "\n" << outcome.output;
    for (const char* raw :
         {"json.exception", "Not a zip", "free()", "std::", "basic_string", "bad_alloc", "lexical_cast"})
      EXPECT_EQ(outcome.output.find(raw), std::string::npos) << outcome.output;
  }
  // The trace or network with `from` replaced in its network.json.
  void change(const std::string& file, const std::string& from, const std::string& to) const {
    Members members;
    {
      NpzReader archive(scratch.file(file));
      for (const std::string& name : archive.unread()) members[name] = archive.read(name, 1 << 24, name);
    }
    std::string& json = members.at("network.json");
    const std::size_t at = json.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    json.replace(at, from.size(), to);
    store(scratch.file("changed.npz"), zip_of(members));
  }

  Scratch scratch;
};

TEST_F(Refusals, SayWhichVerbTakesAModel) {
  put("m.onnx", "\x08\x07");
  put("m.tflite", std::string("\x1c\0\0\0TFL3", 8));
  put("m.safetensors", "{}");
  store(scratch.file("m.pt"), zip_of({{"m/data.pkl", "pickled"}}));
  const std::string imported = "expected a .npz file, as 'basil import' makes of it";
  for (const std::string verb : {"run", "inspect", "compress"}) {
    const std::string rest = verb == "run" ? " --on eyeriss" : verb == "compress" ? " -o z.npz" : "";
    expect(verb + " m.onnx" + rest, {"m.onnx: an ONNX model, " + imported});
    expect(verb + " m.tflite" + rest, {"m.tflite: a TensorFlow Lite model, " + imported});
    expect(verb + " m.pt" + rest, {"m.pt: a PyTorch file, expected a .npz file: export the model"});
  }
  expect("import m.pt -o z.npz",
         {"m.pt: a PyTorch file, expected a .npz file: export the model by torch.onnx.export"});
  expect("import m.safetensors -o z.npz", {"m.safetensors: weights without a network"});
}

TEST_F(Refusals, SpeakInWordsOfTheirOwn) {
  put("no.npz", "text");
  put("no.json", "{\"schema\": ");
  put("other.json", "{\"schema\": \"basil-result/1\"}");
  put("list.json", "[1, 2]");
  expect("run no.npz --on eyeriss", {"no.npz", "ZIP archive", "expected a .npz file"});
  expect("inspect no.npz", {"no.npz", "expected"});
  expect("compress no.npz -o z.npz", {"no.npz", "expected"});
  expect("diff no.json no.json", {"no.json: not JSON: it ends too early"});
  put("damaged.json", "{\"schema\":\n \"basil-result/2\", oh}");
  expect("diff damaged.json no.json", {"damaged.json: not JSON: line 2, column 20: "});
  put("text.json", "hello");
  expect("diff text.json no.json", {"text.json: not JSON, expected a file that 'basil run --json' wrote"});
  put("empty.json", "\n");
  expect("diff empty.json no.json", {"empty.json: an empty file, expected a file that"});
  expect("diff other.json other.json", {"other.json", "expected a file that 'basil run --json' wrote"});
  expect("diff list.json list.json", {"a comparison"});
  expect("run x.npz --on eyeriss --set technology=7nm", {"'7nm'", "45nm", "65nm"});
  expect("run x.npz --on eyeriss --jobs many", {"jobs"});
  expect("run x.npz --on eyeriss --sample 0.5 --seed -1", {"--seed", "'-1'", "0 or more"});
  expect("synth vgg16 --seed -1 -o z.npz", {"--seed", "'-1'"});
  expect("import y.npz --seed=-3 -o z.npz", {"--seed", "'-3'"});
  expect("run x.npz --on eyeriss --memory lots", {"--memory", "'lots'", "8G"});
  expect("noc --mesh 4x4 --rate 1e-300", {"--rate", "1e-300", "at least one"});
}

// One process of about 20 MB fits, and so would each of these.
TEST_F(Refusals, HoldProcessesAtATimeAgainstTheMemory) {
  const std::string much = " --jobs 4 --memory 31M";
  const char* const told = "4 processes at a time of about";
  expect("run x.npz --on eyeriss" + much, {"--jobs 4: layer L", told, "at most 31.0 MB, the limit"});
  expect("compare x.npz --on eyeriss,scnn" + much, {"--jobs 4: layer L", told});
  put("points.yaml", "traces: x.npz\naccelerators: eyeriss\nparameters: {clock_mhz: [100, 200, 300, 400]}\n");
  expect("sweep points.yaml" + much, {"--jobs 4: layer L", told});
  // No more than there are points.
  put("point.yaml", "traces: x.npz\naccelerators: eyeriss\n");
  EXPECT_EQ(in_folder("sweep point.yaml --quiet" + much).status, 0);
  EXPECT_EQ(in_folder("sweep points.yaml --quiet --shard 2/4 --db shard.sqlite" + much).status, 0);
}

TEST_F(Refusals, NameAStudyWithoutAPointAndFiguresThatCannotBe) {
  ASSERT_EQ(in_folder("sweep s.yaml --quiet").status, 0);
  expect("diff s.sqlite s.sqlite:0", {"a study without a point", "s.sqlite:12"});
  ASSERT_EQ(in_folder("run x.npz --on eyeriss --quiet --json a.json").status, 0);
  ASSERT_EQ(in_folder("compare x.npz --on eyeriss,scnn --quiet --json c.json").status, 0);
  expect("diff c.json a.json", {"a comparison"});
  const std::string good = text_of(scratch.file("a.json"));
  for (const auto& [from, to] :
       std::vector<std::pair<std::string, std::string>>{{"\"pes\": 168", "\"pes\": 0"},
                                                        {"\"clock_mhz\": 200.0", "\"clock_mhz\": 0.0"},
                                                        {"\"cycles\": ", "\"cycles\": -"},
                                                        {"\"energy_pj\": ", "\"energy_pj\": -"},
                                                        {"\"cycles\": ", "\"cycles\": 1e300, \"was\": "},
                                                        {"\"pes\": 168", "\"pes\": 18446744073709551615"}}) {
    std::string bad = good;
    const std::size_t layers =
        from.starts_with("\"pes") || from.starts_with("\"clock") ? 0 : bad.find("\"layers\"");
    bad.replace(bad.find(from, layers), from.size(), to);
    put("bad.json", bad);
    expect("diff bad.json a.json --fail-if 'cycles > +2%'", {"bad.json"});
    expect("diff a.json bad.json --fail-if 'cycles > +2%'", {"bad.json"});
  }
}

// Each sum that a result writes beside its parts.
TEST_F(Refusals, NameSumsThatContradictTheirParts) {
  using Json = nlohmann::ordered_json;
  ASSERT_EQ(in_folder("run x.npz --on eyeriss --quiet --json a.json").status, 0);
  const Json good = Json::parse(text_of(scratch.file("a.json")));
  const auto differ = [&](const Json& edited, const std::vector<std::string>& words) {
    put("bad.json", edited.dump());
    expect("diff a.json bad.json", words);
    expect("diff bad.json a.json --fail-if 'cycles > +2%'", words);
  };
  std::int64_t cycles = 0;
  for (const Json& layer : good["layers"]) cycles += layer["cycles"].get<std::int64_t>();
  Json edited = good;
  edited["cycles"] = cycles - 1;
  differ(edited, {"bad.json: result: cycles: " + std::to_string(cycles - 1) + ", expected " +
                  std::to_string(cycles) + ", the sum of its layers"});
  for (const char* column : {"energy_pj", "dram_pj", "leakage_pj"}) {
    edited = good;
    edited[column] = 1.001 * good[column].get<double>();
    differ(edited, {std::string("result: ") + column, "the sum of its layers"});
  }
  edited = good;
  edited["layers"].erase(0);
  differ(edited, {"the sum of its layers"});
  edited = good;
  edited["layers"][0]["cycles"] = good["layers"][0]["cycles"].get<std::int64_t>() + 1;
  differ(edited, {"layer L0: cycles: ", "its bins over its PEs"});
  edited = good;
  edited["layers"][0]["energy_pj"] = 1.0;
  differ(edited, {"layer L0: energy_pj: 1, expected ", "the sum of its components"});
  edited = good;
  edited["layers"][0].erase("mac_pj");
  put("less.json", edited.dump());  // what a result does not say has not moved
  const Outcome less = in_folder("diff a.json less.json");
  EXPECT_EQ(less.status, 0) << less.output;
  EXPECT_EQ(less.output.find("nan"), std::string::npos) << less.output;
  put("same.json", good.dump());
  EXPECT_EQ(in_folder("diff a.json same.json --fail-if 'cycles > +0%'").status, 0);
}

TEST_F(Refusals, TakeNoUnknownActivationForNone) {
  for (const char* word : {"Relu6", "leaky0.1", "gelu", "after", ""}) {
    change("y.npz", "\"relu\": true", std::string("\"relu\": \"") + word + "\"");
    expect("compress changed.npz -o z.npz", {"relu", "'after residual add'"});
  }
  ASSERT_EQ(in_folder("compress y.npz -o z.npz").status, 0);
  const std::string whole = in_folder("inspect z.npz").output;
  for (const char* word : {"Relu", "ReLU", "RELU", "relu"}) {
    change("y.npz", "\"relu\": true", std::string("\"relu\": \"") + word + "\"");
    ASSERT_EQ(in_folder("compress changed.npz -o z2.npz").status, 0);
    EXPECT_EQ(in_folder("inspect z2.npz").output, whole) << word;
  }
}

TEST_F(Refusals, ReadToTheEndOfAText) {
  change("x.npz", "\"schema\"", std::string("\"schema\""));
  Members members;
  {
    NpzReader archive(scratch.file("x.npz"));
    for (const std::string& name : archive.unread()) members[name] = archive.read(name, 1 << 24, name);
  }
  members.at("network.json") += std::string("\0 and more", 10);
  store(scratch.file("nul.npz"), zip_of(members));
  expect("check nul.npz", {"network.json", "NUL"});
  put("nul.yaml", std::string("base: eyeriss\nname: a\n\0more", 27));
  expect("run x.npz --on nul.yaml", {"nul.yaml:3"});
}

// A few bytes that ask for gigabytes.
TEST_F(Refusals, SayWhatALayerWouldTakeBeforeItIsTaken) {
  change("x.npz", "\"padding\": [", "\"padding\": [20000, 20000, 20000, 20000], \"unused\": [");
  expect("run changed.npz --on eyeriss", {"layer L0"});
  put("large.yaml",
      "name: large\nseed: 1\nlayers:\n  - {name: wide, C: 64, H: 4000, W: 4000, K: 64, R: 3, pad: 1}\n");
  expect("synth large.yaml --memory 2G -o z.npz", {"layer wide", "GB", "at most 2.0 GB", "--memory"});
  expect("run x.npz --on eyeriss --memory 1M", {"not enough memory", "--memory"});
  EXPECT_EQ(in_folder("run x.npz --on eyeriss --quiet --memory 1G").status, 0);
  expect("run x.npz --on eyeriss --fidelity cycle --memory 1G --set array.rows=4096 --set array.cols=4096",
         {"16777216 PEs", "GB"});
}

TEST_F(Refusals, NeedNoLargerStackThanTheShellGives) {
  for (const char* words : {"run x.npz --on eyeriss --quiet", "sweep s.yaml --quiet --jobs 2", "--help",
                            "compare x.npz --on eyeriss,scnn --quiet"})
    EXPECT_EQ(in_folder(words, "ulimit -s 64; ").status, 0) << words;
}

TEST_F(Refusals, ReadNoViewThatCouldGoOnForEver) {
  ASSERT_EQ(in_folder("sweep s.yaml --quiet").status, 0);
  SqliteFile(scratch.file("s.sqlite"), SqliteFile::Use::change)
      .run(
          "DROP VIEW point_rows; CREATE VIEW point_rows AS WITH RECURSIVE n(point) AS (SELECT 0 UNION ALL "
          "SELECT point "
          "FROM n) SELECT point FROM n");
  expect("export s.sqlite", {"s.sqlite", "point_rows", "did not make"});
  expect("diff s.sqlite:0 s.sqlite:0", {"point_rows"});
}

}  // namespace
}  // namespace basil::testing
