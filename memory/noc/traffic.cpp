#include "memory/noc/traffic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <queue>
#include <random>
#include <sstream>
#include <string_view>
#include <utility>

#include "core/error.h"
#include "core/input_file.h"

namespace basil {
namespace {

// The packets of all nodes, drawn node by node, in the order of their cycles.
class PatternSource {
 public:
  PatternSource(const Traffic& traffic, int cols, int rows)
      : traffic_(traffic), cols_(cols), rows_(rows), nodes_(cols * rows) {
    for (int node = 0; node < nodes_; ++node) {
      draws_.emplace_back(traffic.seed * 0x9E3779B97F4A7C15U + static_cast<std::uint64_t>(node));
      const bool silent = traffic.pattern == Pattern::transpose && node / cols_ == node % cols_;
      if (!silent) next_.emplace(gap(node), node);
    }
  }

  std::optional<Packet> operator()() {
    if (next_.empty()) return std::nullopt;
    const auto [cycle, node] = next_.top();
    next_.pop();
    next_.emplace(cycle + 1 + gap(node), node);
    return Packet{static_cast<NodeId>(node), destinations(node), traffic_.flits, cycle};
  }

 private:
  // In [0, 1).
  double draw(int node) {
    return static_cast<double>(draws_[static_cast<std::size_t>(node)]() >> 11) * 0x1p-53;
  }
  int draw_below(int node, int end) { return static_cast<int>(draw(node) * end); }
  // Cycles without a packet before the next one.
  std::int64_t gap(int node) {
    if (traffic_.rate >= 1) return 0;
    constexpr double longest = 0x1p52;  // beyond every run; at the lowest rates no count holds the gap
    return static_cast<std::int64_t>(std::min(longest, std::log1p(-draw(node)) / std::log1p(-traffic_.rate)));
  }
  NodeId other_node(int node) {
    const int drawn = draw_below(node, nodes_ - 1);
    return static_cast<NodeId>(drawn < node ? drawn : drawn + 1);
  }

  std::vector<NodeId> destinations(int node) {
    if (traffic_.multicast_share > 0 && draw(node) < traffic_.multicast_share) {
      std::vector<NodeId> all;
      const double share = draw(node);
      for (int to = 0; to < nodes_; ++to) {
        if (to != node && draw(node) < share) all.push_back(static_cast<NodeId>(to));
      }
      if (!all.empty()) return all;
    }
    if (traffic_.pattern == Pattern::transpose)
      return {static_cast<NodeId>(node % cols_ * cols_ + node / cols_)};
    const int middle = rows_ / 2 * cols_ + cols_ / 2;
    if (traffic_.pattern == Pattern::hotspot && node != middle && draw(node) < traffic_.hotspot_share)
      return {static_cast<NodeId>(middle)};
    return {other_node(node)};
  }

  using Turn = std::pair<std::int64_t, int>;  // cycle, node

  Traffic traffic_;
  int cols_, rows_, nodes_;
  std::vector<std::mt19937_64> draws_;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> next_;
};

void check(const Traffic& traffic, int cols, int rows) {
  const auto share = [](const char* what, double value) {
    if (!(value >= 0 && value <= 1)) throw Error("NoC traffic", fmt::format("{} {}", what, value), "0 to 1");
  };
  if (!(traffic.rate > 0 && traffic.rate <= 1))
    throw Error("NoC traffic", fmt::format("a rate of {}", traffic.rate), "above 0, up to 1");
  share("a hotspot's share of", traffic.hotspot_share);
  share("a multicasts' share of", traffic.multicast_share);
  if (traffic.flits < 1 || traffic.flits > 65535)
    throw Error("NoC traffic", fmt::format("packets of {} flits", traffic.flits), "1 to 65535");
  if (traffic.pattern == Pattern::transpose && cols != rows)
    throw Error("NoC traffic", fmt::format("transpose on {}x{} nodes", cols, rows),
                "as many columns as rows");
}

std::int64_t number(const std::string& word, std::int64_t most, const std::string& where, const char* what) {
  if (word.empty() || word.size() > 18 || word.find_first_not_of("0123456789") != std::string::npos ||
      std::stoll(word) > most)
    throw Error(where, "'" + word + "'", fmt::format("{}, 0 to {}", what, most));
  return std::stoll(word);
}

Packet parse_packet(const std::string& line, int nodes, const std::string& where) {
  std::istringstream words(line);
  std::string born, source, destinations, flits, more;
  words >> born >> source >> destinations >> flits;
  if (flits.empty() || words >> more)
    throw Error(where, "'" + line + "'", "CYCLE SOURCE DESTINATION[,DESTINATION...] FLITS");
  Packet packet;
  packet.born = number(born, std::int64_t{1} << 52, where, "a cycle");
  packet.source = static_cast<NodeId>(number(source, nodes - 1, where, "a node"));
  for (std::size_t at = 0; at <= destinations.size();) {
    const std::size_t comma = std::min(destinations.find(',', at), destinations.size());
    packet.destinations.push_back(
        static_cast<NodeId>(number(destinations.substr(at, comma - at), nodes - 1, where, "a node")));
    at = comma + 1;
  }
  packet.flits = static_cast<int>(number(flits, 65535, where, "flits"));
  try {
    basil::check(packet, nodes);
  } catch (const Error& error) { throw error.within(where); }
  return packet;
}

}  // namespace

Pattern parse_pattern(const std::string& word, const std::string& where) {
  if (word == "uniform") return Pattern::uniform;
  if (word == "transpose") return Pattern::transpose;
  if (word == "hotspot") return Pattern::hotspot;
  throw Error(where, "'" + word + "'",
              one_of(std::vector<std::string_view>{"uniform", "transpose", "hotspot", "trace"}, word));
}

PacketStream offer_pattern(const Traffic& traffic, int cols, int rows) {
  check(traffic, cols, rows);
  return [source = std::make_shared<PatternSource>(traffic, cols, rows)] { return (*source)(); };
}

std::vector<Packet> read_packets(const std::string& file, int nodes) {
  constexpr std::int64_t most_bytes = 256 << 20;
  std::istringstream in(read_file(file, most_bytes, "a trace of packets"));
  std::vector<Packet> packets;
  std::string line;
  for (int at = 1; std::getline(in, line); ++at) {
    line = line.substr(0, line.find('#'));
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string where = fmt::format("{}:{}", file, at);
    packets.push_back(parse_packet(line, nodes, where));
    if (packets.size() > 1 && packets.back().born < packets[packets.size() - 2].born)
      throw Error(
          where,
          fmt::format("cycle {} after cycle {}", packets.back().born, packets[packets.size() - 2].born),
          "packets in the order of their cycles");
  }
  if (packets.empty())
    throw Error(file, "no packet", "CYCLE SOURCE DESTINATION[,DESTINATION...] FLITS a line");
  return packets;
}

PacketStream offer_packets(std::vector<Packet> packets) {
  return [packets = std::move(packets), at = std::size_t{0}]() mutable -> std::optional<Packet> {
    if (at == packets.size()) return std::nullopt;
    return packets[at++];
  };
}

}  // namespace basil
