#include <fmt/format.h>

#include "core/error.h"
#include "core/table.h"
#include "models/description/description.h"
#include "models/description/dram_device.h"
#include "models/description/key_reference.h"
#include "models/presets/embedded.h"
#include "pe/unit.h"
#include "testbenches/command/verb.h"
#include "traces/compress/recipe.h"
#include "traces/encodings/encoding.h"

namespace basil {
namespace {

std::string row(std::string_view name, const std::string& text) {
  return fmt::format("  {:<18} {}\n", name, text);
}

std::string accelerators() {
  std::string text;
  for (const std::string& name : embedded_names("accelerators"))
    text += row(name, load_accelerator(name).summary);
  return text;
}

std::string devices() {
  std::string text;
  for (const std::string& name : embedded_names("dram_devices"))
    text += row(name, load_dram_device(name).summary);
  return text;
}

std::string memories() {
  std::string text;
  for (const MemoryType* type : memory_types()) text += row(type->name, std::string(type->summary));
  return text;
}

std::string units() {
  std::string text;
  for (const UnitType* type : unit_types()) text += row(type->name, std::string(type->summary));
  return text;
}

std::string dataflows() {
  std::string text;
  for (const DataflowType* type : dataflow_types()) text += row(type->name, std::string(type->summary));
  return text;
}

std::string networks() {
  return row("bus", "a multicast bus a stream: weights, ifmap, psums in, psums out (Eyeriss)") +
         row("mesh", "a router a node, X first, then Y; multicasts as trees") +
         row("h-tree", "routers over quarters of the array, up to the first common one and down") +
         row("crossbar", "one router with a port a node");
}

// Those of any operand first.
std::string encodings() {
  std::string plain, weights;
  for (const Encoding encoding : encoding_types())
    (encoding->only_weights ? weights : plain) += row(encoding->name, std::string(encoding->summary));
  return plain + weights;
}

std::string steps() {
  std::string text;
  for (const RecipeStepType* step : recipe_steps()) text += row(step->name, std::string(step->summary));
  return text;
}

// What a figure between the points of a table may be off by.
std::vector<std::string> interpolation(const std::string& what, const SramTable& table) {
  const InterpolationError error = table.leave_one_out();
  std::vector<std::string> cells{what, fmt::format("{}", error.points)};
  for (const InterpolationError::Figure& figure : {error.read, error.write, error.leakage, error.area})
    cells.push_back(fmt::format("{:.1f} ({:.1f})", 100 * figure.mean, 100 * figure.max));
  return cells;
}

// Rows of a table that stand below smaller or narrower memories', and what is used in their place.
void add_raised(const std::string& what, const SramTable& sram, Table& table) {
  for (const SramTable::Raised& row : sram.raised()) {
    std::vector<std::string> cells{fmt::format("{} {} B x {}", what, row.raw.bytes, row.raw.width_bits)};
    for (const auto figure :
         {&SramCost::read_pj, &SramCost::write_pj, &SramCost::leakage_mw, &SramCost::area_mm2}) {
      const double raw = row.raw.cost.*figure, used = row.used.*figure;
      cells.push_back(used > raw ? fmt::format("{:.5g} > {:.5g}", raw, used) : "-");
    }
    table.add(cells);
  }
}

std::string technologies() {
  std::string text;
  Table raised({"sram raised", "read pJ", "write pJ", "leakage mW", "area mm2"});
  Table errors({"interpolation", "points", "read", "write", "leakage", "area"});
  for (const std::string& name : embedded_names("technologies")) {
    const Technology technology = Technology::load(name);
    text += row(name, fmt::format("{} nm, {:g} V, {} rows", technology.node_nm(), technology.vdd(),
                                  technology.rows().size()));
    for (const Cell cell : {Cell::hp, Cell::lstp}) {
      const std::string what = fmt::format("{} {}", name, to_string(cell));
      errors.add(interpolation(what, technology.sram_table(cell)));
      add_raised(what, technology.sram_table(cell), raised);
    }
  }
  return text + "\n" + errors.text() +
         "  each inner point of the SRAM tables predicted from its neighbours: off by % in the mean (at "
         "most)\n\n" +
         raised.text() +
         "  figures of the tables (raw > used) that would fall as a memory grows: raised to the greatest "
         "among the\n"
         "  memories that are no larger and no wider, so that no cost falls with size or width\n";
}

std::string shapes() {
  std::string text;
  for (const std::string& name : embedded_names("shapes"))
    text += row(name, "layer shapes for 'basil synth'");
  return text;
}

std::string shortened(const std::string& text) {
  constexpr std::size_t most = 40;
  return text.size() <= most ? text : text.substr(0, most - 4) + " ...";
}

// Of one accelerator with their values, or of all of them.
std::string keys(const Arguments& arguments) {
  if (arguments.has("on")) {
    for (const char* form : {"schema", "markdown"}) {
      if (arguments.has(form)) throw Error(fmt::format("--{}", form), "with --on", "of all accelerators");
    }
    Table table({"key", "value", "unit", "where left out", "range", "meaning"}, 6);
    for (const YamlKey& key : keys_of_accelerator(arguments.get<std::string>("on"))) {
      table.add({key.path, shortened(key.value), key.unit, key.otherwise.value_or("required"),
                 to_string(key.range), key.meaning});
    }
    return table.text();
  }
  const std::vector<KnownKey> known = known_keys();
  if (arguments.has("schema")) return keys_schema(known);
  if (arguments.has("markdown")) return keys_page(known);
  const std::size_t accelerators = embedded_names("accelerators").size();
  Table table({"key", "accelerators", "unit", "where left out", "range", "meaning"}, 6);
  for (const KnownKey& each : known) {
    table.add({each.key.path, fmt::format("{} of {}", each.accelerators, accelerators), each.key.unit,
               each.key.otherwise.value_or("required"), to_string(each.key.range), each.key.meaning});
  }
  return table.text();
}

int list(const Arguments& arguments) {
  const auto what = arguments.get<std::string>("what");
  if (what == "keys") {
    print(keys(arguments));
    return 0;
  }
  for (const char* option : {"on", "schema", "markdown"}) {
    if (arguments.has(option))
      throw Error(fmt::format("--{}", option), "'basil list " + what + "'", "'basil list keys'");
  }
  const std::vector<std::pair<std::string, std::string (*)()>> lists{
      {"accelerators", accelerators}, {"devices", devices},   {"memories", memories},   {"units", units},
      {"dataflows", dataflows},       {"networks", networks}, {"encodings", encodings}, {"steps", steps},
      {"technologies", technologies}, {"shapes", shapes}};
  std::vector<std::string> names;
  for (const auto& [name, text] : lists) {
    if (what == "all") print(name + "\n" + text());
    if (what == name) {
      print(text());
      return 0;
    }
    names.push_back(name);
  }
  names.emplace_back("keys");
  if (what == "all") return 0;
  const std::string near = nearest(what, names);
  throw Error("basil list", "'" + what + "'",
              near.empty()
                  ? "accelerators, keys, devices, memories, units, dataflows, networks, encodings, steps, "
                    "technologies or shapes"
                  : "'" + near + "'");
}

}  // namespace

Verb list_verb() {
  return {
      .name = "list",
      .summary = "what there is to choose from",
      .usage =
          "[accelerators|keys|devices|memories|units|dataflows|networks|encodings|steps|technologies|shapes]",
      .details =
          "Devices are the DRAMs for 'basil dram --device' and for 'basil run --set dram.device='; memories "
          "are "
          "what\n"
          "'--set dram.kind=' puts behind a chip's pins; networks are what '--set noc.kind=' puts between "
          "buffers and PEs,\n"
          "and between DRAM and tiles; steps are a recipe's, for 'basil compress --recipe'.",
      .example = "  basil list accelerators\n  basil list keys --on eyeriss\n",
      .positional = {"what"},
      .required = {},
      .options =
          [](boost::program_options::options_description_easy_init add) {
            add("what", boost::program_options::value<std::string>()->default_value("all"),
                "the kind of thing; all of them without");
            add("on", boost::program_options::value<std::string>(),
                "keys: those of this accelerator, with their values");
            add("schema", "keys: as a JSON Schema, by which editors check accelerators' files");
            add("markdown", "keys: as the tables of docs/keys.md");
          },
      .run = list};
}

}  // namespace basil
