// Reading a technology table: see models/technologies/*.yaml for its form.
#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/yaml.h"
#include "models/presets/embedded.h"
#include "models/technology/technology.h"

namespace basil {
namespace {

// One text and its places.
class TableReader {
 public:
  explicit TableReader(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] std::string where(const YAML::Mark& mark) const {
    return fmt::format("{}:{}:{}", file_, mark.line + 1, mark.column + 1);
  }

  [[noreturn]] void fail(const YAML::Node& node, const std::string& found,
                         const std::string& expected) const {
    throw Error(where(node.Mark()), found, expected);
  }

  // A map whose keys are all known, each there once.
  void check_keys(const YAML::Node& map, std::span<const std::string_view> known) const {
    if (!map.IsMap()) fail(map, "no map", "key: value");
    std::set<std::string> seen;
    for (const auto& entry : map) {
      const std::string key = entry.first.Scalar();
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        fail(entry.first, "unknown key " + key, nearest(key, known));
      }
      if (!seen.insert(key).second) fail(entry.first, "a second " + key, "one");
    }
  }

  [[nodiscard]] YAML::Node need(const YAML::Node& map, const std::string& key) const {
    const YAML::Node node = map[key];
    if (!node) fail(map, "no " + key, "one");
    return node;
  }

  [[nodiscard]] std::string word(const YAML::Node& node) const {
    if (!node.IsScalar() || node.Scalar().empty()) fail(node, "no word", "a word");
    return node.Scalar();
  }

  // A number >= least.
  template <class Number>
  [[nodiscard]] Number number(const YAML::Node& node, Number least) const {
    Number value{};
    if (!node.IsScalar() || !YAML::convert<Number>::decode(node, value) || !(value >= least) ||
        !std::isfinite(static_cast<double>(value))) {
      fail(node, node.IsScalar() ? node.Scalar() : "no number",
           fmt::format("a number of at least {}", least));
    }
    return value;
  }

  [[nodiscard]] Tag tag(const YAML::Node& node) const {
    constexpr std::array tags{Tag::measured, Tag::published, Tag::derived, Tag::estimated};
    const std::string text = word(node);
    for (const Tag tag : tags) {
      if (text == to_string(tag)) return tag;
    }
    fail(node, "tag " + text, "measured, published, derived or estimated");
  }

