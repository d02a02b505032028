// The `basil` command: finds the verb, parses its options, turns errors into one line and an exit code.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>

#include "core/error.h"
#include "models/study/build_id.h"
#include "testbenches/basil/verb.h"

namespace basil {
namespace {

namespace po = boost::program_options;

std::vector<Verb> verbs() {
  return {run_verb(),     compare_verb(), diff_verb(),     sweep_verb(), merge_verb(),
          export_verb(),  import_verb(),  compress_verb(), synth_verb(), check_verb(),
          inspect_verb(), dram_verb(),    noc_verb(),      list_verb(),  selftest_verb()};
}

std::string overview() {
  std::string text =
      program_name() +
      ": simulates accelerators for compressed neural networks\n\nusage: basil VERB [ARGUMENTS]\n\n";
  for (const Verb& verb : verbs()) text += fmt::format("  {:<10} {}\n", verb.name, verb.summary);
  return text +
         "\n'basil VERB --help' shows a verb's options and an example.\n"
         "exit codes: 0 done, 1 the work itself failed, 2 wrong usage or bad input\n";
}

po::options_description options_of(const Verb& verb) {
  po::options_description options("options", 100);
  verb.options(options.add_options());
  options.add_options()("help,h", "this text");
  return options;
}

std::string help(const Verb& verb) {
  std::ostringstream options;
  options << options_of(verb);
  std::string text =
      fmt::format("basil {}: {}\n\nusage: basil {} {}\n", verb.name, verb.summary, verb.name, verb.usage);
  if (!verb.details.empty()) text += "\n" + verb.details + "\n";
  return text + "\n" + options.str() + "\nexample:\n" + verb.example;
}

Arguments parse(const Verb& verb, const std::vector<std::string>& words) {
  const po::options_description options = options_of(verb);
  po::positional_options_description positional;
  for (const std::string& name : verb.positional) positional.add(name.c_str(), 1);
  if (!verb.many.empty()) positional.add(verb.many.c_str(), -1);
  po::variables_map values;
  try {
    po::store(po::command_line_parser(words)
                  .options(options)
                  .positional(positional)
                  .style(po::command_line_style::default_style & ~po::command_line_style::allow_guessing)
                  .run(),
              values);
    po::notify(values);
  } catch (const po::unknown_option& error) {
    std::vector<std::string> known;
    for (const auto& option : options.options()) known.push_back("--" + option->long_name());
    const std::string near = nearest(error.get_option_name(), known);
    throw Error("basil " + verb.name, "unknown option " + error.get_option_name(),
                near.empty() ? "an option of 'basil " + verb.name + " --help'" : near);
  } catch (const po::error& error) {
    throw Error("basil " + verb.name, error.what(), "'basil " + verb.name + " --help' shows the usage");
  }
  if (values.count("help") == 0) {
    for (const std::string& name : verb.required) {
      if (values.count(name) == 0)
        throw Error("basil " + verb.name, "no " + name, "usage: basil " + verb.name + " " + verb.usage);
    }
  }
  return Arguments(std::move(values));
}

int dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    std::cerr << overview();
    return 2;
  }
  if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print(overview());
    return 0;
  }
  if (words[0] == "--version") {
    print(program_build() + "\n");
    return 0;
  }
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) {
    if (verb.name == words[0]) {
      const Arguments arguments = parse(verb, {words.begin() + 1, words.end()});
      if (arguments.has("help")) {
        print(help(verb));
        return 0;
      }
      return verb.run(arguments);
    }
    names.push_back(verb.name);
  }
  const std::string near = nearest(words[0], names);
  throw Error("basil", "unknown verb '" + words[0] + "'",
              near.empty() ? "a verb of 'basil --help'" : "'" + near + "'");
}

}  // namespace

std::string program_name() { return "basil " BASIL_VERSION; }
std::string program_build() { return program_name() + ", build " + build_id().substr(0, 12); }

void print(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error("standard output", "cannot be written", "an open pipe or a disk with room");
  }
}

}  // namespace basil

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the limit of `ulimit -f` is an Error like a full disk
  try {
    return basil::dispatch({argv + 1, argv + argc});
  } catch (const basil::Error& error) {
    std::cerr << "basil: " << error.what() << "\n";
    return 2;
  } catch (const basil::Failure& failure) {
    std::cerr << "basil: " << failure.what() << "\n";
    return 1;
  } catch (const std::bad_alloc&) {
    std::cerr << "basil: not enough memory for this input\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "basil: " << error.what() << "\n";
    return 1;
  }
}
