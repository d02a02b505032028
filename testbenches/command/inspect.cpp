// Two verbs that read a file and say what they found: `check` refuses a bad one, `inspect` shows a good one.
#include "traces/inspect/inspect.h"

#include <fmt/format.h>

#include "core/atomic_file.h"
#include "core/fingerprint.h"
#include "testbenches/command/verb.h"
#include "traces/file/trace_file.h"

namespace basil {
namespace {

namespace po = boost::program_options;

int check_files(const Arguments& arguments) {
  for (const std::string& file : arguments.list("trace")) {
    const Trace trace = read_trace(file);
    print(fmt::format("{}: good, {} layers\n", file, trace.layers.size()));
  }
  return 0;
}

int inspect_file(const Arguments& arguments) {
  const auto file = arguments.get<std::string>("trace");
  const std::string print_of_file = fingerprint_of_file(file);
  const auto show = [&](const auto& found) {
    if (arguments.has("json")) {
      nlohmann::ordered_json json = describe_json(found);
      json["fingerprint"] = print_of_file;
      write_file_atomically(arguments.get<std::string>("json"), json.dump(1) + "\n");
    }
    print(describe(found) + "fingerprint " + print_of_file + "\n");
    return 0;
  };
  return is_dense_network(file) ? show(read_dense_network(file)) : show(read_trace(file));
}

}  // namespace

Verb check_verb() {
  return {.name = "check",
          .summary = "refuse a bad trace, with file, layer and field",
          .usage = "TRACE...",
          .details =
              "Reads the whole file: members, checksums, shapes, encodings, values. Exit code 0 for a good "
              "trace, 2 for a bad one.",
          .example = "  basil check net.npz\n",
          .positional = {"trace"},
          .required = {"trace"},
          .options =
              [](po::options_description_easy_init add) {
                add("trace", po::value<std::vector<std::string>>()->composing(), "the trace files");
              },
          .run = check_files};
}

Verb inspect_verb() {
  return {.name = "inspect",
          .summary = "what a trace or an imported network holds, layer by layer",
          .usage = "TRACE [--json FILE]",
          .details =
              "The fingerprint tells files apart; results and reports carry that of the trace they are of.\n",
          .example = "  basil inspect traces/samples/lenet.npz\n",
          .positional = {"trace"},
          .required = {"trace"},
          .options =
              [](po::options_description_easy_init add) {
                add("trace", po::value<std::string>(), "the trace or network file")("json", text_output(),
                                                                                    "write the same as JSON");
              },
          .run = inspect_file};
}

}  // namespace basil
