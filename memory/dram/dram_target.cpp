#include "memory/dram/dram_target.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "core/error.h"
#include "core/systemc/cycle_time.h"

namespace basil {
namespace {

// A cycle of 10^9 / khz ps and a clock of tCK ps: clocks / cycles = 10^9 / (khz tCK).
constexpr std::int64_t ps_khz = 1'000'000'000;

}  // namespace

DramTarget::DramTarget(const sc_core::sc_module_name& name, const DramDevice& device, std::int64_t core_khz)
    : sc_module(name),
      socket("socket"),
      device_(device),
      clocks_(ps_khz / std::gcd(ps_khz, core_khz * device.timing.tCK_ps)),
      cycles_(core_khz * device.timing.tCK_ps / std::gcd(ps_khz, core_khz * device.timing.tCK_ps)),
      memory_(device) {
  socket.register_b_transport(this, &DramTarget::b_transport);
  socket.register_nb_transport_fw(this, &DramTarget::nb_transport_fw);
  keep_accepted();
  SC_HAS_PROCESS(DramTarget);
  SC_METHOD(work);
  sensitive << wake_;
  dont_initialize();
}

void DramTarget::quiesce() {
  if (!transactions_.empty() || !arrivals_.empty())
    throw Failure(std::string(name()) + ": quiesced with a transaction outstanding");
  memory_ = DramMemory(device_);
  keep_accepted();
  if (logging_) keep_log();
  traffic_ = {};
  origin_ = now();
}

void DramTarget::keep_accepted() {
  for (DramChannel& channel : memory_.channels()) channel.keep_accepted();
}

void DramTarget::keep_log() {
  logging_ = true;
  for (DramChannel& channel : memory_.channels()) channel.keep_log();
}

void DramTarget::catch_up() {
  advance_to(clock_at(sc_core::sc_time_stamp()));
  wake_for_next();
}

std::int64_t DramTarget::time_of(std::int64_t clock, std::int64_t parts) const {
  const std::int64_t whole = clock * cycles_ / clocks_, rest = clock * cycles_ % clocks_;
  return (origin_.value + whole) * parts + rest * parts / clocks_;
}

Cycles DramTarget::transfer_time(Bytes bytes) const {
  const DramOrganisation& o = device_.organisation;
  const std::int64_t bursts = ceil_div(bytes.value, o.burst_bytes().value * o.channels);
  return Cycles(ceil_div(bursts * o.burst_clocks() * cycles_, clocks_));
}

DramActivity DramTarget::activity(Cycles end) {
  const std::int64_t clock = ceil_div((end - origin_).value * clocks_, cycles_);
  for (DramChannel& channel : memory_.channels()) channel.advance(clock);
  return memory_.activity(clock);
}

std::int64_t DramTarget::clock_at(const sc_core::sc_time& time) const {
  static const std::uint64_t ticks_a_cycle = to_time(Cycles(1)).value();
  const auto cycle = static_cast<std::int64_t>((time.value() + ticks_a_cycle - 1) / ticks_a_cycle);
  return ceil_div((cycle - origin_.value) * clocks_, cycles_);
}

Cycles DramTarget::cycle_of(std::int64_t clock) const {
  return origin_ + Cycles(ceil_div(clock * cycles_, clocks_));
}

tlm::tlm_response_status DramTarget::refusal(const tlm::tlm_generic_payload& payload) const {
  const std::uint64_t length = payload.get_data_length();
  if (payload.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (payload.get_streaming_width() < length) return tlm::TLM_BURST_ERROR_RESPONSE;
  const std::uint64_t last = payload.get_address() + std::max<std::uint64_t>(length, 1) - 1;
  if (last < payload.get_address() || !memory_.contains(last)) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
  return tlm::TLM_OK_RESPONSE;
}

// Returns the id of the transaction's bursts, -1 when there is nothing to move.
std::int64_t DramTarget::enqueue(tlm::tlm_generic_payload& payload, int initiator, bool answered,
                                 std::int64_t clock) {
  const Bytes bytes(payload.get_data_length());
  if (bytes.value == 0 || payload.get_command() == tlm::TLM_IGNORE_COMMAND) return -1;
  const auto burst = static_cast<std::uint64_t>(device_.organisation.burst_bytes().value);
  const std::uint64_t first = payload.get_address() / burst;
  const std::uint64_t last = (payload.get_address() + payload.get_data_length() - 1) / burst;
  const std::int64_t id = next_id_++;
  const auto bursts = static_cast<std::int64_t>(last - first + 1);
  transactions_[id] = {.payload = answered ? &payload : nullptr,
                       .initiator = initiator,
                       .bursts_left = bursts,
                       .bursts_outside = bursts};
  const DramOrganisation& o = device_.organisation;
  for (std::int64_t i = 0; i < bursts; ++i) {
    memory_.enqueue(id, (first + static_cast<std::uint64_t>(i)) * burst, payload.is_write(),
                    clock + i / o.channels * o.burst_clocks());
  }
  (payload.is_write() ? traffic_.written : traffic_.read) += bytes;
  return id;
}

// Bursts that are served count for their transactions; whole ones with a payload await their response.
void DramTarget::take_completions() {
  take_accepted();
  for (DramChannel& channel : memory_.channels()) {
    for (const DramCompletion& completion : channel.completions()) {
      const auto found = transactions_.find(completion.id);
      Transaction& transaction = found->second;
      transaction.done = std::max(transaction.done, completion.done);
      if (--transaction.bursts_left > 0) continue;
      if (transaction.awaited) served_.notify(sc_core::SC_ZERO_TIME);
      if (transaction.payload == nullptr) continue;
      initiator(transaction.initiator).responses.emplace(transaction.done, transaction.payload);
      transactions_.erase(found);
    }
    channel.completions().clear();
  }
}

// --- b_transport

void DramTarget::b_transport(int initiator, tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const tlm::tlm_response_status status = refusal(payload);
  payload.set_dmi_allowed(false);
  payload.set_response_status(status);
  if (status != tlm::TLM_OK_RESPONSE) return;
  const bool may_wait = sc_core::sc_get_current_process_handle().proc_kind() == sc_core::SC_THREAD_PROC_;
  if (may_wait && delay > sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  if (may_wait) delay = sc_core::SC_ZERO_TIME;
  const std::int64_t id = enqueue(payload, initiator, false, clock_at(sc_core::sc_time_stamp() + delay));
  if (id < 0) return;
  if (may_wait) {
    transactions_.at(id).awaited = true;
    wake_.notify(sc_core::SC_ZERO_TIME);
    while (transactions_.at(id).bursts_left > 0) sc_core::wait(served_);
    delay = until(cycle_of(transactions_.at(id).done));
    transactions_.erase(id);
    return;
  }
  for (DramChannel& channel : memory_.channels()) channel.drain();
  take_completions();
  delay = until(cycle_of(transactions_.at(id).done));
  transactions_.erase(id);
  wake_for_next();  // others may have been served on the way
}

// --- nb_transport

DramTarget::Initiator& DramTarget::initiator(int index) {
  if (initiators_.size() <= static_cast<std::size_t>(index))
    initiators_.resize(static_cast<std::size_t>(index) + 1);
  return initiators_[static_cast<std::size_t>(index)];
}

tlm::tlm_sync_enum DramTarget::nb_transport_fw(int index, tlm::tlm_generic_payload& payload,
                                               tlm::tlm_phase& phase, sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) {
    const tlm::tlm_response_status status = refusal(payload);
    payload.set_dmi_allowed(false);
    payload.set_response_status(status);
    if (status != tlm::TLM_OK_RESPONSE || payload.get_data_length() == 0 ||
        payload.get_command() == tlm::TLM_IGNORE_COMMAND)
      return tlm::TLM_COMPLETED;
    if (payload.has_mm()) payload.acquire();
    arrivals_.emplace(clock_at(sc_core::sc_time_stamp() + delay), Arrival{&payload, index});
    wake_for_next();
    return tlm::TLM_ACCEPTED;
  }
  if (phase == tlm::END_RESP) {
    initiator(index).response_out = false;
    if (payload.has_mm()) payload.release();
    wake_for_next();
    return tlm::TLM_COMPLETED;
  }
  throw Failure(std::string(name()) + ": an initiator may send BEGIN_REQ and END_RESP only");
}

void DramTarget::work() {
  const std::int64_t clock = clock_at(sc_core::sc_time_stamp());
  advance_to(clock);
  take_arrivals(clock);
  advance_to(clock);  // into the queues
  end_requests();
  send_responses(clock);
  wake_for_next();
}

void DramTarget::advance_to(std::int64_t clock) {
  next_command_ = dram_never;
  for (DramChannel& channel : memory_.channels())
    next_command_ = std::min(next_command_, channel.advance(clock));
  take_completions();
}

void DramTarget::take_arrivals(std::int64_t clock) {
  while (!arrivals_.empty() && arrivals_.begin()->first <= clock) {
    const auto [asked, arrival] = *arrivals_.begin();
    arrivals_.erase(arrivals_.begin());
    entering_.emplace_back(enqueue(*arrival.payload, arrival.initiator, true, asked), arrival);
  }
}

void DramTarget::take_accepted() {
  for (DramChannel& channel : memory_.channels()) {
    for (const std::int64_t id : channel.accepted()) --transactions_.at(id).bursts_outside;
    channel.accepted().clear();
  }
}

void DramTarget::end_requests() {
  for (std::size_t i = 0; i < entering_.size();) {
    const auto [id, arrival] = entering_[i];
    const auto found = transactions_.find(id);  // or served already
    if (found != transactions_.end() && found->second.bursts_outside > 0) {
      ++i;
      continue;
    }
    entering_.erase(entering_.begin() + static_cast<std::ptrdiff_t>(i));
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket[arrival.initiator]->nb_transport_bw(*arrival.payload, phase, delay);
  }
}

void DramTarget::send_responses(std::int64_t clock) {
  for (std::size_t i = 0; i < initiators_.size(); ++i) {
    while (!initiators_[i].response_out && !initiators_[i].responses.empty() &&
           initiators_[i].responses.begin()->first <= clock) {
      tlm::tlm_generic_payload& payload = *initiators_[i].responses.begin()->second;
      initiators_[i].responses.erase(initiators_[i].responses.begin());
      initiators_[i].response_out = true;
      tlm::tlm_phase phase = tlm::BEGIN_RESP;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      const tlm::tlm_sync_enum answer = socket[static_cast<int>(i)]->nb_transport_bw(payload, phase, delay);
      const bool ended =
          answer == tlm::TLM_COMPLETED || (answer == tlm::TLM_UPDATED && phase == tlm::END_RESP);
      if (!ended) break;
      initiators_[i].response_out = false;
      if (payload.has_mm()) payload.release();
    }
  }
}

void DramTarget::wake_for_next() {
  std::int64_t next = next_command_ == dram_never ? dram_never : next_command_ + 1;
  if (!arrivals_.empty()) next = std::min(next, arrivals_.begin()->first);
  for (const Initiator& one : initiators_) {
    if (!one.response_out && !one.responses.empty()) next = std::min(next, one.responses.begin()->first);
  }
  if (next == dram_never) return;
  const sc_core::sc_time at = to_time(cycle_of(next));
  wake_.notify(at > sc_core::sc_time_stamp() ? at - sc_core::sc_time_stamp() : sc_core::SC_ZERO_TIME);
}

}  // namespace basil
