#include "memory/off_chip/burst_bridge.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "core/error.h"

namespace basil {
namespace {

inline constexpr int most_outstanding = 1024;

}  // namespace

BurstBridge::BurstBridge(const sc_core::sc_module_name& name, const MemoryProtocol& protocol)
    : sc_module(name), from_chip("from_chip"), to_memory("to_memory"), protocol_(protocol) {
  from_chip.register_b_transport(this, &BurstBridge::b_transport);
  to_memory.register_nb_transport_bw(this, &BurstBridge::nb_transport_bw);
  if (protocol.call != MemoryProtocol::Call::four_phase) return;
  if (protocol.outstanding < 1 || protocol.outstanding > most_outstanding)
    throw Error("memory", fmt::format("{} payloads outstanding", protocol.outstanding),
                fmt::format("1 to {}", most_outstanding));
  if (protocol.payloads.burst.value == 0)
    throw Error("memory", "whole transfers by four phases", "bursts with data: Payloads::of(bytes)");
  for (int i = 0; i < protocol.outstanding; ++i)
    slots_.push_back(std::make_unique<Slot>(static_cast<tlm::tlm_mm_interface*>(this)));
}

void BurstBridge::b_transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const Transfer transfer{payload.get_command(), payload.get_address(), Bytes(payload.get_data_length())};
  if (protocol_.call == MemoryProtocol::Call::four_phase) {
    four_phase(transfer, delay);
  } else {
    transport(
        *to_memory.operator->(), transfer, protocol_.payloads, name(), delay, [](Payload&) {},
        [](const Payload&) {});
  }
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void BurstBridge::four_phase(Transfer transfer, sc_core::sc_time& delay) {
  if (delay > sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  UnderWay mine;
  while (transfer.bytes.value > 0 && !mine.failure) {
    Slot& slot = slot_when_free();
    const Bytes bytes = first_burst(transfer, protocol_.payloads);
    fill(slot, {transfer.command, transfer.address, bytes});
    slot.of = &mine;
    ++mine.payloads;
    send(slot);
    transfer.address += static_cast<std::uint64_t>(bytes.value);
    transfer.bytes -= bytes;
  }
  while (mine.payloads > 0) sc_core::wait(changed_);
  if (mine.failure) std::rethrow_exception(mine.failure);
  const sc_core::sc_time& stamp = sc_core::sc_time_stamp();
  delay = mine.last > stamp ? mine.last - stamp : sc_core::SC_ZERO_TIME;
}

BurstBridge::Slot& BurstBridge::slot_when_free() {
  for (;;) {
    const auto slot =
        std::find_if(slots_.begin(), slots_.end(), [](const auto& one) { return !one->in_use; });
    if (slot == slots_.end() || requesting_ != nullptr) {
      sc_core::wait(changed_);
    } else if (request_free_ > sc_core::sc_time_stamp()) {
      sc_core::wait(request_free_ - sc_core::sc_time_stamp());
    } else {
      return **slot;
    }
  }
}

void BurstBridge::fill(Slot& slot, const Transfer& burst) const {
  slot.data.assign(static_cast<std::size_t>(protocol_.payloads.burst.value), 0);
  slot.in_use = true;
  slot.payload.acquire();
  slot.payload.set_command(burst.command);
  slot.payload.set_address(burst.address);
  slot.payload.set_data_ptr(slot.data.data());
  slot.payload.set_data_length(static_cast<unsigned>(burst.bytes.value));
  slot.payload.set_streaming_width(static_cast<unsigned>(burst.bytes.value));
  slot.payload.set_byte_enable_ptr(nullptr);
  slot.payload.set_dmi_allowed(false);
  slot.payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
}

// What the memory throws is the transfer's failure, as an error response is.
void BurstBridge::send(Slot& slot) {
  requesting_ = &slot;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  tlm::tlm_sync_enum answer = tlm::TLM_COMPLETED;
  try {
    answer = to_memory->nb_transport_fw(slot.payload, phase, delay);
  } catch (...) {
    if (slot.of != nullptr) slot.of->failure = std::current_exception();
    slot.payload.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  const sc_core::sc_time at = sc_core::sc_time_stamp() + delay;
  if (answer == tlm::TLM_ACCEPTED) return;
  if (answer == tlm::TLM_UPDATED && phase == tlm::END_REQ) return end_request(slot, at);
  if (answer == tlm::TLM_UPDATED && phase != tlm::BEGIN_RESP)
    throw Failure(std::string(name()) + ": a memory may answer BEGIN_REQ with END_REQ or BEGIN_RESP only");
  if (answer == tlm::TLM_UPDATED) {
    if (delay > sc_core::SC_ZERO_TIME) sc_core::wait(delay);
    phase = tlm::END_RESP;
    delay = sc_core::SC_ZERO_TIME;
    to_memory->nb_transport_fw(slot.payload, phase, delay);
  }
  respond(slot, at);
}

tlm::tlm_sync_enum BurstBridge::nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                                sc_core::sc_time& delay) {
  const sc_core::sc_time at = sc_core::sc_time_stamp() + delay;
  if (phase == tlm::END_REQ) {
    end_request(slot_of(payload), at);
    return tlm::TLM_ACCEPTED;
  }
  if (phase != tlm::BEGIN_RESP)
    throw Failure(std::string(name()) + ": a memory may send END_REQ and BEGIN_RESP only");
  respond(slot_of(payload), at);
  phase = tlm::END_RESP;
  return tlm::TLM_COMPLETED;
}

BurstBridge::Slot& BurstBridge::slot_of(const tlm::tlm_generic_payload& payload) {
  const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                 [&](const auto& one) { return one->in_use && &one->payload == &payload; });
  if (slot == slots_.end()) throw Failure(std::string(name()) + ": a payload that is not under way");
  return **slot;
}

void BurstBridge::end_request(const Slot& slot, const sc_core::sc_time& at) {
  if (requesting_ != &slot) return;
  requesting_ = nullptr;
  request_free_ = at;
  changed_.notify(sc_core::SC_ZERO_TIME);
}

// BEGIN_RESP implies END_REQ.
void BurstBridge::respond(Slot& slot, const sc_core::sc_time& at) {
  if (slot.of == nullptr) throw Failure(std::string(name()) + ": a second response to a payload");
  end_request(slot, at);
  UnderWay& transfer = *slot.of;
  transfer.last = std::max(transfer.last, at);
  if (!transfer.failure) {
    try {
      expect_ok(slot.payload, name());
    } catch (const Failure&) { transfer.failure = std::current_exception(); }
  }
  --transfer.payloads;
  slot.of = nullptr;
  slot.payload.release();
  changed_.notify(sc_core::SC_ZERO_TIME);
}

void BurstBridge::free(tlm::tlm_generic_payload* payload) {
  slot_of(*payload).in_use = false;
  changed_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace basil
