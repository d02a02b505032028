// Manual pages, made of the verbs' help.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <sstream>

#include "core/atomic_file.h"
#include "core/error.h"
#include "testbenches/command/verbs.h"

namespace basil {
namespace {

// Text as troff prints it: hyphens that can be copied, and no line that is a request.
std::string roff(const std::string& text) {
  std::string out;
  for (const char letter : text) {
    const bool begins = out.empty() || out.back() == '\n';
    if (begins && (letter == '.' || letter == '\'')) out += "\\&";
    if (letter == '\\') {
      out += "\\e";
    } else if (letter == '-') {
      out += "\\-";
    } else if (letter == '|') {
      out += "|\\:";  // where a long line of choices may break
    } else {
      out += letter;
    }
  }
  return out;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  return text;
}

// Indented lines stand as they are, others flow; an empty line parts paragraphs.
std::string paragraphs(const std::string& text) {
  std::string out;
  std::istringstream lines(text);
  bool as_it_is = false;
  for (std::string line; std::getline(lines, line);) {
    const bool indented = line.starts_with("  ");
    if (as_it_is != indented) out += indented ? ".PP\n.nf\n" : ".fi\n.PP\n";
    as_it_is = indented;
    out += line.empty() ? ".PP\n" : roff(line) + "\n";
  }
  return as_it_is ? out + ".fi\n" : out;
}

std::string heading(const std::string& page) {
  return fmt::format(".TH {} 1 \"\" \"{}\" \"Basil\"\n.nh\n.ad l\n", upper(roff(page)), program_name());
}

std::string option_text(const VerbOption& option) {
  const std::string name = fmt::format("\\fB{}\\fP", roff("--" + option.name));
  std::string text = ".TP\n";
  if (option.positional) text += fmt::format("\\fI{}\\fP, ", roff(option.name));
  if (!option.letter.empty()) text += fmt::format("\\fB{}\\fP, ", roff(option.letter));
  text += name;
  if (option.value != VerbOption::Value::none) text += " " + roff(option.shown);
  return text + "\n" + roff(option.text) + "\n";
}

std::string exit_codes() {
  return ".SH EXIT STATUS\n0 done, 1 the work itself failed, 2 wrong usage or bad input\n";
}

std::string page_of(const Verb& verb) {
  const std::string page = "basil-" + verb.name;
  std::string text = heading(page) + ".SH NAME\n" + roff(page + " - " + verb.summary) + "\n";
  text += fmt::format(".SH SYNOPSIS\n\\fBbasil {}\\fP {}\n", verb.name, roff(verb.usage));
  if (!verb.details.empty()) text += ".SH DESCRIPTION\n" + paragraphs(verb.details);
  text += ".SH OPTIONS\n";
  for (const VerbOption& option : described_options(verb)) text += option_text(option);
  return text + ".SH EXAMPLES\n.nf\n" + roff(verb.example) + ".fi\n" + exit_codes() +
         ".SH SEE ALSO\n.BR basil (1)\n";
}

std::string overview_page() {
  std::string text = heading("basil") +
                     ".SH NAME\nbasil \\- simulates accelerators for compressed neural networks\n"
                     ".SH SYNOPSIS\n\\fBbasil\\fP \\fIVERB\\fP [\\fIARGUMENTS\\fP]\n.SH VERBS\n";
  std::string others;
  for (const Verb& verb : verbs()) {
    text += fmt::format(".TP\n\\fB{}\\fP\n{}\n", verb.name, roff(verb.summary));
    others += fmt::format("{}.BR {} (1)", others.empty() ? "" : ",\n", roff("basil-" + verb.name));
  }
  return text + ".SH EXAMPLES\n.nf\n" + roff(run_verb().example) + ".fi\n" + exit_codes() + ".SH SEE ALSO\n" +
         others + "\n";
}

void write_pages(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder))
    throw Error("--into", folder.string(), "a folder that is there");
  write_file_atomically(folder / "basil.1", overview_page());
  for (const Verb& verb : verbs())
    write_file_atomically(folder / ("basil-" + verb.name + ".1"), page_of(verb));
}

int man(const Arguments& arguments) {
  if (arguments.has("into")) {
    if (arguments.has("verb")) throw Error("--into", "given beside a verb", "all pages, or one to print");
    write_pages(arguments.get<std::string>("into"));
    return 0;
  }
  if (!arguments.has("verb")) {
    print_data(overview_page());
    return 0;
  }
  const auto wanted = arguments.get<std::string>("verb");
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) {
    names.push_back(verb.name);
    if (verb.name != wanted) continue;
    print_data(page_of(verb));
    return 0;
  }
  const std::string near = nearest(wanted, names);
  throw Error("basil man", "'" + wanted + "'", near.empty() ? "a verb of 'basil --help'" : "'" + near + "'");
}

}  // namespace

Verb man_verb() {
  return {.name = "man",
          .summary = "manual pages, made of the help: one printed, or all written",
          .usage = "[VERB] [--into FOLDER]",
          .details = "What 'cmake --install' installs has them already: 'man basil', 'man basil-run'.",
          .example = "  basil man run | man -l -\n  basil man --into ~/.local/share/man/man1\n",
          .positional = {"verb"},
          .required = {},
          .options =
              [](boost::program_options::options_description_easy_init add) {
                add("verb", boost::program_options::value<std::string>(),
                    "the page of this verb; basil's own without")(
                    "into", boost::program_options::value<std::string>(), "write all pages into this folder");
              },
          .run = man};
}

}  // namespace basil
