// Dataflow `row_stationary`: Eyeriss (ISCA 2016, JSSC 2017).
#include "dataflows/row_stationary/row_stationary.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/checked.h"
#include "core/error.h"
#include "dataflows/row_stationary/clocked_rows.h"
#include "models/dataflows/multipliers.h"
#include "models/dataflows/row_stationary_array.h"
#include "models/description/description.h"
#include "models/mapping/mapper.h"
#include "models/mapping/stores_at_fault.h"

namespace basil {
namespace {

void read_pe(Description& machine, YamlReader reader) {
  machine.pe.filter_spad = narrow(reader.integer(
      {"filter_spad", "words", "filter scratchpad of a PE; a weight of n slots takes n words"}, 1, 1 << 20));
  machine.pe.ifmap_spad =
      narrow(reader.integer({"ifmap_spad", "words", "ifmap scratchpad of a PE"}, 1, 1 << 20));
  machine.pe.psum_spad = narrow(reader.integer(
      {"psum_spad", "words", "psum scratchpad of a PE: filters that it interleaves"}, 1, 1 << 20));
  machine.pe.pipeline = narrow(
      reader.integer({"pipeline", "cycles", "from a product to its sum in the psum scratchpad"}, 1, 64, 3));
  reader.done();
}

// A list of mappings, or the file that holds one.
void read(Description& machine, YamlReader& reader) {
  read_pe(machine, reader.child("pe"));
  if (reader.has("mappings")) machine.mappings = read_mappings(reader);
  auto mapper = reader.maybe_child("mapper");
  if (!mapper) return;
  const std::vector<std::string> objectives{"cycles", "energy", "edp"};
  const std::string word =
      mapper->word({"objective", "", "what a layer's mapping is chosen by"}, objectives, "cycles");
  machine.objective =
      static_cast<RowObjective>(std::find(objectives.begin(), objectives.end(), word) - objectives.begin());
  mapper->done();
}

void complete(Description& machine, const std::string& file) {
  machine.pe.filter_words_per_beat = machine.beat_words(machine.data_paths().filters, machine.weight_bits());
  machine.pe.zero_gating = machine.unit_parameters.zero_gating;
  const auto demand = [&](bool holds, const char* key, std::int64_t found, const std::string& expected) {
    if (!holds) throw Error(file + ": " + key, std::to_string(found), expected);
  };
  const int bits = machine.word_bits();
  demand(machine.noc.filter_bits >= bits, "noc.filter_bits", machine.noc.filter_bits,
         fmt::format("at least one {}-bit word", bits));
  demand(machine.noc.ifmap_bits >= bits, "noc.ifmap_bits", machine.noc.ifmap_bits,
         fmt::format("at least one {}-bit word", bits));
  demand(machine.noc.psum_in_bits >= machine.psum_bits, "noc.psum_in_bits", machine.noc.psum_in_bits,
         fmt::format("at least one {}-bit psum", machine.psum_bits));
  demand(machine.noc.psum_out_bits >= machine.psum_bits, "noc.psum_out_bits", machine.noc.psum_out_bits,
         fmt::format("at least one {}-bit psum", machine.psum_bits));
  if (!machine.noc.routed()) return;
  const int flit_words = machine.noc.routers.flit_bits / bits;
  demand(machine.noc.ifmap_fifo >= flit_words, "noc.ifmap_fifo", machine.noc.ifmap_fifo,
         fmt::format("at least the {} words of a flit (noc.routers.flit_bits {} / {} bits)", flit_words,
                     machine.noc.routers.flit_bits, bits));
}

std::vector<Part> parts(const Description& machine) {
  const std::int64_t pes = machine.pes();
  const auto spad = [&](const char* name, int words, int bits, int ports) {
    return Part{
        .component = "spad", .name = name, .instances = pes, .words = words, .bits = bits, .ports = ports};
  };
  // A weight is read a cycle once the filters are there; ifmap words and psums are read and written at once.
  return {{.component = "mac", .name = machine.unit->product_row(machine.unit_parameters), .instances = pes},
          spad("filter spad", halves(machine.delivery().weights) * machine.pe.filter_spad,
               machine.weight_bits(), 1),
          spad("ifmap spad", machine.pe.ifmap_spad, machine.word_bits(), 2),
          spad("psum spad", machine.pe.psum_spad, machine.accumulator_bits, 2)};
}

Charges charges(const Description& machine, const Activity& activity) {
  Charges all = multiplier_charges(machine, activity);
  all.emplace_back(StoreCharge{1, {activity.filter_spad_reads, activity.filter_spad_writes}});
  all.emplace_back(StoreCharge{2, {activity.ifmap_spad_reads, activity.ifmap_spad_writes}});
  all.emplace_back(StoreCharge{3, {activity.psum_spad_reads, activity.psum_spad_writes}});
  all.emplace_back(Charge{.component = "noc",
                          .item = "link between PEs, per bit",
                          .count = activity.link_bits,
                          .row = "bus_per_bit_mm",
                          .per_pitch = true});
  return all;
}

std::unique_ptr<Schedule> schedule(const Layer& layer, const Description& /*machine*/, Mapper& mapper) {
  return row_schedule(layer.shape, mapper.mapping(layer));
}

std::vector<ClockedSignal> signals(const Description& /*machine*/) { return clocked_row_signals(); }

// As many taps of a row as the spads hold.
std::optional<RowPass> draw_pass(const LayerShape& shape, const Description& machine,
                                 const std::vector<int>& slots, RandomStream& draw) {
  const auto up_to = [&](int most) { return static_cast<int>(1 + draw.below(most)); };
  const RowPe& pe = machine.pe;
  const int of_weight = slots.empty() ? 1 : *std::max_element(slots.begin(), slots.end());
  for (int taps = shape.S; taps >= 1; --taps) {
    const int ifmap = ifmap_spad_needed(
        {.taps = taps, .stride = shape.stride_x, .dilation = shape.dilation_x, .windows = shape.Q()});
    const int most_q =
        std::min({shape.channels_per_group(), pe.ifmap_spad / ifmap, pe.filter_spad / (taps * of_weight)});
    if (most_q < 1) continue;
    const int q = up_to(most_q);
    const int most_p =
        std::min({shape.filters_per_group(), pe.psum_spad, pe.filter_spad / (q * taps * of_weight)});
    const int p = up_to(most_p);
    const int filters = std::min(up_to(2) * p, shape.filters_per_group());
    return RowPass{.n = {0, shape.N},
                   .filters = {0, filters},
                   .channels = {0, std::min(up_to(2) * q, shape.channels_per_group())},
                   .taps_y = {0, std::min(shape.R, machine.rows)},
                   .taps_x = {0, taps},
                   .rows = {0, std::min(shape.P(), machine.cols)},
                   .p = p,
                   .q = q};
  }
  return std::nullopt;
}

// Channels until the spads are full, in one set or in two, and then as many again, to which psums come back.
std::vector<Step> block_passes(const Layer& block, const Description& machine, RandomStream& draw) {
  const std::optional<RowPass> first = draw_pass(block.shape, machine, filter_slots(block, machine), draw);
  if (!first) return {};
  std::vector<Step> steps(1);
  steps[0].pass = OwnPass(*first);
  const int depth = block.shape.channels_per_group();
  if (first->channels.end == depth) return steps;
  RowPass next = *first;
  next.channels = {next.channels.end, std::min(2 * next.channels.end, depth)};
  next.first = false;
  steps.emplace_back().pass = OwnPass(next);
  return steps;
}

// Its passes take a few PEs, however many there are.
Description corner(const Description& machine) { return machine; }

std::string why_idle(const Layer& layer, const Description& machine, std::int64_t mapped) {
  if (std::string store = store_at_fault(layer, machine, mapped); !store.empty()) return store;
  const LayerShape& s = layer.shape;
  return fmt::format("{} ofmap row{}, {} filter row{}, {} channel{} and {} filter{} make no more sets of PEs",
                     s.P(), s.P() == 1 ? "" : "s", s.R, s.R == 1 ? "" : "s", s.channels_per_group(),
                     s.channels_per_group() == 1 ? "" : "s", s.filters_per_group(),
                     s.filters_per_group() == 1 ? "" : "s");
}

double waveform_bytes(const Description& /*machine*/, double at_work) { return 3 + 110 * at_work; }

}  // namespace

// The FIFOs and the column of the array belong to its passes' own time: only its weights' store has halves.
extern const DataflowType row_stationary_dataflow;
const DataflowType row_stationary_dataflow{
    .name = "row_stationary",
    .summary = "Eyeriss: a PE convolves a filter row with an ifmap row; p q r t interleaving",
    .own_keys = {{"pe", "scratchpads of a row-stationary PE"},
                 {"mappings", "mappings of a row-stationary array"},
                 {"mapper", "mappings of a row-stationary array"}},
    .read = read,
    .complete = complete,
    .may_double = {.weights = true},
    .maps = true,
    .parts = parts,
    .charges = charges,
    .schedule = schedule,
    .make = row_stationary_array,
    .signals = signals,
    .block_passes = block_passes,
    .corner = corner,
    .block_pe_cycles = 2'000,
    .why_idle = why_idle,
    .waveform_bytes = waveform_bytes};

}  // namespace basil
