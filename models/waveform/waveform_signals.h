// The signals a machine shows at transaction level, and how a pass moves them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "models/cycle/clocked_pass.h"
#include "models/waveform/machine_observer.h"
#include "models/waveform/waveform.h"

namespace basil {

class WaveformSignals final : public MachineObserver {
 public:
  // prefix: of every name, such as "tile1."; shared_network: DRAM is reached over routers.
  WaveformSignals(Waveform& waveform, const std::string& prefix, bool shared_network);

  void layer(std::size_t index, const std::string& name) override;
  void array_from_now(Array state, std::int64_t active_pes) override;
  void buffer_fill(Bytes bytes) override;
  void pass_begins(const Step& step, const PassOutcome& outcome, double power_mw) override;
  void dram(Operand operand, std::int64_t pass_id, Bytes bytes, Cycles from, Cycles until) override;
  void network_late(Cycles from, Cycles until) override;

  // The clocked array's signals, declared once and then shown cycle by cycle.
  void add_clocked(const std::vector<ClockedSignal>& signals);
  void clocked(const std::vector<double>& values);

 private:
  Waveform& waveform_;
  std::string prefix_;
  std::vector<Waveform::Signal> clocked_;
  Waveform::Signal layer_, state_, pass_, active_, fill_, filter_bus_, ifmap_bus_, psum_in_, psum_out_,
      dram_read_, dram_write_, power_;
  std::optional<Waveform::Signal> network_late_;
};

}  // namespace basil
