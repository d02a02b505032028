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
// the window changes are not written. One nanosecond of the file is one cycle of whatever is shown.
class Waveform : public sc_core::sc_module {
 public:
  // `comment`, of one line, heads both files. Throws Error when the file cannot be written.
  Waveform(const sc_core::sc_module_name& name, const WaveformOptions& options, const std::string& comment);
  ~Waveform() override;

  using Signal = std::size_t;
  // `path` is dotted ("array.state"); `group` heads it in GTKWave. A busy signal counts: it shows 1 while
  // more intervals have begun than ended.
  Signal add(const std::string& path, int bits, const std::string& group);
  Signal add_real(const std::string& path, const std::string& group);
  // One of `words`, of up to 8 letters each, set by its index. The file holds the letters, 8 bits each, so
  // that any viewer shows them as ASCII; the .gtkw says so to GTKWave.
  Signal add_words(const std::string& path, const std::vector<std::string>& words, const std::string& group);

  void set(Signal signal, double value);                  // from now on
  void set_at(Cycles time, Signal signal, double value);  // absolute, now or later
  void busy(Signal signal, Cycles from, Cycles until);    // absolute; adds 1 in between

  // Whether a cycle, or the present one, lies in the window: cheap to ask before gathering values.
  [[nodiscard]] bool shows(Cycles time) const;
  [[nodiscard]] bool open() const;

  // For those without a process: lets SystemC's time go on to `time`, short of what is scheduled for it.
  static void advance_to(Cycles time);

  // The file is whole only after this: the last time is `end`, at which nothing changes any more. Writes the
  // .gtkw beside it.
  void close(Cycles end);

 private:
  struct Shown {
    std::string path, group;
    int bits = 0;                        // 0: real
    std::vector<std::uint64_t> words{};  // their letters, if the values are words
    double value = 0;                    // as it is, window or not
    std::uint64_t integer = 0;           // as traced
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
  std::string comment_;
  bool opened_ = false;
  sc_core::sc_trace_file* file_ = nullptr;  // owned by SystemC, closed in close() or the destructor
  std::vector<std::unique_ptr<Shown>> signals_;
  std::priority_queue<Change, std::vector<Change>, std::greater<>> changes_;
  std::uint64_t order_ = 0;
  sc_core::sc_event due_;
};

// Refuses a waveform nobody could open, unless it is forced. `remedy`: what makes it smaller.
void check_waveform_size(const WaveformOptions& options, double bytes, const std::string& remedy);

}  // namespace basil
