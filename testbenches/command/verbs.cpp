#include "testbenches/command/verbs.h"

#include <algorithm>
#include <set>

#include "models/presets/embedded.h"
#include "testbenches/selftests/selftests.h"

namespace basil {
namespace {

namespace po = boost::program_options;
using Value = VerbOption::Value;

bool is_one_of(const std::string& word, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> selftest_names() {
  std::vector<std::string> names{"all"};
  for (const Selftest& test : selftests()) names.push_back(test.name);
  return names;
}

// The words that an option takes, where they are few. Its help says them too, and a test holds the two
// together.
std::vector<std::string> words_for(const std::string& verb, const std::string& option) {
  if (option == "fidelity")
    return verb == "noc" ? std::vector<std::string>{"flit", "transaction"}
                         : std::vector<std::string>{"transaction", "cycle"};
  if (option == "at") return {"equal-multipliers", "equal-area", "as-described"};
  if (option == "rows") return {"points", "layers"};
  if (option == "topology") return {"mesh", "h-tree", "crossbar"};
  if (option == "pattern") return {"uniform", "transpose", "hotspot", "trace"};
  if (option == "what")
    return {"accelerators", "keys",      "devices",      "units", "dataflows",
            "networks",     "encodings", "technologies", "shapes"};
  if (option == "shell") return {"bash", "zsh"};
  if (option == "technology") return embedded_names("technologies");
  if (option == "device") return embedded_names("dram_devices");
  if (option == "list") return embedded_names("shapes");
  if (verb == "selftest" && option == "name") return selftest_names();
  if (verb == "man" && option == "verb") {
    std::vector<std::string> names;
    for (const Verb& known : verbs()) names.push_back(known.name);
    return names;
  }
  return {};
}

bool is_text(const po::option_description& option) {
  const auto* typed = dynamic_cast<const po::typed_value_base*>(option.semantic().get());
  return typed != nullptr && (typed->value_type() == typeid(std::string) ||
                              typed->value_type() == typeid(std::vector<std::string>));
}

Value value_of(const Verb& verb, const po::option_description& option, const VerbOption& described) {
  static const std::set<std::string> read{"trace", "input", "recipe", "pull", "data", "into"};
  if (option.semantic()->max_tokens() == 0) return Value::none;
  if (!described.words.empty()) return Value::words;
  if (!is_text(option)) return Value::text;
  if (described.name == "on" || described.name == "accelerator") return Value::accelerators;
  if (described.name == "set" && verb.name != "dram") return Value::keys;
  const bool is_file =
      described.positional || described.shown.starts_with("OUT") || read.count(described.name) != 0;
  return is_file ? Value::file : Value::text;
}

}  // namespace

std::vector<Verb> verbs() {
  return {run_verb(),    compare_verb(),  diff_verb(),  sweep_verb(),    merge_verb(),      export_verb(),
          import_verb(), compress_verb(), synth_verb(), check_verb(),    inspect_verb(),    dram_verb(),
          noc_verb(),    list_verb(),     show_verb(),  selftest_verb(), completion_verb(), man_verb()};
}

po::options_description options_of(const Verb& verb) {
  po::options_description options("options", 100);
  verb.options(options.add_options());
  options.add_options()("memory", po::value<std::string>(),
                        "the most memory to take, such as 8G (three quarters of the machine's)")("help,h",
                                                                                                 "this text");
  return options;
}

std::vector<VerbOption> described_options(const Verb& verb) {
  std::vector<VerbOption> all;
  const po::options_description options = options_of(verb);
  for (const auto& option : options.options()) {
    VerbOption described{
        .name = option->long_name(),
        .letter = option->canonical_display_name(po::command_line_style::allow_dash_for_short),
        .shown = option->format_parameter(),
        .text = option->description()};
    if (!described.letter.starts_with('-') || described.letter.size() != 2) described.letter.clear();
    described.positional = is_one_of(described.name, verb.positional) || described.name == verb.many;
    described.repeated = option->semantic()->is_composing();
    described.words = words_for(verb.name, described.name);
    described.value = value_of(verb, *option, described);
    all.push_back(std::move(described));
  }
  return all;
}

}  // namespace basil
