#include "models/compare/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <optional>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/fingerprint.h"
#include "core/names.h"
#include "models/description/accelerator_document.h"
#include "models/processes/jobs.h"
#include "models/report/html_report.h"
#include "models/simulate.h"
#include "testbenches/command/option_names.h"
#include "testbenches/command/report_option.h"
#include "testbenches/command/verb.h"

namespace basil {
namespace {

namespace po = boost::program_options;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t comma = std::min(text.find(',', at), text.size());
    if (comma == at) throw Error("--on " + text, "an empty name", "accelerators with a comma between them");
    words.push_back(text.substr(at, comma - at));
    at = comma + 1;
  }
  return words;
}

Footing footing_of(const std::string& word) {
  if (word == "equal-multipliers") return Footing::equal_multipliers;
  if (word == "equal-area") return Footing::equal_area;
  if (word == "as-described") return Footing::as_described;
  throw Error("--at", "'" + word + "'",
              one_of(std::vector<std::string_view>{"equal-multipliers", "equal-area", "as-described"}, word));
}

// Of "--set key=value" all, of "--set NAME:key=value" those for NAME.
std::vector<std::string> overrides_for(const std::string& accelerator, const std::vector<std::string>& given,
                                       const std::vector<std::string>& accelerators) {
  std::vector<std::string> overrides;
  for (const std::string& text : given) {
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon > text.find('=')) {
      overrides.push_back(text);
      continue;
    }
    const std::string name = text.substr(0, colon);
    if (std::find(accelerators.begin(), accelerators.end(), name) == accelerators.end())
      throw Error("--set " + text, "'" + name + "'", "an accelerator of --on before the colon");
    if (name == accelerator) overrides.push_back(text.substr(colon + 1));
  }
  return overrides;
}

inline constexpr int usual_multipliers = 1024;

// Errors say which accelerator asked for the encoding.
Contender contender_of(const Subject& subject, const std::string& name,
                       const std::vector<std::string>& overrides) {
  try {
    return make_contender(subject, name, overrides);
  } catch (const Error& error) { throw error.within(name + " on " + subject.trace.name); }
}

void scale(Contender& contender, ScaledMachine scaled) {
  contender.machine = std::move(scaled.machine);
  contender.scaling = std::move(scaled.scaling);
}

// Every key of its description, as it ran.
std::vector<std::pair<std::string, std::string>> description_of(const Contender& contender) {
  std::vector<std::string> overrides = contender.overrides;
  overrides.insert(overrides.end(), contender.scaling.begin(), contender.scaling.end());
  return accelerator_keys(contender.name, overrides);
}

// The accelerators at their common size, with the layers in encodings they take.
std::vector<Contender> contenders_of(const Arguments& arguments, const Subject& subject, Footing footing,
                                     std::vector<Refusal>& refused) {
  const std::vector<std::string> names = split(arguments.get<std::string>("on"));
  const int multipliers =
      arguments.has("multipliers") ? arguments.get<int>("multipliers") : usual_multipliers;
  if (multipliers < 1 || multipliers > 1 << 20)
    throw Error("--multipliers", std::to_string(multipliers), fmt::format("1 to {}", 1 << 20));
  if (arguments.has("multipliers") && footing != Footing::equal_multipliers)
    throw Error("--multipliers", "a number of PEs with --at " + arguments.get<std::string>("at"),
                "--at equal-multipliers beside it");
  std::vector<Contender> contenders;
  double area = 0;
  for (const std::string& name : names) {
    if (std::count(names.begin(), names.end(), name) > 1)
      throw Error("--on " + arguments.get<std::string>("on"), "'" + name + "' twice",
                  "each accelerator once");
    const std::vector<std::string> overrides = overrides_for(name, arguments.list("set"), names);
    for (const std::string& text : overrides) {
      if (footing == Footing::as_described || !text.starts_with("array.")) continue;
      throw Error("--set " + text, "a size that --at " + arguments.get<std::string>("at") + " sets",
                  "--at as-described beside it");
    }
    (void)load_accelerator(name, overrides);  // what is wrong there is wrong use
    std::optional<Contender> made;
    try {
      made = contender_of(subject, name, overrides);
    } catch (const Error& error) {
      refused.push_back({name, in_options(error)});
      continue;
    }
    Contender& contender = *made;
    if (footing == Footing::equal_multipliers)
      scale(contender, with_multipliers(name, overrides, multipliers));
    if (footing == Footing::equal_area) {
      if (contenders.empty()) area = area_of(contender.machine);
      scale(contender, with_area(name, overrides, area));
    }
    contenders.push_back(std::move(contender));
  }
  return contenders;
}

