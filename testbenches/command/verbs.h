// The verbs of the command as one table: what the command itself, its completion and its manual pages are
// made of.
#pragma once

#include <string>
#include <vector>

#include "testbenches/command/verb.h"

namespace basil {

// In the order in which help shows them.
[[nodiscard]] std::vector<Verb> verbs();

// The verb's own and those that every verb has, as help shows them.
[[nodiscard]] boost::program_options::options_description options_of(const Verb& verb);

// One of them, as completion and manual pages read it.
struct VerbOption {
  // What stands behind it: nothing, one of `words`, accelerators with commas between them or a file, keys of
  // an accelerator, a file, or a text or number of one's own.
  enum class Value { none, words, accelerators, keys, file, text };

  std::string name;         // without dashes
  std::string letter;       // "-o", or nothing
  std::string shown;        // its value, as help shows it: "OUT.npz", "arg (=1)"
  std::string text;         // what it is for
  bool positional = false;  // taken without its name, too
  bool repeated = false;
  Value value = Value::text;
  std::vector<std::string> words = {};
};

[[nodiscard]] std::vector<VerbOption> described_options(const Verb& verb);

}  // namespace basil
