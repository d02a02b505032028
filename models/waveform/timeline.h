// A run as Trace Event Format JSON, which Perfetto and chrome://tracing open: one microsecond of the file is
// one core cycle.
// https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "models/result/result.h"
#include "models/waveform/machine_observer.h"

namespace basil {

// One tile of a chip: a process of the file, one track a module. On the sequencer's, passes lie within their
// layer; on every other one nothing overlaps. A pass has the id that the waveform's sequencer.pass_id shows,
// a layer the name of the report. A bus is shown from its first word to its last. Arrows go from what DRAM
// loads to the pass that waits for it, and from a pass to its results on their way back.
class TileTimeline final : public MachineObserver {
 public:
  // `process`: its number in the file, from 1.
  TileTimeline(int process, const std::string& title);

  void layer(std::size_t index, const std::string& name) override;
  void array_from_now(Array state) override;
  void buffer_fill(Bytes bytes) override;
  void pass_begins(const Step& step) override;
  void pass_ends(const Step& step, const PassOutcome& outcome) override;
  void bus(ArrayBus bus, Cycles from, Cycles until) override;
  void power(double milliwatts, Cycles from) override;
  void dram(Operand operand, std::int64_t pass_id, Bytes bytes, Cycles from, Cycles until) override;

  // Its events so far with commas between, those under way ended now.
  [[nodiscard]] std::string events();

 private:
  enum class Track {
    sequencer = 1,
    array,
    dram_read,
    dram_write,
    filter_bus,
    ifmap_bus,
    psum_in_bus,
    psum_out_bus
  };

  struct Event {
    Cycles at, takes;
    std::string json;
  };
  struct Load {
    Cycles last;  // its last cycle on the link
  };
  struct Span {
    Cycles from, until;
  };

  // `args`: members of a JSON object, may be empty. An empty interval is left out.
  void add(Track track, const std::string& name, Cycles from, Cycles until, const std::string& args);
  void count(const std::string& name, Cycles from, double value);  // a counter's value from then on
  [[nodiscard]] std::string pass(std::int64_t id) const;           // which one, as members of `args`
  void name_tracks(const std::string& title);
  void flow(const std::string& name, Track source, Cycles leaves, Track target, Cycles arrives);
  // The same on a track where things come one after another: begins when what was shown last ends. Says when.
  Cycles add_after(Track track, const std::string& name, Cycles from, Cycles until, const std::string& args);
  void end_layer();
  void end_wait();

  int process_;
  std::string tracks_;  // their names, with commas between
  std::vector<Event> events_;
  std::map<std::int64_t, std::vector<Load>> loads_;  // of the layer's passes that have not run
  std::map<std::int64_t, Span> passes_;              // of the layer's that have
  std::int64_t flows_ = 0;
  std::string layer_;  // its name
  std::size_t layer_index_ = 0;
  Cycles layer_start_;
  bool in_layer_ = false, waiting_ = false;
  Cycles wait_start_;
  std::int64_t pass_id_ = 0;    // of the pass begun last
  std::array<Cycles, 9> free_;  // by track: when what was shown last ends
};

class Timeline {
 public:
  Timeline(std::string title, Fidelity fidelity, int tiles);

  [[nodiscard]] MachineObserver& tile(std::size_t index) { return *tiles_[index]; }
  // The whole file of a run that ends at cycle `end`, which is now.
  [[nodiscard]] std::string json(Cycles end);

  // Of the file, for each pass: to estimate a size before a run.
  static constexpr double bytes_a_pass = 2000;

 private:
  std::string title_;
  Fidelity fidelity_;
  std::vector<std::unique_ptr<TileTimeline>> tiles_;
};

}  // namespace basil
