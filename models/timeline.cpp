#include "models/timeline.h"

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

Timeline::Timeline(std::string title, Fidelity fidelity) : title_(std::move(title)), fidelity_(fidelity) {
  name_tracks();
}

void Timeline::name_tracks() {
  events_ = fmt::format(R"({{"ph":"M","pid":1,"tid":0,"name":"process_name","args":{{"name":{}}}}})",
                        json_string(title_ + "; 1 us is one core cycle"));
  const std::array<const char*, 8> names{"sequencer",  "array",     "DRAM read",   "DRAM write",
                                         "filter bus", "ifmap bus", "psum in bus", "psum out bus"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (fidelity_ == Fidelity::cycle && i + 1 >= static_cast<std::size_t>(Track::filter_bus)) break;
    events_ += fmt::format(
        ",\n{{\"ph\":\"M\",\"pid\":1,\"tid\":{0},\"name\":\"thread_name\",\"args\":{{\"name\":\"{1}\"}}}},"
        "\n{{\"ph\":\"M\",\"pid\":1,\"tid\":{0},\"name\":\"thread_sort_index\",\"args\":{{\"sort_index\":{0}}"
        "}}}",
        i + 1, names[i]);
  }
}

void Timeline::add(Track track, const std::string& name, Cycles from, Cycles until, const std::string& args) {
  if (until <= from) return;
  events_ +=
      fmt::format(",\n{{\"ph\":\"X\",\"pid\":1,\"tid\":{},\"ts\":{},\"dur\":{},\"name\":{},\"args\":{{{}}}}}",
                  static_cast<int>(track), from.value, (until - from).value, json_string(name), args);
}

void Timeline::count(const std::string& name, double value) {
  events_ +=
      fmt::format(",\n{{\"ph\":\"C\",\"pid\":1,\"ts\":{},\"name\":\"{}\",\"args\":{{\"value\":{:.6g}}}}}",
                  now().value, name, value);
}

void Timeline::layer(std::size_t index, const std::string& name) {
  end_layer();
  layer_ = name;
  layer_index_ = index;
  layer_start_ = now();
  in_layer_ = true;
}

void Timeline::end_layer() {
  if (in_layer_)
    add(Track::sequencer, layer_, layer_start_, now(),
        fmt::format("\"layer\":{},\"index\":{}", json_string(layer_), layer_index_));
  in_layer_ = false;
}

void Timeline::array_from_now(Array state, std::int64_t active_pes) {
  end_wait();
  waiting_ = state == Array::wait_dram;
  wait_start_ = now();
  count("active PEs", static_cast<double>(active_pes));
  count("power mW", 0);
}

void Timeline::end_wait() {
  if (waiting_) add(Track::array, "wait for DRAM", wait_start_, now(), "");
  waiting_ = false;
}

void Timeline::buffer_fill(Bytes bytes) {
  count("feature maps in the buffer, bytes", static_cast<double>(bytes.value));
}

void Timeline::pass_begins(const Step& step, const PassOutcome& /*outcome*/, double power_mw) {
  end_wait();
  count("active PEs", static_cast<double>(step.active_pes));
  count("power mW", power_mw);
}

std::string Timeline::pass(std::int64_t id) const {
  return fmt::format("\"layer\":{},\"pass_id\":{}", json_string(layer_), id);
}

void Timeline::pass_ends(const Step& step, const PassOutcome& outcome) {
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
  add(Track::psum_out_bus, "drain psums", start + outcome.streams_from, start + outcome.psum_out_until, id);
}

void Timeline::dram(Operand operand, std::int64_t pass_id, Bytes bytes, Cycles from, Cycles until) {
  const std::string args = fmt::format("{},\"bytes\":{}", pass(pass_id), bytes.value);
  if (operand == Operand::ofmap) {
    add(Track::dram_write, "drain ofmap", from, until, args);
  } else {
    add(Track::dram_read, operand == Operand::weights ? "load weights" : "load ifmap", from, until, args);
  }
}

std::string Timeline::json(Cycles end) {
  end_wait();
  end_layer();
  return fmt::format(
      "{{\"traceEvents\":[\n{}\n],\n\"displayTimeUnit\":\"ns\",\n\"otherData\":{{\"title\":{},"
      "\"time_unit\":\"1 us is one core cycle\",\"cycles\":{},\"fidelity\":\"{}\"}}}}\n",
      events_, json_string(title_), end.value, to_string(fidelity_));
}

}  // namespace basil
