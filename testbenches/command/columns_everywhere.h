// For tests: which columns the command's outputs have, whatever the table holds.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "testbenches/command/command.h"

namespace basil::testing {

using Names = std::set<std::string>;

inline Names keys_of(const nlohmann::json& object) {
  Names names;
  for (const auto& [key, value] : object.items()) names.insert(key);
  return names;
}

inline Names header_of(const std::string& csv) {
  std::ifstream file(csv);
  std::string line, cell;
  std::getline(file, line);
  std::istringstream cells(line);
  Names names;
  while (std::getline(cells, cell, ',')) names.insert(cell);
  return names;
}

inline nlohmann::json page_data_of(const std::string& html) {
  const std::string page = text_of(html);
  const std::size_t start = page.find('>', page.find("id=\"basil-data\"")) + 1;
  return nlohmann::json::parse(page.substr(start, page.find("</script>", start) - start));
}

// Of the table as the command lists it: those that every layer has, and those that every run has.
struct ListedColumns {
  Names of_layers, of_runs, summed, all;
};

inline ListedColumns listed_columns() {
  std::istringstream page(run_command("list columns --markdown").output);
  ListedColumns listed;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream words(line.substr(2));
    for (std::string cell; std::getline(words, cell, '|');) cells.push_back(cell);
    const std::string name = cells.at(0).substr(1, cells[0].rfind('`') - 1), &of = cells.at(2);
    const bool always = cells.at(3).find("may be missing") == std::string::npos;
    listed.all.insert(name);
    if (always && of.find("layer") != std::string::npos) listed.of_layers.insert(name);
    if (always && of.find("run") != std::string::npos) listed.of_runs.insert(name);
    if (of.find("sum") != std::string::npos) listed.summed.insert(name);
  }
  return listed;
}

inline void expect_all(const Names& wanted, const Names& found, const std::string& where) {
  for (const std::string& name : wanted) EXPECT_TRUE(found.contains(name)) << where << " lacks " << name;
}

// What each format holds: by its name, of layers and of runs.
struct ColumnsFound {
  std::map<std::string, Names> of_layers, of_runs;
};

inline ColumnsFound columns_found(const Scratch& scratch) {
  const auto file = [&](const char* name) { return scratch.file(name); };
  const auto must = [](const std::string& words) {
    const Outcome outcome = run_command(words);
    ASSERT_EQ(outcome.status, 0) << words << ": " << outcome.output;
  };
  const std::string outputs =
      " --quiet --json " + file("r.json") + " --csv " + file("r.csv") + " --report " + file("r.html");
  ColumnsFound found;
  must("run " + sample("lenet.npz") + " --on eyeriss" + outputs);
  nlohmann::json json = nlohmann::json::parse(text_of(file("r.json")));
  found.of_layers["run --json"] = keys_of(json["layers"][0]);
  found.of_runs["run --json"] = keys_of(json);
  found.of_layers["run --csv"] = header_of(file("r.csv"));
  nlohmann::json page = page_data_of(file("r.html"));
  found.of_layers["the run's page"] = keys_of(page["studies"][0]["machines"][0]["layers"][0]);
  found.of_runs["the run's page"] = keys_of(page["studies"][0]["machines"][0]);
  for (const nlohmann::json& column : page["columns"]) {
    found.of_layers["the page's table of columns"].insert(column["name"]);
    found.of_runs["the page's table of columns"].insert(column["name"]);
  }
  must("compare " + sample("lenet.npz") + " --on eyeriss,scnn" + outputs);
  json = nlohmann::json::parse(text_of(file("r.json")))[0]["accelerators"][1];
  found.of_layers["compare --json"] = keys_of(json["layers"][0]);
  found.of_runs["compare --json"] = keys_of(json);
  found.of_layers["compare --csv"] = header_of(file("r.csv"));
  page = page_data_of(file("r.html"));
  found.of_layers["the comparison's page"] = keys_of(page["studies"][0]["machines"][1]["layers"][0]);

  std::ofstream(file("s.yaml")) << "traces: " << sample("lenet.npz")
                                << "\naccelerators: eyeriss\nparameters: {array.cols: [7, 14]}\n";
  must("sweep " + file("s.yaml") + " --quiet --db " + file("s.sqlite"));
  must("export " + file("s.sqlite") + " -o " + file("p.csv"));
  must("export " + file("s.sqlite") + " --rows layers -o " + file("l.csv"));
  found.of_runs["export"] = header_of(file("p.csv"));
  found.of_layers["export --rows layers"] = header_of(file("l.csv"));
  return found;
}

}  // namespace basil::testing
