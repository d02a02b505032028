// Operands into the stores of an array, before and under a pass, and sums out of them.
#include <algorithm>

#include "core/systemc/cycle_time.h"
#include "models/machine/pe_array.h"

namespace basil {
PassStreams PeArray::streams_of(const Step& step) {
  return array_->streams(step, [this](const Step& of) -> const PassCounts& { return counts(of); });
}

void PeArray::first_fill(OperandStore& store, ArrayBus bus, const PassStreams::Operand& operand,
                         Cycles from) {
  const Cycles read = now() + move(bus, operand.first, from - now(), operand.takers);
  if (operand.first > Bytes(0)) tell(bus, from, read);
  store.fill(std::max(read, from + operand.shift), late(bus));
}

void PeArray::fill_ahead(const Step& next, const NextOperands& in_buffer) {
  if (array_->drawn() != nullptr) return;
  const auto from = [](const OperandStore& store, Cycles ready) {
    return std::max({now(), store.free(), ready});
  };
  if (weights_store_.doubled() && !weights_store_.filled() && in_buffer.weights) {
    first_fill(weights_store_, ArrayBus::filter, streams_of(next).weights,
               from(weights_store_, *in_buffer.weights));
  }
  if (ifmap_store_.doubled() && !ifmap_store_.filled() && in_buffer.ifmap) {
    first_fill(ifmap_store_, ArrayBus::ifmap, streams_of(next).ifmap, from(ifmap_store_, *in_buffer.ifmap));
  }
}

// Waits for first fills, and starts what goes on under the work.
void PeArray::open_pass(const PassStreams& streams) {
  if (!weights_store_.filled()) first_fill(weights_store_, ArrayBus::filter, streams.weights, now());
  if (!ifmap_store_.filled()) first_fill(ifmap_store_, ArrayBus::ifmap, streams.ifmap, now());
  Waits head(now());
  head.wait(Bin::wait_weights, weights_store_.filled()->complete, weights_store_.filled()->late);
  head.wait(Bin::wait_activations, ifmap_store_.filled()->complete, ifmap_store_.filled()->late);
  head.wait(Bin::drain, psums_store_.free());
  head.add_to(outcome_.bins, active_);

  const Cycles begin = head.until();
  const auto rest = [&](Bin bin, ArrayBus bus, const PassStreams::Operand& operand) {
    const Bytes bytes = operand.all - operand.first;
    const Cycles until = now() + move(bus, bytes, begin - now(), operand.takers);
    if (bytes > Bytes(0)) tell(bus, begin, until);
    return Stream{bin, until, late(bus)};
  };
  pass_ = {.start = now(),
           .begin = begin,
           .head = head,
           .under_work = {rest(Bin::wait_weights, ArrayBus::filter, streams.weights),
                          rest(Bin::wait_activations, ArrayBus::ifmap, streams.ifmap),
                          rest(Bin::wait_psums, ArrayBus::psum_in, {.all = streams.psums_in})},
           .psums_last = streams.psums_last,
           .psums_shift = streams.psums_shift};
  const Cycles out =
      now() + move(ArrayBus::psum_out, streams.psums_out - streams.psums_last, begin - now(), 1);
  pass_.under_work[3] = {Bin::drain, out, late(ArrayBus::psum_out)};

  outcome_.filter_load = std::max(Cycles(0), weights_store_.filled()->complete - now());
  outcome_.ifmap_bus_until = pass_.under_work[1].until - now();
  outcome_.fmap_traffic = streams.ifmap.all + streams.psums_in + streams.psums_out;
  weights_store_.use(begin, pass_.under_work[0].until);
  ifmap_store_.use(begin, pass_.under_work[1].until);
}

// The work took so long: waits for what came under it, and for the sums where nothing follows under which
// they could leave.
void PeArray::close_pass(Cycles work, bool last) {
  Waits tail(pass_.begin + work);
  for (const Stream& stream : pass_.under_work) tail.wait(stream.bin, stream.until, stream.late);
  const Cycles end = tail.until();
  const Cycles out = now() + move(ArrayBus::psum_out, pass_.psums_last, end - now(), 1);
  const Cycles drained = std::max(out, end + pass_.psums_shift);
  if (!psums_store_.doubled() || last) tail.wait(Bin::drain, drained, late(ArrayBus::psum_out));
  psums_store_.drain(drained);
  tail.add_to(outcome_.bins, active_);
  outcome_.cycles = tail.until() - pass_.start;
  outcome_.drained = drained - pass_.start;
  // Sums that leave under the work may do so in any of its rounds; they are shown as late as they can be, for
  // none is there when the work begins.
  const Cycles under_work = std::max(Cycles(0), pass_.under_work[3].until - pass_.begin);
  tell(ArrayBus::psum_out, end - under_work, pass_.psums_last > Bytes(0) ? drained : end);
}

}  // namespace basil
