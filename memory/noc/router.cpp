#include "memory/noc/router.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"

namespace basil {

void check(const NocParameters& parameters) {
  const auto within = [](const char* what, int value, int most) {
    if (value < 1 || value > most)
      throw Error("NoC", fmt::format("{} {}", value, what), fmt::format("1 to {}", most));
  };
  within("virtual channels", parameters.vcs, 16);
  within("flits of buffer", parameters.buffer, 1024);
  within("cycles a flit on a link", parameters.link_cycles, 64);
}

RouterCounters& RouterCounters::operator+=(const RouterCounters& other) {
  buffer_writes += other.buffer_writes;
  buffer_reads += other.buffer_reads;
  crossings += other.crossings;
  routes += other.routes;
  return *this;
}

Router::Router(const Topology& topology, int index, const NocParameters& parameters, Worms& worms)
    : topology_(topology), index_(index), parameters_(parameters), worms_(worms) {
  const auto& ports = topology.ports[static_cast<std::size_t>(index)];
  inputs_.resize(ports.size() * static_cast<std::size_t>(parameters.vcs));
  places_.resize(inputs_.size() * static_cast<std::size_t>(parameters.buffer));
  outputs_.resize(ports.size());
  last_read_.assign(ports.size(), -1);
  for (std::size_t port = 0; port < ports.size(); ++port) {
    outputs_[port].vcs.assign(static_cast<std::size_t>(parameters.vcs), {false, parameters.buffer});
    outputs_[port].node = ports[port].kind == PortEnd::Kind::node;
    outputs_[port].last_given = inputs_.size() - 1;
  }
}

void Router::arrive(int port, const Flit& flit) {
  arriving_.emplace_back(port, flit);
  wake_ = cycle_;
}

void Router::credit(int port, int vc) {
  ++outputs_[static_cast<std::size_t>(port)].vcs[static_cast<std::size_t>(vc)].credits;
  wake_ = cycle_;
}

int Router::held(int port, int vc) const {
  return inputs_[input(port, vc)].filled +
         static_cast<int>(std::count_if(arriving_.begin(), arriving_.end(), [&](const auto& arrived) {
           return arrived.first == port && arrived.second.vc == vc;
         }));
}

void Router::step() {
  moved_ = false;
  wake_ = quiet_for_ever;
  if (buffered_ > 0) {
    give_channels();
    send_flits();
  }
  take_arrivals();
  ++cycle_;
  if (moved_) wake_ = cycle_;
}

void Router::commit() {
  std::swap(sent_, next_sent_);
  std::swap(freed_, next_freed_);
  next_sent_.clear();
  next_freed_.clear();
}

Flit& Router::place(std::size_t at, int offset) {
  int slot = inputs_[at].head + offset;
  if (slot >= parameters_.buffer) slot -= parameters_.buffer;
  return places_[at * static_cast<std::size_t>(parameters_.buffer) + static_cast<std::size_t>(slot)];
}

// One branch an output that the worm at the front must leave by.
void Router::route(std::size_t at) {
  const std::uint32_t front = place(at, 0).worm;
  std::vector<Branch>& branches = inputs_[at].branches;
  const auto branch_of = [&](int port) -> Branch& {
    for (Branch& branch : branches) {
      if (branch.port == port) return branch;
    }
    branches.push_back({port, -1, 0, worms_.take()});
    Worm& copy = worms_[branches.back().worm];
    copy.packet = worms_[front].packet;
    copy.flits = worms_[front].flits;
    return branches.back();
  };
  ++counters_.routes;
  if (worms_[front].destinations.size() == 1) {
    branches.push_back({topology_.port_towards(index_, worms_[front].destinations[0]), -1, 0, front});
    return;
  }
  for (std::size_t i = 0; i < worms_[front].destinations.size(); ++i) {  // take() may move the worms
    const NodeId node = worms_[front].destinations[i];
    const std::uint32_t copy = branch_of(topology_.port_towards(index_, node)).worm;
    worms_[copy].destinations.push_back(node);
  }
}

// Puts the branches of a front that have no virtual channel yet before their outputs.
void Router::ask(std::size_t at) {
  for (Branch& branch : inputs_[at].branches) {
    if (branch.vc >= 0) continue;
    Output& output = outputs_[static_cast<std::size_t>(branch.port)];
    const auto turn = [&](std::size_t asking) {
      return asking > output.last_given ? asking - output.last_given
                                        : asking + inputs_.size() - output.last_given;
    };
    if (output.asking == nullptr) {
      asked_outputs_.push_back(branch.port);
    } else if (turn(output.asked_by) <= turn(at)) {
      continue;
    }
    output.asked_by = at;
    output.asking = &branch;
  }
}

void Router::give_channels() {
  for (const std::size_t at : filled_inputs_) {
    if (inputs_[at].branches.empty()) {
      route(at);
      moved_ = true;
    }
    ask(at);
  }
  for (const int port : asked_outputs_) {
    Output& output = outputs_[static_cast<std::size_t>(port)];
    for (std::size_t vc = 0; vc < output.vcs.size(); ++vc) {
      if (output.vcs[vc].taken) continue;
      output.vcs[vc].taken = true;
      output.asking->vc = static_cast<int>(vc);
      output.last_given = output.asked_by;
      moved_ = true;
      break;
    }
    output.asking = nullptr;
  }
  asked_outputs_.clear();
}

// Inputs take turns: the first to send in this cycle is the last in the next.
void Router::send_flits() {
  const std::size_t inputs = filled_inputs_.size();
  const auto first = static_cast<std::size_t>(
      std::lower_bound(filled_inputs_.begin(), filled_inputs_.end(), first_) - filled_inputs_.begin());
  bool any = false;
  for (std::size_t i = 0; i < inputs; ++i) {
    const std::size_t at = filled_inputs_[first + i < inputs ? first + i : first + i - inputs];
    if (!send_from(at)) continue;
    if (!any) first_ = at + 1;
    any = true;
  }
  if (!any) return;
  moved_ = true;
  std::erase_if(filled_inputs_, [&](std::size_t at) { return inputs_[at].filled == 0; });
}

// Reads the flit that the slowest of the ready branches needs and sends it on all that are ready for it.
bool Router::send_from(std::size_t at) {
  Input& from = inputs_[at];
  const std::size_t in = at / static_cast<std::size_t>(parameters_.vcs);
  const int front = place(at, 0).index, flits = worms_[place(at, 0).worm].flits;
  const auto ready = [&](const Branch& branch) {
    if (branch.vc < 0 || branch.sent - front >= from.filled || branch.sent == flits) return false;
    const Output& output = outputs_[static_cast<std::size_t>(branch.port)];
    if (!output.node && output.vcs[static_cast<std::size_t>(branch.vc)].credits == 0) return false;
    if (output.free > cycle_) wake_ = std::min(wake_, output.free);
    return output.free <= cycle_;
  };
  int index = -1;
  for (const Branch& branch : from.branches) {
    if ((index < 0 || branch.sent < index) && ready(branch)) index = branch.sent;
  }
  if (index < 0) return false;
  if (last_read_[in] == cycle_) return false;
  last_read_[in] = cycle_;
  ++counters_.buffer_reads;
  const Flit flit = place(at, index - front);
  for (Branch& branch : from.branches) {
    if (branch.sent == index && ready(branch)) send(branch, flit);
  }
  leave(at);
  return true;
}

void Router::send(Branch& branch, const Flit& flit) {
  Output& output = outputs_[static_cast<std::size_t>(branch.port)];
  OutputVc& vc = output.vcs[static_cast<std::size_t>(branch.vc)];
  next_sent_.push_back(
      {branch.port, {branch.worm, flit.index, static_cast<std::uint16_t>(branch.vc), flit.tail}});
  if (!output.node) --vc.credits;
  output.free = cycle_ + parameters_.link_cycles;
  ++output.flits;
  ++counters_.crossings;
  ++branch.sent;
  if (flit.tail) vc.taken = false;
}

// Frees the places of the flits that every branch has sent.
void Router::leave(std::size_t at) {
  Input& from = inputs_[at];
  int sent = from.branches[0].sent;
  for (const Branch& branch : from.branches) sent = std::min(sent, branch.sent);
  while (from.filled > 0 && !from.branches.empty() && place(at, 0).index < sent) {
    const Flit flit = place(at, 0);
    if (++from.head == parameters_.buffer) from.head = 0;
    --from.filled;
    --buffered_;
    next_freed_.push_back({static_cast<int>(at) / parameters_.vcs, static_cast<int>(at) % parameters_.vcs});
    if (!flit.tail) continue;
    if (from.branches[0].worm != flit.worm) worms_.release(flit.worm);
    from.branches.clear();
  }
}

void Router::take_arrivals() {
  for (const auto& [port, flit] : arriving_) {
    const std::size_t at = input(port, flit.vc);
    place(at, inputs_[at].filled) = flit;
    if (inputs_[at].filled++ == 0)
      filled_inputs_.insert(std::lower_bound(filled_inputs_.begin(), filled_inputs_.end(), at), at);
    ++buffered_;
    ++counters_.buffer_writes;
    moved_ = true;
  }
  arriving_.clear();
}

}  // namespace basil
