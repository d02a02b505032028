// The signals a machine shows at transaction level, and how a pass moves them.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "models/cycle/clocked_pass.h"
#include "models/waveform/machine_observer.h"
#include "models/waveform/sampled_mean.h"
#include "models/waveform/waveform.h"

namespace basil {

// A PE is active in a cycle in which it multiplies, or spends a slot on a zero; what a pass's PEs do in the
// mean is shown from when its filters are in, and sampled over the whole run.
class WaveformSignals final : public MachineObserver {
 public:
  // Of one tile.
  struct Shown {
    std::string prefix;  // of every name, such as "tile1."
    std::vector<std::string> layers;
    std::int64_t pes = 1;
    Cycles sample{1000};          // between samples of the utilisation
    bool shared_network = false;  // DRAM is reached over routers
  };

  WaveformSignals(Waveform& waveform, Shown shown);
  WaveformSignals(const WaveformSignals&) = delete;
  WaveformSignals& operator=(const WaveformSignals&) = delete;

  void layer(std::size_t index, const std::string& name) override;
  void array_from_now(Array state) override;
  void buffer_fill(Bytes bytes) override;
  void pass_begins(const Step& step) override;
  void pass_ends(const Step& step, const PassOutcome& outcome) override;
  void bus(ArrayBus bus, Cycles from, Cycles until) override;
  void power(double milliwatts, Cycles from) override;
  void dram(Operand operand, std::int64_t pass_id, Bytes bytes, Cycles from, Cycles until) override;
  void network_late(Cycles from, Cycles until) override;

  [[nodiscard]] bool open() const { return waveform_.open(); }
  // The clocked array's signals, declared once and then shown cycle by cycle. Those named "bus." take the
  // places of the array's buses.
  void add_clocked(const std::vector<ClockedSignal>& signals);
  // In the cycle that ends now. A state's word tells what was done in it, a register or fill what it left.
  void clocked(const std::vector<double>& values);
  // The clocked pass ends now: nothing is in the array.
  void clocked_over();

 private:
  struct Clocked {
    Waveform::Signal signal = 0;
    bool word = false, bus = false;
  };
  Cycles tell(Cycles now, bool over);

  Waveform& waveform_;
  Shown shown_;
  std::vector<Clocked> clocked_;
  bool clocked_buses_ = false;
  Waveform::Signal layer_name_, layer_, pass_, state_, active_, utilisation_, fill_;
  std::array<Waveform::Signal, 4> buses_;
  Waveform::Signal dram_read_, dram_write_, power_;
  std::optional<Waveform::Signal> network_late_;
  SampledMean samples_;
  std::optional<Cycles> pass_start_;  // of the pass that runs
  Cycles power_until_;
};

}  // namespace basil
