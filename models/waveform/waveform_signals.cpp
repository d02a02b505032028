#include "models/waveform/waveform_signals.h"

#include "core/systemc/cycle_time.h"

namespace basil {
namespace {

// The words are those of MachineObserver::Array.
constexpr const char* array_group = "array (waits for DRAM, loads filters, processes)";

}  // namespace

WaveformSignals::WaveformSignals(Waveform& waveform, const std::string& prefix, bool shared_network)
    : waveform_(waveform),
      prefix_(prefix),
      layer_(waveform.add(prefix + "sequencer.layer", 16, "sequencer")),
      state_(waveform.add_words(prefix + "array.state", {"idle", "wait", "load", "process"}, array_group)),
      pass_(waveform.add(prefix + "sequencer.pass_id", 32, "sequencer")),
      active_(waveform.add(prefix + "array.active_pes", 24, array_group)),
      fill_(waveform.add(prefix + "fmaps.fill_bytes", 40, "buffer")),
      filter_bus_(waveform.add(prefix + "noc.filter_bus_busy", 1, "noc")),
      ifmap_bus_(waveform.add(prefix + "noc.ifmap_bus_busy", 1, "noc")),
      psum_in_(waveform.add(prefix + "noc.psum_in_bus_busy", 1, "noc")),
      psum_out_(waveform.add(prefix + "noc.psum_out_bus_busy", 1, "noc")),
      dram_read_(waveform.add(prefix + "dram.read_busy", 1, "dram")),
      dram_write_(waveform.add(prefix + "dram.write_busy", 1, "dram")),
      power_(waveform.add_real(prefix + "power_mw", "power of the running pass, mW")) {
  if (shared_network) network_late_ = waveform.add(prefix + "dram.network_late", 1, "dram");
}

void WaveformSignals::layer(std::size_t index, const std::string& /*name*/) {
  waveform_.set(layer_, static_cast<double>(index));
}

void WaveformSignals::array_from_now(Array state, std::int64_t active_pes) {
  waveform_.set(state_, static_cast<double>(state));
  waveform_.set(active_, static_cast<double>(active_pes));
  if (state == Array::idle || state == Array::wait_dram) waveform_.set(power_, 0);
}

void WaveformSignals::buffer_fill(Bytes bytes) { waveform_.set(fill_, static_cast<double>(bytes.value)); }

void WaveformSignals::pass_begins(const Step& step, const PassOutcome& outcome, double power_mw) {
  const Cycles start = now();
  waveform_.set(pass_, static_cast<double>(step.id));
  waveform_.set(active_, static_cast<double>(step.active_pes));
  waveform_.set(power_, power_mw);
  waveform_.set(state_,
                static_cast<double>(outcome.filter_load.value > 0 ? Array::load_filters : Array::process));
  waveform_.set_at(start + outcome.filter_load, state_, static_cast<double>(Array::process));
  if (!clocked_.empty()) return;  // the clocked array shows its own buses
  waveform_.busy(filter_bus_, start, start + outcome.filter_bus_until);
  waveform_.busy(ifmap_bus_, start + outcome.streams_from, start + outcome.ifmap_bus_until);
  waveform_.busy(psum_in_, start + outcome.streams_from, start + outcome.psum_in_until);
  waveform_.busy(psum_out_, start + outcome.streams_from, start + outcome.psum_out_until);
}

void WaveformSignals::add_clocked(const std::vector<ClockedSignal>& signals) {
  for (const ClockedSignal& signal : signals)
    clocked_.push_back(waveform_.add(prefix_ + "array." + signal.name, signal.bits,
                                     "the clocked array and the PE of --vcd-pe"));
}

void WaveformSignals::clocked(const std::vector<double>& values) {
  if (!waveform_.open()) return;
  for (std::size_t i = 0; i < values.size(); ++i) waveform_.set(clocked_[i], values[i]);
}

void WaveformSignals::network_late(Cycles from, Cycles until) {
  if (network_late_) waveform_.busy(*network_late_, from, until);
}

void WaveformSignals::dram(Operand operand, std::int64_t /*pass_id*/, Bytes /*bytes*/, Cycles from,
                           Cycles until) {
  waveform_.busy(operand == Operand::ofmap ? dram_write_ : dram_read_, from, until);
}

}  // namespace basil
