#include "memory/port/bursts.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "core/error.h"

namespace basil {
namespace {

inline constexpr Bytes most_length{std::int64_t{1} << 31};  // that a payload can state

}  // namespace

Payloads Payloads::of(Bytes bytes) {
  if (bytes.value < 1 || bytes > most_burst || !std::has_single_bit(static_cast<std::uint64_t>(bytes.value)))
    throw Error("memory", fmt::format("bursts of {} bytes", bytes.value),
                fmt::format("a power of two up to {}", most_burst.value));
  return {bytes};
}

Bytes first_burst(const Transfer& left, Payloads payloads) {
  if (payloads.burst.value == 0) return std::min(left.bytes, most_length);
  const std::int64_t into =
      static_cast<std::int64_t>(left.address % static_cast<std::uint64_t>(payloads.burst.value));
  return std::min(left.bytes, payloads.burst - Bytes(into));
}

Payload::Payload(const Transfer& transfer, unsigned char* data) {
  payload.set_command(transfer.command);
  payload.set_address(transfer.address);
  payload.set_data_ptr(data);
  payload.set_data_length(static_cast<unsigned>(transfer.bytes.value));
  payload.set_streaming_width(static_cast<unsigned>(transfer.bytes.value));
  payload.set_extension(&multicast);
  payload.set_extension(&network_share);
  payload.set_extension(&tag);
  if (data == nullptr) payload.set_extension(&timing_only_);
}

Payload::~Payload() {
  payload.clear_extension<Multicast>();
  payload.clear_extension<NetworkShare>();
  payload.clear_extension<StreamTag>();
  payload.clear_extension<TimingOnly>();
  payload.clear_extension<Parcels>();  // of whoever watches them
}

void expect_ok(const tlm::tlm_generic_payload& payload, const char* asked_by) {
  if (payload.is_response_ok()) return;
  throw Failure(fmt::format("{}: {} of {} bytes at {:#x}: {}", asked_by, payload.is_read() ? "read" : "write",
                            payload.get_data_length(), payload.get_address(), payload.get_response_string()));
}

}  // namespace basil
