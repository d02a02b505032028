#include "models/waveform.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "core/error.h"
#include "core/systemc/cycle_time.h"

namespace basil {
namespace {

// SystemC appends ".vcd" itself.
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

// SystemC's tracer does not say when a disk is full: look for the last time at the end of the file.
void check_whole(const std::string& path, Cycles end) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : 0;
  std::string tail(static_cast<std::size_t>(std::min<std::streamoff>(size, 64)), '\0');
  in.seekg(-static_cast<std::streamoff>(tail.size()), std::ios::end);
  in.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  if (tail.find("#" + std::to_string(end.value)) == std::string::npos) {
    throw Error(path, "the waveform is not whole", "a disk with room for it");
  }
}

}  // namespace

Waveform::Waveform(const sc_core::sc_module_name& name, const WaveformOptions& options,
                   const std::string& comment)
    : sc_module(name), options_(options), comment_(comment) {
  const std::string path = stem(options.file) + ".vcd";
  if (!std::ofstream(path)) throw Error(path, "cannot be written", "a writable path for the waveform");
  file_ = sc_core::sc_create_vcd_trace_file(stem(options.file).c_str());
  file_->set_time_unit(1, sc_core::SC_NS);
  sc_core::sc_write_comment(file_, comment);
  SC_HAS_PROCESS(Waveform);
  SC_METHOD(apply);
  sensitive << due_;
  dont_initialize();
}

Waveform::~Waveform() {
  if (file_ != nullptr) sc_core::sc_close_vcd_trace_file(file_);
}

Waveform::Signal Waveform::add(const std::string& path, int bits, const std::string& group) {
  signals_.push_back(std::make_unique<Shown>(Shown{.path = path, .group = group, .bits = bits}));
  sc_core::sc_trace(file_, signals_.back()->integer, path, bits);
  return signals_.size() - 1;
}

Waveform::Signal Waveform::add_real(const std::string& path, const std::string& group) {
  signals_.push_back(std::make_unique<Shown>(Shown{.path = path, .group = group}));
  sc_core::sc_trace(file_, signals_.back()->real, path);
  return signals_.size() - 1;
}

Waveform::Signal Waveform::add_words(const std::string& path, const std::vector<std::string>& words,
                                     const std::string& group) {
  std::size_t longest = 1;
  for (const std::string& word : words) longest = std::max(longest, word.size());
  const Signal signal = add(path, static_cast<int>(8 * longest), group);
  for (const std::string& word : words) signals_[signal]->words.push_back(letters(word));
  signals_[signal]->integer = signals_[signal]->words.at(0);
  return signal;
}

bool Waveform::shows(Cycles time) const {
  return !options_.window || (time >= options_.window->first && time <= options_.window->second);
}

bool Waveform::open() const { return shows(now()); }

void Waveform::advance_to(Cycles time) {
  if (time > now()) sc_core::sc_start(to_time(time - now()));
}

void Waveform::show(Shown& shown) {
  if (!open()) return;
  if (!opened_) {
    opened_ = true;
    for (const auto& signal : signals_) show(*signal);  // as things stand when the window opens
  }
  const auto integer = static_cast<std::uint64_t>(static_cast<std::int64_t>(shown.value));
  if (shown.bits == 0) {
    shown.real = shown.value;
  } else if (!shown.words.empty()) {
    shown.integer = shown.words.at(integer);
  } else if (shown.bits == 1) {
    shown.integer = shown.value > 0 ? 1 : 0;
  } else {
    shown.integer = integer & (shown.bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << shown.bits) - 1);
  }
}

void Waveform::set(Signal signal, double value) {
  signals_[signal]->value = value;
  show(*signals_[signal]);
}

void Waveform::set_at(Cycles time, Signal signal, double value) { schedule(time, signal, value, false); }

void Waveform::busy(Signal signal, Cycles from, Cycles until) {
  if (until <= from) return;
  schedule(from, signal, 1, true);
  schedule(until, signal, -1, true);
}

void Waveform::schedule(Cycles time, Signal signal, double value, bool relative) {
  changes_.push({std::max(time, now()), order_++, signal, value, relative});
  due_.notify(to_time(changes_.top().time - now()));
}

void Waveform::apply() {
  while (!changes_.empty() && changes_.top().time <= now()) {
    const Change change = changes_.top();
    changes_.pop();
    Shown& shown = *signals_[change.signal];
    shown.value = change.relative ? shown.value + change.value : change.value;
    show(shown);
  }
  if (!changes_.empty()) due_.notify(to_time(changes_.top().time - now()));
}

void Waveform::close(Cycles end) {
  sc_core::sc_close_vcd_trace_file(file_);
  file_ = nullptr;
  check_whole(stem(options_.file) + ".vcd", end);
  write_gtkw(end);
}

void Waveform::write_gtkw(Cycles end) const {
  const std::string base = stem(options_.file);
  std::ofstream out(base + ".gtkw");
  out << "[*] " << comment_ << "\n";
  out << "[dumpfile] \"" << std::filesystem::absolute(base + ".vcd").string() << "\"\n";
  out << "[timestart] " << (options_.window ? options_.window->first.value : 0) << "\n[size] 1400 700\n";
  const std::int64_t last = options_.window ? std::min(end, options_.window->second).value : end.value;
  const std::int64_t shown_time = last - (options_.window ? options_.window->first.value : 0);
  out << "*-" << std::max(1.0, std::log2(static_cast<double>(std::max<std::int64_t>(2, shown_time))) - 9)
      << " 0 -1\n";
  std::vector<std::string> groups;
  for (const auto& shown : signals_) {
    if (std::find(groups.begin(), groups.end(), shown->group) == groups.end()) groups.push_back(shown->group);
  }
  for (const std::string& group : groups) {
    out << "@200\n-" << group << "\n";
    for (const auto& shown : signals_) {
      if (shown->group != group) continue;
      const char* format = !shown->words.empty() ? "@820"
                           : shown->bits == 1    ? "@28"
                           : shown->bits == 0    ? "@8420"
                                                 : "@24";
      // With an alias: of a dotted name GTKWave shows the last part alone.
      std::string alias = shown->path;
      std::replace(alias.begin(), alias.end(), '.', ' ');
      out << format << "\n+{" << alias << "} SystemC." << shown->path
          << (shown->bits > 1 ? fmt::format("[{}:0]", shown->bits - 1) : std::string()) << "\n";
    }
  }
  if (!out.flush())
    throw Error(base + ".gtkw", "cannot be written", "room and permission beside the waveform");
}

void check_waveform_size(const WaveformOptions& options, double bytes, const std::string& remedy) {
  constexpr double most = 256e6;
  if (options.force || bytes <= most) return;
  throw Error("--vcd " + options.file, fmt::format("about {:.0f} MB expected", bytes * 1e-6),
              fmt::format("at most {:.0f} MB: {}, or give --vcd-force", most * 1e-6, remedy));
}

}  // namespace basil
