#include "models/waveform/waveform_signals.h"

#include <algorithm>
#include <cmath>

#include "core/names.h"
#include "core/systemc/cycle_time.h"

namespace basil {
namespace {

inline constexpr std::array<const char*, 4> bus_names{"filter", "ifmap", "psum_in", "psum_out"};
inline constexpr const char* clocked_group = "clocked array and one of its PEs";

// Two digits of what is drawn as a curve are enough to read.
double rounded(double value) { return std::round(value * 100) / 100; }

// The longest names are cut, so that their row is no wider than the screen.
std::vector<std::string> words_of(const std::vector<std::string>& layers) {
  constexpr std::size_t most_letters = 24;
  std::vector<std::string> words;
  for (const std::string& layer : layers) words.push_back(printable(layer).substr(0, most_letters));
  return words;
}

}  // namespace

// The words are those of MachineObserver::Array.
WaveformSignals::WaveformSignals(Waveform& waveform, Shown shown)
    : waveform_(waveform),
      shown_(std::move(shown)),
      layer_name_(waveform.add_words(shown_.prefix + "sequencer.layer_name", words_of(shown_.layers),
                                     shown_.prefix + "sequencer")),
      layer_(waveform.add(shown_.prefix + "sequencer.layer", 16, shown_.prefix + "sequencer")),
      pass_(waveform.add(shown_.prefix + "sequencer.pass_id", 32, shown_.prefix + "sequencer")),
      state_(waveform.add_words(shown_.prefix + "array.state", {"idle", "wait", "load", "process"},
                                shown_.prefix + "array")),
      active_(waveform.add_curve(shown_.prefix + "array.active_pes", 0, shown_.prefix + "array")),
      utilisation_(
          waveform.add_curve(shown_.prefix + "array.utilisation_percent", 0, shown_.prefix + "array")),
      fill_(waveform.add_curve(shown_.prefix + "fmaps.fill_bytes", 40, shown_.prefix + "buffer")),
      buses_(),
      dram_read_(0),
      dram_write_(0),
      power_(0),
      samples_(shown_.sample, [this](Cycles from, double active) {
        waveform_.set_at(from, utilisation_, rounded(100 * active / static_cast<double>(shown_.pes)));
      }) {
  const std::string& prefix = shown_.prefix;
  for (std::size_t i = 0; i < buses_.size(); ++i)
    buses_[i] = waveform.add(prefix + "noc." + bus_names[i] + "_bus_busy", 1, prefix + "buses of the array");
  dram_read_ = waveform.add(prefix + "dram.read_busy", 1, prefix + "DRAM link");
  dram_write_ = waveform.add(prefix + "dram.write_busy", 1, prefix + "DRAM link");
  if (shown_.shared_network)
    network_late_ = waveform.add(prefix + "dram.network_late", 1, prefix + "DRAM link");
  power_ = waveform.add_curve(prefix + "power_mw", 0, prefix + "power, mW");
  waveform.add_teller([this](Cycles now, bool over) { return tell(now, over); });
}

// What is told late: the mean of a pass that runs, of a sample and of the power.
Cycles WaveformSignals::tell(Cycles now, bool over) {
  if (over) samples_.end(now);
  return std::min({now, pass_start_.value_or(now), samples_.start(), power_until_});
}

void WaveformSignals::layer(std::size_t index, const std::string& /*name*/) {
  waveform_.set(layer_, static_cast<double>(index));
  waveform_.set(layer_name_, static_cast<double>(index));
}

void WaveformSignals::array_from_now(Array state) {
  waveform_.set(state_, static_cast<double>(state));
  waveform_.set(active_, 0);
}

void WaveformSignals::buffer_fill(Bytes bytes) { waveform_.set(fill_, static_cast<double>(bytes.value)); }

void WaveformSignals::pass_begins(const Step& step) {
  pass_start_ = now();
  waveform_.set(pass_, static_cast<double>(step.id));
}

void WaveformSignals::pass_ends(const Step& /*step*/, const PassOutcome& outcome) {
  const Cycles start = now() - outcome.cycles, loaded = start + std::min(outcome.filter_load, outcome.cycles);
  const auto work = static_cast<double>(outcome.bins[Bin::compute] + outcome.bins[Bin::gated]);
  if (loaded > start) waveform_.set_at(start, state_, static_cast<double>(Array::load_filters));
  waveform_.set_at(loaded, state_, static_cast<double>(Array::process));
  // While filters are loaded no PE has all of its own.
  const Cycles from = loaded < now() ? loaded : start;
  waveform_.set_at(start, active_, 0);
  waveform_.set_at(from, active_, rounded(work / static_cast<double>((now() - from).value)));
  samples_.add(from, now(), work);
  pass_start_.reset();
}

// A clocked array that draws its words shows its buses itself, but for sums that leave under the next pass.
void WaveformSignals::bus(ArrayBus bus, Cycles from, Cycles until) {
  waveform_.busy(buses_[static_cast<std::size_t>(bus)], clocked_buses_ ? std::max(from, now()) : from, until);
}

void WaveformSignals::power(double milliwatts, Cycles from) {
  waveform_.set_at(from, power_, rounded(milliwatts));
  power_until_ = now();
}

void WaveformSignals::add_clocked(const std::vector<ClockedSignal>& signals) {
  const std::string bus_scope = "bus.";
  for (const ClockedSignal& signal : signals) {
    const auto bus = std::find(bus_names.begin(), bus_names.end(),
                               signal.name.substr(std::min(signal.name.size(), bus_scope.size())));
    if (signal.name.starts_with(bus_scope) && bus != bus_names.end()) {
      clocked_.push_back({.signal = buses_[static_cast<std::size_t>(bus - bus_names.begin())], .bus = true});
      clocked_buses_ = true;
      continue;
    }
    const std::string path = shown_.prefix + "array." + signal.name, group = shown_.prefix + clocked_group;
    std::vector<std::string> words{"-"};
    words.insert(words.end(), signal.words.begin(), signal.words.end());
    const bool word = !signal.words.empty();
    clocked_.push_back(
        {.signal = word ? waveform_.add_words(path, words, group) : waveform_.add(path, signal.bits, group),
         .word = word});
  }
}

void WaveformSignals::clocked(const std::vector<double>& values) {
  const Cycles cycle = now() - Cycles(1);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Clocked& shown = clocked_[i];
    if (!shown.bus) {
      waveform_.set_at(cycle, shown.signal, values[i] + (shown.word ? 1 : 0));
    } else if (values[i] != 0) {
      waveform_.busy(shown.signal, cycle, now());
    }
  }
}

void WaveformSignals::clocked_over() {
  for (const Clocked& shown : clocked_) {
    if (!shown.bus) waveform_.set(shown.signal, 0);
  }
}

void WaveformSignals::network_late(Cycles from, Cycles until) {
  if (network_late_) waveform_.busy(*network_late_, from, until);
}

void WaveformSignals::dram(Operand operand, std::int64_t /*pass_id*/, Bytes /*bytes*/, Cycles from,
                           Cycles until) {
  waveform_.busy(operand == Operand::ofmap ? dram_write_ : dram_read_, from, until);
}

}  // namespace basil
