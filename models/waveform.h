// The waveform of a run: what SystemC's tracer writes, limited to a window, and a GTKWave save file.
#pragma once

#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <systemc>
#include <vector>

#include "core/units.h"
#include "models/simulate.h"

namespace basil {

// Values shown over time. A signal is declared before simulation starts, then set now or scheduled; outside
// the window changes are not written. One nanosecond of the file is one core cycle.
class Waveform : public sc_core::sc_module {
 public:
  // Throws Error when the file cannot be written.
  Waveform(const sc_core::sc_module_name& name, const WaveformOptions& options, const std::string& comment);
  ~Waveform() override;

  using Signal = std::size_t;
  // `path` is dotted ("array.state"); `group` heads it in GTKWave. A busy signal counts: it shows 1 while
  // more intervals have begun than ended.
  Signal add(const std::string& path, int bits, const std::string& group);
  Signal add_real(const std::string& path, const std::string& group);

  void set(Signal signal, double value);                  // from now on
  void set_at(Cycles time, Signal signal, double value);  // absolute, now or later
  void busy(Signal signal, Cycles from, Cycles until);    // absolute; adds 1 in between

  // Whether cycle `now` lies in the window: cheap to ask before gathering values.
  [[nodiscard]] bool open() const;

  // The file is whole only after this: the last time is `end`. Writes the .gtkw beside it.
  void close(Cycles end);

 private:
  struct Shown {
    std::string path, group;
    int bits = 0;               // 0: real
    double value = 0;           // as it is, window or not
    std::uint64_t integer = 0;  // as traced
    double real = 0;
  };
  struct Change {
    Cycles time;
    std::uint64_t order;
    Signal signal;
    double value;
    bool relative;
    friend bool operator>(const Change& a, const Change& b) {
      return a.time > b.time || (a.time == b.time && a.order > b.order);
    }
  };

  void schedule(Cycles time, Signal signal, double value, bool relative);
  void apply();
  void show(Shown& shown);
  void write_gtkw(Cycles end) const;

  WaveformOptions options_;
  bool opened_ = false;
  sc_core::sc_trace_file* file_ = nullptr;  // owned by SystemC, closed in close() or the destructor
  std::vector<std::unique_ptr<Shown>> signals_;
  std::priority_queue<Change, std::vector<Change>, std::greater<>> changes_;
  std::uint64_t order_ = 0;
  sc_core::sc_event due_;
};

}  // namespace basil
