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

TileTimeline::TileTimeline(int process, const std::string& title, Fidelity fidelity)
    : process_(process), fidelity_(fidelity) {
  name_tracks(title);
}

void TileTimeline::name_tracks(const std::string& title) {
  events_ = fmt::format(R"({{"ph":"M","pid":{},"tid":0,"name":"process_name","args":{{"name":{}}}}})",
                        process_, json_string(title + "; 1 us is one core cycle"));
  const std::array<const char*, 8> names{"sequencer",  "array",     "DRAM read",   "DRAM write",
                                         "filter bus", "ifmap bus", "psum in bus", "psum out bus"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (fidelity_ == Fidelity::cycle && i + 1 >= static_cast<std::size_t>(Track::filter_bus)) break;
    events_ += fmt::format(
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
  events_ += fmt::format(
      ",\n{{\"ph\":\"X\",\"pid\":{},\"tid\":{},\"ts\":{},\"dur\":{},\"name\":{},\"args\":{{{}}}}}", process_,
      static_cast<int>(track), from.value, (until - from).value, json_string(name), args);
}

void TileTimeline::count(const std::string& name, double value) {
  events_ +=
      fmt::format(",\n{{\"ph\":\"C\",\"pid\":{},\"ts\":{},\"name\":\"{}\",\"args\":{{\"value\":{:.6g}}}}}",
                  process_, now().value, name, value);
}

void TileTimeline::layer(std::size_t index, const std::string& name) {
  end_layer();
  layer_ = name;
  layer_index_ = index;
  layer_start_ = now();
  in_layer_ = true;
}

void TileTimeline::end_layer() {
  if (in_layer_)
    add(Track::sequencer, layer_, layer_start_, now(),
        fmt::format("\"layer\":{},\"index\":{}", json_string(layer_), layer_index_));
  in_layer_ = false;
}

void TileTimeline::array_from_now(Array state, std::int64_t active_pes) {
  end_wait();
  waiting_ = state == Array::wait_dram;
  wait_start_ = now();
  count("active PEs", static_cast<double>(active_pes));
  count("power mW", 0);
}

void TileTimeline::end_wait() {
  if (waiting_) add(Track::array, "wait for DRAM", wait_start_, now(), "");
  waiting_ = false;
}

void TileTimeline::buffer_fill(Bytes bytes) {
  count("feature maps in the buffer, bytes", static_cast<double>(bytes.value));
}

void TileTimeline::pass_begins(const Step& step, const PassOutcome& /*outcome*/, double power_mw) {
  end_wait();
  count("active PEs", static_cast<double>(step.active_pes));
  count("power mW", power_mw);
}

std::string TileTimeline::pass(std::int64_t id) const {
  return fmt::format("\"layer\":{},\"pass_id\":{}", json_string(layer_), id);
}

void TileTimeline::pass_ends(const Step& step, const PassOutcome& outcome) {
  const Cycles start = now() - outcome.cycles;
  const std::string id = pass(step.id);
  add(Track::sequencer, fmt::format("pass {}", step.id), start, now(),
      fmt::format("{},\"active_pes\":{},\"ofmap\":\"{}\",\"pe_cycles\":{{{}}}", id, step.active_pes,
                  block(step.ofmap), bins_of(outcome.bins)));
  const Cycles loaded = start + std::min(outcome.filter_load, outcome.cycles);
  add(Track::array, "load filters", start, loaded, id);
  add(Track::array, "compute", loaded, now(), id);
  if (fidelity_ == Fidelity::cycle) return;
  add(Track::filter_bus, "filters", start, start + outcome.filter_bus_until, id);
  add(Track::ifmap_bus, "ifmap", start + outcome.streams_from, start + outcome.ifmap_bus_until, id);
  add(Track::psum_in_bus, "psums in", start + outcome.streams_from, start + outcome.psum_in_until, id);
  // Sums of the pass before may still be leaving under this one.
  const Cycles sums_from = std::max(start + outcome.streams_from, sums_out_);
  sums_out_ = std::max(sums_from, start + outcome.psum_out_until);
  add(Track::psum_out_bus, "drain psums", sums_from, sums_out_, id);
}

void TileTimeline::dram(Operand operand, std::int64_t pass_id, Bytes bytes, Cycles from, Cycles until) {
  const std::string args = fmt::format("{},\"bytes\":{}", pass(pass_id), bytes.value);
  // A device behind the link may end two transfers closer together than the link takes for the second.
  Cycles& free = operand == Operand::ofmap ? write_free_ : read_free_;
  // One that ended under others keeps a cycle of its own.
  from = std::max(from, free);
  until = std::max(until, from + Cycles(bytes.value > 0 ? 1 : 0));
  free = std::max(free, until);
  if (operand == Operand::ofmap) {
    add(Track::dram_write, "drain ofmap", from, until, args);
  } else {
    add(Track::dram_read, operand == Operand::weights ? "load weights" : "load ifmap", from, until, args);
  }
}

const std::string& TileTimeline::events() {
  end_wait();
  end_layer();
  return events_;
}

Timeline::Timeline(std::string title, Fidelity fidelity, int tiles)
    : title_(std::move(title)), fidelity_(fidelity) {
  for (int tile = 0; tile < tiles; ++tile) {
    const std::string name = tiles == 1 ? title_ : fmt::format("{}, tile {}", title_, tile);
    tiles_.push_back(std::make_unique<TileTimeline>(tile + 1, name, fidelity));
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
