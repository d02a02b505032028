#include <fmt/format.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "testbenches/command/verb.h"
#include "testbenches/selftests/selftests.h"

namespace basil {
namespace {

int selftest(const Arguments& arguments) {
  const auto wanted = arguments.get<std::string>("name");
  std::vector<std::string> names;
  SelftestOptions options;
  options.full = arguments.flag("full");
  if (arguments.has("data")) options.data = arguments.get<std::string>("data");
  bool known = wanted == "all", passed = true;
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const Selftest& test : selftests()) {
    names.push_back(test.name);
    if (wanted != "all" && wanted != test.name) continue;
    known = true;
    print(fmt::format("{}: {}\n\n", test.name, test.summary));
    const SelftestReport report = test.run(options);
    passed = passed && report.passed;
    print(report.text + "\n");
    json.push_back({{"name", test.name}, {"passed", report.passed}, {"report", report.json}});
  }
  if (!known) {
    const std::string near = nearest(wanted, names);
    throw Error("basil selftest", "'" + wanted + "'",
                near.empty() ? "one of those in 'basil selftest --help'" : "'" + near + "'");
  }
  if (arguments.has("json")) write_file_atomically(arguments.get<std::string>("json"), json.dump(1) + "\n");
  return passed ? 0 : 1;
}

}  // namespace

Verb selftest_verb() {
  std::string details;
  for (const Selftest& test : selftests()) details += fmt::format("  {:<16} {}\n", test.name, test.summary);
  return {.name = "selftest",
          .summary = "published numbers, reproduced, each with its deviation",
          .usage = "[NAME] [--full]",
          .details = details,
          .example = "  basil selftest eyeriss-alexnet\n",
          .positional = {"name"},
          .required = {},
          .options =
              [](boost::program_options::options_description_easy_init add) {
                add("name", boost::program_options::value<std::string>()->default_value("all"),
                    "the selftest; all of them without")(
                    "full", boost::program_options::bool_switch(),
                    "every layer and point, in minutes; else in seconds")(
                    "data", boost::program_options::value<std::string>(),
                    "folder with the networks face-resnet34.npz and fashion-vgg.npz; without, those parts "
                    "are left out")("json", text_output(), "write the figures as JSON");
              },
          .run = selftest};
}

}  // namespace basil
