// A network on chip between arrays and the memory behind it, as a TLM-2.0 module.
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "core/units.h"
#include "memory/noc/reservation.h"
#include "memory/port.h"

namespace basil {

struct NocTargetParameters {
  Topology topology = make_mesh(4, 4);
  NocParameters routers = {};
  int flit_bits = 64;
  int packet_flits = 8;
  NodeId memory = 0;  // the node of the memory behind the network
  std::vector<std::vector<NodeId>> arrays =
      {};  // by initiator, in the order of binding: the nodes its PEs are on
  int pes_a_node = 1;
};

struct NocTargetCounters {
  Bytes bytes;
  std::int64_t packets = 0;
  RouterCounters routers;
  double flit_pitches = 0;  // flits times the length of the links they took: what wire energy depends on
};

// Forwards a transfer to the memory behind it and carries it in packets that reserve their links (see
// LinkReservation), in the order of the calls. Data are pushed by the schedule: a read needs no request
// packet. Network and memory work at once, so the later of the two ends a transfer.
//
// What many PEs take is a tree multicast to the first nodes of the array that hold as many; packets for or
// from single PEs take the array's nodes in turn. What the memory's own node holds needs no network.
class NocTarget : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<NocTarget> from_array;
  tlm_utils::simple_initiator_socket<NocTarget> to_memory;

  // Error for nodes that the topology does not have, an array without a node, or no bit, flit or PE.
  NocTarget(const sc_core::sc_module_name& name, NocTargetParameters parameters);

  [[nodiscard]] NocTargetCounters counters() const;
  // A layer starts with the network empty and counters at zero.
  void quiesce();

 private:
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  // When the last flit of a transfer has arrived; absolute.
  Cycles carry(std::size_t array, bool read, Bytes bytes, std::int64_t destinations, Cycles start);
  [[nodiscard]] Packet packet_for(std::size_t array, bool read, std::int64_t destinations);

  NocTargetParameters parameters_;
  LinkReservation network_;
  std::vector<std::size_t> turn_;  // by array: the node whose turn it is
  Bytes bytes_;
  std::int64_t packets_ = 0;
};

}  // namespace basil
