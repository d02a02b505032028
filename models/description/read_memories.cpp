#include "models/description/read_memories.h"

#include <fmt/format.h>

#include <cmath>

#include "core/checked.h"
#include "core/error.h"
#include "models/description/dram_device.h"

namespace basil {
namespace {

// Sizes beyond these are typing errors, and would exhaust memory before anything else complained.
inline constexpr std::int64_t most_routers_a_side = 32;
inline constexpr std::int64_t most_bytes = std::int64_t{1} << 40;

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
  buffer.bytes = Bytes(reader.integer({"bytes", "B", "capacity, all banks together"}, 1, most_bytes));
  buffer.banks = narrow(reader.integer({"banks", "", "that work at once"}, 1, 65536));
  buffer.port_bits =
      narrow(reader.integer({"port_bits", "bit", "moved by a port of a bank in a cycle"}, 1, 1 << 20));
  buffer.ports =
      narrow(reader.integer({"ports", "", "of a bank: 2 read and write in the same cycle"}, 1, 2, 1));
  if (reader.word(
          {"layout", "", "streams: each has banks of its own; interleaved: words go over all banks in turn"},
          {"streams", "interleaved"}, "streams") == "interleaved")
    buffer.layout = BankLayout::interleaved;
  if (reader.word({"arbitration", "", "who goes first where two want one bank"}, {"first_come", "priority"},
                  "first_come") == "priority")
    buffer.arbitration = Arbitration::priority;
  buffer.doubled =
      reader.flag({"double", "", "two halves: one is filled while the array works from the other"}, false);
  reader.done();
  check_buffer(buffer, reader);
  return buffer;
}

// A width of 0 means as wide as the array needs: a word a row or column each cycle.
int bus_bits(YamlReader& reader, const KeyText& key, int matched) {
  const std::int64_t bits = reader.integer(key, 0, 1 << 20);
  return bits == 0 ? matched : narrow(bits);
}

RouterGrid read_routers(YamlReader reader) {
  RouterGrid grid;
  const auto number = [&](const KeyText& key, std::int64_t most, int usual) {
    return narrow(reader.integer(key, 1, most, usual));
  };
  grid.rows = number({"rows", "nodes", "of the grid over the array's PEs"}, most_routers_a_side, grid.rows);
  grid.cols = number({"cols", "nodes", "of the grid"}, most_routers_a_side, grid.cols);
  if (grid.rows * grid.cols < 2) throw Error(reader.where(), "a grid of 1 router", "2 or more");
  grid.flit_bits =
      number({"flit_bits", "bit", "of a flit: what a link moves at once"}, 65536, grid.flit_bits);
  grid.packet = number({"packet", "flits", "of a packet"}, 1024, grid.packet);
  grid.buffer = number({"buffer", "flits", "held behind each link"}, 1024, grid.buffer);
  grid.link_cycles = number({"link_cycles", "cycles", "of a flit over a link"}, 64, grid.link_cycles);
  reader.done();
  return grid;
}

// Encodings that feature maps may have off the chip: as they are, or by a coder.
std::vector<std::string> fmap_words() {
  std::vector<std::string> words;
  for (const Encoding encoding : encoding_types()) {
    if (encoding == &dense_encoding || encoding->fmap_coder != nullptr) words.emplace_back(encoding->name);
  }
  return words;
}

// Which memory it is, and the keys of its own.
void read_memory(Description& machine, YamlReader& reader) {
  const bool has_device = machine.dram_device.has_value();
  const std::string kind =
      reader.word({"kind", "", "what is behind the chip's pins: see 'basil list memories'"}, memory_names(),
                  has_device ? "device" : "link");
  machine.memory = &memory_type(kind, reader.where("kind"));
  if (machine.memory->of_device && !has_device)
    throw Error(reader.where("kind"), "'" + kind + "' without a device",
                "a DRAM of 'basil list devices' as device");
  if (!machine.memory->of_device && has_device)
    throw Error(reader.where("device"), "'" + machine.dram_device->name + "' with kind '" + kind + "'",
                "none, or a kind that is made of a device");
  machine.memory_keys = reader.declared(machine.memory->keys);
}

}  // namespace

