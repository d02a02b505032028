// Scripts that let a shell complete what is typed: those of completion/, filled in from the verbs' options.
#include <fmt/format.h>

#include "core/error.h"
#include "models/presets/embedded.h"
#include "testbenches/command/verbs.h"

namespace basil {

std::span<const EmbeddedFile> completion_scripts();  // the files of completion/

namespace {

using Value = VerbOption::Value;

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::string replaced(std::string text, const std::string& mark, const std::string& by) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size()))
    text.replace(at, mark.size(), by);
  return text;
}

std::string script(const std::string& name) {
  for (const EmbeddedFile& file : completion_scripts()) {
    if (file.name == name)
      return replaced(std::string(file.text), "@accelerators@", joined(embedded_names("accelerators")));
  }
  throw Failure("no completion script " + name);
}

// What bash does where such a value stands; files it completes by itself.
std::string bash_action(const VerbOption& option) {
  if (option.value == Value::words) return "_basil_words '" + joined(option.words) + "'";
  if (option.value == Value::accelerators) return "_basil_accelerators";
  if (option.value == Value::keys) return "_basil_keys";
  return option.value == Value::text ? "_basil_nothing" : "";
}

struct BashCases {
  std::string values, options, words;  // what stands behind an option, options' names, what stands alone
};

void add_bash_cases(const Verb& verb, BashCases& cases) {
  std::vector<std::string> names;
  std::string first;
  for (const VerbOption& option : described_options(verb)) {
    const std::string action = bash_action(option);
    if (!option.positional) names.push_back("--" + option.name);
    if (option.positional && first.empty()) first = action;
    if (option.value == Value::none) continue;
    const std::string letter =
        option.letter.empty() ? "" : fmt::format(" | '{} {}'", verb.name, option.letter);
    cases.values += fmt::format("    '{} --{}'{}) {} ;;\n", verb.name, option.name, letter,
                                action.empty() ? "return 0" : action);
  }
  cases.options += fmt::format("          {}) _basil_words '{}' ;;\n", verb.name, joined(names));
  if (!first.empty()) cases.words += fmt::format("          {}) {} ;;\n", verb.name, first);
}

std::string bash_script() {
  std::vector<std::string> names;
  BashCases cases;
  for (const Verb& verb : verbs()) {
    names.push_back(verb.name);
    add_bash_cases(verb, cases);
  }
  std::string text = replaced(script("basil.bash"), "@verbs@", joined(names));
  text = replaced(text, "@values@", cases.values);
  return replaced(replaced(text, "@options@", cases.options), "@words@", cases.words);
}

// For the inside of single quotes in a specification of zsh's _arguments or _describe.
std::string zsh_quoted(const std::string& text) {
  std::string quoted;
  for (const char letter : text) {
    if (letter == '\'') {
      quoted += "'\\''";
    } else if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') {
      quoted += std::string("\\") + letter;
    } else {
      quoted += letter;
    }
  }
  return quoted;
}

std::string zsh_action(const VerbOption& option) {
  if (option.value == Value::words) return "(" + joined(option.words) + ")";
  if (option.value == Value::accelerators) return "_basil_accelerators";
  if (option.value == Value::keys) return "_basil_keys";
  return option.value == Value::file ? "_files" : " ";
}

std::string zsh_specification(const VerbOption& option) {
  const std::string many = option.repeated ? "*" : "";
  if (option.positional) return fmt::format("'{}:{}:{}'", many, option.name, zsh_action(option));
  std::string behind = fmt::format("[{}]", zsh_quoted(option.text));
  if (option.value != Value::none) behind += fmt::format(":{}:{}", option.name, zsh_action(option));
  const std::string text = fmt::format("'{}--{}{}'", many, option.name, behind);
  return option.letter.empty() ? text : fmt::format("{} '{}{}{}'", text, many, option.letter, behind);
}

std::string zsh_script() {
  std::string names, cases;
  for (const Verb& verb : verbs()) {
    names += fmt::format("    '{}:{}'\n", verb.name, zsh_quoted(verb.summary));
    cases += "    " + verb.name + ")\n      _arguments";
    for (const VerbOption& option : described_options(verb))
      cases += " \\\n        " + zsh_specification(option);
    cases += "\n      ;;\n";
  }
  return replaced(replaced(script("basil.zsh"), "@verbs@", names), "@options@", cases);
}

int completion(const Arguments& arguments) {
  const auto shell = arguments.get<std::string>("shell");
  if (shell != "bash" && shell != "zsh") throw Error("basil completion", "'" + shell + "'", "bash or zsh");
  print_data(shell == "bash" ? bash_script() : zsh_script());
  return 0;
}

}  // namespace

Verb completion_verb() {
  return {.name = "completion",
          .summary = "a script by which a shell completes verbs, options, accelerators and keys",
          .usage = "bash|zsh",
          .details = "What 'cmake --install' installs knows it already.",
          .example =
              "  source <(basil completion bash)\n"
              "  basil completion zsh > ~/.zsh/_basil     # a folder of $fpath\n",
          .positional = {"shell"},
          .required = {"shell"},
          .options =
              [](boost::program_options::options_description_easy_init add) {
                add("shell", boost::program_options::value<std::string>(), "bash or zsh");
              },
          .run = completion};
}

}  // namespace basil
