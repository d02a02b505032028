// The timeline of a run against its waveform, its JSON and its CSV.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "testbenches/command/command.h"

namespace basil {
namespace {

using testing::Outcome;
using testing::run_command;
using testing::sample;
using testing::Scratch;
using testing::text_of;
using Json = nlohmann::json;

// The values of one variable of a VCD over cycles; `name` with its scopes, "sequencer.pass_id".
std::map<std::int64_t, std::int64_t> history(const std::string& vcd, const std::string& name) {
  std::istringstream lines(vcd);
  std::map<std::int64_t, std::int64_t> values;
  std::string line, id, scopes;
  std::int64_t time = 0, ticks_a_cycle = 1;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string first, type, width, code, reference;
    words >> first;
    if (first == "$timescale") {
      ticks_a_cycle = line.find("1 ps") == std::string::npos ? 1 : 1000;
    } else if (first == "$scope") {
      words >> type >> reference;
      scopes += reference + ".";
    } else if (first == "$upscope") {
      scopes.erase(scopes.size() < 2 ? 0 : scopes.find_last_of('.', scopes.size() - 2) + 1);
    } else if (first == "$var") {
      words >> type >> width >> code >> reference;
      if ((scopes + reference).substr(0, (scopes + reference).find('[')) == "SystemC." + name) id = code;
    } else if (first[0] == '#') {
      time = std::stoll(first.substr(1)) / ticks_a_cycle;
    } else if (first[0] == 'b' && words >> code && code == id) {
      values[time] = std::stoll(first.substr(1), nullptr, 2);
    }
  }
  return values;
}

std::int64_t at(const std::map<std::int64_t, std::int64_t>& values, std::int64_t time) {
  return std::prev(values.upper_bound(time))->second;
}

struct Span {
  std::int64_t from, until;
  std::string name;
  Json args;
};

// By track, each sorted by its start, the longer first.
std::map<int, std::vector<Span>> spans_of(const Json& timeline, int tile = 0) {
  std::map<int, std::vector<Span>> tracks;
  for (const Json& event : timeline.at("traceEvents")) {
    if (event.at("ph") != "X" || event.at("pid") != tile + 1) continue;
    const std::int64_t from = event.at("ts");
    tracks[event.at("tid")].push_back(
        {from, from + event.at("dur").get<std::int64_t>(), event.at("name"), event.at("args")});
  }
  for (auto& [track, spans] : tracks) {
    std::stable_sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
      return a.from != b.from ? a.from < b.from : a.until > b.until;
    });
  }
  return tracks;
}

inline constexpr int sequencer = 1, array = 2, dram_read = 3, dram_write = 4;

void expect_nested(const std::vector<Span>& spans, std::size_t deepest, const std::string& where) {
  std::vector<const Span*> open;
  for (const Span& span : spans) {
    while (!open.empty() && open.back()->until <= span.from) open.pop_back();
    if (!open.empty()) { EXPECT_LE(span.until, open.back()->until) << where << ": " << span.name; }
    open.push_back(&span);
    EXPECT_LE(open.size(), deepest) << where << ": " << span.name << " at " << span.from;
  }
}

std::int64_t dram_bytes(const Json& layer) {
  std::int64_t bytes = 0;
  for (const char* operand : {"dram_weights_bytes", "dram_ifmap_bytes", "dram_ofmap_bytes"})
    bytes += layer[operand].get<std::int64_t>();
  return bytes;
}

