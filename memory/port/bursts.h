// A transfer as TLM-2.0 payloads: whole and timing only, or cut into bursts that have data.
#pragma once

#include <algorithm>
#include <cstdint>
#include <tlm>
#include <vector>

#include "core/units.h"
#include "memory/port/extensions.h"

namespace basil {

inline constexpr Bytes most_burst{64 * 1024};  // of a payload with data

// How a target takes transfers.
struct Payloads {
  Bytes burst;  // the longest; none: whole transfers, for their time only

  static constexpr Payloads timing_only() { return {}; }
  // With data. Bursts end where multiples of `bytes` do, which is a power of two up to most_burst.
  static Payloads of(Bytes bytes);
};

struct Transfer {
  tlm::tlm_command command = tlm::TLM_READ_COMMAND;
  std::uint64_t address = 0;
  Bytes bytes;
};

// Bytes of the first payload of what is left of a transfer.
[[nodiscard]] Bytes first_burst(const Transfer& left, Payloads payloads);

// A payload and its extensions. They end with it, however that comes about: an extension that a payload
// still had when it went would be freed by it.
class Payload {
 public:
  Payload(const Transfer& transfer, unsigned char* data);
  ~Payload();
  Payload(const Payload&) = delete;
  Payload& operator=(const Payload&) = delete;

  tlm::tlm_generic_payload payload;
  Multicast multicast;
  NetworkShare network_share;
  StreamTag tag;

 private:
  TimingOnly timing_only_;
};

// Failure, under the name of who asked, unless the response says that all is well.
void expect_ok(const tlm::tlm_generic_payload& payload, const char* asked_by);

// One payload after the other by b_transport, each asked for when the one before is complete; `delay` is the
// first one's and then the last one's. `prepare` may add to a payload, `done` looks at its answer. Failure,
// under the name of who asks, for an error response.
template <class Prepare, class Done>
void transport(tlm::tlm_fw_transport_if<>& target, Transfer transfer, Payloads payloads, const char* asked_by,
               sc_core::sc_time& delay, const Prepare& prepare, const Done& done) {
  std::vector<unsigned char> data(static_cast<std::size_t>(std::min(payloads.burst, transfer.bytes).value));
  while (transfer.bytes.value > 0) {
    const Bytes bytes = first_burst(transfer, payloads);
    std::fill(data.begin(), data.end(), 0);
    Payload one({transfer.command, transfer.address, bytes}, data.empty() ? nullptr : data.data());
    prepare(one);
    target.b_transport(one.payload, delay);
    expect_ok(one.payload, asked_by);
    done(one);
    transfer.address += static_cast<std::uint64_t>(bytes.value);
    transfer.bytes -= bytes;
  }
}

}  // namespace basil
