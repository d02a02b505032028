#include <fmt/format.h>

#include "models/description/description.h"
#include "testbenches/command/verb.h"

namespace basil {
namespace {

int show(const Arguments& arguments) {
  print(to_yaml(keys_of_accelerator(arguments.get<std::string>("accelerator"), arguments.list("set"))));
  return 0;
}

}  // namespace

Verb show_verb() {
  return {.name = "show",
          .summary = "an accelerator as it runs: every key, left out or not, as YAML",
          .usage = "ACCELERATOR [--set KEY=VALUE]...",
          .details = "What it prints is an accelerator, too: in a file, '--on FILE' runs the same.",
          .example = "  basil show eyeriss\n  basil show eyeriss --set array.rows=24 > out/taller.yaml\n",
          .positional = {"accelerator"},
          .required = {"accelerator"},
          .options =
              [](boost::program_options::options_description_easy_init add) {
                using boost::program_options::value;
                add("accelerator", value<std::string>(), "one of 'basil list accelerators', or a YAML file");
                add("set", value<std::vector<std::string>>()->composing(),
                    "override a key, e.g. array.rows=16; may be repeated");
              },
          .run = show};
}

}  // namespace basil
