// The signals a machine shows at transaction level, and how a pass moves them.
#pragma once

#include <string>
#include <vector>

#include "models/cycle/clocked_pass.h"
#include "models/pe_array.h"
#include "models/waveform.h"

namespace basil {

class WaveformSignals {
 public:
  WaveformSignals(Waveform& waveform, const std::string& prefix);  // prefix: of every name, such as "tile1."

  // What the array is doing, as `array.state` shows it.
  enum class Array { idle = 0, wait_dram = 1, load_filters = 2, process = 3 };

  void layer(std::size_t index);
  void array_from_now(Array state, std::int64_t active_pes);
  void buffer_fill(Bytes bytes);
  // A pass that starts now; power is its mean over the pass.
  void pass(const Step& step, const PassOutcome& outcome, double power_mw);
  void dram_read(Cycles from, Cycles until);  // absolute
  void dram_write(Cycles from, Cycles until);

  // The clocked array's signals, declared once and then shown cycle by cycle.
  void add_clocked(const std::vector<ClockedSignal>& signals);
  void clocked(const std::vector<double>& values);

 private:
  Waveform& waveform_;
  std::string prefix_;
  std::vector<Waveform::Signal> clocked_;
  Waveform::Signal layer_, state_, pass_, active_, fill_, filter_bus_, ifmap_bus_, psum_in_, psum_out_,
      dram_read_, dram_write_, power_;
};

}  // namespace basil