void read_buffers(Description& machine, YamlReader reader) {
  machine.fmap_buffer = read_buffer(reader.child("fmaps"));
  machine.filter_buffer = read_buffer(reader.child("filters"));
  if (auto accumulators = reader.maybe_child("accumulators"))
    machine.accumulators = read_buffer(*accumulators);
  machine.sram_cell = parse_cell(
      reader.text({"sram_cell", "", "of the buffers' SRAM: hp is faster and leaks, lstp leaks little"},
                  "lstp"),
      reader.where("sram_cell"));
  reader.done();
}

void read_noc(Description& machine, YamlReader reader) {
  machine.noc.filter_bits =
      bus_bits(reader, {"filter_bits", "bit", "weights to the PEs a cycle; 0: as wide as the array needs"},
               machine.cols * machine.word_bits());
  machine.noc.ifmap_bits =
      bus_bits(reader, {"ifmap_bits", "bit", "ifmap words to the PEs a cycle; 0: as wide as the array needs"},
               machine.rows * machine.word_bits());
  machine.noc.psum_in_bits = bus_bits(
      reader, {"psum_in_bits", "bit", "psums back to the PEs a cycle; 0: as wide as the array needs"},
      machine.cols * machine.psum_bits);
  machine.noc.psum_out_bits = bus_bits(
      reader, {"psum_out_bits", "bit", "psums to their buffer a cycle; 0: as wide as the array needs"},
      machine.cols * machine.psum_bits);
  machine.noc.pe_pitch_mm = reader.real(
      {"pe_pitch_mm", "mm", "from PE to PE: length of wires; 0: the edge of a PE by its area"}, 0, 100, 0);
  machine.noc.ifmap_fifo = narrow(
      reader.integer({"ifmap_fifo", "words", "before the scratchpad of a row-stationary PE"}, 1, 4096, 4));
  machine.noc.psum_fifo = narrow(reader.integer(
      {"psum_fifo", "words", "psums between row-stationary PEs and at the ends of their columns"}, 1, 4096,
      4));
  machine.noc.kind = reader.word(
      {"kind", "", "between buffers and PEs, and between DRAM and tiles: see 'basil list networks'"},
      {"bus", "mesh", "h-tree", "crossbar"}, "bus");
  if (auto routers = reader.maybe_child("routers")) machine.noc.routers = read_routers(*routers);
  if (machine.noc.routed()) {
    for (int* bits : {&machine.noc.filter_bits, &machine.noc.ifmap_bits, &machine.noc.psum_in_bits,
                      &machine.noc.psum_out_bits})
      *bits = machine.noc.routers.flit_bits;
  }
  reader.done();
}

void read_dram(Description& machine, YamlReader reader) {
  const auto cycles = [&](const KeyText& key) {
    return Cycles(
        static_cast<std::int64_t>(std::ceil(reader.real(key, 0, 1e6) * machine.clock_mhz / 1000.0)));
  };
  machine.dram.bits = reader.integer({"bits", "bit", "of the link, moved each of its clocks"}, 1, 1 << 16);
  machine.dram.link_khz =
      std::llround(reader.real({"link_mhz", "MHz", "clock of the link to DRAM"}, 0.001, 1e6) * 1000.0);
  machine.dram.core_khz = std::llround(machine.clock_mhz * 1000.0);
  machine.dram.latency = cycles({"latency_ns", "ns", "from a request to its first data in an open row"});
  machine.dram.row_miss = cycles({"row_miss_ns", "ns", "more where its row must be opened"});
  machine.dram.row = Bytes(reader.integer({"row_bytes", "B", "of a row that is open"}, 1, 1 << 30));
  machine.dram.banks = narrow(reader.integer({"banks", "", "each with a row open"}, 1, 65536));
  machine.dram_energy =
      reader.word({"energy", "", "whose energy a byte costs, of the technology table"}, {"lpddr4", "ddr4"});
  const std::string device = reader.text(
      {"device", "",
       "a DRAM behind the link, command by command: see 'basil list devices'; none: the latencies above"},
      "none");
  if (device != "none") machine.dram_device = load_dram_device(device);
  read_memory(machine, reader);
  machine.fmaps =
      parse_encoding(reader.word({"fmaps", "", "how feature maps lie in DRAM; bitmap: in the buffers, too"},
                                 fmap_words(), "dense"),
                     reader.where("fmaps"));
  machine.encoded_weights = reader.flag(
      {"encoded_weights", "", "weights come from DRAM as the trace has them; else expanded"}, false);
  reader.done();
}

}  // namespace basil
