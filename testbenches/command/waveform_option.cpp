#include "testbenches/command/waveform_option.h"

#include "core/error.h"

namespace basil {
namespace {

// "A:B" in cycles; either may be missing.
std::pair<Cycles, Cycles> parse_window(const std::string& text) {
  const std::size_t colon = text.find(':');
  const auto number = [&](const std::string& part, std::int64_t otherwise) {
    if (part.empty()) return otherwise;
    if (part.size() > 18 || part.find_first_not_of("0123456789") != std::string::npos)
      throw Error("--vcd-window", "'" + text + "'", "FIRST:LAST in cycles, e.g. 1000:2000");
    return static_cast<std::int64_t>(std::stoll(part));
  };
  if (colon == std::string::npos)
    throw Error("--vcd-window", "'" + text + "'", "FIRST:LAST in cycles, e.g. 1000:2000");
  const std::pair window{Cycles(number(text.substr(0, colon), 0)),
                         Cycles(number(text.substr(colon + 1), std::int64_t{1} << 52))};
  if (window.second < window.first)
    throw Error("--vcd-window", "'" + text + "'", "a last cycle after the first");
  return window;
}

}  // namespace

void add_waveform_options(boost::program_options::options_description_easy_init add,
                          const std::string& unit) {
  namespace po = boost::program_options;
  add("vcd", waveform_output(), ("write a waveform, and a .gtkw beside it; 1 ns is " + unit).c_str())(
      "vcd-window", po::value<std::string>(), ("FIRST:LAST to show, in the same unit"))(
      "vcd-force", po::bool_switch(), "write the waveform however large");
}

std::optional<WaveformOptions> waveform_options(const Arguments& arguments, const std::string& verb) {
  if (!arguments.has("vcd")) {
    if (arguments.has("vcd-window") || arguments.flag("vcd-force"))
      throw Error(verb, "a waveform option without --vcd", "--vcd FILE beside it");
    return std::nullopt;
  }
  WaveformOptions options;
  options.file = arguments.get<std::string>("vcd");
  options.force = arguments.flag("vcd-force");
  if (arguments.has("vcd-window")) options.window = parse_window(arguments.get<std::string>("vcd-window"));
  return options;
}

}  // namespace basil
