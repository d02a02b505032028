#include "models/accelerator.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "core/systemc/cycle_time.h"
#include "models/schedules.h"

namespace basil {
namespace {

// Where the operands of a layer lie in DRAM.
enum Region { weights_region, ifmap_region, ofmap_region };

// In the layer's weights, of which the box's are a part.
std::uint64_t weights_address(const Layer& layer, const PieceStep& at, int word_bytes) {
  const Extent& extent = layer.weights.extent;
  const LayerBox& box = at.piece->box;
  const auto place = [&](int filter, int y, int x, int channel) {
    return extent.at(box.filters.first + filter, y, x, box.channels.first + channel);
  };
  std::int64_t first = 0;
  if (const auto* rows = std::get_if<RowPass>(&at.step.pass)) {
    first = place(rows->filters.first, rows->taps_y.first, rows->taps_x.first, rows->channels.first);
  } else if (const auto* tile = std::get_if<TilePass>(&at.step.pass)) {
    first = place(tile->filters.first, 0, 0, 0);
  } else {
    const auto& fold = std::get<GemmPass>(at.step.pass);
    const int tap = fold.reduction.first / box.channels.size();
    first = place(fold.filters.first, tap / extent.cols, tap % extent.cols,
                  fold.reduction.first % box.channels.size());
  }
  return static_cast<std::uint64_t>(first * word_bytes);
}

// Maps lie channel by channel in DRAM, as they are coded.
struct Map {
  int channels = 1, rows = 1, columns = 1;

