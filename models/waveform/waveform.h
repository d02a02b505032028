// The waveform of a run: a value change dump, limited to a window, and a GTKWave save file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/units.h"
#include "models/waveform/vcd_file.h"
#include "models/waveform/waveform_options.h"

namespace basil {

// Values shown over time. A signal is declared before the first value, then set now or at any time that is
// not yet settled, in any order; outside the window changes are not written. One nanosecond of the file is
// one cycle of whatever is shown.
//
// SystemC's own tracer shows a value as it is at the moment. What a model without a clock computes has other
// moments: it is known ahead, or, like a refresh nobody waits for, only afterwards.
class Waveform {
 public:
  // What the file can tell apart: cycles, or parts of them, where something has a faster clock of its own.
  enum class Resolution : std::int64_t { cycle = 1, thousandth = 1'000, millionth = 1'000'000 };

  // `comment`, of one line, heads both files. Throws Error when the file cannot be written.
  Waveform(const WaveformOptions& options, const std::string& comment,
           Resolution resolution = Resolution::cycle);

  using Signal = std::size_t;
  // `path` is dotted ("array.state"); `group` heads it in GTKWave. A busy signal counts: it shows 1 while
  // more intervals have begun than ended.
  Signal add(const std::string& path, int bits, const std::string& group);
  Signal add_real(const std::string& path, const std::string& group);
  // One of `words`, of up to 8 letters each, set by its index. The file holds the letters, 8 bits each, so
  // that any viewer shows them as ASCII; the .gtkw says so to GTKWave.
  Signal add_words(const std::string& path, const std::vector<std::string>& words, const std::string& group);

  void set(Signal signal, double value);                  // from now on
  void set_at(Cycles time, Signal signal, double value);  // absolute
  void busy(Signal signal, Cycles from, Cycles until);    // absolute; adds 1 in between

  // Time as the file counts it.
  [[nodiscard]] std::int64_t ticks_a_cycle() const { return ticks_a_cycle_; }
  void set_at_tick(std::int64_t tick, Signal signal, double value);

  // Whether a cycle, or the present one, lies in the window: cheap to ask before gathering values.
  [[nodiscard]] bool shows(Cycles time) const;
  [[nodiscard]] bool open() const;

  // One that learns late what to show. Asked with the present cycle, it tells all it knows from before, and
  // returns the cycle before which it has told everything; at the end of a layer (`over`) that is all.
  using Teller = std::function<Cycles(Cycles now, bool over)>;
  void add_teller(Teller teller) { tellers_.push_back(std::move(teller)); }
  // A layer ends now.
  void layer_over();
  // Nothing before `time` is to come any more.
  void settle(Cycles time);
  // Takes back what was set at `from` or later of the signals from `first` to `last`.
  void take_back(Cycles from, Signal first, Signal last);

  // The files are whole only after this: the last time is `end`, at which nothing changes any more.
  void close(Cycles end);

 private:
  struct Shown {
    std::string path, group;
    int bits = 0;                        // 0: real
    std::vector<std::uint64_t> words{};  // their letters, if the values are words
    double value = 0;                    // as it is, window or not
    double written = 0;
  };
  struct Change {
    std::int64_t tick = 0;
    Signal signal = 0;
    double value = 0;
    bool relative = false;
  };

  void change(const Change& change);
  void tell(Cycles now, bool over);
  void write_before(std::int64_t tick);
  void write_open(bool reached);
  void write_changed(std::int64_t tick);
  void write_value(Signal signal);
  [[nodiscard]] static std::uint64_t integer(const Shown& shown);
  [[nodiscard]] static bool differs(const Shown& shown);
  void write_gtkw(Cycles end) const;

  WaveformOptions options_;
  std::string comment_;
  std::int64_t ticks_a_cycle_;
  std::int64_t first_, last_;  // ticks of the window
  VcdFile file_;
  std::vector<Shown> signals_;
  std::vector<Teller> tellers_;
  std::vector<Change> changes_;  // not yet written, in the order they were told
  std::size_t enough_;           // of them to be written
  std::vector<Signal> touched_;  // at the tick being written
  std::int64_t settled_ = 0;     // the tick before which all is written
  bool opened_ = false;
};

// What is written for a name that was given: it with .vcd at its end, and the .gtkw beside it. "-" is
// standard output, with nothing beside it.
[[nodiscard]] std::vector<std::string> waveform_files(const std::string& given);

// Refuses a waveform nobody could open, unless it is forced. `remedy`: what makes it smaller.
void check_waveform_size(const WaveformOptions& options, double bytes, const std::string& remedy);

}  // namespace basil
