// What a machine tells whoever shows its run: the waveform and the timeline hear the same events.
#pragma once

#include <string>
#include <vector>

#include "core/units.h"
#include "dataflows/schedule.h"
#include "models/waveform/pass_outcome.h"

namespace basil {

// Told during the run; `now()` is the moment, other times are absolute cycles. What an observer has no use
// for it leaves out.
class MachineObserver {
 public:
  virtual ~MachineObserver() = default;

  // What the array is doing, as `array.state` of the waveform shows it.
  enum class Array { idle = 0, wait_dram = 1, load_filters = 2, process = 3 };
  // What a transfer over the DRAM link carries.
  enum class Operand { weights, ifmap, ofmap };

  // The `index`th layer of those that run starts now.
  virtual void layer(std::size_t /*index*/, const std::string& /*name*/) {}
  virtual void array_from_now(Array /*state*/, std::int64_t /*active_pes*/) {}
  virtual void buffer_fill(Bytes /*bytes*/) {}
  // A pass that starts now; power is its mean over the pass. At cycle fidelity the outcome is what
  // transaction fidelity says of it.
  virtual void pass_begins(const Step& /*step*/, const PassOutcome& /*outcome*/, double /*power_mw*/) {}
  // The pass is over now, after outcome.cycles.
  virtual void pass_ends(const Step& /*step*/, const PassOutcome& /*outcome*/) {}
  // The link is busy with it; for the ofmap a write, else a read.
  virtual void dram(Operand /*operand*/, std::int64_t /*pass_id*/, Bytes /*bytes*/, Cycles /*from*/,
                    Cycles /*until*/) {}
  // The network between DRAM and tiles still carries what DRAM is through with.
  virtual void network_late(Cycles /*from*/, Cycles /*until*/) {}
};

// Passes on what it is told.
class MachineObservers final : public MachineObserver {
 public:
  void add(MachineObserver& observer) { observers_.push_back(&observer); }
  [[nodiscard]] bool empty() const { return observers_.empty(); }

  void layer(std::size_t index, const std::string& name) override {
    for (MachineObserver* observer : observers_) observer->layer(index, name);
  }
  void array_from_now(Array state, std::int64_t active_pes) override {
    for (MachineObserver* observer : observers_) observer->array_from_now(state, active_pes);
  }
  void buffer_fill(Bytes bytes) override {
    for (MachineObserver* observer : observers_) observer->buffer_fill(bytes);
  }
  void pass_begins(const Step& step, const PassOutcome& outcome, double power_mw) override {
    for (MachineObserver* observer : observers_) observer->pass_begins(step, outcome, power_mw);
  }
  void pass_ends(const Step& step, const PassOutcome& outcome) override {
    for (MachineObserver* observer : observers_) observer->pass_ends(step, outcome);
  }
  void dram(Operand operand, std::int64_t pass_id, Bytes bytes, Cycles from, Cycles until) override {
    for (MachineObserver* observer : observers_) observer->dram(operand, pass_id, bytes, from, until);
  }
  void network_late(Cycles from, Cycles until) override {
    for (MachineObserver* observer : observers_) observer->network_late(from, until);
  }

 private:
  std::vector<MachineObserver*> observers_;
};

}  // namespace basil