  [[nodiscard]] std::uint64_t address(int n, int channel, int row, int column, int word_bytes) const {
    const std::int64_t plane = std::int64_t{n} * channels + channel;
    return static_cast<std::uint64_t>(((plane * rows + row) * columns + column) * word_bytes);
  }
};

std::uint64_t ifmap_address(const LayerShape& shape, const PieceStep& at, int word_bytes) {
  const LayerBox& box = at.piece->box;
  const FmapTile& tile = at.step.ifmap;
  const int depth = box.channels.size(), filters = shape.filters_per_group();
  const int group = (shape.groups > 1 ? box.filters.first / filters : 0) + tile.channels.first / depth;
  const int channel = group * shape.channels_per_group() + box.channels.first + tile.channels.first % depth;
  return Map{shape.C, shape.H, shape.W}.address(box.images.first + tile.n.first, channel,
                                                down(shape).behind(box.rows).first + tile.rows.first,
                                                across(shape).behind(box.columns).first, word_bytes);
}

std::uint64_t ofmap_address(const LayerShape& shape, const PieceStep& at, int word_bytes) {
  const LayerBox& box = at.piece->box;
  const FmapTile& tile = at.step.ofmap;
  return Map{shape.K, shape.P(), shape.Q()}.address(
      box.images.first + tile.n.first, box.filters.first + tile.channels.first,
      box.rows.first + tile.rows.first, box.columns.first, word_bytes);
}

// Bits a cycle that bring `bytes` on chip in `cycles`, rounded up.
std::int64_t pace(Bytes bytes, Cycles cycles) {
  return ceil_div(bytes.value * 8, std::max<std::int64_t>(1, cycles.value));
}

}  // namespace

Dma::Dma(const sc_core::sc_module_name& name)
    : sc_module(name), dram("dram"), fmaps("fmaps"), filters("filters"), accumulators("accumulators") {}

Dma::Moved Dma::load(std::uint64_t address, Bytes from_dram, MemoryPort& on_chip, Bytes on_chip_bytes,
                     Cycles start) {
  const Cycles arrived = dram.read(address, from_dram, start), left = arrived - dram.network_late();
  on_chip.set_pace(pace(on_chip_bytes, arrived - start));
  const Cycles written = on_chip.write(address, on_chip_bytes, start);
  return {left, std::max(left, written), std::max(arrived, written)};
}

Dma::Moved Dma::store(std::uint64_t address, Bytes to_dram, MemoryPort& on_chip, Bytes on_chip_bytes,
                      Cycles start) {
  const Cycles written = dram.write(address, to_dram, start);
  const Cycles arrived = written - dram.network_late();
  on_chip.set_pace(pace(on_chip_bytes, written - start));
  const Cycles read = on_chip.read(address, on_chip_bytes, start);
  return {arrived, std::max(read, arrived), std::max(read, written)};
}

Accelerator::Accelerator(const sc_core::sc_module_name& name, const Description& machine,
                         const EnergyModel& energy, Fidelity fidelity, ProcessGuard& guard,
                         ChipMemory& memory)
    : sc_module(name),
      machine_(machine),
      energy_(energy),
      guard_(guard),
      memory_(memory),
      fmaps_("fmaps", machine.fmap_buffer),
      filters_("filters", machine.filter_buffer),
      accumulators_(machine.accumulators ? std::make_unique<Buffer>("accumulators", *machine.accumulators)
                                         : nullptr),
      dma_("dma"),
      array_("array", machine, fidelity, guard),
      filter_ring_(machine.filter_buffer.bytes) {
  Buffer& psums = accumulators_ ? *accumulators_ : fmaps_;
  network_ = make_array_network(machine, fidelity, array_, filters_, fmaps_, psums);
  dma_.fmaps.socket.bind(fmaps_.socket);
  dma_.filters.socket.bind(filters_.socket);
  dma_.accumulators.socket.bind(psums.socket);

  SC_HAS_PROCESS(Accelerator);
  SC_METHOD(sequence);
  sensitive << wake_ << array_.done;
  dont_initialize();
}

void Accelerator::trace(Waveform& waveform, const std::string& prefix, int pe) {
  signals_.emplace(waveform, prefix, machine_.noc.routed() && machine_.tiles > 1);
  array_.trace(*signals_, pe);
  observers_.add(*signals_);
}

void Accelerator::begin_layer(const Layer& layer, bool coded_ifmap,
                              const std::optional<SampleOptions>& sample) {
  layer_ = &layer;
  result_ = {};
  activity_ = {};
  active_pe_cycles_ = run_length_pairs_ = 0;
  quiesce();
  array_.begin_layer();
  piece_.reset();
  pieces_ = std::make_unique<LayerPieces>(layer, machine_, coded_ifmap, sample);
  sums_ = pieces_->whole() ? Ofmap() : blank_sums(layer);
  next_ = pieces_->next();
  weights_asked_ = ifmap_asked_ = false;
  state_ = State::asleep;
  wake_.notify(sc_core::SC_ZERO_TIME);
}

void Accelerator::quiesce() {
  layer_start_ = now();
  weights_ready_ = ifmap_ready_ = stores_done_ = {now(), now()};
  fmaps_.quiesce();
  filters_.quiesce();
  filter_ring_.clear();
  if (accumulators_) accumulators_->quiesce();
  network_->quiesce();
}

void Accelerator::sequence() {
  guard_([this] {
    switch (state_) {
      case State::asleep:
        prepare();
        break;
      case State::waiting_for_dram:
        begin();
        break;
      case State::running:
        finish();
        break;
    }
  });
}

void Accelerator::prepare() {
  step_ = std::exchange(next_, std::nullopt);
  if (!step_) {
    // The last results may still be on their way to DRAM; the layer ends with them.
    state_ = State::asleep;
    if (stores_done_.network > now()) {
      observers_.array_from_now(MachineObserver::Array::wait_dram, 0);
      wake_.notify(to_time(wait_for(stores_done_, machine_.pes())));
    } else {
      result_.cycles = now() - layer_start_;
      observers_.array_from_now(MachineObserver::Array::idle, 0);
    }
    return;
  }
  if (step_->piece != piece_) {
    piece_ = step_->piece;
    array_.begin_box(*piece_->layer, piece_->sample, piece_->psums_in);
  }
  next_ = pieces_->next();
  if (!weights_asked_ && lacks_weights(*step_)) weights_ready_ = load_weights(*step_, Cycles(0));
  if (step_->step.load_ifmap && !ifmap_asked_) ifmap_ready_ = load_ifmap(*step_, Cycles(0));
  Ready ready = later(weights_ready_, ifmap_ready_);
  if (!machine_.overlap.ofmap) ready = later(ready, stores_done_);
  if (ready.network <= now()) {
    begin();
    return;
  }
  observers_.array_from_now(MachineObserver::Array::wait_dram, step_->step.active_pes);
  state_ = State::waiting_for_dram;
  wake_.notify(to_time(wait_for(ready, step_->step.active_pes)));
}

// What the memory does not explain is the network's fault.
Cycles Accelerator::wait_for(const Ready& ready, std::int64_t pes) {
  const Cycles wait = ready.network - now();
  const Cycles for_memory = std::max(Cycles(0), ready.memory - now());
  result_.dram_stall += wait;
  result_.bins.add(Bin::dram, pes * for_memory.value);
  result_.bins.add(Bin::noc, pes * (wait - for_memory).value);
  result_.bins.add(Bin::idle, (machine_.pes() - pes) * wait.value);
  return wait;
}

Accelerator::Ready Accelerator::ready(const Dma::Moved& moved) {
  const Ready ends{now() + moved.ended, now() + moved.done};
  if (ends.network > ends.memory) observers_.network_late(ends.memory, ends.network);
  return ends;
}

void Accelerator::begin() {
  const Picojoules before = observers_.empty()
                                ? Picojoules()
                                : energy_.account(activity_, memory_counters(), now() - layer_start_).total();
  state_ = State::running;
  start();
  if (!observers_.empty()) {
    const PassOutcome& outcome = array_.outcome();
    Activity activity = activity_;
    activity += outcome.activity;
    const Picojoules after =
        energy_.account(activity, memory_counters(), now() + outcome.cycles - layer_start_).total();
    const double nanoseconds = static_cast<double>(outcome.cycles.value) * 1000.0 / machine_.clock_mhz;
    observers_.pass_begins(step_->step, outcome, (after.value - before.value) / nanoseconds);
    observers_.buffer_fill(piece_->traffic->ifmap_tile_in_buffer(step_->step.ifmap) +
                           piece_->traffic->ofmap_in_buffer(step_->step));
  }
  prefetch();
}

void Accelerator::start() {
  LayerSample* const sample = piece_->sample;
  if (sample == nullptr || !sample->computed(step_->step.id)) {
    array_.start(step_->step, !next_);
    return;
  }
  const Picojoules before = energy_.account({}, memory_counters(), Cycles(0)).total();
  array_.start(step_->step, !next_);
  const PassOutcome& outcome = array_.outcome();
  const Picojoules after = energy_.account(outcome.activity, memory_counters(), outcome.cycles).total();
  sample->account(step_->step.id, outcome.cycles, Picojoules(after.value - before.value));
}

void Accelerator::prefetch() {
  weights_asked_ = ifmap_asked_ = false;
  if (!next_) return;
  if (machine_.overlap.weights && lacks_weights(*next_) &&
      next_->piece->traffic->weights(next_->step) <= machine_.filter_buffer.room()) {
    // Into the other half at once, or when the array has drawn the present ones.
    weights_ready_ =
        load_weights(*next_, machine_.filter_buffer.doubled ? Cycles(0) : array_.outcome().filter_load);
    weights_asked_ = true;
  }
  if (next_->step.load_ifmap && machine_.overlap.ifmap) {
    ifmap_ready_ = load_ifmap(*next_, Cycles(0));
    ifmap_asked_ = true;
  }
}

void Accelerator::finish() {
  const PassOutcome& outcome = array_.outcome();
  result_.processing += outcome.cycles;
  result_.bins += outcome.bins;
  result_.buffer_array += outcome.fmap_traffic;
  const Step& step = step_->step;
  active_pe_cycles_ += step.active_pes * outcome.cycles.value;
  result_.mapped_pes = std::max(result_.mapped_pes, step.active_pes);
  activity_ += outcome.activity;
  observers_.pass_ends(step, outcome);
  if (step.store_ofmap) store_ofmap();
  const bool box_over = !next_ || next_->piece != piece_;
  if (box_over && !pieces_->whole() && !piece_->psums_out) put_sums(sums_, array_.sums(), piece_->box);
  prepare();
}

void Accelerator::show_dram(MachineObserver::Operand operand, const Step& step, Bytes bytes, Cycles until) {
  observers_.dram(operand, step.id, bytes, until - memory_.transfer_time(bytes), until);
}

bool Accelerator::lacks_weights(const PieceStep& next) const {
  return !filter_ring_.holds(FilterRing::slice_of(next.step, next.piece->box));
}

Accelerator::Ready Accelerator::load_weights(const PieceStep& next, Cycles start) {
  const Bytes bytes = next.piece->traffic->weights(next.step);
  const std::uint64_t address =
      memory_.region(weights_region) + weights_address(*layer_, next, machine_.word_bytes());
  const Dma::Moved moved = dma_.load(address, bytes, dma_.filters, bytes, start);
  show_dram(MachineObserver::Operand::weights, next.step, bytes, now() + moved.dram);
  filter_ring_.put(FilterRing::slice_of(next.step, next.piece->box), bytes);
  result_.dram_weights += bytes;
  return ready(moved);
}

Accelerator::Ready Accelerator::load_ifmap(const PieceStep& next, Cycles start) {
  const LayerTraffic& traffic = *next.piece->traffic;
  const Bytes bytes = traffic.ifmap(next.step.ifmap);
  const std::uint64_t address =
      memory_.region(ifmap_region) + ifmap_address(layer_->shape, next, machine_.word_bytes());
  const Dma::Moved moved =
      dma_.load(address, bytes, dma_.fmaps, traffic.ifmap_tile_in_buffer(next.step.ifmap), start);
  show_dram(MachineObserver::Operand::ifmap, next.step, bytes, now() + moved.dram);
  if (traffic.run_length_ifmap()) run_length_pairs_ += traffic.pairs_of(bytes);
  result_.dram_ifmap += bytes;
  return ready(moved);
}

void Accelerator::store_ofmap() {
  const Step& step = step_->step;
  const LayerTraffic& traffic = *piece_->traffic;
  const Bytes bytes = piece_->sample != nullptr ? piece_->sample->ofmap(step, traffic, array_.sums())
                                                : traffic.ofmap(step, array_.sums());
  const Bytes in_buffer = traffic.ofmap_in_buffer(step);
  const std::uint64_t address =
      memory_.region(ofmap_region) + ofmap_address(layer_->shape, *step_, machine_.word_bytes());
  const Dma::Moved moved = dma_.store(address, bytes, dma_.accumulators, in_buffer, Cycles(0));
  stores_done_ = ready(moved);
  show_dram(MachineObserver::Operand::ofmap, step, bytes, now() + moved.dram);
  if (machine_.fmaps == Encoding::run_length) run_length_pairs_ += traffic.pairs_of(bytes);
  result_.dram_ofmap += bytes;
  result_.buffer_array += in_buffer;
}

MemoryCounters Accelerator::memory_counters() const {
  return {.dram = memory_.counters(),
          .fmaps = fmaps_.counters(),
          .filters = filters_.counters(),
          .accumulators = accumulators_ ? accumulators_->counters() : BufferCounters(),
          .network = network_->counters(),
          .run_length_pairs = run_length_pairs_};
}

LayerResult Accelerator::end_layer(Cycles cycles) {
  if (next_ || step_)
    throw Failure("layer " + layer_->name + ": the simulation stopped before its last pass");
  LayerResult result = std::move(result_);
  result.mapping = pieces_->describe();
  result.passes = pieces_->passes();
  MemoryCounters memory = memory_counters();
  memory.dram = {};  // the chip's
  result.bins.add(Bin::idle, machine_.pes() * (cycles - result.cycles).value);
  result.cycles = cycles;
  result.gated = activity_.gated;
  result.energy = energy_.account(activity_, memory, cycles);
  result.buffer_read = memory.fmaps.read + memory.filters.read + memory.accumulators.read;
  result.buffer_written = memory.fmaps.written + memory.filters.written + memory.accumulators.written;
  result.noc = array_.moved();
  const NocActivity& routed = memory.network.routed;
  result.array_noc = {routed.packets, routed.routers.crossings, network_->busiest_link()};
  result.bank_conflicts = {memory.fmaps.conflicts, memory.filters.conflicts, memory.accumulators.conflicts};
  result.active_pes = static_cast<double>(active_pe_cycles_) /
                      static_cast<double>(std::max<std::int64_t>(1, result.processing.value));
  result.bins.close(machine_.pes(), cycles, "layer " + layer_->name);
  return result;
}

}  // namespace basil