// Each figure of the report is the sum of its spans.
void expect_sums(std::map<int, std::vector<Span>> tracks, const Json& result, const std::string& where) {
  std::map<std::string, std::int64_t> processing, moved;
  std::int64_t waiting = 0, stalls = 0, last = 0;
  std::vector<std::string> layers;
  for (const auto& [track, spans] : tracks) {
    for (const Span& span : spans) {
      last = std::max(last, span.until);
      if (track == sequencer && span.args.contains("index")) layers.push_back(span.name);
      if (track == sequencer && span.args.contains("pass_id"))
        processing[span.args["layer"]] += span.until - span.from;
      if (track == array && span.name == "wait for DRAM") waiting += span.until - span.from;
      if (track == dram_read || track == dram_write)
        moved[span.args["layer"]] += span.args["bytes"].get<std::int64_t>();
    }
  }
  EXPECT_EQ(last, result["cycles"].get<std::int64_t>()) << where;
  ASSERT_EQ(layers.size(), result["layers"].size()) << where;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Json& layer = result["layers"][i];
    EXPECT_EQ(layers[i], layer["layer"]) << where;
    EXPECT_EQ(processing[layers[i]], layer["processing_cycles"].get<std::int64_t>()) << where << layers[i];
    EXPECT_EQ(moved[layers[i]], dram_bytes(layer)) << where << layers[i];
    stalls += layer["dram_stall_cycles"].get<std::int64_t>();
  }
  EXPECT_EQ(waiting, stalls) << where;
}

void expect_layers_of_the_csv(const std::vector<Span>& spans, const std::string& csv,
                              const std::string& where) {
  std::istringstream rows(csv);
  std::string row, cell;
  std::getline(rows, row);
  const std::string before = row.substr(0, row.find(",layer,"));
  const auto place =
      std::count(before.begin(), before.end(), ',') + 1;  // of a layer's name; none before has a comma
  for (const Span& span : spans) {
    if (!span.args.contains("index")) continue;
    ASSERT_TRUE(std::getline(rows, row)) << where;
    std::istringstream cells(row);
    for (int column = 0; column <= place; ++column) std::getline(cells, cell, ',');
    EXPECT_EQ(cell, span.name) << where;
  }
}

// Where the waveform says a pass begins, the timeline does; where the timeline says so, the waveform shows
// it.
void expect_ids_of_the_waveform(const std::vector<Span>& spans, const std::string& vcd,
                                const std::string& prefix, const std::string& where) {
  const auto pass_id = history(vcd, prefix + "sequencer.pass_id"),
             layer = history(vcd, prefix + "sequencer.layer");
  ASSERT_FALSE(pass_id.empty()) << where;
  std::map<std::int64_t, std::int64_t> starts, index;
  for (const Span& span : spans) {
    if (span.args.contains("index")) index[span.from] = span.args["index"];
    if (!span.args.contains("pass_id")) continue;
    starts[span.from] = span.args["pass_id"];
    EXPECT_EQ(at(pass_id, span.from), span.args["pass_id"].get<std::int64_t>()) << where << span.from;
    EXPECT_EQ(at(layer, span.from), at(index, span.from)) << where << span.from;
  }
  for (const auto& [time, id] : pass_id) {
    if (time > 0) { EXPECT_TRUE(starts.count(time) == 1 && starts[time] == id) << where << time; }
  }
}

TEST(Timeline, SaysWhatWaveformJsonAndCsvSay) {
  const Scratch scratch;
  for (const std::string machine :
       {"eyeriss", "eyeriss --fidelity cycle", "tpu-like", "tpu-like --set array.dataflow=output_stationary",
        "scnn", "sparten", "sparten --fidelity cycle", "dcnn --set dram.link_mhz=50",
        "dcnn --set dram.device=ddr4-2400"}) {
    const Outcome outcome =
        run_command("run " + sample("lenet.npz") + " --quiet --vcd-force --on " + machine + " --timeline " +
                    scratch.file("t.json") + " --vcd " + scratch.file("w.vcd") + " --json " +
                    scratch.file("r.json") + " --csv " + scratch.file("r.csv"));
    ASSERT_EQ(outcome.status, 0) << machine << outcome.output;
    const Json timeline = Json::parse(text_of(scratch.file("t.json")));
    const Json result = Json::parse(text_of(scratch.file("r.json")));
    EXPECT_EQ(timeline["otherData"]["cycles"], result["cycles"]);
    const auto tracks = spans_of(timeline);
    for (const auto& [track, spans] : tracks)
      expect_nested(spans, track == sequencer ? 2 : 1, machine + " track " + std::to_string(track));
    expect_sums(tracks, result, machine + " ");
    expect_layers_of_the_csv(tracks.at(sequencer), text_of(scratch.file("r.csv")), machine + " ");
    expect_ids_of_the_waveform(tracks.at(sequencer), text_of(scratch.file("w.vcd")), "", machine + " ");
  }
}

