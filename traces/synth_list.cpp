#include <fmt/format.h>

#include <limits>
#include <set>

#include "core/error.h"
#include "core/yaml.h"
#include "traces/limits.h"
#include "traces/synth.h"

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

void check_shape(const SynthLayer& layer, YamlReader& reader) {
  const LayerShape& s = layer.shape;
  if (s.C % s.groups != 0 || s.K % s.groups != 0) {
    throw Error(reader.where("groups"), std::to_string(s.groups),
                fmt::format("a divisor of C {} and K {}", s.C, s.K));
  }
  const auto least = [](int taps, int dilation) { return (std::int64_t{taps} - 1) * dilation + 1; };
  if (std::int64_t{s.H} + 2 * s.pad_top < least(s.R, s.dilation_y) ||
      std::int64_t{s.W} + 2 * s.pad_left < least(s.S, s.dilation_x)) {
    throw Error(reader.where("H"), "an ifmap smaller than the filter", "at least one output");
  }
  check_positions({s.H, s.W, s.C}, reader.where("H"));
  check_positions({s.K, s.R, s.S, s.channels_per_group()}, reader.where("K"));
}

SynthLayer read_layer(YamlReader& reader, const SynthDensity& otherwise) {
  const auto axis = [&](const char* key, std::optional<std::int64_t> value = {}) {
    return static_cast<int>(reader.integer(key, 1, greatest_dimension, value));
  };
  SynthLayer layer;
  layer.name = reader.text("name");
  layer.kind = parse_kind(reader.word("kind", {"conv", "depthwise", "fc"}, "conv"), reader.where("kind"));
  layer.density = otherwise;
  LayerShape& s = layer.shape;
  s.C = axis("C");
  s.K = axis("K", layer.kind == Kind::depthwise ? std::optional<std::int64_t>(s.C) : std::nullopt);
  if (layer.kind != Kind::fc) {
    s.H = axis("H");
    s.W = axis("W", s.H);
    s.R = axis("R");
    s.S = axis("S", s.R);
    s.stride_y = s.stride_x = axis("stride", 1);
    s.dilation_y = s.dilation_x = axis("dilation", 1);
    s.pad_top = s.pad_bottom = s.pad_left = s.pad_right =
        static_cast<int>(reader.integer("pad", 0, greatest_dimension, 0));
    s.groups = axis("groups", layer.kind == Kind::depthwise ? s.C : 1);
  }
  read_density(reader, layer.density);
  reader.done();
  check_shape(layer, reader);
  return layer;
}

}  // namespace

SynthList parse_synth(std::string_view text, const std::string& file) {
  YamlReader root = YamlReader::parse(text, file);
  SynthList list;
  list.name = root.text("name");
  list.source = root.text("source", "");
  list.seed =
      static_cast<std::uint64_t>(root.integer("seed", 0, std::numeric_limits<std::int64_t>::max(), 1));
  list.batch = static_cast<int>(root.integer("batch", 1, 1024, 1));
  list.bits = static_cast<int>(root.integer("bits", 4, 16, 8));
  if (list.bits != 4 && list.bits != 8 && list.bits != 16)
    throw Error(root.where("bits"), std::to_string(list.bits), "4, 8 or 16");
  SynthDensity density;
  read_density(root, density);
  std::set<std::string> names;
  for (YamlReader& reader : root.list("layers")) {
    list.layers.push_back(read_layer(reader, density));
    if (!names.insert(list.layers.back().name).second)
      throw Error(reader.where("name"), "'" + list.layers.back().name + "' a second time", "each name once");
  }
  if (list.layers.empty()) throw Error(root.where("layers"), "an empty list", "at least one layer");
  root.done();
  return list;
}

SynthList read_synth(const std::filesystem::path& file) {
  return parse_synth(read_yaml_text(file), file.string());
}

}  // namespace basil
