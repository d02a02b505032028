#include "models/waveform/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/systemc/cycle_time.h"

namespace basil {
namespace {

std::string json_string(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string bins_of(const CycleAccount& bins) {
  std::string text;
  for (std::size_t i = 0; i < bin_count; ++i) {
    const Bin bin = static_cast<Bin>(i);
    if (bins[bin] != 0)
      text += fmt::format("{}\"{}\":{}", text.empty() ? "" : ",", to_string(bin), bins[bin]);
  }
  return text;
}

std::string block(const FmapTile& tile) {
  return fmt::format("n {}+{}, channels {}+{}, rows {}+{}", tile.n.first, tile.n.size(), tile.channels.first,
                     tile.channels.size(), tile.rows.first, tile.rows.size());
}

}  // namespace

TileTimeline::TileTimeline(int process, const std::string& title) : process_(process) { name_tracks(title); }

void TileTimeline::name_tracks(const std::string& title) {
  tracks_ = fmt::format(R"({{"ph":"M","pid":{},"tid":0,"name":"process_name","args":{{"name":{}}}}})",
                        process_, json_string(title + "; 1 us is one core cycle"));
  const std::array<const char*, 8> names{"sequencer",  "array",     "DRAM read",   "DRAM write",
                                         "filter bus", "ifmap bus", "psum in bus", "psum out bus"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    tracks_ += fmt::format(
        ",\n{{\"ph\":\"M\",\"pid\":{2},\"tid\":{0},\"name\":\"thread_name\",\"args\":{{\"name\":\"{1}\"}}}},"
        "\n{{\"ph\":\"M\",\"pid\":{2},\"tid\":{0},\"name\":\"thread_sort_index\",\"args\":{{\"sort_index\":{"
        "0}}"
        "}}}",
        i + 1, names[i], process_);
  }
}

void TileTimeline::add(Track track, const std::string& name, Cycles from, Cycles until,
                       const std::string& args) {
  if (until <= from) return;
  events_.push_back(
      {from, until - from,
       fmt::format("{{\"ph\":\"X\",\"pid\":{},\"tid\":{},\"ts\":{},\"dur\":{},\"name\":{},\"args\":{{{}}}}}",
                   process_, static_cast<int>(track), from.value, (until - from).value, json_string(name),
                   args)});
}

// An arrow, by a number that no other of the file has.
void TileTimeline::flow(const std::string& name, Track source, Cycles leaves, Track target, Cycles arrives) {
  constexpr std::int64_t most_tiles = 1 << 16;
  const std::int64_t number = ++flows_ * most_tiles + process_;
  const auto end = [&](const char* phase, Track track, Cycles at) {
    events_.push_back(
        {at, Cycles(0),
         fmt::format("{{{},\"cat\":\"flow\",\"id\":{},\"pid\":{},\"tid\":{},\"ts\":{},\"name\":\"{}\"}}",
                     phase, number, process_, static_cast<int>(track), at.value, name)});
  };
  end("\"ph\":\"s\"", source, leaves);
  end("\"ph\":\"f\",\"bp\":\"e\"", target, arrives);
}

void TileTimeline::count(const std::string& name, Cycles from, double value) {
  events_.push_back(
      {from, Cycles(0),
       fmt::format("{{\"ph\":\"C\",\"pid\":{},\"ts\":{},\"name\":\"{}\",\"args\":{{\"value\":{:.6g}}}}}",
                   process_, from.value, name, value)});
}

void TileTimeline::layer(std::size_t index, const std::string& name) {
  end_layer();
  layer_ = name;
  layer_index_ = index;
  layer_start_ = now();
  in_layer_ = true;
  loads_.clear();
  passes_.clear();
}

void TileTimeline::end_layer() {
  if (in_layer_)
    add(Track::sequencer, layer_, layer_start_, now(),
        fmt::format("\"layer\":{},\"index\":{}", json_string(layer_), layer_index_));
  in_layer_ = false;
}

void TileTimeline::array_from_now(Array state) {
  end_wait();
  waiting_ = state == Array::wait_dram;
  wait_start_ = now();
  count("active PEs", now(), 0);
}

void TileTimeline::end_wait() {
  if (waiting_) add(Track::array, "wait for DRAM", wait_start_, now(), "");
  waiting_ = false;
}

void TileTimeline::buffer_fill(Bytes bytes) {
  count("feature maps in the buffer, bytes", now(), static_cast<double>(bytes.value));
}

void TileTimeline::pass_begins(const Step& step) {
  end_wait();
  pass_id_ = step.id;
}

void TileTimeline::power(double milliwatts, Cycles from) { count("power mW", from, milliwatts); }

std::string TileTimeline::pass(std::int64_t id) const {
  return fmt::format("\"layer\":{},\"pass_id\":{}", json_string(layer_), id);
}

void TileTimeline::pass_ends(const Step& step, const PassOutcome& outcome) {
  const Cycles start = now() - outcome.cycles;
  const std::string id = pass(step.id);
  const auto work = static_cast<double>(outcome.bins[Bin::compute] + outcome.bins[Bin::gated]);
  count("active PEs", start, work / static_cast<double>(std::max<std::int64_t>(1, outcome.cycles.value)));
  add(Track::sequencer, fmt::format("pass {}", step.id), start, now(),
      fmt::format("{},\"mapped_pes\":{},\"ofmap\":\"{}\",\"pe_cycles\":{{{}}}", id, step.active_pes,
                  block(step.ofmap), bins_of(outcome.bins)));
  const Cycles loaded = start + std::min(outcome.filter_load, outcome.cycles);
  add(Track::array, "load filters", start, loaded, id);
  add(Track::array, "compute", loaded, now(), id);
  if (now() <= start) return;
  passes_[step.id] = {start, now()};
  for (const Load& load : loads_[step.id]) {
    if (load.last <= start) flow("operands", Track::dram_read, load.last, Track::sequencer, start);
  }
  loads_.erase(step.id);
}

void TileTimeline::bus(ArrayBus bus, Cycles from, Cycles until) {
  constexpr std::array<const char*, 4> words{"filters", "ifmap", "psums in", "drain psums"};
  const auto number = static_cast<std::size_t>(bus);
  add_after(static_cast<Track>(static_cast<std::size_t>(Track::filter_bus) + number), words[number], from,
            until, fmt::format("\"layer\":{},\"during_pass\":{}", json_string(layer_), pass_id_));
}

Cycles TileTimeline::add_after(Track track, const std::string& name, Cycles from, Cycles until,
                               const std::string& args) {
  Cycles& free = free_[static_cast<std::size_t>(track)];
  from = std::max(from, free);
  free = std::max(free, until);
  add(track, name, from, until, args);
  return from;
}

// A device behind the link may end two transfers closer together than the link takes for the second. One that
// ended under others keeps a cycle of its own.
void TileTimeline::dram(Operand operand, std::int64_t pass_id, Bytes bytes, Cycles from, Cycles until) {
  const Track track = operand == Operand::ofmap ? Track::dram_write : Track::dram_read;
  const Cycles least(bytes.value > 0 ? 1 : 0);
  until = std::max(until, std::max(from, free_[static_cast<std::size_t>(track)]) + least);
  const char* name = operand == Operand::ofmap     ? "drain ofmap"
                     : operand == Operand::weights ? "load weights"
                                                   : "load ifmap";
  from = add_after(track, name, from, until, fmt::format("{},\"bytes\":{}", pass(pass_id), bytes.value));
  if (until <= from) return;
  if (track == Track::dram_read) {
    loads_[pass_id].push_back({until - Cycles(1)});
  } else if (const auto made = passes_.find(pass_id); made != passes_.end() && made->second.from <= from) {
    const Cycles leaves = std::min(from, made->second.until - Cycles(1));
    flow("results", Track::sequencer, leaves, Track::dram_write, from);
  }
}

// In the order of time, of those that begin together the longest first: a reader nests them as they come.
std::string TileTimeline::events() {
  end_wait();
  end_layer();
  std::stable_sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
    return a.at != b.at ? a.at < b.at : a.takes > b.takes;
  });
  std::string text = tracks_;
  for (const Event& event : events_) text += ",\n" + event.json;
  return text;
}

Timeline::Timeline(std::string title, Fidelity fidelity, int tiles)
    : title_(std::move(title)), fidelity_(fidelity) {
  for (int tile = 0; tile < tiles; ++tile) {
    const std::string name = tiles == 1 ? title_ : fmt::format("{}, tile {}", title_, tile);
    tiles_.push_back(std::make_unique<TileTimeline>(tile + 1, name));
  }
}

std::string Timeline::json(Cycles end) {
  std::string events;
  for (const auto& tile : tiles_) events += (events.empty() ? "" : ",\n") + tile->events();
  return fmt::format(
      "{{\"traceEvents\":[\n{}\n],\n\"displayTimeUnit\":\"ns\",\n\"otherData\":{{\"title\":{},"
      "\"time_unit\":\"1 us is one core cycle\",\"cycles\":{},\"fidelity\":\"{}\"}}}}\n",
      events, json_string(title_), end.value, to_string(fidelity_));
}

}  // namespace basil
