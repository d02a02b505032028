// What machines are built of: everything that costs energy has an area and leaks.
#include "models/energy/components.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "models/energy/energy.h"
#include "models/presets/embedded.h"

namespace basil {
namespace {

// The machine must outlive it.
EnergyModel model_of(const Description& machine) {
  return EnergyModel(machine, Technology::load(machine.technology));
}

// The account of a layer in which everything happened once.
EnergyAccount all_uses(const Description& machine, const EnergyModel& model) {
  Activity activity;
  activity.products = activity.gated = activity.psum_adds = activity.waiting = 1;
  activity.filter_spad_reads = activity.filter_spad_writes = 1;
  activity.ifmap_spad_reads = activity.ifmap_spad_writes = 1;
  activity.psum_spad_reads = activity.psum_spad_writes = 1;
  activity.register_bits = activity.link_bits = 1;
  if (machine.dataflow->charges == nullptr)
    activity.parts.assign(machine.unit->array->parts(machine.unit_parameters).size(),
                          {.count = 1, .writes = 1});
  MemoryCounters memory;
  memory.coder_uses = memory.outputs = 1;
  memory.dram = {.read = Bytes(1), .written = Bytes(1), .activations = 1, .busy = {}};
  for (BufferCounters* buffer : {&memory.fmaps, &memory.filters, &memory.accumulators})
    buffer->read_accesses = buffer->write_accesses = 1;
  for (BusCounters* bus : {&memory.network.filter_bus, &memory.network.ifmap_bus, &memory.network.psum_in_bus,
                           &memory.network.psum_out_bus})
    bus->beats = bus->beat_rows = 1;
  NocActivity& routed = memory.network.routed;
  routed.routers.buffer_writes = routed.routers.buffer_reads = routed.routers.routes = 1;
  routed.flit_ports = routed.flit_pitches = 1;
  EnergyAccount account = model.account(activity, memory, Cycles(1));
  if (machine.tiles > 1 && machine.noc.routed()) model.add_chip_network(routed, Cycles(1), account);
  return account;
}

// What costs energy and has no area of its own: wires, DRAM, the clock of an operator that rests, and the
// adder of a multiply-accumulator.
bool has_no_area(const EnergyLine& line) {
  const auto has = [&](const char* text) { return line.item.find(text) != std::string::npos; };
  return line.component == "leakage" || has(" bus, ") || has("link between PEs") || has(" links, ") ||
         line.item.starts_with("dram_") || has("_gated_") || line.item == "psum add";
}

void expect_area_behind_every_use(const Description& machine) {
  const EnergyModel model = model_of(machine);
  std::vector<Component> components = model.components();
  components.insert(components.end(), model.chip_network().begin(), model.chip_network().end());
  const EnergyAccount account = all_uses(machine, model);
  for (const EnergyLine& line : account.lines()) {
    if (has_no_area(line)) continue;
    const auto of = std::find_if(components.begin(), components.end(), [&](const Component& component) {
      return line.item.starts_with(component.name);
    });
    ASSERT_NE(of, components.end()) << machine.name << ": " << line.item << " has no area";
    EXPECT_GT(of->all_mm2(), 0) << machine.name << ": " << line.item;
    EXPECT_GT(line.each.value, 0) << machine.name << ": " << line.item << " costs nothing";
  }
  for (const Component& component : components) {
    EXPECT_GT(component.leakage.mw, 0) << machine.name << ": " << component.name << " does not leak";
    EXPECT_LE(component.leakage.low_mw, component.leakage.mw) << component.name;
    EXPECT_LE(component.leakage.mw, component.leakage.high_mw) << component.name;
  }
  account.close(machine.name);
}

TEST(Components, WhatCostsEnergyHasAnAreaAndLeaksOnEveryMachine) {
  for (const std::string& name : embedded_names("accelerators")) {
    expect_area_behind_every_use(load_accelerator(name));
    expect_area_behind_every_use(load_accelerator(name, {"noc.kind=mesh", "tiles=3"}));
  }
}

TEST(Components, TheAreaIsTheirSumForAllTiles) {
  for (const std::string& name : embedded_names("accelerators")) {
    const Description machine = load_accelerator(name), chip = load_accelerator(name, {"tiles=3"});
    const EnergyModel one = model_of(machine), three = model_of(chip);
    double sum = 0;
    for (const Component& component : one.components()) sum += component.instances * component.area_mm2;
    EXPECT_NEAR(one.area_mm2(), sum, 1e-9) << name;
    EXPECT_NEAR(three.area_mm2(), 3 * sum, 1e-9) << name;
  }
}

// Leakage is the sum over components, a cycle long: mW x ns = pJ.
TEST(Components, LeakageIsThatOfAllOfThem) {
  for (const std::string& name : embedded_names("accelerators")) {
    const Description machine = load_accelerator(name);
    const EnergyModel model = model_of(machine);
    double mw = 0;
    for (const Component& component : model.components()) mw += component.instances * component.leakage.mw;
    EXPECT_NEAR(model.account({}, {}, Cycles(1000)).of("leakage").value, 1000 * mw * 1000 / machine.clock_mhz,
                1e-6 * mw * 1e6)
        << name;
  }
}

// A spad's area is there once a PE.
TEST(Components, AreaNeverFallsAsASpadGrows) {
  double light1 = 0, light2 = 0;
  for (const char* words : {"28", "56", "112", "224", "448", "896", "8192"}) {
    for (const char* kind : {"by_area", "sram"}) {
      const std::vector<std::string> set{std::string("pe.filter_spad=") + words,
                                         std::string("stores.filter_spad=") + kind};
      const double one = model_of(load_accelerator("lightpe1", set)).area_mm2();
      const double two = model_of(load_accelerator("lightpe2", set)).area_mm2();
      EXPECT_LT(one, two) << words << " words, " << kind;
      if (std::string(kind) == "sram") {
        EXPECT_GE(one, light1) << words;
        EXPECT_GE(two, light2) << words;
        light1 = one;
        light2 = two;
      }
    }
  }
}

// 168 PEs of a 16-bit multiplier and 24 words of psums more, 8.34 um2 a bit.
TEST(Components, ASpadIsInEveryPe) {
  const double usual = model_of(load_accelerator("int16", {"pe.psum_spad=24"})).area_mm2();
  const double twice = model_of(load_accelerator("int16", {"pe.psum_spad=48"})).area_mm2();
  const double bits = load_accelerator("int16").psum_bits * 24.0;
  EXPECT_NEAR(twice - usual, 168 * bits * 8.34e-6, 1e-9);
}

TEST(Components, ThePitchIsTheEdgeOfAPeUnlessItIsGiven) {
  const Description machine = load_accelerator("int16");
  const EnergyModel derived = model_of(machine);
  double array = 0;
  for (const Component& component : derived.components()) {
    if (component.group == PartGroup::operators || component.group == PartGroup::stores)
      array += component.instances * component.area_mm2;
  }
  EXPECT_NEAR(derived.pe_pitch_mm(), std::sqrt(array / 168), 1e-12);
  EXPECT_EQ(model_of(load_accelerator("int16", {"noc.pe_pitch_mm=0.3"})).pe_pitch_mm(), 0.3);
  EXPECT_GT(model_of(load_accelerator("fp32")).pe_pitch_mm(),
            1.3 * model_of(load_accelerator("lightpe1")).pe_pitch_mm());
}

TEST(Components, AStoreIsBuiltAsTheMachineSays) {
  const auto built = [](const std::string& kind) {
    const Description machine = load_accelerator("eyeriss", {"stores.filter_spad=" + kind});
    const EnergyModel model = model_of(machine);
    const auto& components = model.components();
    return std::string(std::find_if(components.begin(), components.end(), [](const Component& component) {
                         return component.name == "filter spad";
                       })->built);
  };
  EXPECT_EQ(built("registers"), "registers");
  EXPECT_EQ(built("sram"), "sram");
  EXPECT_EQ(built("by_area"), "sram");
  EXPECT_THROW((void)load_accelerator("eyeriss", {"stores.filter_spad=latches"}), Error);
  EXPECT_THROW((void)load_accelerator("eyeriss", {"stores.psums=sram"}), Error);
}

// Where spads are SRAM: an ifmap word and a psum are read while others are written, a weight only is read.
TEST(Components, SpadsOfSramHaveThePortsOfTheirUse) {
  const Description machine = load_accelerator(
      "eyeriss", {"stores.ifmap_spad=sram", "stores.psum_spad=sram", "stores.filter_spad=sram"});
  const Technology technology = Technology::load(machine.technology);
  const EnergyModel model = model_of(machine);
  const auto expect = [&](const char* name, std::int64_t words, int bits, int ports) {
    const auto& components = model.components();
    const auto spad = std::find_if(components.begin(), components.end(),
                                   [&](const Component& component) { return component.name == name; });
    ASSERT_NE(spad, components.end()) << name;
    const StoreCost cost = store_cost({.words = words, .bits = bits, .ports = ports, .kind = StoreKind::sram},
                                      technology, machine.sram_cell);
    EXPECT_EQ(spad->area_mm2, cost.area_mm2) << name;
  };
  expect("filter spad", 224, 16, 1);
  expect("ifmap spad", 12, 16, 2);
  expect("psum spad", 24, machine.accumulator_bits, 2);
}

// A doubled store is paid twice.
TEST(Components, DoubledStoresAreThereTwice) {
  const auto area_of_part = [](const Description& machine, const std::string& name) {
    const EnergyModel model = model_of(machine);
    for (const Component& component : model.components()) {
      if (component.name == name) return component.all_mm2();
    }
    return 0.0;
  };
  const auto row_spad = [&](const char* weights) {
    return area_of_part(load_accelerator("eyeriss", {"stores.filter_spad=registers", weights}),
                        "filter spad");
  };
  EXPECT_NEAR(row_spad("delivery.weights=double") / row_spad("delivery.weights=single"), 2, 1e-9);
  // Ifmap word, weight and psum of a PE; the sum once more where it shifts out under the next fold.
  const Description grid = load_accelerator(
      "tpu-like", {"array.dataflow=output_stationary", "delivery.weights=single", "delivery.psums=double"});
  const CostRow& row = Technology::load(grid.technology).row("register_write_16b");
  EXPECT_NEAR(area_of_part(grid, "register_write_16b"),
              1e-6 * row.area_um2 * 32 * 32 * (8 + 8 + 2 * 32) / 16.0, 1e-6);
}

// A flit of 64 bits on one link of a chip of three tiles goes as far as a tile is wide.
TEST(Components, LinksBetweenTilesAreAsLongAsATile) {
  const Description machine = load_accelerator("eyeriss", {"noc.kind=mesh", "tiles=3"});
  const EnergyModel model = model_of(machine);
  double tile_mm2 = 0;
  for (const Component& component : model.components()) tile_mm2 += component.instances * component.area_mm2;
  NocActivity moved;
  moved.flit_pitches = 1;
  EnergyAccount account;
  model.add_chip_network(moved, Cycles(0), account);
  const auto& lines = account.lines();
  const auto links = std::find_if(lines.begin(), lines.end(), [](const EnergyLine& line) {
    return line.item == "chip links, bus_per_bit_mm";
  });
  ASSERT_NE(links, lines.end());
  EXPECT_NEAR(links->count, 64 * std::sqrt(tile_mm2), 1e-9);
}

// Routers of a 6 x 7 mesh: a buffer of 8 flits of 64 bits at each of the 2 x 71 ends of links and the 42
// nodes.
TEST(Components, RoutersHaveBuffersAtTheEndsOfLinks) {
  const Description machine = load_accelerator("eyeriss", {"noc.kind=mesh"});
  const EnergyModel model = model_of(machine);
  const auto& components = model.components();
  const auto buffers = std::find_if(components.begin(), components.end(), [](const Component& component) {
    return component.name == "array buffers";
  });
  ASSERT_NE(buffers, components.end());
  EXPECT_EQ(buffers->instances, 2 * (5 * 7 + 6 * 6) + 42);
  EXPECT_NEAR(buffers->area_mm2, 8 * 64 * 12.51e-6, 1e-9);
}

}  // namespace
}  // namespace basil
