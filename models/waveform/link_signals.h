// The links of an accelerator's network on chip as its waveform shows them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "memory/noc/interconnect.h"
#include "models/waveform/waveform.h"

namespace basil {

// For each link, by its ends ("router5.to_router6", "node3.to_router3"): whether it is taken, and the flits
// it was given so far in the run. At transaction level a worm takes a link from its head to its last flit,
// waits included; at flit level each flit takes it for itself. Of more than 64 nodes only the links of
// `memories` are shown, where all that moves comes from or goes to. The waveform asks for what it shows: it
// must not outlive this nor the network.
class LinkSignals {
 public:
  LinkSignals(Waveform& waveform, Interconnect& network, const std::string& prefix,
              const std::vector<NodeId>& memories);
  LinkSignals(const LinkSignals&) = delete;
  LinkSignals& operator=(const LinkSignals&) = delete;

 private:
  struct Link {
    Waveform::Signal busy = 0, flits = 0;
    std::int64_t sent = 0;
  };

  void declare(const std::string& path, const std::string& group);
  Cycles tell(Cycles now, bool over);

  Waveform& waveform_;
  Interconnect& network_;
  std::vector<std::optional<Link>> links_;  // in the order of link_flits()
};

}  // namespace basil
