#include "models/waveform/noc_signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace basil {
namespace {

enum FlitKind { none, head, body, tail, single };  // in a worm, as kind_words has them

const std::vector<std::string>& kind_words() {
  static const std::vector<std::string> words{"-", "head", "body", "tail", "single"};
  return words;
}

FlitKind kind_of(const Flit& flit) {
  if (flit.tail) return flit.index == 0 ? single : tail;
  return flit.index == 0 ? head : body;
}

std::string name_of(const PortEnd& end) {
  return fmt::format("{}{}", end.kind == PortEnd::Kind::node ? "node" : "router", end.index);
}

}  // namespace

NocSignals::NocSignals(Waveform& waveform, const Network& network, const std::vector<int>& routers)
    : waveform_(waveform),
      several_vcs_(network.parameters().vcs > 1),
      injected_(waveform.add("network.flits_injected", 48, "network")),
      ejected_(waveform.add("network.flits_ejected", 48, "network")),
      packets_(waveform.add("network.packets_under_way", 32, "network")) {
  for (const int router : routers) declare(network, router);
}

void NocSignals::declare(const Network& network, int router) {
  const NocParameters& parameters = network.parameters();
  const int ports = static_cast<int>(network.topology().ports[static_cast<std::size_t>(router)].size());
  const std::string group = fmt::format("router {}", router);
  constexpr int packet_bits = 32, vc_bits = 4, count_bits = 11;
  const auto declare_counts = [&](std::vector<Count>& counts, int port, const std::string& path,
                                  const std::string& what, int value) {
    for (int vc = 0; vc < parameters.vcs; ++vc) {
      const std::string leaf =
          several_vcs_ ? fmt::format("{}.vc{}.{}", path, vc, what) : fmt::format("{}.{}", path, what);
      counts.push_back({router, port, vc, waveform_.add(leaf, count_bits, group), value});
      waveform_.set(counts.back().signal, value);
    }
  };
  for (int port = 0; port < ports; ++port) {
    const PortEnd& end = network.topology().end(router, port);
    if (end.kind == PortEnd::Kind::none) continue;
    const std::string out = fmt::format("router{}.to_{}", router, name_of(end)),
                      in = fmt::format("router{}.from_{}", router, name_of(end));
    Link link{.router = router, .port = port, .sent = network.flits_sent(router, port)};
    link.flit = waveform_.add_words(out + ".flit", kind_words(), group);
    link.packet = waveform_.add(out + ".packet", packet_bits, group);
    if (several_vcs_) link.vc = waveform_.add(out + ".vc", vc_bits, group);
    links_.push_back(link);
    if (end.kind == PortEnd::Kind::router) declare_counts(credits_, port, out, "credits", parameters.buffer);
    declare_counts(held_, port, in, "held", 0);
  }
}

void NocSignals::at(std::int64_t cycle, Waveform::Signal signal, std::int64_t value) {
  waveform_.set_at(Cycles(cycle), signal, static_cast<double>(value));
}

void NocSignals::show(const Network& network) {
  const std::int64_t cycle = network.cycle() - 1;
  const bool shown = waveform_.shows(Cycles(cycle));
  waveform_.settle(Cycles(cycle));
  for (Link& link : links_) {
    const std::int64_t sent = network.flits_sent(link.router, link.port);
    if (shown && sent > link.sent) show_flit(network, link);
    link.sent = sent;
  }
  if (!shown) return;
  at(cycle, injected_, network.injected());
  at(cycle, ejected_, network.ejected());
  at(cycle + 1, packets_, static_cast<std::int64_t>(network.packets_under_way()));
  show_counts(network);
}

// A link takes one flit a cycle at most.
void NocSignals::show_flit(const Network& network, const Link& link) {
  const std::int64_t cycle = network.cycle() - 1;
  for (const Router::Sent& sent : network.router(link.router).sent()) {
    if (sent.port != link.port) continue;
    at(cycle, link.flit, kind_of(sent.flit));
    at(cycle + 1, link.flit, none);
    at(cycle, link.packet, network.packet_number(sent.flit));
    if (several_vcs_) at(cycle, link.vc, sent.flit.vc);
  }
}

void NocSignals::show_counts(const Network& network) {
  const auto show = [&](Count& count, int value) {
    if (value == count.value) return;
    count.value = value;
    at(network.cycle(), count.signal, value);
  };
  for (Count& count : credits_) show(count, network.router(count.router).credits(count.port, count.vc));
  for (Count& count : held_) show(count, network.router(count.router).held(count.port, count.vc));
}

double noc_waveform_bytes(const PacketStream& stream, const Topology& topology,
                          const NocParameters& parameters, std::size_t routers, std::int64_t first,
                          std::int64_t last) {
  constexpr double bytes_a_hop = 65;  // measured on uniform traffic: changes and the times before them
  constexpr int enough = 100'000;     // packets to judge the others by
  double hops = 0, ports = 0, cycles = 1;
  int packets = 0;
  for (auto next = stream(); next && next->born <= last && packets < enough; next = stream(), ++packets) {
    cycles = static_cast<double>(next->born + 1);
    for (const NodeId to : next->destinations)
      hops += static_cast<double>(next->flits) * topology.routers_between(next->source, to);
  }
  const auto span = static_cast<double>(last - first + 1);
  if (packets == enough || first > 0) hops *= span / cycles;
  for (const auto& of_router : topology.ports) ports += static_cast<double>(of_router.size());
  hops = std::min(hops, ports * span / parameters.link_cycles);
  return bytes_a_hop * hops * static_cast<double>(routers) / topology.routers();
}

}  // namespace basil
