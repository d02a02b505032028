// Reading an accelerator's file.
#include <fmt/format.h>

#include <algorithm>

#include "core/checked.h"
#include "core/error.h"
#include "models/description/accelerator_document.h"
#include "models/description/description.h"
#include "models/description/read_delivery.h"
#include "models/description/read_memories.h"

namespace basil {
namespace {

// Sizes beyond these are typing errors, and would exhaust memory before anything else complained.
inline constexpr std::int64_t most_pes_a_side = 4096;
inline constexpr std::int64_t most_tiles = 64;

void read_sums(Description& machine, YamlReader& reader) {
  machine.overflow = parse_overflow(
      reader.word({"overflow", "",
                   "of a sum that does not fit: stop the run, hold the limit, or lose the upper bits"},
                  {"error", "saturate", "wrap"}, "error"),
      reader.where("overflow"));
  const int given = narrow(reader.integer(
      {"accumulator_bits", "bit", "of the PEs' adders and psum stores; 0: psum_bits"}, 0, 64, 0));
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
  machine.unit = &unit_type(reader.text({"kind", "", "what a PE is: a unit of 'basil list units'"}),
                            reader.where("kind"));
  machine.unit_parameters.dtype =
      parse_dtype(reader.word({"dtype", "", "widest operand a PE takes: int4, int8, int16 or fp32"},
                              {"int4", "int8", "uint8", "int16", "fp32"}),
                  reader.where("dtype"));
  machine.unit_parameters.zero_gating = reader.flag(
      {"zero_gating", "", "a zero of the ifmap freezes the multiplier: its slot costs less energy"}, false);
  machine.unit_parameters.own = reader.declared(machine.unit->keys);
  reader.done();
}

const DataflowType& dataflow_of(YamlReader& reader) {
  std::vector<std::string> names;
  for (const DataflowType* type : dataflow_types()) names.emplace_back(type->name);
  const std::string word =
      reader.word({"dataflow", "", "how a layer lies on the array: see 'basil list dataflows'"}, names);
  return *dataflow_types()[static_cast<std::size_t>(std::find(names.begin(), names.end(), word) -
                                                    names.begin())];
}

void read_array(Description& machine, YamlReader reader) {
  machine.dataflow = &dataflow_of(reader);
  const bool units_array = machine.dataflow->units_array;
  if (units_array != (machine.unit->array != nullptr)) {
    throw Error(reader.where("dataflow"),
                fmt::format("'{}' with unit {}", machine.dataflow->name, machine.unit->name),
                units_array ? "another dataflow: the unit has no array of its own"
                            : "tiles, since the unit brings its own array");
  }
  machine.rows = narrow(reader.integer(
      {"rows", "PE", "of the array; of one that a unit brings, rows or clusters of it"}, 1, most_pes_a_side));
  machine.unit_parameters.rows = machine.rows;
  if (units_array) {
    machine.unit->array->check(machine.unit_parameters, reader.where());
    machine.cols = machine.unit->array->columns(machine.unit_parameters);
  } else {
    machine.cols = narrow(reader.integer({"cols", "PE", "of the array"}, 1, most_pes_a_side));
  }
  machine.array_keys = reader.declared(machine.dataflow->keys);
  reader.done();
}

// Names of the array's stores.
std::vector<std::string> store_keys(const Description& machine) {
  std::vector<std::string> keys;
  for (const Part& part : machine.dataflow->parts(machine)) {
    if (part.words > 0) keys.push_back(store_key(part.name));
  }
  return keys;
}

void read_stores(Description& machine, YamlReader reader) {
  const std::string registers = "registers", sram = "sram", by_area = "by_area";
  for (const std::string& key : store_keys(machine)) {
    const std::string word =
        reader.word({key, "", "what that store is built of; by_area: the smaller of the two"},
                    {registers, sram, by_area}, by_area);
    machine.stores[key] = word == registers ? StoreKind::registers
                          : word == sram    ? StoreKind::sram
                                            : StoreKind::by_area;
  }
  reader.done();
}

void read_overlap(Description& machine, YamlReader reader) {
  machine.overlap.weights =
      reader.flag({"weights", "", "a pass's weights come from DRAM under the pass before"});
  machine.overlap.ifmap =
      reader.flag({"ifmap", "", "the next ifmap tile comes from DRAM under the array's work"});
  machine.overlap.ofmap = reader.flag({"ofmap", "", "finished sums go to DRAM under the array's work"});
  reader.done();
}

// What the dataflow alone reads; what other ones do is refused.
void read_own(Description& machine, YamlReader& reader) {
  if (machine.dataflow->read != nullptr) machine.dataflow->read(machine, reader);
  for (const DataflowType* other : dataflow_types()) {
    if (other == machine.dataflow) continue;
    for (const OwnKey& key : other->own_keys) {
      if (reader.has(std::string(key.name)))
        throw Error(reader.where(std::string(key.name)), std::string(key.what),
                    "this key with " + std::string(other->name) + " only");
    }
  }
}

Description read_machine(YamlReader reader, const std::string& file) {
  Description machine;
  machine.name = reader.text({"name", "", "of the accelerator, in reports"});
  machine.summary = reader.text({"summary", "", "a line for 'basil list accelerators'"}, "");
  machine.technology =
      reader.text({"technology", "", "table of energies and areas: see 'basil list technologies'"});
  machine.clock_mhz =
      reader.real({"clock_mhz", "MHz", "clock of the array, its buffers and network"}, 0.001, 1e5);
  machine.tiles = narrow(reader.integer(
      {"tiles", "", "copies of array and buffers on one DRAM; a layer is split over its filters"}, 1,
      most_tiles, 1));
  machine.psum_bits = narrow(
      reader.integer({"psum_bits", "bit", "of a psum between passes, in buffers and on buses"}, 1, 64));
  read_unit(machine, reader.child("unit"));
  read_sums(machine, reader);
  read_array(machine, reader.child("array"));
  read_own(machine, reader);
  if (const auto stores = reader.maybe_child("stores")) read_stores(machine, *stores);
  read_buffers(machine, reader.child("buffers"));
  read_noc(machine, reader.child("noc"));
  read_dram(machine, reader.child("dram"));
  read_overlap(machine, reader.child("overlap"));
  machine.unit_parameters.delivery = machine.dataflow->usual_delivery;
  if (const auto delivery = reader.maybe_child("delivery"))
    machine.unit_parameters.delivery = read_delivery(*machine.dataflow, *delivery);
  const std::string recipe = reader.text(
      {"recipe", "", "derives an encoding that the unit takes from layers in another (compare)"}, "");
  if (!recipe.empty()) machine.recipe = parse_recipe(recipe, file + ": recipe");
  reader.done();
  if (machine.dataflow->complete != nullptr) machine.dataflow->complete(machine, file);
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
