// A verb of the command: its help, its options, and what it does.
#pragma once

#include <boost/program_options.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/progress.h"
#include "testbenches/command/output_options.h"

namespace basil {

// What a person typed after the verb, checked against its options.
class Arguments {
 public:
  Arguments(const boost::program_options::options_description& options,
            boost::program_options::variables_map values, std::string command);

  [[nodiscard]] bool has(const std::string& name) const { return values_.count(name) != 0; }
  [[nodiscard]] bool flag(const std::string& name) const { return values_[name].as<bool>(); }
  template <class T>
  [[nodiscard]] T get(const std::string& name) const {
    return values_[name].as<T>();
  }
  [[nodiscard]] std::vector<std::string> list(const std::string& name) const {
    return has(name) ? values_[name].as<std::vector<std::string>>() : std::vector<std::string>();
  }
  // What was typed, for a shell, without what changes no result: outputs, --jobs, --quiet, --memory.
  [[nodiscard]] const std::string& command() const { return command_; }

  // Where a verb says how far it is.
  [[nodiscard]] const ShowProgress& progress() const { return progress_; }
  void say_progress_to(ShowProgress progress) { progress_ = std::move(progress); }

  // See core/output_check.h. Done before a verb runs, for the words typed; a verb does it again when it knows
  // what its inputs name: `more` that it writes, `inputs` that it will read beside those it has read.
  void check_outputs(const std::vector<Output>& more = {},
                     const std::vector<std::filesystem::path>& inputs = {}) const;

 private:
  boost::program_options::variables_map values_;
  std::string command_;
  ShowProgress progress_;
  std::vector<Output> outputs_;
  std::vector<std::filesystem::path> inputs_;
};

struct Verb {
  std::string name;
  std::string summary;                  // one line
  std::string usage;                    // "TRACE --on ACCELERATOR"
  std::string details;                  // paragraphs, may be empty
  std::string example;                  // command lines
  std::vector<std::string> positional;  // names of options that take words without a flag, in order
  std::string many = {};                // the option that takes any number of further words, if any
  std::vector<std::string> required;    // of them, those that must be given
  void (*options)(boost::program_options::options_description_easy_init add);
  int (*run)(const Arguments& arguments);  // exit code; throws Error (2) or Failure (1)
};

// One file of this folder each.
[[nodiscard]] Verb run_verb();
[[nodiscard]] Verb compare_verb();
[[nodiscard]] Verb diff_verb();
[[nodiscard]] Verb sweep_verb();
[[nodiscard]] Verb merge_verb();
[[nodiscard]] Verb export_verb();
[[nodiscard]] Verb import_verb();
[[nodiscard]] Verb compress_verb();
[[nodiscard]] Verb synth_verb();
[[nodiscard]] Verb check_verb();
[[nodiscard]] Verb inspect_verb();
[[nodiscard]] Verb dram_verb();
[[nodiscard]] Verb noc_verb();
[[nodiscard]] Verb list_verb();
[[nodiscard]] Verb show_verb();
[[nodiscard]] Verb selftest_verb();
[[nodiscard]] Verb completion_verb();
[[nodiscard]] Verb man_verb();

// Name and version, as results carry it.
[[nodiscard]] std::string program_name();
// The same and which build of it, as studies keep results under it.
[[nodiscard]] std::string program_build();

// Prints to stdout, or not at all where an output goes there ("-"); a closed pipe or a full disk is an Error.
void print(const std::string& text);
// The same of what a program reads, CSV: as it is, unless a terminal shows it.
void print_data(const std::string& bytes);

}  // namespace basil
