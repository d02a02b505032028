// The `basil` command: finds the verb, parses its options, turns errors into one line and an exit code.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>

#include "core/error.h"
#include "core/interrupt.h"
#include "core/memory_limit.h"
#include "core/names.h"
#include "core/stack.h"
#include "core/standard_descriptors.h"
#include "models/presets/build_id.h"
#include "testbenches/command/option_names.h"
#include "testbenches/command/verbs.h"

namespace basil {
namespace {

namespace po = boost::program_options;

std::string overview() {
  std::string text =
      program_name() +
      ": simulates accelerators for compressed neural networks\n\nusage: basil VERB [ARGUMENTS]\n\n";
  for (const Verb& verb : verbs()) text += fmt::format("  {:<10} {}\n", verb.name, verb.summary);
  return text +
         "\n'basil VERB --help' shows a verb's options and an example.\n"
         "exit codes: 0 done, 1 the work itself failed, 2 wrong usage or bad input\n";
}

std::string help(const Verb& verb) {
  std::ostringstream options;
  options << options_of(verb);
  std::string text =
      fmt::format("basil {}: {}\n\nusage: basil {} {}\n", verb.name, verb.summary, verb.name, verb.usage);
  if (!verb.details.empty()) text += "\n" + verb.details + "\n";
  return text + "\n" + options.str() + "\nexample:\n" + verb.example;
}

// Boost reads -1 as the greatest number of an option that cannot be negative.
void check_signs(const po::parsed_options& parsed, const po::options_description& options) {
  for (const auto& option : parsed.options) {
    const po::option_description* const known = options.find_nothrow(option.string_key, false);
    if (known == nullptr || option.value.empty()) continue;
    const auto* typed = dynamic_cast<const po::typed_value_base*>(known->semantic().get());
    if (typed != nullptr && typed->value_type() == typeid(std::uint64_t) && option.value[0].starts_with('-'))
      throw Error("--" + option.string_key, "'" + option.value[0] + "'", "a whole number, 0 or more");
  }
}

Arguments parse(const Verb& verb, const std::vector<std::string>& words) {
  const po::options_description options = options_of(verb);
  po::positional_options_description positional;
  for (const std::string& name : verb.positional) positional.add(name.c_str(), 1);
  if (!verb.many.empty()) positional.add(verb.many.c_str(), -1);
  po::variables_map values;
  std::string command;
  try {
    const po::parsed_options parsed =
        po::command_line_parser(words)
            .options(options)
            .positional(positional)
            .style(po::command_line_style::default_style & ~po::command_line_style::allow_guessing)
            .run();
    check_signs(parsed, options);
    command = command_of(verb.name, parsed, options);
    po::store(parsed, values);
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
  return {options, std::move(values), command};
}

bool stdout_is_taken = false;  // by an output named "-"

// Names of files and layers end up in results, which are UTF-8.
void check_letters(const std::vector<std::string>& words) {
  for (const std::string& word : words) {
    if (!is_utf8(word)) throw Error("", "'" + word + "'", "words of UTF-8");
  }
}

int dispatch(const std::vector<std::string>& words) {
  check_letters(words);
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
      Arguments arguments = parse(verb, {words.begin() + 1, words.end()});
      if (arguments.has("help")) {
        print(help(verb));
        return 0;
      }
      set_memory_limit(arguments.has("memory") ? parse_memory(arguments.get<std::string>("memory"))
                                               : default_memory_limit());
      arguments.check_outputs();
      const Progress progress("basil " + verb.name);
      arguments.say_progress_to(progress.show());
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

Arguments::Arguments(const po::options_description& options, po::variables_map values, std::string command)
    : values_(std::move(values)),
      command_(std::move(command)),
      outputs_(outputs_of(options, values_)),
      inputs_(inputs_of(options, values_)) {
  for (const Output& output : outputs_) stdout_is_taken = stdout_is_taken || output.file == "-";
}

void Arguments::check_outputs(const std::vector<Output>& more,
                              const std::vector<std::filesystem::path>& inputs) const {
  std::vector<Output> outputs = outputs_;
  for (const Output& output : more) {
    const auto has_it = [&](const Output& other) { return other.option == output.option; };
    if (std::none_of(outputs.begin(), outputs.end(), has_it)) outputs.push_back(output);
  }
  std::vector<std::filesystem::path> all = inputs_;
  all.insert(all.end(), inputs.begin(), inputs.end());
  basil::check_outputs(outputs, all);
}

void print(const std::string& text) {
  if (!stdout_is_taken) print_data(printable_lines(text));
}

void print_data(const std::string& bytes) {
  const bool to_a_person = isatty(STDOUT_FILENO) != 0;
  if (to_a_person) clear_progress_line();
  const std::string text = to_a_person ? printable_lines(bytes) : bytes;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error("standard output", "cannot be written", "an open pipe or a disk with room");
  }
}

}  // namespace basil

namespace {

int run(const std::vector<std::string>& words) {
  try {
    return basil::dispatch(words);
  } catch (const basil::Error& error) {
    std::cerr << "basil: " << basil::in_options(error) << "\n";
    return 2;
  } catch (const basil::Failure& failure) {
    std::cerr << "basil: " << basil::printable(failure.what()) << "\n";
    return 1;
  } catch (const std::bad_alloc&) {
    std::cerr << "basil: " << basil::in_options(basil::out_of_memory()) << "\n";
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "basil: " << basil::printable(basil::library_message(error)) << "\n";
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  basil::make_sure_of_standard_descriptors();
  basil::remove_unfinished_files_on_signals();
  std::signal(SIGXFSZ, SIG_IGN);  // a file beyond the limit of `ulimit -f` is an Error like a full disk
  return basil::with_whole_stack([&] { return run({argv + 1, argv + argc}); });
}