Comparison compare(const Arguments& arguments, const std::string& file) {
  const Subject subject = read_subject(file);
  Comparison comparison;
  comparison.trace = subject.trace.name;
  comparison.trace_fingerprint = fingerprint_of_file(file);
  comparison.footing = footing_of(arguments.get<std::string>("at"));
  comparison.contenders = contenders_of(arguments, subject, comparison.footing, comparison.refused);
  arguments.check_outputs();
  Options options;
  options.layers = chosen_layers(subject.trace, arguments.list("layer"));
  options.verify = !arguments.flag("no-verify");
  const int jobs = arguments.get<int>("jobs");
  if (jobs < 1 || jobs > 1024) throw Error("--jobs", std::to_string(jobs), "1 to 1024");
  const double beside = bytes_beside(subject, comparison.contenders.size());
  std::vector<Contender> ran;
  for (Contender& contender : comparison.contenders) {
    options.golden = contender.golden;
    options.progress = with_prefix(arguments.progress(), contender.name + ": ");
    try {
      comparison.results.push_back(
          simulate_in_children(contender.trace, contender.machine, options, jobs, beside));
    } catch (const Error& error) {
      comparison.refused.push_back({contender.name, in_options(error)});
      continue;
    }
    comparison.results.back().overrides = contender.overrides;
    comparison.results.back().description = description_of(contender);
    contender.golden.clear();
    ran.push_back(std::move(contender));
  }
  if (ran.empty()) throw Error("", comparison.refused.front().reason);
  comparison.contenders = std::move(ran);
  return comparison;
}

// What it is a comparison of: the command and the program.
void add_provenance(const Arguments& arguments, nlohmann::ordered_json& comparison) {
  comparison["program"] = program_build();
  comparison["command"] = arguments.command();
}

int compare_verb_run(const Arguments& arguments) {
  const PageOptions page{.command = arguments.command(), .title = report_title(arguments)};
  std::string text, csv;
  std::vector<Comparison> comparisons;
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const std::string& file : arguments.list("trace")) {
    Comparison comparison = compare(arguments, file);
    text += (text.empty() ? "" : "\n") + to_text(comparison);
    json.push_back(to_json(comparison));
    add_provenance(arguments, json.back());
    const std::string rows = to_csv(comparison);
    csv += csv.empty() ? rows : rows.substr(rows.find('\n') + 1);
    comparisons.push_back(std::move(comparison));
  }
  if (arguments.has("json")) write_file_atomically(arguments.get<std::string>("json"), json.dump(1) + "\n");
  if (arguments.has("csv")) write_file_atomically(arguments.get<std::string>("csv"), csv);
  if (arguments.has("report"))
    write_file_atomically(arguments.get<std::string>("report"), to_html(comparisons, program_build(), page));
  if (!arguments.flag("quiet"))
    print(text + fmt::format("\n{}: {}\n", program_build(), printable(arguments.command())));
  bool all_ran = true;
  for (const Comparison& comparison : comparisons) {
    for (const Refusal& accelerator : comparison.refused) {
      std::cerr << fmt::format("basil compare: {}: {}\n", accelerator.name, accelerator.reason);
      all_ran = false;
    }
  }
  return all_ran ? 0 : 1;
}

}  // namespace

Verb compare_verb() {
  return {.name = "compare",
          .summary = "the same layers on several accelerators, side by side",
          .usage = "TRACE... --on A,B,C [options]",
          .details =
              "TRACE is a compressed trace, or a network before compression (what 'basil import' writes): "
              "then each\n"
              "accelerator's layers are made by its own recipe. A layer in an encoding that an accelerator "
              "does not\n"
              "take is derived by that recipe, and the table says so. Output errors are measured against "
              "TRACE's own\n"
              "layers (of a network: in fp32). Speed-ups and gains are over the first accelerator. One that "
              "cannot "
              "run\n"
              "the layers is named with the reason; the others are compared, and the exit code is 1.\n"
              "\n"
              "--at equal-multipliers (default) scales every array to --multipliers PEs: rows and columns by "
              "the same\n"
              "factor (of sparse, basis-first and comparator arrays the rows), buses and buffer ports with "
              "them; buffer\n"
              "sizes, clock and DRAM stay as described. --at equal-area scales them to the area of the first "
              "one; --at\n"
              "as-described leaves all as they are.",
          .example =
              "  basil compare traces/samples/fashion-vgg.npz --on dcnn,scnn,sparten,escalate\n"
              "  basil compare net.npz --on int16,lightpe1,lightpe2 --at equal-area --csv out.csv\n"
              "  basil compare net.npz --on eyeriss,scnn --set technology=45nm --set eyeriss:clock_mhz=500\n",
          .positional = {},
          .many = "trace",
          .required = {"trace", "on"},
          .options =
              [](po::options_description_easy_init add) {
                const auto words = [] { return po::value<std::vector<std::string>>()->composing(); };
                const auto word = [] { return po::value<std::string>(); };
                add("trace", words(), "traces or networks (.npz)")(
                    "on", word(), "accelerators of 'basil list accelerators', or YAML files, with commas")(
                    "at", po::value<std::string>()->default_value("equal-multipliers"),
                    "equal-multipliers, equal-area or as-described")(
                    "multipliers", po::value<int>(), "1024: PEs of every array, as near as whole rows allow")(
                    "layer", words(), "only layers whose name matches this glob; may be repeated")(
                    "set", words(),
                    "override a key of all accelerators, or of one: NAME:key=value; may be repeated")(
                    "json", text_output(), "write the comparison as JSON")(
                    "csv", text_output(), "write a row a layer and accelerator")(
                    "no-verify", po::bool_switch(), "skip the golden executor")(
                    "jobs", po::value<int>()->default_value(1), "layers in this many child processes")(
                    "quiet", po::bool_switch(), "no table");
                add_report_options(add);
              },
          .run = compare_verb_run};
}

}  // namespace basil
