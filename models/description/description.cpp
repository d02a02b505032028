#include "models/description/description.h"

#include <algorithm>
#include <cctype>

#include "core/checked.h"

namespace basil {

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

// Of a chip's tiles each has its share of the link. A memory that is slower than the link sets the pace.
OffChipPath Description::off_chip_path() const {
  OffChipPath path{.bits = dram.bits,
                   .link_khz = dram.link_khz,
                   .core_khz = dram.core_khz * tiles,
                   .latency = dram.latency + dram.row_miss};
  const MemoryParameters parameters = memory_parameters();
  if (memory->rate != nullptr) {
    const MemoryRate rate = memory->rate(parameters);
    const OffChipPath own{.bits = rate.bits, .link_khz = rate.khz, .core_khz = path.core_khz, .latency = {}};
    if (own.bytes_per_cycle() < path.bytes_per_cycle()) path = own;
  }
  if (memory->first_data != nullptr) path.latency = memory->first_data(parameters);
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

std::vector<int> filter_slots(const Layer& layer, const Description& machine) {
  return machine.unit->slots != nullptr ? machine.unit->slots(layer, machine.unit_parameters)
                                        : std::vector<int>();
}

int Description::weight_bits() const {
  return unit->weight_bits != nullptr ? unit->weight_bits(unit_parameters) : word_bits();
}

}  // namespace basil
