// --vcd, --vcd-window and --vcd-force, as every verb with a waveform takes them.
#pragma once

#include <optional>
#include <string>

#include "models/simulate.h"
#include "testbenches/command/verb.h"

namespace basil {

// `unit`: what a nanosecond of the waveform is, "one core cycle".
void add_waveform_options(boost::program_options::options_description_easy_init add, const std::string& unit);

// Nothing without --vcd. Error (where: `verb`) for the others without it, and for a bad window.
[[nodiscard]] std::optional<WaveformOptions> waveform_options(const Arguments& arguments,
                                                              const std::string& verb);

}  // namespace basil
