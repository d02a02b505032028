#include "traces/recipe.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/yaml.h"
#include "traces/trace.h"

namespace basil {
namespace {

void read_layers(YamlReader& reader, RecipeStep& step) {
  step.layers = reader.text("layers", "*");
  step.where = reader.where("layers");
  if (step.layers != "*") step.text += " (" + step.layers + ")";
}

RecipeStep read_prune(YamlReader reader) {
  RecipeStep step;
  const std::string method = reader.word("method", {"magnitude", "n:m", "filters"});
  if (method == "magnitude") {
    const PruneMagnitude prune{.ratio = reader.real("ratio", 0, 1),
                               .global = reader.word("scope", {"layer", "global"}, "layer") == "global"};
    step.action = prune;
    step.text =
        fmt::format("prune {:g} by magnitude, {}", prune.ratio, prune.global ? "over all layers" : "a layer");
  } else if (method == "n:m") {
    PruneNofM prune;
    prune.m = static_cast<int>(reader.integer("m", 1, 1 << 16));
    prune.n = static_cast<int>(reader.integer("n", 0, prune.m));
    step.action = prune;
    step.text = fmt::format("prune to {}:{}", prune.n, prune.m);
  } else {
    const PruneFilters prune{.ratio = reader.real("ratio", 0, 1)};
    step.action = prune;
    step.text = fmt::format("zero {:g} of the filters", prune.ratio);
  }
  read_layers(reader, step);
  reader.done();
  return step;
}

RecipeStep read_quantise(YamlReader reader) {
  RecipeStep step;
  const std::string bits = reader.word("bits", {"4", "8", "16", "fp32"});
  const Quantise quantise{.dtype = parse_dtype(bits == "fp32" ? bits : "int" + bits, reader.where("bits")),
                          .per_channel = reader.word("per", {"layer", "channel"}, "channel") == "channel"};
  step.action = quantise;
  step.text = quantise.dtype == Dtype::fp32 ? std::string("leave in fp32")
                                            : fmt::format("quantise to {} a {}", to_string(quantise.dtype),
                                                          quantise.per_channel ? "channel" : "layer");
  read_layers(reader, step);
  reader.done();
  return step;
}

// "encode: bitmap", or a map with `as` and `layers`.
RecipeStep read_encode(YamlReader& entry) {
  const auto as = [](YamlReader& reader, const std::string& key) {
    RecipeStep step;
    const std::string word = reader.word(key, {"dense", "bitmap", "run_length"});
    step.action = Encode{parse_encoding(word, reader.where(key))};
    step.text = "encode as " + word;
    return step;
  };
  if (!entry.is_map("encode")) {
    RecipeStep step = as(entry, "encode");
    step.where = entry.where("encode");
    return step;
  }
  YamlReader reader = entry.child("encode");
  RecipeStep step = as(reader, "as");
  read_layers(reader, step);
  reader.done();
  return step;
}

RecipeStep read_step(YamlReader& entry) {
  const bool prunes = entry.has("prune"), quantises = entry.has("quantise"), encodes = entry.has("encode");
  entry.done();
  if (int{prunes} + int{quantises} + int{encodes} != 1) {
    throw Error(entry.where(),
                prunes || quantises || encodes ? "several steps in one entry" : "an empty entry",
                "one of prune, quantise, encode");
  }
  if (prunes) return read_prune(entry.child("prune"));
  if (quantises) return read_quantise(entry.child("quantise"));
  return read_encode(entry);
}

// Stages that only go forward: prune, quantise, encode.
int stage(const RecipeStep& step) {
  if (std::holds_alternative<Encode>(step.action)) return 2;
  return std::holds_alternative<Quantise>(step.action) ? 1 : 0;
}

}  // namespace

Recipe parse_recipe(std::string_view text, const std::string& name) {
  YamlReader root = YamlReader::parse(text, name);
  Recipe recipe{.name = name, .steps = {}};
  for (YamlReader& entry : root.list("steps")) {
    RecipeStep step = read_step(entry);
    if (!recipe.steps.empty() && stage(step) < stage(recipe.steps.back())) {
      throw Error(entry.where(), "'" + step.text + "' after '" + recipe.steps.back().text + "'",
                  "prune before quantise before encode");
    }
    recipe.steps.push_back(std::move(step));
  }
  root.done();
  return recipe;
}

Recipe read_recipe(const std::filesystem::path& file) {
  return parse_recipe(read_yaml_text(file), file.string());
}

Recipe default_recipe() {
  return parse_recipe("steps: [{quantise: {bits: 8, per: channel}}]", "the default recipe");
}

}  // namespace basil