 private:
  std::string file_;
};

CostRow read_row(const TableReader& reader, const std::string& item, const YAML::Node& node) {
  constexpr std::array<std::string_view, 7> keys{"pj",         "unit", "bits",  "area_um2",
                                                 "leakage_uw", "tag",  "source"};
  constexpr std::array<std::string_view, 3> pj_keys{"nominal", "low", "high"};
  reader.check_keys(node, keys);
  const YAML::Node pj = reader.need(node, "pj");
  reader.check_keys(pj, pj_keys);
  CostRow row;
  row.item = item;
  row.pj = reader.number<double>(reader.need(pj, "nominal"), 0);
  row.low_pj = reader.number<double>(reader.need(pj, "low"), 0);
  row.high_pj = reader.number<double>(reader.need(pj, "high"), 0);
  if (row.low_pj > row.pj || row.pj > row.high_pj) {
    reader.fail(pj, fmt::format("{}, {}, {}", row.low_pj, row.pj, row.high_pj), "low <= nominal <= high");
  }
  row.unit = reader.word(reader.need(node, "unit"));
  row.bits = reader.number<int>(reader.need(node, "bits"), 1);
  if (node["area_um2"]) row.area_um2 = reader.number<double>(node["area_um2"], 0);
  if (node["leakage_uw"]) row.leakage_uw = reader.number<double>(node["leakage_uw"], 0);
  row.tag = reader.tag(reader.need(node, "tag"));
  row.source = reader.word(reader.need(node, "source"));
  return row;
}

std::map<std::string, CostRow> read_rows(const TableReader& reader, const YAML::Node& node) {
  if (!node.IsMap()) reader.fail(node, "no rows", "item: {pj: ...}");
  std::map<std::string, CostRow> rows;
  for (const auto& entry : node) {
    const std::string item = entry.first.Scalar();
    if (!rows.emplace(item, read_row(reader, item, entry.second)).second) {
      reader.fail(entry.first, "a second row " + item, "one");
    }
  }
  return rows;
}

// [bytes, width in bits, pJ a read, pJ a write, leakage mW, area mm2]
SramPoint read_point(const TableReader& reader, const YAML::Node& node, Tag tag) {
  if (!node.IsSequence() || node.size() != 6) {
    reader.fail(node, "no point", "[bytes, width in bits, pJ a read, pJ a write, leakage mW, area mm2]");
  }
  const SramCost cost{.read_pj = reader.number<double>(node[2], 0),
                      .write_pj = reader.number<double>(node[3], 0),
                      .leakage_mw = reader.number<double>(node[4], 0),
                      .area_mm2 = reader.number<double>(node[5], 0),
                      .tag = tag};
  return {
      .bytes = reader.number<int>(node[0], 1), .width_bits = reader.number<int>(node[1], 1), .cost = cost};
}

Bracket read_bracket(const TableReader& reader, const YAML::Node& node) {
  constexpr std::array<std::string_view, 3> keys{"nominal", "low", "high"};
  reader.check_keys(node, keys);
  const auto figure = [&](const char* key) { return reader.number<double>(reader.need(node, key), 0); };
  const Bracket bracket{figure("nominal"), figure("low"), figure("high")};
  if (bracket.low > bracket.nominal || bracket.nominal > bracket.high) {
    reader.fail(node, fmt::format("{}, {}, {}", bracket.low, bracket.nominal, bracket.high),
                "low <= nominal <= high");
  }
  return bracket;
}

SramRules read_rules(const TableReader& reader, const YAML::Node& node) {
  const auto bracket = [&](const char* key) { return read_bracket(reader, reader.need(node, key)); };
  return {.energy = bracket("energy"),
          .leakage = {{Cell::hp, bracket("leakage_hp")}, {Cell::lstp, bracket("leakage_lstp")}},
          .port_growth = bracket("port_growth")};
}

std::map<Cell, SramTable> read_tables(const TableReader& reader, const YAML::Node& node) {
  constexpr std::array<std::string_view, 8> keys{"tag",         "source",       "energy", "leakage_hp",
                                                 "port_growth", "leakage_lstp", "hp",     "lstp"};
  reader.check_keys(node, keys);
  const Tag tag = reader.tag(reader.need(node, "tag"));
  (void)reader.word(reader.need(node, "source"));
  std::map<Cell, SramTable> tables;
  for (const Cell cell : {Cell::hp, Cell::lstp}) {
    const YAML::Node list = reader.need(node, std::string(to_string(cell)));
    if (!list.IsSequence()) reader.fail(list, "no list", "a list of points");
    std::vector<SramPoint> points;
    for (const auto& point : list) points.push_back(read_point(reader, point, tag));
    try {
      tables.emplace(cell, SramTable(std::move(points)));
    } catch (const Error& error) { throw error.within(reader.where(list.Mark())); }
  }
  return tables;
}

}  // namespace

Technology Technology::load(const std::string& name_or_path) {
  if (const auto text = embedded("technologies", name_or_path)) return parse(*text, name_or_path + ".yaml");
  if (name_or_path.ends_with(".yaml") || name_or_path.find('/') != std::string::npos) {
    return parse(read_yaml_text(name_or_path), name_or_path);
  }
  throw Error("technology", "'" + name_or_path + "'",
              one_of(embedded_names("technologies"), name_or_path) + ", or a YAML file");
}

Technology Technology::parse(std::string_view text, const std::string& file) {
  constexpr std::array<std::string_view, 5> keys{"name", "node_nm", "vdd", "rows", "sram"};
  const TableReader reader(file);
  try {
    const YAML::Node root = parse_yaml(text, file);
    reader.check_keys(root, keys);
    Technology technology;
    technology.name_ = reader.word(reader.need(root, "name"));
    technology.node_nm_ = reader.number<int>(reader.need(root, "node_nm"), 1);
    technology.vdd_ = reader.number<double>(reader.need(root, "vdd"), 0);
    technology.rows_ = read_rows(reader, reader.need(root, "rows"));
    technology.sram_ = read_tables(reader, reader.need(root, "sram"));
    technology.sram_rules_ = read_rules(reader, reader.need(root, "sram"));
    return technology;
  } catch (const YAML::Exception& error) { throw Error(reader.where(error.mark), error.msg); }
}

}  // namespace basil
