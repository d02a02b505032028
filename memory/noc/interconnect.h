// A network on chip as transfers see it: at transaction level links are reserved, at flit level flits move.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "memory/noc/network.h"
#include "memory/noc/reservation.h"

namespace basil {

// What the network's parts did; energy is a sum over it.
struct NocActivity {
  std::int64_t packets = 0;
  RouterCounters routers;
  double flit_ports = 0;    // flits times the ports of the router whose crossbar they passed
  double flit_pitches = 0;  // flits times the length of the links they took
};

// By link: of each router's ports in order, then of each node to its router.
[[nodiscard]] std::vector<std::int64_t> link_flits(const LinkReservation& network);
[[nodiscard]] std::vector<std::int64_t> link_flits(const Network& network);
[[nodiscard]] NocActivity activity_of(const Topology& topology, const std::vector<std::int64_t>& link_flits,
                                      const RouterCounters& routers);

// Transfers ask in the order of the calls, for cycles that never lie before the latest `now`. Who asks is
// told at once when its packets arrive, so packets that are asked for later cannot delay them any more; they
// wait.
//
// At flit level the packets that were under way at `now` move again beside the new ones, from the last cycle
// in which the network was empty; only the new ones' arrival is told.
class Interconnect {
 public:
  enum class Level { transaction, flit };

  // Error for what LinkReservation refuses.
  Interconnect(Topology topology, const NocParameters& parameters, Level level);

  // Packets of one transfer, all born in the same cycle, which is not before `now`. The cycle after the last
  // flit's arrival; `born` when there is nothing to carry.
  std::int64_t carry(const std::vector<Packet>& packets, std::int64_t born, std::int64_t now);

  // At flit level, for who watches his packets move: takes one now, and no carry() beside it before reset().
  // Returns its number for arrival().
  std::uint64_t send(const Packet& packet, std::int64_t now);
  // Moves what was sent up to the end of cycle `until` - 1.
  void advance(std::int64_t until);
  // The cycle after the last flit's arrival, once it is known. The packet is then forgotten.
  [[nodiscard]] std::optional<std::int64_t> arrival(std::uint64_t sent);

  [[nodiscard]] Level level() const { return level_; }
  [[nodiscard]] const Topology& topology() const { return reservation_.topology(); }
  [[nodiscard]] const NocParameters& parameters() const { return reservation_.parameters(); }
  // For a waveform, what takes which link, from now on; costs time and memory. At transaction level a stretch
  // is a worm, which holds a link while it waits for the next one, at flit level a flit.
  void keep_holds();
  // The holds known for good that were not yet taken: at flit level not those of packets that may yet have to
  // move again, unless nothing more will be asked for before reset() (`over`). All that began before
  // `known_until` are then taken.
  struct Holds {
    std::vector<LinkHold> holds;
    std::int64_t known_until = 0;
  };
  [[nodiscard]] Holds take_holds(std::int64_t now, bool over);

  // Since the last reset, of all that was asked for.
  [[nodiscard]] NocActivity activity() const;
  // Flits on the link that carried most.
  [[nodiscard]] std::int64_t busiest_link() const;
  // Empty, counters at zero.
  void reset();

 private:
  std::int64_t reserve(const std::vector<Packet>& packets);
  std::int64_t move_flits(std::size_t first_new);
  [[nodiscard]] std::vector<std::int64_t> all_link_flits() const;
  void forget_the_arrived();
  void note_holds(std::vector<std::int64_t>& sent);

  Level level_;
  LinkReservation reservation_;
  std::int64_t packets_ = 0;

  // At flit level.
  std::vector<Packet> moving_;        // since the network was empty
  std::int64_t empty_at_ = 0;         // when they have all arrived
  std::unique_ptr<Network> network_;  // that moved them
  std::vector<std::int64_t> flits_before_;
  RouterCounters counters_before_;

  // Sent, and not yet forgotten: by number, and by the network's.
  struct Sent {
    std::size_t copies_left = 0;
    std::int64_t arrived = 0;
  };
  std::unordered_map<std::uint64_t, Sent> sent_;
  std::vector<std::uint64_t> sent_by_network_;
  std::uint64_t sent_packets_ = 0;
  std::vector<std::int64_t> flits_noted_;

  bool keeping_holds_ = false;
  std::vector<LinkHold> holds_, moving_holds_;  // at flit level: for good, and of those that are moving
};

}  // namespace basil
