#include "models/waveform/waveform.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <sstream>
#include <utility>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/names.h"
#include "core/systemc/cycle_time.h"

namespace basil {
namespace {

inline constexpr std::size_t least_at_once = 1 << 16;
inline constexpr double most_bytes = 256e6;

std::string stem(const std::string& file) {
  return file.size() > 4 && file.compare(file.size() - 4, 4, ".vcd") == 0 ? file.substr(0, file.size() - 4)
                                                                          : file;
}

// The letters of a word as a number, the last in its lowest byte.
std::uint64_t letters(const std::string& word) {
  std::uint64_t packed = 0;
  for (const char letter : word) packed = packed << 8 | static_cast<unsigned char>(letter);
  return packed;
}

const char* timescale(Waveform::Resolution resolution) {
  if (resolution == Waveform::Resolution::cycle) return "1 ns";
  return resolution == Waveform::Resolution::thousandth ? "1 ps" : "1 fs";
}

}  // namespace

Waveform::Waveform(const WaveformOptions& options, const std::string& comment, Resolution resolution)
    : options_(options),
      comment_(vcd_text(comment)),
      ticks_a_cycle_(static_cast<std::int64_t>(resolution)),
      first_(options.window ? options.window->first.value * ticks_a_cycle_ : 0),
      last_(options.window ? (options.window->second.value + 1) * ticks_a_cycle_ - 1
                           : std::numeric_limits<std::int64_t>::max()),
      file_(waveform_files(options.file)[0], timescale(resolution), comment_),
      enough_(least_at_once) {}

Waveform::Signal Waveform::add(const std::string& path, int bits, const std::string& group) {
  signals_.push_back({.path = path, .group = group, .bits = bits});
  file_.declare(path, bits);
  return signals_.size() - 1;
}

Waveform::Signal Waveform::add_real(const std::string& path, const std::string& group) {
  return add(path, 0, group);
}

Waveform::Signal Waveform::add_words(const std::string& path, const std::vector<std::string>& words,
                                     const std::string& group) {
  std::size_t longest = 1;
  for (const std::string& word : words) longest = std::max(longest, word.size());
  const Signal signal = add(path, static_cast<int>(8 * longest), group);
  for (const std::string& word : words) signals_[signal].words.push_back(letters(word));
  return signal;
}

bool Waveform::shows(Cycles time) const {
  return !options_.window || (time >= options_.window->first && time <= options_.window->second);
}

bool Waveform::open() const { return shows(now()); }

// --- what is told

void Waveform::set(Signal signal, double value) {
  change({.tick = now().value * ticks_a_cycle_, .signal = signal, .value = value});
  if (changes_.size() >= enough_) tell(now(), false);
}

void Waveform::set_at(Cycles time, Signal signal, double value) {
  set_at_tick(time.value * ticks_a_cycle_, signal, value);
}

void Waveform::set_at_tick(std::int64_t tick, Signal signal, double value) {
  change({.tick = tick, .signal = signal, .value = value});
}

void Waveform::busy(Signal signal, Cycles from, Cycles until) {
  if (until <= from) return;
  change({.tick = from.value * ticks_a_cycle_, .signal = signal, .value = 1, .relative = true});
  change({.tick = until.value * ticks_a_cycle_, .signal = signal, .value = -1, .relative = true});
}

void Waveform::change(const Change& change) {
  if (change.tick > last_) return;
  changes_.push_back(change);
  changes_.back().tick = std::max(change.tick, settled_);
}

void Waveform::tell(Cycles now, bool over) {
  Cycles told = now;
  for (const Teller& teller : tellers_) told = std::min(told, teller(now, over));
  write_before((over ? now : told).value * ticks_a_cycle_);
}

void Waveform::layer_over() { tell(now(), true); }

void Waveform::settle(Cycles time) {
  if (changes_.size() >= enough_) write_before(time.value * ticks_a_cycle_);
}

void Waveform::take_back(Cycles from, Signal first, Signal last) {
  std::erase_if(changes_, [&](const Change& change) {
    return change.tick >= from.value * ticks_a_cycle_ && change.signal >= first && change.signal <= last;
  });
}

// --- what is written

std::uint64_t Waveform::integer(const Shown& shown) {
  const auto whole = static_cast<std::uint64_t>(static_cast<std::int64_t>(shown.value));
  if (!shown.words.empty()) return shown.words.at(whole);
  if (shown.bits == 1) return shown.value > 0 ? 1 : 0;
  return shown.bits >= 64 ? whole : whole & ((std::uint64_t{1} << shown.bits) - 1);
}

void Waveform::write_value(Signal signal) {
  Shown& shown = signals_[signal];
  shown.written = shown.value;
  if (shown.bits == 0) {
    file_.value(signal, shown.value);
  } else {
    file_.value(signal, integer(shown));
  }
}

bool Waveform::differs(const Shown& shown) {
  return shown.bits == 1 ? (shown.value > 0) != (shown.written > 0) : shown.value != shown.written;
}

// Before the window nobody knows the values: the file begins with nought, and says at the window's first
// cycle how things stand.
void Waveform::write_open(bool reached) {
  opened_ = true;
  std::vector<double> values;
  for (Shown& shown : signals_) values.push_back(first_ > 0 ? std::exchange(shown.value, 0) : shown.value);
  file_.begin_values();
  for (Signal signal = 0; signal < signals_.size(); ++signal) write_value(signal);
  file_.end_values();
  if (first_ == 0 || !reached) return;
  touched_.clear();
  for (Signal signal = 0; signal < signals_.size(); ++signal) {
    signals_[signal].value = values[signal];
    touched_.push_back(signal);
  }
  write_changed(first_);
}

void Waveform::write_changed(std::int64_t tick) {
  bool timed = false;
  for (const Signal signal : touched_) {
    if (!differs(signals_[signal])) continue;
    if (!std::exchange(timed, true)) file_.time(tick);
    write_value(signal);
  }
  touched_.clear();
  if (options_.force || file_.bytes() <= most_bytes) return;
  throw Error("--vcd " + options_.file,
              fmt::format("more than {:.0f} MB by cycle {}", most_bytes * 1e-6, tick / ticks_a_cycle_),
              "a smaller --vcd-window, or --vcd-force");
}

void Waveform::write_before(std::int64_t tick) {
  std::stable_sort(changes_.begin(), changes_.end(),
                   [](const Change& a, const Change& b) { return a.tick < b.tick; });
  std::size_t done = 0;
  while (done < changes_.size() && changes_[done].tick < tick) {
    const std::int64_t at = changes_[done].tick;
    if (!opened_ && at > first_) write_open(true);
    touched_.clear();
    for (; done < changes_.size() && changes_[done].tick == at; ++done) {
      const Change& change = changes_[done];
      Shown& shown = signals_[change.signal];
      shown.value = change.relative ? shown.value + change.value : change.value;
      touched_.push_back(change.signal);
    }
    if (opened_ && at <= last_) write_changed(at);
  }
  changes_.erase(changes_.begin(), changes_.begin() + static_cast<std::ptrdiff_t>(done));
  settled_ = std::max(settled_, tick);
  enough_ = std::max(least_at_once, 2 * changes_.size());
}

void Waveform::close(Cycles end) {
  const std::int64_t last = end.value * ticks_a_cycle_;
  write_before(last);
  if (!opened_) write_open(first_ < last);
  if (last > 0) file_.time(last);
  file_.close();
  if (options_.file != "-") write_gtkw(end);
}

void Waveform::write_gtkw(Cycles end) const {
  const std::string base = stem(options_.file);
  std::ostringstream out;
  out << "[*] " << comment_ << "\n";
  out << "[dumpfile] \"" << printable(std::filesystem::absolute(base + ".vcd").string()) << "\"\n";
  out << "[timestart] " << first_ << "\n[size] 1400 700\n";
  const std::int64_t shown_time = std::min(end.value * ticks_a_cycle_, last_) - first_;
  out << "*-" << std::max(1.0, std::log2(static_cast<double>(std::max<std::int64_t>(2, shown_time))) - 9)
      << " 0 -1\n";
  std::vector<std::string> groups;
  for (const Shown& shown : signals_) {
    if (std::find(groups.begin(), groups.end(), shown.group) == groups.end()) groups.push_back(shown.group);
  }
  for (const std::string& group : groups) {
    out << "@200\n-" << group << "\n";
    for (const Shown& shown : signals_) {
      if (shown.group != group) continue;
      const char* format = !shown.words.empty() ? "@820"
                           : shown.bits == 1    ? "@28"
                           : shown.bits == 0    ? "@8420"
                                                : "@24";
      // With an alias: of a dotted name GTKWave shows the last part alone.
      std::string alias = shown.path;
      std::replace(alias.begin(), alias.end(), '.', ' ');
      out << format << "\n+{" << alias << "} SystemC." << shown.path
          << (shown.bits > 1 ? fmt::format("[{}:0]", shown.bits - 1) : std::string()) << "\n";
    }
  }
  write_file_atomically(base + ".gtkw", out.str());
}

std::vector<std::string> waveform_files(const std::string& given) {
  if (given == "-") return {given};
  return {stem(given) + ".vcd", stem(given) + ".gtkw"};
}

void check_waveform_size(const WaveformOptions& options, double bytes, const std::string& remedy) {
  if (options.force || bytes <= most_bytes) return;
  throw Error("--vcd " + options.file, fmt::format("about {:.0f} MB expected", bytes * 1e-6),
              fmt::format("at most {:.0f} MB: {}, or give --vcd-force", most_bytes * 1e-6, remedy));
}

}  // namespace basil
