#include "dataflows/row_stationary/mappings.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "core/error.h"

namespace basil {
namespace {

// Far beyond any layer: a typing error.
inline constexpr int most = 1 << 20;
inline constexpr std::size_t most_mappings = 1 << 14;

GivenMapping read_mapping(YamlReader& reader) {
  const auto letter = [&](const KeyText& key) { return static_cast<int>(reader.integer(key, 1, most)); };
  const auto optional = [&](const KeyText& key) { return static_cast<int>(reader.integer(key, 0, most, 0)); };
  GivenMapping given;
  given.layer = reader.text({"layer", "", "name of the layers it is for, or a glob"});
  given.mapping = {.m = letter({"m", "filters", "whose psums stay in the buffer"}),
                   .n = letter({"n", "ifmaps", "of a pass"}),
                   .e = letter({"e", "rows", "of the ofmap in a strip"}),
                   .p = letter({"p", "filters", "interleaved in a PE"}),
                   .q = letter({"q", "channels", "interleaved in a PE"}),
                   .r = letter({"r", "sets", "of PEs side by side over channels"}),
                   .t = letter({"t", "sets", "of PEs side by side over filters"}),
                   .taps_y = optional({"taps_y", "rows", "of the filter in a pass; 0: all"}),
                   .taps_x = optional({"taps_x", "columns", "of the filter in a pass; 0: all"}),
                   .ifmap_words = optional(
                       {"ifmap_words", "words", "that the ifmap bus sends in a cycle; 0: all it can"})};
  given.filters = optional({"filters", "", "only of a layer, or a part of one, with so many; 0: any"});
  given.channels = optional({"channels", "", "only of a layer, or a part of one, with so many; 0: any"});
  given.columns = optional({"columns", "", "only of a layer, or a part of one, with so many; 0: any"});
  given.where = reader.where("layer");
  reader.done();
  return given;
}

std::vector<GivenMapping> read_list(YamlReader& reader) {
  std::vector<YamlReader> list = reader.list("mappings");
  if (list.size() > most_mappings) {
    throw Error(reader.where("mappings"), fmt::format("{} mappings", list.size()),
                fmt::format("at most {}", most_mappings));
  }
  std::vector<GivenMapping> mappings;
  mappings.reserve(list.size());
  for (YamlReader& mapping : list) mappings.push_back(read_mapping(mapping));
  return mappings;
}

bool answers(const std::string& glob, const std::string& name) {
  return fnmatch(glob.c_str(), name.c_str(), 0) == 0;
}

// A glob that this name alone answers to, in quotes.
std::string quoted_glob(const std::string& name) {
  std::string text;
  for (const char c : name) {
    const bool special = c == '*' || c == '?' || c == '[' || c == '\\';
    if (special) text += "\\\\";  // a backslash, for YAML
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return '"' + text + '"';
}

}  // namespace

bool GivenMapping::fits(const std::string& name, const LayerShape& shape) const {
  return answers(layer, name) && (filters == 0 || filters == shape.K) &&
         (channels == 0 || channels == shape.C) && (columns == 0 || columns == shape.W);
}

std::vector<GivenMapping> read_mappings(YamlReader& machine) {
  if (!machine.is_text("mappings")) return read_list(machine);
  YamlReader file = YamlReader::read(machine.text("mappings"));
  std::vector<GivenMapping> mappings = read_list(file);
  file.done();
  for (GivenMapping& given : mappings) given.for_trace = true;
  return mappings;
}

std::string mappings_text(const std::vector<GivenMapping>& mappings, const std::string& comment) {
  std::string text = "# " + comment + "\nmappings:\n";
  for (const GivenMapping& given : mappings) {
    const RowMapping& map = given.mapping;
    text += fmt::format(
        "  - {{layer: {}, m: {}, n: {}, e: {}, p: {}, q: {}, r: {}, t: {}, taps_y: {}, taps_x: {}",
        quoted_glob(given.layer), map.m, map.n, map.e, map.p, map.q, map.r, map.t, map.taps_y, map.taps_x);
    if (map.ifmap_words != 0) text += fmt::format(", ifmap_words: {}", map.ifmap_words);
    text += fmt::format(", filters: {}, channels: {}, columns: {}}}\n", given.filters, given.channels,
                        given.columns);
  }
  return mappings.empty() ? text + "  []\n" : text;
}

void check_layer_globs(const std::vector<GivenMapping>& mappings, const Trace& trace) {
  std::vector<std::string> names;
  for (const Layer& layer : trace.layers) {
    if (layer.simulated()) names.push_back(layer.name);
  }
  for (const GivenMapping& given : mappings) {
    if (!given.for_trace) continue;
    const bool used = std::any_of(names.begin(), names.end(),
                                  [&](const std::string& name) { return answers(given.layer, name); });
    if (used) continue;
    const std::string near = nearest(given.layer, names);
    throw Error(given.where, "'" + given.layer + "', no layer of " + trace.name,
                near.empty() ? "a layer that 'basil inspect' lists" : "'" + near + "'");
  }
}

}  // namespace basil
