#include <fmt/format.h>

#include <limits>
#include <set>
#include <vector>

#include "core/error.h"
#include "core/yaml.h"
#include "traces/encodings/limits.h"
#include "traces/synth/synth.h"

namespace basil {
namespace {

void read_density(YamlReader& reader, SynthDensity& density) {
  auto shares = reader.maybe_child("density");
  if (!shares) return;
  density.weights = shares->real("weights", 0, 1, density.weights);
  density.ifmap = shares->real("ifmap", 0, 1, density.ifmap);
  if (shares->has("ofmap")) density.ofmap = shares->real("ofmap", 0, 1);
  shares->done();
}

// The numbers of a list that has `count` of them.
std::vector<int> read_numbers(YamlReader& reader, const char* key, std::int64_t least, std::size_t count) {
  const std::vector<std::int64_t> numbers = reader.integers(key, least, greatest_dimension);
  if (numbers.size() != count)
    throw Error(reader.where(key), fmt::format("a list of {}", numbers.size()),
                count == 2 ? "one number, or two: [y, x]" : "four: [top, bottom, left, right]");
  return {numbers.begin(), numbers.end()};
}

struct ByAxis {
  int y, x;
};

// A number for both axes, or [y, x]. A layer of one row has one axis, the x axis, which the number is meant
// for.
ByAxis read_by_axis(YamlReader& reader, const char* key, int least, const LayerShape& shape) {
  if (reader.has(key) && !reader.is_text(key)) {
    const std::vector<int> axes = read_numbers(reader, key, least, 2);
    return {axes[0], axes[1]};
  }
  const auto both = static_cast<int>(reader.integer(key, least, greatest_dimension, least));
  return {shape.H == 1 && shape.R == 1 ? least : both, both};
}

void read_pads(YamlReader& reader, LayerShape& s) {
  if (!reader.has("pad_tblr")) {
    const ByAxis pad = read_by_axis(reader, "pad", 0, s);
    s.pad_top = s.pad_bottom = pad.y;
    s.pad_left = s.pad_right = pad.x;
    return;
  }
  if (reader.has("pad")) throw Error(reader.where("pad_tblr"), "pad as well", "one of the two");
  const std::vector<int> pads = read_numbers(reader, "pad_tblr", 0, 4);
  s.pad_top = pads[0];
  s.pad_bottom = pads[1];
  s.pad_left = pads[2];
  s.pad_right = pads[3];
}

// A flat layer has C and K alone; asking for no other key, nor for an axis that the kind fixes, makes done()
// refuse them.
LayerShape read_shape(YamlReader& reader, Kind kind) {
  const auto axis = [&](const char* key, std::optional<std::int64_t> otherwise = {}) {
    return static_cast<int>(reader.integer(key, 1, greatest_dimension, otherwise));
  };
  LayerShape s;
  const auto read = [&](const char* key, int LayerShape::*of, std::optional<std::int64_t> otherwise = {}) {
    if (!kind->fixes(of)) s.*of = axis(key, otherwise);
  };
  s.C = axis("C");
  s.K = kind->channelwise() ? axis("K", s.C) : axis("K");
  if (kind->flat()) return s;
  read("H", &LayerShape::H);
  read("W", &LayerShape::W, s.H);
  read("R", &LayerShape::R);
  read("S", &LayerShape::S, s.R);
  const ByAxis stride = read_by_axis(reader, "stride", 1, s),
               dilation = read_by_axis(reader, "dilation", 1, s);
  s.stride_y = stride.y;
  s.stride_x = stride.x;
  s.dilation_y = dilation.y;
  s.dilation_x = dilation.x;
  read_pads(reader, s);
  read("groups", &LayerShape::groups, kind->channelwise() ? s.C : 1);
  return s;
}

// The same rules as for a layer of a trace.
void check_shape_of(const SynthLayer& wanted, int batch, const std::string& where) {
  Layer layer;
  layer.name = wanted.name;
  layer.kind = wanted.kind;
  layer.shape = wanted.shape;
  layer.shape.N = batch;
  try {
    check_shape(layer);
  } catch (const Error& error) { throw error.within(where); }
}

Kind read_kind(YamlReader& reader) {
  std::vector<std::string> words;
  for (const Kind kind : weighted_kinds()) words.emplace_back(kind->name);
  return parse_kind(reader.word("kind", words, "conv"), reader.where("kind"));
}

SynthLayer read_layer(YamlReader& reader, const SynthDensity& otherwise, int batch) {
  SynthLayer layer;
  layer.name = reader.text("name");
  layer.kind = read_kind(reader);
  layer.shape = read_shape(reader, layer.kind);
  layer.density = otherwise;
  read_density(reader, layer.density);
  reader.done();
  check_shape_of(layer, batch, reader.where());
  return layer;
}

int read_bits(YamlReader& root) {
  const auto bits = static_cast<int>(root.integer("bits", 4, 16, 8));
  if (bits != 4 && bits != 8 && bits != 16)
    throw Error(root.where("bits"), std::to_string(bits), "4, 8 or 16");
  return bits;
}

}  // namespace

SynthList parse_synth(std::string_view text, const std::string& file) {
  YamlReader root = YamlReader::parse(text, file);
  SynthList list;
  list.name = root.text("name");
  list.source = root.text("source", "");
  list.seed =
      static_cast<std::uint64_t>(root.integer("seed", 0, std::numeric_limits<std::int64_t>::max(), 1));
  list.batch = static_cast<int>(root.integer("batch", 1, greatest_batch, 1));
  list.bits = read_bits(root);
  SynthDensity density;
  read_density(root, density);
  std::set<std::string> names;
  std::vector<YamlReader> layers = root.list("layers");
  root.done();
  for (YamlReader& reader : layers) {
    list.layers.push_back(read_layer(reader, density, list.batch));
    if (!names.insert(list.layers.back().name).second)
      throw Error(reader.where("name"), "'" + list.layers.back().name + "' a second time", "each name once");
  }
  if (list.layers.empty()) throw Error(root.where("layers"), "an empty list", "at least one layer");
  return list;
}

SynthList read_synth(const std::filesystem::path& file) {
  return parse_synth(read_yaml_text(file), file.string());
}

}  // namespace basil
