#include "models/description/description.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/error.h"
#include "core/yaml.h"
#include "models/description/accelerator_document.h"
#include "models/description/dram_device.h"
#include "models/description/read_delivery.h"

namespace basil {
namespace {

// Sizes beyond these are typing errors, and would exhaust memory before anything else complained.
inline constexpr std::int64_t most_pes_a_side = 4096;
inline constexpr std::int64_t most_tiles = 64;
inline constexpr std::int64_t most_routers_a_side = 32;
inline constexpr std::int64_t most_bytes = std::int64_t{1} << 40;

int narrow(std::int64_t value) { return static_cast<int>(value); }

void check_buffer(const BufferParameters& buffer, const YamlReader& reader) {
  if (buffer.layout == BankLayout::streams && buffer.arbitration != Arbitration::first_come)
    throw Error(reader.where("arbitration"), "'priority' with layout streams",
                "first_come: a stream that has a bank keeps it");
  if (!buffer.doubled) return;
  if (buffer.banks % 2 != 0)
    throw Error(reader.where("banks"), fmt::format("{} of a double buffer", buffer.banks),
                "an even number: each half has its own");
  const std::int64_t least = 2 * ceil_div(buffer.port_bits, 8);
  if (buffer.bytes.value < least)
    throw Error(reader.where("bytes"), fmt::format("{} of a double buffer", buffer.bytes.value),
                fmt::format("at least {}: a word in each half", least));
}

BufferParameters read_buffer(YamlReader reader) {
  BufferParameters buffer;
  buffer.bytes = Bytes(reader.integer("bytes", 1, most_bytes));
  buffer.banks = narrow(reader.integer("banks", 1, 65536));
  buffer.port_bits = narrow(reader.integer("port_bits", 1, 1 << 20));
  buffer.ports = narrow(reader.integer("ports", 1, 2, 1));
  if (reader.word("layout", {"streams", "interleaved"}, "streams") == "interleaved")
    buffer.layout = BankLayout::interleaved;
  if (reader.word("arbitration", {"first_come", "priority"}, "first_come") == "priority")
    buffer.arbitration = Arbitration::priority;
  buffer.doubled = reader.flag("double", false);
  reader.done();
  check_buffer(buffer, reader);
  return buffer;
}

void read_sums(Description& machine, YamlReader& reader) {
  machine.overflow = parse_overflow(reader.word("overflow", {"error", "saturate", "wrap"}, "error"),
                                    reader.where("overflow"));
  const int given = narrow(reader.integer("accumulator_bits", 0, 64, 0));
  machine.accumulator_bits = given == 0 ? machine.psum_bits : given;
  machine.unit_parameters.accumulator_bits = machine.accumulator_bits;
  if (machine.unit_parameters.dtype ==
      Dtype::fp32) {  // its sums round; the report says that they do not overflow
    for (const auto& [key, bits] :
         {std::pair{"psum_bits", machine.psum_bits}, {"accumulator_bits", machine.accumulator_bits}}) {
      if (bits != 32)
        throw Error(reader.where(key), fmt::format("{} with dtype fp32", bits),
                    "32: a sum is an fp32 number");
    }
    return;
  }
  if (machine.accumulator_bits < machine.psum_bits)
    throw Error(reader.where("accumulator_bits"), std::to_string(given),
                fmt::format("0, or at least psum_bits, {}", machine.psum_bits));
  if (machine.overflow == Overflow::saturate && machine.accumulator_bits == machine.psum_bits)
    throw Error(reader.where("overflow"),
                fmt::format("saturate with accumulators of {} bits, no more than psum_bits",
                            machine.accumulator_bits),
                "wider ones (accumulator_bits): else a sum has wrapped before it is narrowed");
}

void read_unit(Description& machine, YamlReader reader) {
  machine.unit = &unit_type(reader.text("kind"), reader.where("kind"));
  machine.unit_parameters.dtype = parse_dtype(reader.text("dtype"), reader.where("dtype"));
  machine.unit_parameters.zero_gating = reader.flag("zero_gating", false);
  for (const UnitKey& key : machine.unit->keys) {
    const std::string name(key.name);
    machine.unit_parameters.own[name] = reader.integer(name, key.least, key.most, key.usual);
  }
  reader.done();
}

void read_array(Description& machine, YamlReader reader) {
  std::vector<std::string> names;
  for (const auto& [name, summary] : dataflow_summaries()) names.emplace_back(name);
  const std::string word = reader.word("dataflow", names);
  machine.dataflow = static_cast<Dataflow>(std::find(names.begin(), names.end(), word) - names.begin());
  const bool tiles = machine.dataflow == Dataflow::tiles;
  if (tiles != (machine.unit->array != nullptr)) {
    throw Error(reader.where("dataflow"), "'" + word + "' with unit " + std::string(machine.unit->name),
                tiles ? "another dataflow: the unit has no array of its own"
                      : "tiles, since the unit brings its own array");
  }
  machine.rows = narrow(reader.integer("rows", 1, most_pes_a_side));
  machine.unit_parameters.rows = machine.rows;
  if (tiles) {
    machine.unit->array->check(machine.unit_parameters, reader.where());
    machine.cols = machine.unit->array->columns(machine.unit_parameters);
  } else {
    machine.cols = narrow(reader.integer("cols", 1, most_pes_a_side));
  }
  reader.done();
}

void read_pe(Description& machine, YamlReader reader) {
  machine.pe.filter_spad = narrow(reader.integer("filter_spad", 1, 1 << 20));
  machine.pe.ifmap_spad = narrow(reader.integer("ifmap_spad", 1, 1 << 20));
  machine.pe.psum_spad = narrow(reader.integer("psum_spad", 1, 1 << 20));
  machine.pe.pipeline = narrow(reader.integer("pipeline", 1, 64, 3));
  reader.done();
}

// Names of the array's stores.
std::vector<std::string> store_keys(const Description& machine) {
  if (machine.dataflow == Dataflow::row_stationary) return {"filter_spad", "ifmap_spad", "psum_spad"};
  std::vector<std::string> keys;
  if (machine.dataflow != Dataflow::tiles) return keys;
  for (const Part& part : machine.unit->array->parts(machine.unit_parameters)) {
    if (part.words > 0) keys.push_back(store_key(part.name));
  }
  return keys;
}

void read_stores(Description& machine, YamlReader reader) {
  const std::string registers = "registers", sram = "sram", by_area = "by_area";
  for (const std::string& key : store_keys(machine)) {
    const std::string word = reader.word(key, {registers, sram, by_area}, by_area);
    machine.stores[key] = word == registers ? StoreKind::registers
                          : word == sram    ? StoreKind::sram
                                            : StoreKind::by_area;
  }
  reader.done();
}

void read_buffers(Description& machine, YamlReader reader) {
  machine.fmap_buffer = read_buffer(reader.child("fmaps"));
  machine.filter_buffer = read_buffer(reader.child("filters"));
  if (auto accumulators = reader.maybe_child("accumulators"))
    machine.accumulators = read_buffer(*accumulators);
  machine.sram_cell = parse_cell(reader.text("sram_cell", "lstp"), reader.where("sram_cell"));
  reader.done();
}

// A width of 0 means as wide as the array needs: a word a row or column each cycle.
int bus_bits(YamlReader& reader, const char* key, int matched) {
  const std::int64_t bits = reader.integer(key, 0, 1 << 20);
  return bits == 0 ? matched : narrow(bits);
}

RouterGrid read_routers(YamlReader reader) {
  RouterGrid grid;
  const auto number = [&](const char* key, std::int64_t most, int usual) {
    return narrow(reader.integer(key, 1, most, usual));
  };
  grid.rows = number("rows", most_routers_a_side, grid.rows);
  grid.cols = number("cols", most_routers_a_side, grid.cols);
  if (grid.rows * grid.cols < 2) throw Error(reader.where(), "a grid of 1 router", "2 or more");
  grid.flit_bits = number("flit_bits", 65536, grid.flit_bits);
  grid.packet = number("packet", 1024, grid.packet);
  grid.buffer = number("buffer", 1024, grid.buffer);
  grid.link_cycles = number("link_cycles", 64, grid.link_cycles);
  reader.done();
  return grid;
}

void read_noc(Description& machine, YamlReader reader) {
  machine.noc.filter_bits = bus_bits(reader, "filter_bits", machine.cols * machine.word_bits());
  machine.noc.ifmap_bits = bus_bits(reader, "ifmap_bits", machine.rows * machine.word_bits());
  machine.noc.psum_in_bits = bus_bits(reader, "psum_in_bits", machine.cols * machine.psum_bits);
  machine.noc.psum_out_bits = bus_bits(reader, "psum_out_bits", machine.cols * machine.psum_bits);
  machine.noc.pe_pitch_mm = reader.real("pe_pitch_mm", 0, 100, 0);
  machine.noc.ifmap_fifo = narrow(reader.integer("ifmap_fifo", 1, 4096, 4));
  machine.noc.psum_fifo = narrow(reader.integer("psum_fifo", 1, 4096, 4));
  machine.noc.kind = reader.word("kind", {"bus", "mesh", "h-tree", "crossbar"}, "bus");
  if (auto routers = reader.maybe_child("routers")) machine.noc.routers = read_routers(*routers);
  if (machine.noc.routed()) {
    for (int* bits : {&machine.noc.filter_bits, &machine.noc.ifmap_bits, &machine.noc.psum_in_bits,
                      &machine.noc.psum_out_bits})
      *bits = machine.noc.routers.flit_bits;
  }
  reader.done();
}

void read_dram(Description& machine, YamlReader reader) {
  const auto cycles = [&](const char* key) {
    return Cycles(
        static_cast<std::int64_t>(std::ceil(reader.real(key, 0, 1e6) * machine.clock_mhz / 1000.0)));
  };
  machine.dram.bits = reader.integer("bits", 1, 1 << 16);
  machine.dram.link_khz = std::llround(reader.real("link_mhz", 0.001, 1e6) * 1000.0);
  machine.dram.core_khz = std::llround(machine.clock_mhz * 1000.0);
  machine.dram.latency = cycles("latency_ns");
  machine.dram.row_miss = cycles("row_miss_ns");
  machine.dram.row = Bytes(reader.integer("row_bytes", 1, 1 << 30));
  machine.dram.banks = narrow(reader.integer("banks", 1, 65536));
  machine.dram_energy = reader.word("energy", {"lpddr4", "ddr4"});
  const std::string device = reader.text("device", "none");
  if (device != "none") machine.dram_device = load_dram_device(device);
  machine.fmaps =
      parse_encoding(reader.word("fmaps", {"dense", "run_length", "bitmap"}, "dense"), reader.where("fmaps"));
  machine.encoded_weights = reader.flag("encoded_weights", false);
  reader.done();
}

void read_overlap(Description& machine, YamlReader reader) {
  machine.overlap.weights = reader.flag("weights");
  machine.overlap.ifmap = reader.flag("ifmap");
  machine.overlap.ofmap = reader.flag("ofmap");
  reader.done();
}

// A list of mappings, or the file that holds one.
void read_mapping_keys(Description& machine, YamlReader& reader) {
  const bool mapped = machine.dataflow == Dataflow::row_stationary;
  for (const char* key : {"mappings", "mapper"}) {
    if (reader.has(key) && !mapped)
      throw Error(reader.where(key), "mappings of a row-stationary array",
                  "this key with row_stationary only");
  }
  if (reader.has("mappings")) machine.mappings = read_mappings(reader);
  auto mapper = reader.maybe_child("mapper");
  if (!mapper) return;
  const std::vector<std::string> objectives{"cycles", "energy", "edp"};
  const std::string word = mapper->word("objective", objectives, "cycles");
  machine.objective =
      static_cast<RowObjective>(std::find(objectives.begin(), objectives.end(), word) - objectives.begin());
  mapper->done();
}

void check_machine(const Description& machine, const std::string& file) {
  if (machine.dataflow != Dataflow::row_stationary) return;
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

}  // namespace

std::string store_key(std::string name) {
  for (char& letter : name) letter = letter == ' ' ? '_' : static_cast<char>(std::tolower(letter));
  return name;
}

DataPaths Description::data_paths() const {
  const auto path = [this](int bits, const BufferParameters& buffer) {
    StreamPath stream{.bus_bits = bits, .port_bits = buffer.port_bits};
    if (buffer.layout == BankLayout::interleaved) {
      const int banks = buffer.doubled ? buffer.banks / 2 : buffer.banks;
      stream.lanes = std::min(banks, narrow(ceil_div(bits, buffer.port_bits)));
    }
    if (noc.routed()) {
      stream.beat_cycles = noc.routers.link_cycles;
      stream.hops = (noc.routers.rows + noc.routers.cols) * noc.routers.link_cycles;
    }
    return stream;
  };
  const BufferParameters& psums = accumulators ? *accumulators : fmap_buffer;
  return {.filters = path(noc.filter_bits, filter_buffer),
          .ifmap = path(noc.ifmap_bits, fmap_buffer),
          .psums_in = path(noc.psum_in_bits, psums),
          .psums_out = path(noc.psum_out_bits, psums),
          .psums_follow_ifmap = noc.routed() && !accumulators,
          .dram = off_chip_path()};
}

// Of a chip's tiles each has its share of the link. A device that is slower than the link sets the pace.
OffChipPath Description::off_chip_path() const {
  OffChipPath path{.bits = dram.bits,
                   .link_khz = dram.link_khz,
                   .core_khz = dram.core_khz * tiles,
                   .latency = dram.latency + dram.row_miss};
  if (!dram_device) return path;
  const DramTiming& timing = dram_device->timing;
  const std::int64_t burst_ps = dram_device->organisation.burst_clocks() * timing.tCK_ps;
  const OffChipPath device{
      .bits = dram_device->organisation.burst_bytes().value * 8 * dram_device->organisation.channels,
      .link_khz = std::int64_t{1'000'000'000} / burst_ps,
      .core_khz = path.core_khz,
      .latency = {}};
  if (device.bytes_per_cycle() < path.bytes_per_cycle()) path = device;
  const std::int64_t first_ps = (timing.tRCD + timing.read_latency()) * timing.tCK_ps + burst_ps;
  path.latency = Cycles(ceil_div(first_ps * dram.core_khz, 1'000'000'000));
  return path;
}

int Description::beat_words(const StreamPath& path, int word_bits) const {
  const std::int64_t from_port = std::int64_t{path.port_bits} * path.lanes;
  return std::max(1, narrow((noc.routed() ? path.bus_bits : std::min(path.bus_bits, from_port)) / word_bits));
}

RowArray Description::row_array() const {
  RowArray array;
  array.rows = rows;
  array.cols = cols;
  array.pe = pe;
  array.fmap_buffer = fmap_buffer.room();
  array.filter_buffer = filter_buffer.room();
  array.word_bytes = word_bytes();
  array.psum_bits = psum_bits;
  array.accumulator_bits = accumulator_bits;
  array.ifmap_fifo = noc.ifmap_fifo;
  array.psum_fifo = noc.psum_fifo;
  array.weight_bits = weight_bits();
  array.paths = data_paths();
  array.ifmap_words_per_cycle = beat_words(array.paths.ifmap, word_bits());
  array.psum_words_per_beat =
      std::min(beat_words(array.paths.psums_in, psum_bits), beat_words(array.paths.psums_out, psum_bits));
  array.overlap = overlap;
  array.filters_doubled = filter_buffer.doubled;
  array.filter_ring = filter_buffer.bytes;
  array.double_weights = delivery().weights;
  return array;
}

SystolicRegisters Description::systolic_registers() const {
  return {.word_bits = word_bits(),
          .psum_bits = accumulator_bits,
          .sums_stay = dataflow == Dataflow::output_stationary,
          .shadow_weights = delivery().weights};
}

SystolicArray Description::systolic_array() const {
  return {.rows = rows,
          .cols = cols,
          .ifmap_buffer = fmap_buffer.room(),
          .accumulators = accumulators ? accumulators->room() : fmap_buffer.room(),
          .accumulators_apart = accumulators.has_value(),
          .word_bytes = word_bytes(),
          .psum_bytes = psum_bytes()};
}

TileLimits Description::tile_limits(const Layer& layer) const {
  const TileCut cut = unit->array->cut(layer, unit_parameters);
  return {.pes = pes(),
          .filters = cut.filters,
          .fmap_buffer = fmap_buffer.room(),
          .kept_a_row = cut.buffer_row,
          .word_bits = word_bits()};
}

std::vector<int> filter_slots(const Layer& layer, const Description& machine) {
  return machine.unit->slots != nullptr ? machine.unit->slots(layer, machine.unit_parameters)
                                        : std::vector<int>();
}

int Description::weight_bits() const {
  return unit->weight_bits != nullptr ? unit->weight_bits(unit_parameters) : word_bits();
}

namespace {

Description read_machine(YamlReader reader, const std::string& file) {
  Description machine;
  machine.name = reader.text("name");
  machine.summary = reader.text("summary", "");
  machine.technology = reader.text("technology");
  machine.clock_mhz = reader.real("clock_mhz", 0.001, 1e5);
  machine.tiles = narrow(reader.integer("tiles", 1, most_tiles, 1));
  machine.psum_bits = narrow(reader.integer("psum_bits", 1, 64));
  read_unit(machine, reader.child("unit"));
  read_sums(machine, reader);
  read_array(machine, reader.child("array"));
  if (machine.dataflow == Dataflow::row_stationary) {
    read_pe(machine, reader.child("pe"));
  } else if (reader.has("pe")) {
    throw Error(reader.where("pe"), "scratchpads of a row-stationary PE",
                "this key with row_stationary only");
  }
  if (const auto stores = reader.maybe_child("stores")) read_stores(machine, *stores);
  read_buffers(machine, reader.child("buffers"));
  read_noc(machine, reader.child("noc"));
  read_dram(machine, reader.child("dram"));
  read_overlap(machine, reader.child("overlap"));
  machine.unit_parameters.delivery = usual_delivery(machine.dataflow);
  if (const auto delivery = reader.maybe_child("delivery"))
    machine.unit_parameters.delivery = read_delivery(machine.dataflow, *delivery);
  machine.pe.filter_words_per_beat = machine.beat_words(machine.data_paths().filters, machine.weight_bits());
  machine.pe.zero_gating = machine.unit_parameters.zero_gating;
  if (reader.has("recipe")) machine.recipe = parse_recipe(reader.text("recipe"), file + ": recipe");
  read_mapping_keys(machine, reader);
  reader.done();
  check_machine(machine, file);
  return machine;
}

}  // namespace

Description parse_accelerator(std::string_view text, const std::string& file,
                              const std::vector<std::string>& overrides) {
  return read_machine(accelerator_document(text, file, overrides).reader(), file);
}

std::vector<YamlKey> keys_of_accelerator(const std::string& name_or_path,
                                         const std::vector<std::string>& overrides) {
  std::vector<YamlKey> keys;
  const YamlDocument document = accelerator_document(accelerator_text(name_or_path), name_or_path, overrides);
  static_cast<void>(read_machine(document.reader(&keys), name_or_path));
  return keys;
}

Description load_accelerator(const std::string& name_or_path, const std::vector<std::string>& overrides) {
  return parse_accelerator(accelerator_text(name_or_path), name_or_path, overrides);
}

}  // namespace basil
