#include "models/machine/counts.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <string_view>

#include "core/error.h"

namespace basil {
namespace {

template <class Figure>
void demand_same(const std::string& where, std::string_view counter, Figure found, Figure expected) {
  if (found == expected) return;
  throw Failure(fmt::format("{}: {} is {}, the clocked array says {}", where, counter, found, expected));
}

// A figure of an account, and what a person calls it.
template <class Account>
struct Counter {
  std::int64_t Account::*count;
  std::string_view name;
};

constexpr Counter<Activity> counters[]{{&Activity::products, "products"},
                                       {&Activity::gated, "gated slots"},
                                       {&Activity::psum_adds, "psum additions"},
                                       {&Activity::filter_spad_reads, "filter spad reads"},
                                       {&Activity::filter_spad_writes, "filter spad writes"},
                                       {&Activity::ifmap_spad_reads, "ifmap spad reads"},
                                       {&Activity::ifmap_spad_writes, "ifmap spad writes"},
                                       {&Activity::psum_spad_reads, "psum spad reads"},
                                       {&Activity::psum_spad_writes, "psum spad writes"},
                                       {&Activity::register_bits, "register bits"},
                                       {&Activity::link_bits, "link bits"}};

struct Stream {
  Bytes TileWork::*bytes;
  std::string_view name;
};

constexpr Stream streams[]{{&TileWork::weights, "bytes of weights"},
                           {&TileWork::ifmap, "bytes of the ifmap"},
                           {&TileWork::psums_in, "bytes of psums in"},
                           {&TileWork::psums_out, "bytes of psums out"},
                           {&TileWork::weights_first, "bytes of weights that come first"},
                           {&TileWork::ifmap_first, "bytes of the ifmap that come first"},
                           {&TileWork::psums_last, "bytes of psums that leave last"}};

std::string text_of(const char* axis, const Range& range) {
  return fmt::format(", {} {}-{}", axis, range.first, range.end - 1);
}

}  // namespace

void demand_same_cycles(const std::string& where, Cycles fast, Cycles clocked) {
  demand_same(where, "cycles", fast.value, clocked.value);
}

void demand_same_bins(const std::string& where, const CycleAccount& fast, const CycleAccount& clocked) {
  for (std::size_t i = 0; i < bin_count; ++i) {
    const Bin bin = static_cast<Bin>(i);
    demand_same(where, fmt::format("PE-cycles of bin {}", to_string(bin)), fast[bin], clocked[bin]);
  }
}

void demand_same_activity(const std::string& where, const Activity& fast, const Activity& clocked) {
  for (const auto& [count, name] : counters) demand_same(where, name, fast.*count, clocked.*count);
  demand_same(where, "parts", fast.parts.size(), clocked.parts.size());
  for (std::size_t part = 0; part < fast.parts.size(); ++part) {
    const std::string of = fmt::format(" of part {}", part);
    demand_same(where, "uses" + of, fast.parts[part].count, clocked.parts[part].count);
    demand_same(where, "writes" + of, fast.parts[part].writes, clocked.parts[part].writes);
  }
}

void demand_same_work(const std::string& where, const TileWork& fast, const TileWork& clocked,
                      const std::vector<Part>& parts) {
  demand_same_cycles(where, fast.cycles, clocked.cycles);
  demand_same_bins(where, fast.bins, clocked.bins);
  demand_same(where, "products", fast.products, clocked.products);
  for (const auto& [bytes, name] : streams)
    demand_same(where, name, (fast.*bytes).value, (clocked.*bytes).value);
  demand_same(where, "rows that take a weight", fast.weights_takers, clocked.weights_takers);
  demand_same(where, "rows that take an ifmap word", fast.ifmap_takers, clocked.ifmap_takers);
  demand_same(where, "parts", fast.uses.size(), clocked.uses.size());
  for (std::size_t part = 0; part < parts.size(); ++part) {
    const std::string& name = parts[part].name;
    demand_same(where, "uses of " + name, fast.uses[part].count, clocked.uses[part].count);
    demand_same(where, "writes of " + name, fast.uses[part].writes, clocked.uses[part].writes);
  }
}

void demand_same_sums(const std::string& where, const Layer& layer, const Ofmap& fast, const Ofmap& clocked) {
  for (std::size_t i = 0; i < fast.sums.size(); ++i)
    demand_same(where, fmt::format("sum {}", i), fast.sums[i], clocked.sums[i]);
  if (fast.reals.empty()) return;
  const std::vector<double> bound = fp32_bound(layer);
  for (std::size_t i = 0; i < fast.reals.size(); ++i) {
    if (std::isnan(fast.reals[i]) && std::isnan(clocked.reals[i])) continue;  // not of the pass
    if (std::abs(fast.reals[i] - clocked.reals[i]) <= 2 * bound[i]) continue;
    demand_same(where, fmt::format("sum {}", i), fast.reals[i], clocked.reals[i]);
  }
}

std::string text_of(const FmapTile& block) {
  return text_of("images", block.n) + text_of("filters", block.channels) + text_of("rows", block.rows);
}

}  // namespace basil
