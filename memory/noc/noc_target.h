// One end of a network on chip as a TLM-2.0 module: what stands between arrays and the memory they use.
#pragma once

#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <systemc>
#include <tlm>
#include <vector>

#include "core/units.h"
#include "memory/noc/interconnect.h"
#include "memory/noc/packet_source.h"
#include "memory/port/port.h"

namespace basil {

struct NocEnds {
  int flit_bits = 64;
  int packet_flits = 8;
  NodeId memory = 0;  // the node of the memory behind it
  std::vector<std::vector<NodeId>> arrays =
      {};  // by initiator, in the order of binding: the nodes its PEs are on
  int pes_a_node = 1;
};

// Forwards a transfer to the memory behind it and has it carried in packets by a network that may have other
// ends. Data are pushed by the schedule: a read needs no request packet. Network and memory work at once, so
// the later of the two ends a transfer; a NetworkShare on it learns what the network added.
//
// Which node takes or gives what: memory/noc/packet_source.h.
class NocTarget : public sc_core::sc_module {
 public:
  tlm_utils::multi_passthrough_target_socket<NocTarget> from_array;
  tlm_utils::simple_initiator_socket<NocTarget> to_memory;

  // The network outlives it. Error for nodes that the topology does not have, an array without a node, or no
  // bit, flit or PE.
  NocTarget(const sc_core::sc_module_name& name, Interconnect& network, NocEnds ends);

  // The turn begins with the first node again.
  void quiesce();

 private:
  void b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);

  Interconnect& network_;
  NocEnds ends_;
  std::vector<PacketSource> sources_;  // by array
};

}  // namespace basil
