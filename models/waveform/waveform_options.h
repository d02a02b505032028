// Which waveform a run writes.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "core/units.h"

namespace basil {

struct WaveformOptions {
  std::string file;                                 // .vcd; a .gtkw is written beside it
  std::optional<std::pair<Cycles, Cycles>> window;  // first and last cycle to show
  int pe = 0;                                       // the PE shown register by register at cycle fidelity
  bool force = false;                               // write it however large
};

}  // namespace basil
