#include "models/waveform/waveform.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

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

const char* timescale(Waveform::Resolution resolution) {
  if (resolution == Waveform::Resolution::cycle) return "1 ns";
  return resolution == Waveform::Resolution::thousandth ? "1 ps" : "1 fs";
}

}  // namespace

Waveform::Waveform(const WaveformOptions& options, const std::string& comment, const WaveformTime& time)
    : options_(options),
      comment_(vcd_text(comment)),
      time_(time),
      ticks_a_cycle_(static_cast<std::int64_t>(time.resolution)),
      first_(options.window ? options.window->first.value * ticks_a_cycle_ : 0),
      last_(options.window ? (options.window->second.value + 1) * ticks_a_cycle_ - 1
                           : std::numeric_limits<std::int64_t>::max()),
      file_(waveform_files(options.file)[0], timescale(time.resolution), comment_),
      enough_(least_at_once) {
  if (time_.ns > 0) add_real("time.ns_of_last_change", "");
}

Waveform::Signal Waveform::add(const std::string& path, int bits, const std::string& group) {
  signals_.push_back({.path = path, .group = group, .bits = bits});
  file_.declare(path, bits);
  return signals_.size() - 1;
}

Waveform::Signal Waveform::add_real(const std::string& path, const std::string& group) {
  return add(path, 0, group);
}

Waveform::Signal Waveform::add_curve(const std::string& path, int bits, const std::string& group) {
  const Signal signal = add(path, bits, group);
  signals_[signal].curve = true;
  return signal;
}

Waveform::Signal Waveform::add_words(const std::string& path, const std::vector<std::string>& words,
                                     const std::string& group) {
  std::size_t longest = 1;
  for (const std::string& word : words) longest = std::max(longest, word.size());
  const Signal signal = add(path, static_cast<int>(8 * longest), group);
  signals_[signal].words = words;
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
  if (shown.bits == 1) return shown.value > 0 ? 1 : 0;
  return shown.bits >= 64 ? whole : whole & ((std::uint64_t{1} << shown.bits) - 1);
}

void Waveform::write_value(Signal signal) {
  Shown& shown = signals_[signal];
  shown.written = shown.value;
  if (!shown.words.empty()) {
    file_.letters(signal, shown.words.at(static_cast<std::size_t>(shown.value)));
  } else if (shown.bits == 0) {
    file_.value(signal, shown.value);
  } else {
    file_.value(signal, integer(shown));
  }
}

bool Waveform::differs(const Shown& shown) {
  return shown.bits == 1 ? (shown.value > 0) != (shown.written > 0) : shown.value != shown.written;
}

// The file begins with the window, and with how things stand then.
void Waveform::write_open(std::int64_t tick) {
  opened_ = true;
  file_.begin_values(tick);
  if (time_.ns > 0) signals_[0].value = real_ns(tick);
  for (Signal signal = 0; signal < signals_.size(); ++signal) write_value(signal);
  file_.end_values();
}

double Waveform::real_ns(std::int64_t tick) const {
  return static_cast<double>(tick) * time_.ns / static_cast<double>(ticks_a_cycle_);
}

void Waveform::write_time(std::int64_t tick) {
  file_.time(tick);
  if (time_.ns > 0) file_.value(0, real_ns(tick));
}

void Waveform::write_changed(std::int64_t tick) {
  bool timed = false;
  for (const Signal signal : touched_) {
    if (!differs(signals_[signal])) continue;
    if (!std::exchange(timed, true)) write_time(tick);
    write_value(signal);
  }
  touched_.clear();
  if (options_.force || file_.bytes() <= most_bytes) return;
  throw Error(
      field_name("options.waveform") + " " + options_.file,
      fmt::format("more than {:.0f} MB by cycle {}", most_bytes * 1e-6, tick / ticks_a_cycle_),
      "a smaller " + field_name("options.waveform.window") + ", or " + field_name("options.waveform.force"));
}

void Waveform::write_before(std::int64_t tick) {
  std::stable_sort(changes_.begin(), changes_.end(),
                   [](const Change& a, const Change& b) { return a.tick < b.tick; });
  std::size_t done = 0;
  while (done < changes_.size() && changes_[done].tick < tick) {
    const std::int64_t at = changes_[done].tick;
    if (!opened_ && at > first_) write_open(first_);
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
  const std::int64_t over = end.value * ticks_a_cycle_;
  write_before(over);
  const std::int64_t first = std::min(first_, over), last = last_ < over ? last_ + 1 : over;
  if (!opened_) write_open(first);
  if (last > first) file_.time(last);
  file_.close();
  if (options_.file == "-") return;
  GtkwView view{
      .comment = comment_, .time = "1 ns = 1 " + time_.cycle, .first = first, .last = last, .rows = {}};
  if (time_.ns > 0) view.time += fmt::format(" of {:g} ns", time_.ns);
  for (const Shown& shown : signals_)
    view.rows.push_back({shown.path, shown.group, shown.bits, look_of(shown)});
  write_gtkw(waveform_files(options_.file)[1], view);
}

GtkwRow::Look Waveform::look_of(const Shown& shown) {
  using Look = GtkwRow::Look;
  if (!shown.words.empty()) return Look::word;
  if (shown.curve) return shown.bits == 0 ? Look::reals_curve : Look::curve;
  if (shown.bits == 0) return Look::real;
  return shown.bits == 1 ? Look::flag : Look::number;
}

std::vector<std::string> waveform_files(const std::string& given) {
  if (given == "-") return {given};
  return {stem(given) + ".vcd", stem(given) + ".gtkw"};
}

void check_waveform_size(const WaveformOptions& options, double bytes, const std::string& remedy) {
  if (options.force || bytes <= most_bytes) return;
  throw Error(field_name("options.waveform") + " " + options.file,
              fmt::format("about {:.0f} MB expected", bytes * 1e-6),
              fmt::format("at most {:.0f} MB: {}, or give {}", most_bytes * 1e-6, remedy,
                          field_name("options.waveform.force")));
}

}  // namespace basil