TEST(Timeline, HasAProcessForEachTile) {
  const Scratch scratch;
  const Outcome outcome = run_command(
      "run " + sample("lenet.npz") + " --quiet --on eyeriss --set tiles=3 --timeline " +
      scratch.file("t.json") + " --vcd " + scratch.file("w.vcd") + " --json " + scratch.file("r.json"));
  ASSERT_EQ(outcome.status, 0) << outcome.output;
  const Json timeline = Json::parse(text_of(scratch.file("t.json")));
  const Json result = Json::parse(text_of(scratch.file("r.json")));
  std::map<std::string, std::int64_t> moved;
  for (int tile = 0; tile < 3; ++tile) {
    const std::string name = "tile" + std::to_string(tile) + ".";
    const auto tracks = spans_of(timeline, tile);
    for (const auto& [track, spans] : tracks) {
      expect_nested(spans, track == sequencer ? 2 : 1, name + " track " + std::to_string(track));
      for (const Span& span : spans) {
        if (track == dram_read || track == dram_write)
          moved[span.args["layer"]] += span.args["bytes"].get<std::int64_t>();
      }
    }
    EXPECT_LE(tracks.at(sequencer).back().until, result["cycles"].get<std::int64_t>()) << name;
    expect_ids_of_the_waveform(tracks.at(sequencer), text_of(scratch.file("w.vcd")), name, name);
  }
  for (const Json& layer : result["layers"]) EXPECT_EQ(moved[layer["layer"]], dram_bytes(layer));
}

// What each phase of the Trace Event Format must have:
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
void expect_fields(const Json& event, const std::string& where) {
  static const std::map<std::string, std::vector<std::string>> fields{
      {"M", {"pid", "tid", "name", "args"}},
      {"X", {"pid", "tid", "ts", "dur", "name", "args"}},
      {"C", {"pid", "ts", "name", "args"}},
      {"s", {"pid", "tid", "ts", "name", "cat", "id"}},
      {"f", {"pid", "tid", "ts", "name", "cat", "id", "bp"}}};
  const auto phase = fields.find(event.at("ph").get<std::string>());
  ASSERT_NE(phase, fields.end()) << where << event;
  EXPECT_EQ(event.size(), phase->second.size() + 1) << where << event;
  for (const std::string& field : phase->second) ASSERT_TRUE(event.contains(field)) << where << event;
  EXPECT_FALSE(event["name"].get<std::string>().empty()) << where << event;
  if (event.contains("ts")) { EXPECT_TRUE(event["ts"].is_number_integer() && event["ts"] >= 0) << where; }
  if (event.contains("dur")) { EXPECT_TRUE(event["dur"].is_number_integer() && event["dur"] > 0) << where; }
  if (event["ph"] == "C") { EXPECT_TRUE(event["args"].at("value").is_number()) << where << event; }
}

// Readers nest slices as they come: by their starts, of those that start together the longest first; what is
// named is named before.
void expect_order(const Json& events, const std::string& where) {
  std::set<int> processes;
  std::set<std::pair<int, int>> threads;
  std::map<int, std::pair<std::int64_t, std::int64_t>> last;  // by process: start, and the negative length
  for (const Json& event : events) {
    const int process = event["pid"];
    if (event["ph"] == "M") {
      if (event["name"] == "process_name") processes.insert(process);
      if (event["name"] == "thread_name") threads.emplace(process, event["tid"].get<int>());
      continue;
    }
    EXPECT_TRUE(processes.count(process) == 1) << where << event;
    if (event.contains("tid")) { EXPECT_TRUE(threads.count({process, event["tid"]}) == 1) << where << event; }
    const std::pair<std::int64_t, std::int64_t> place{event["ts"], -event.value("dur", std::int64_t{0})};
    if (last.count(process) == 1) { EXPECT_LE(last[process], place) << where << event; }
    last[process] = place;
  }
}

