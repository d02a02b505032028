#include "models/compare/diff.h"

#include <fmt/format.h>

#include <filesystem>
#include <optional>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "core/names.h"
#include "models/report/result_account.h"
#include "models/study/store/point_account.h"
#include "testbenches/command/verb.h"
#include "traces/file/json_reader.h"

namespace basil {
namespace {

namespace po = boost::program_options;

ResultAccount read_result(const std::string& file) {
  constexpr std::int64_t most_bytes = 256 << 20;
  const std::string expected = "a file that 'basil run --json' wrote, or DATABASE:POINT";
  const std::string text = read_file(file, most_bytes, expected), where = name_in_messages(file);
  if (text.starts_with("SQLite format 3"))
    throw Error(where, "a study without a point", "a point after a colon, as " + file + ":12");
  const std::size_t begins = text.find_first_not_of(" \t\r\n");
  if (begins == std::string::npos) throw Error(where, "an empty file", expected);
  if (text[begins] != '{' && text[begins] != '[') throw Error(where, "not JSON", expected);
  static_cast<void>(parse_json(text, where));  // its syntax, with words of our own
  try {
    const auto json = nlohmann::ordered_json::parse(text);
    if (json.is_array() || json.value("schema", "").starts_with("basil-comparison/"))
      throw Error("", "a comparison", "the result of one accelerator, by 'basil run --json'");
    return account_from_json(json);
  } catch (const nlohmann::json::exception& error) {
    throw Error(where, library_message(error), expected);
  } catch (const Error& error) { throw error.within(where); }
}

// "study.sqlite:12": the file and the point; nothing for another text, or where a file has that very name.
std::optional<std::pair<std::string, std::size_t>> point_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos || std::filesystem::exists(text)) return std::nullopt;
  const std::string digits = text.substr(colon + 1);
  if (digits.empty() || digits.size() > 9 || digits.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::pair{text.substr(0, colon), static_cast<std::size_t>(std::stoul(digits))};
}

ResultAccount read_account(const std::string& text) {
  if (const auto point = point_of(text)) return account_of_point(point->first, point->second);
  return read_result(text);
}

int run_diff(const Arguments& arguments) {
  std::vector<Limit> limits;
  for (const std::string& text : arguments.list("fail-if")) limits.push_back(parse_limit(text));
  const ResultAccount before = read_account(arguments.get<std::string>("before"));
  const ResultDiff moved = diff(before, read_account(arguments.get<std::string>("after")));
  if (arguments.has("json"))
    write_file_atomically(arguments.get<std::string>("json"), to_json(moved).dump(1) + "\n");
  std::string text = arguments.flag("quiet") ? "" : to_text(moved);
  bool failed = false;
  for (const Limit& limit : limits) {
    if (!beyond(moved, limit)) continue;
    failed = true;
    text += "  FAILED  " + limit.text + "\n";
  }
  print(text);
  return failed ? 1 : 0;
}

}  // namespace

Verb diff_verb() {
  return {
      .name = "diff",
      .summary = "two results: which cycles and which picojoules moved, layer by layer",
      .usage = "BEFORE AFTER [--fail-if LIMIT]",
      .details =
          "BEFORE and AFTER are files of 'basil run --json', or points of studies: a database of 'basil "
          "sweep', a\n"
          "colon and the point's number, as study.sqlite:12.\n"
          "\n"
          "Layers are matched by name, those that moved most come first. A LIMIT is a figure, > or <, and a\n"
          "change: 'cycles > +2%', 'energy > 1000000' (pJ), 'dram > 0%'. Figures are cycles and energy of "
          "all\n"
          "layers, the bins of the cycle account, the components of the energy account (a name that is "
          "both,\n"
          "like noc, means the bin), and columns of 'basil list columns' that add up. The exit code is 0, or "
          "1 where a limit is passed.",
      .example =
          "  basil run net.npz --on eyeriss --json a.json --quiet\n"
          "  basil run net.npz --on eyeriss --set array.cols=28 --json b.json --quiet\n"
          "  basil diff a.json b.json --fail-if 'cycles > +2%'\n"
          "  basil diff study.sqlite:12 study.sqlite:57\n",
      .positional = {"before", "after"},
      .required = {"before", "after"},
      .options =
          [](po::options_description_easy_init add) {
            add("before", po::value<std::string>(), "a result of 'basil run --json', or DATABASE:POINT")(
                "after", po::value<std::string>(), "another")(
                "fail-if", po::value<std::vector<std::string>>()->composing(),
                "exit with 1 where a change is beyond this; may be repeated")(
                "json", text_output(), "write the differences as JSON")("quiet", po::bool_switch(),
                                                                        "no table");
          },
      .run = run_diff};
}

}  // namespace basil
