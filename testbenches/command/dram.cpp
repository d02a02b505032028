#include "core/atomic_file.h"
#include "core/error.h"
#include "memory/dram/dram_trace.h"
#include "models/description/dram_device.h"
#include "models/waveform/dram_signals.h"
#include "testbenches/command/verb.h"
#include "testbenches/command/waveform_option.h"

namespace basil {
namespace {

namespace po = boost::program_options;

int dram(const Arguments& arguments) {
  const DramDevice device = load_dram_device(arguments.get<std::string>("device"), arguments.list("set"));
  const auto trace = read_dram_trace(arguments.get<std::string>("trace"), device.organisation.capacity());
  const std::optional<WaveformOptions> waveform = waveform_options(arguments, "basil dram");
  arguments.check_outputs();
  DramMemory memory(device);
  if (waveform) {
    for (DramChannel& channel : memory.channels()) channel.keep_log();
  }
  const DramTraceResult result = run_dram_trace(memory, trace, arguments.progress());
  if (waveform) write_dram_waveform(memory, *waveform);
  if (arguments.has("json")) {
    nlohmann::ordered_json json = to_json(result);
    json["program"] = program_build();
    json["command"] = arguments.command();
    write_file_atomically(arguments.get<std::string>("json"), json.dump(1) + "\n");
  }
  if (!arguments.flag("quiet")) print(to_text(result));
  return 0;
}

}  // namespace

Verb dram_verb() {
  return {
      .name = "dram",
      .summary = "a trace of memory requests on a DRAM: time, latency, energy",
      .usage = "TRACE.txt --device DEVICE [options]",
      .details =
          "TRACE.txt has a request on each line: 0xADDRESS READ|WRITE CYCLE. A request is one burst of the "
          "device\n"
          "(64 bytes of ddr4-2400), CYCLE counts its clocks and must not fall; # begins a comment.\n"
          "\n"
          "DEVICE is a shipped one (ddr4-2400, ddr4-3200, lpddr4-3200, hbm2) or a YAML file like "
          "models/dram_devices/*.yaml.\n"
          "Keys for --set: organisation.ranks, timing.tRCD, timing.tRC, power.VDD.IDD0, "
          "controller.page=closed,\n"
          "controller.scheduler=fcfs, controller.mapping=ro-ra-bg-ba-co-ch (row, rank, bank group, bank, "
          "column,\n"
          "channel, the highest address bits first), ...",
      .example =
          "  basil dram requests.txt --device ddr4-2400\n"
          "  basil dram requests.txt --device lpddr4-3200 --set controller.page=closed --json out.json\n"
          "  basil dram requests.txt --device hbm2 --vcd requests.vcd --vcd-window 0:2000\n",
      .positional = {"trace"},
      .required = {"trace", "device"},
      .options =
          [](po::options_description_easy_init add) {
            add("trace", po::value<std::string>(), "the trace of requests")(
                "device", po::value<std::string>(), "a shipped device or a YAML file")(
                "set", po::value<std::vector<std::string>>()->composing(),
                "override a key of the device, e.g. timing.tRCD=20; may be repeated")(
                "json", text_output(), "write the result as JSON")("quiet", po::bool_switch(),
                                                                   "print nothing");
            add_waveform_options(add, "one DRAM clock");
          },
      .run = dram};
}

}  // namespace basil