// An arrow has two ends, the later one not before the other, each within a slice; it goes from a load to its
// pass or from a pass to its results.
void expect_flows(const Json& timeline, const std::string& where) {
  std::map<std::int64_t, std::vector<Json>> flows;
  std::map<int, std::map<int, std::vector<Span>>> tracks;
  for (const Json& event : timeline["traceEvents"]) {
    if (event["ph"] == "s" || event["ph"] == "f") flows[event["id"]].push_back(event);
    const int process = event["pid"];
    if (tracks.count(process) == 0) tracks[process] = spans_of(timeline, process - 1);
  }
  const auto pass_at = [&](const Json& event) -> Json {
    for (const Span& span : tracks[event["pid"]][event["tid"]]) {
      if (span.from <= event["ts"] && event["ts"] < span.until && span.args.contains("pass_id"))
        return span.args["pass_id"];
    }
    return nullptr;
  };
  EXPECT_FALSE(flows.empty()) << where;
  for (const auto& [id, ends] : flows) {
    ASSERT_EQ(ends.size(), 2U) << where << id;
    EXPECT_TRUE(ends[0]["ph"] == "s" && ends[1]["ph"] == "f" && ends[0]["name"] == ends[1]["name"])
        << where << id;
    EXPECT_LE(ends[0]["ts"], ends[1]["ts"]) << where << id;
    ASSERT_TRUE(pass_at(ends[0]).is_number()) << where << ends[0];
    EXPECT_EQ(pass_at(ends[0]), pass_at(ends[1])) << where << id;
    EXPECT_TRUE((ends[0]["tid"] == dram_read && ends[1]["tid"] == sequencer) ||
                (ends[0]["tid"] == sequencer && ends[1]["tid"] == dram_write))
        << where << id;
  }
}

TEST(Timeline, IsOfTheTraceEventFormat) {
  const Scratch scratch;
  for (const std::string machine : {"eyeriss", "eyeriss --fidelity cycle", "tpu-like", "scnn", "sparten",
                                    "dcnn --set dram.device=ddr4-2400", "eyeriss --set tiles=3"}) {
    const Outcome outcome = run_command("run " + sample("lenet.npz") + " --quiet --on " + machine +
                                        " --timeline " + scratch.file("t.json"));
    ASSERT_EQ(outcome.status, 0) << machine << outcome.output;
    const Json timeline = Json::parse(text_of(scratch.file("t.json")));
    EXPECT_EQ(timeline["displayTimeUnit"], "ns");
    EXPECT_EQ(timeline["otherData"]["time_unit"], "1 us is one core cycle");
    for (const Json& event : timeline["traceEvents"]) expect_fields(event, machine + " ");
    expect_order(timeline["traceEvents"], machine + " ");
    expect_flows(timeline, machine + " ");
  }
}

TEST(Timeline, ChangesNoFigure) {
  const Scratch scratch;
  const std::string run = "run " + sample("lenet.npz") + " --on eyeriss --quiet --json ";
  ASSERT_EQ(run_command(run + scratch.file("a.json")).status, 0);
  ASSERT_EQ(run_command(run + scratch.file("b.json") + " --timeline " + scratch.file("t.json")).status, 0);
  EXPECT_EQ(text_of(scratch.file("a.json")), text_of(scratch.file("b.json")));
}

TEST(Timeline, IsRefusedInOneLineWhereItCannotBe) {
  const std::string run = "run " + sample("lenet.npz") + " --on eyeriss --quiet --timeline ";
  for (const std::string words : {"/no/such/folder/t.json", "t.json --jobs 2"}) {
    const Outcome outcome = run_command(run + words);
    EXPECT_EQ(outcome.status, 2) << outcome.output;
    EXPECT_EQ(std::count(outcome.output.begin(), outcome.output.end(), '\n'), 1) << outcome.output;
  }
}

}  // namespace
}  // namespace basil
