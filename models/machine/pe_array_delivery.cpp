// Operands into the stores of a tile or systolic array, before and under a pass, and sums out of them.
#include <algorithm>

#include "core/systemc/cycle_time.h"
#include "models/machine/pe_array.h"
#include "models/sampling/layer_sample.h"

namespace basil {
namespace {

// Of a finished sum where a unit counts its bytes.
inline constexpr std::int64_t sum_bytes = 4;

}  // namespace

const TileWork& PeArray::tile_work(const Step& step, const TilePass& pass) {
  if (sample_ != nullptr) return sample_->work(step.id);
  if (!tile_work_ || tile_work_->first != step.id) {
    tile_work_.emplace(step.id, tile_->run(pass, psums_.sums()));
    psums_.end(pass);
  }
  return tile_work_->second;
}

// Finished sums leave as words: they are requantised at the array's edge. Those that other channels add to go
// to the buffer as psums, and come back from there as what the accumulators start from.
PassStreams PeArray::streams_of(const Step& step) {
  const std::int64_t word_bytes = machine_.word_bytes();
  if (const auto* tile = std::get_if<TilePass>(&step.pass)) {
    const TileWork& work = tile_work(step, *tile);
    const std::int64_t outputs =
        std::int64_t{tile->n.size()} * tile->filters.size() * tile->rows.size() * layer_->shape.Q();
    const std::int64_t bytes_out = step.psums_out ? machine_.psum_bytes() : word_bytes;
    const Bytes out = work.psums_out - Bytes(outputs * sum_bytes) + Bytes(outputs * bytes_out);
    const Bytes last = std::min(out, Bytes(ceil_div(work.psums_last.value * bytes_out, sum_bytes)));
    return {.weights = {work.weights, std::min(work.weights, work.weights_first),
                        work.weights_takers * machine_.cols, Cycles(0)},
            .ifmap = {work.ifmap, std::min(work.ifmap, work.ifmap_first), work.ifmap_takers * machine_.cols,
                      Cycles(0)},
            .psums_in = work.psums_in + Bytes(step.psums_in ? outputs * machine_.psum_bytes() : 0),
            .psums_out = out,
            .psums_last = last};
  }
  const auto& fold = std::get<GemmPass>(step.pass);
  const std::int64_t pixels = fold.pixels.size(), reduction = fold.reduction.size();
  const Bytes weights(reduction * fold.filters.size() * word_bytes);
  const Bytes psums(ceil_div(pixels * fold.filters.size() * machine_.psum_bits, 8));
  PassStreams streams{.weights = {.all = weights},
                      .ifmap = {.all = Bytes(pixels * reduction * word_bytes)},
                      .psums_in = fold.first ? Bytes(0) : psums,
                      .psums_out = psums};
  // Weights that stay come a row a cycle, sums that stay leave so; everything else streams.
  if (machine_.dataflow == Dataflow::weight_stationary) {
    streams.weights.first = weights;
    streams.weights.shift = Cycles(machine_.rows);
  } else {
    streams.psums_last = psums;
    streams.psums_shift = Cycles(machine_.rows);
  }
  return streams;
}

void PeArray::first_fill(OperandStore& store, MemoryPort& port, const PassStreams::Operand& operand,
                         Cycles from) {
  const Cycles read = now() + port.read(stream_address, operand.first, from - now(), operand.takers);
  store.fill(std::max(read, from + operand.shift), port.network_late());
}

void PeArray::fill_ahead(const Step& next, const NextOperands& in_buffer) {
  if (machine_.dataflow == Dataflow::row_stationary) return;
  const auto from = [](const OperandStore& store, Cycles ready) {
    return std::max({now(), store.free(), ready});
  };
  if (weights_store_.doubled() && !weights_store_.filled() && in_buffer.weights) {
    first_fill(weights_store_, filter_port, streams_of(next).weights,
               from(weights_store_, *in_buffer.weights));
  }
  if (ifmap_store_.doubled() && !ifmap_store_.filled() && in_buffer.ifmap)
    first_fill(ifmap_store_, ifmap_port, streams_of(next).ifmap, from(ifmap_store_, *in_buffer.ifmap));
}

// Waits for first fills, and starts what goes on under the work.
void PeArray::open_pass(const PassStreams& streams) {
  if (!weights_store_.filled()) first_fill(weights_store_, filter_port, streams.weights, now());
  if (!ifmap_store_.filled()) first_fill(ifmap_store_, ifmap_port, streams.ifmap, now());
  Waits head(now());
  head.wait(Bin::wait_weights, weights_store_.filled()->complete, weights_store_.filled()->late);
  head.wait(Bin::wait_activations, ifmap_store_.filled()->complete, ifmap_store_.filled()->late);
  head.wait(Bin::drain, psums_store_.free());
  head.add_to(outcome_.bins, active_);

  const Cycles begin = head.until();
  const auto rest = [&](Bin bin, MemoryPort& port, const PassStreams::Operand& operand) {
    const Cycles until =
        now() + port.read(stream_address, operand.all - operand.first, begin - now(), operand.takers);
    return Stream{bin, until, port.network_late()};
  };
  pass_ = {.start = now(),
           .begin = begin,
           .head = head,
           .under_work = {rest(Bin::wait_weights, filter_port, streams.weights),
                          rest(Bin::wait_activations, ifmap_port, streams.ifmap),
                          rest(Bin::wait_psums, psum_in_port, {.all = streams.psums_in})},
           .psums_last = streams.psums_last,
           .psums_shift = streams.psums_shift};
  const Cycles out =
      now() + psum_out_port.write(stream_address, streams.psums_out - streams.psums_last, begin - now());
  pass_.under_work[3] = {Bin::drain, out, psum_out_port.network_late()};

  outcome_.filter_load = std::max(Cycles(0), weights_store_.filled()->complete - now());
  outcome_.streams_from = begin - now();
  const bool more_weights = streams.weights.all > streams.weights.first;
  outcome_.filter_bus_until = more_weights ? pass_.under_work[0].until - now() : outcome_.filter_load;
  outcome_.ifmap_bus_until = pass_.under_work[1].until - now();
  outcome_.psum_in_until = pass_.under_work[2].until - now();
  outcome_.psum_out_until = out - now();
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
  const Cycles out = now() + psum_out_port.write(stream_address, pass_.psums_last, end - now());
  const Cycles drained = std::max(out, end + pass_.psums_shift);
  if (!psums_store_.doubled() || last) tail.wait(Bin::drain, drained, psum_out_port.network_late());
  psums_store_.drain(drained);
  tail.add_to(outcome_.bins, active_);
  outcome_.cycles = tail.until() - pass_.start;
  outcome_.drained = drained - pass_.start;
  if (pass_.psums_last > Bytes(0)) outcome_.psum_out_until = outcome_.drained;
}

}  // namespace basil
