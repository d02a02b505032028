#include "traces/recipe.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/yaml.h"
#include "traces/trace.h"

namespace basil {
namespace {

inline constexpr double most_ratio = 1.0;

RecipeStep read_prune(YamlReader reader) {
  RecipeStep step;
  const std::string method = reader.word("method", {"magnitude", "n:m", "filters"});
  step.layers = reader.text("layers", "*");
  if (method == "magnitude") {
    const PruneMagnitude prune{.ratio = reader.real("ratio", 0, most_ratio),
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
    step.action = PruneFilters{reader.real("ratio", 0, most_ratio)};
    step.text = fmt::format("zero {:g} of the filters", std::get<PruneFilters>(step.action).ratio);
  }
  reader.done();
  return step;
}

RecipeStep read_quantise(YamlReader reader) {
  RecipeStep step;
  const std::string bits = reader.word("bits", {"4", "8", "16", "fp32"});
  const Quantise quantise{.dtype = parse_dtype(bits == "fp32" ? bits : "int" + bits, reader.where("bits")),
                          .per_channel = reader.word("per", {"layer", "channel"}, "channel") == "channel"};
  step.layers = reader.text("layers", "*");
  step.action = quantise;
  step.text = fmt::format("quantise to {} a {}", to_string(quantise.dtype),
                          quantise.per_channel ? "channel" : "layer");
  reader.done();
  return step;
}

// Short "encode: bitmap", or a map with layers.
RecipeStep read_encode(YamlReader& outer) {
  RecipeStep step;
  std::string word, where;
  if (outer.is_map("encode")) {
    YamlReader reader = outer.child("encode");
    word = reader.text("as");
    where = reader.where("as");
    step.layers = reader.text("layers", "*");
    reader.done();
  } else {
    word = outer.text("encode");
    where = outer.where("encode");
  }
  step.action = Encode{parse_encoding(word, where)};
  step.text = "encode as " + word;
  return step;
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
    RecipeStep step;
    if (entry.has("prune")) {
      step = read_prune(entry.child("prune"));
    } else if (entry.has("quantise")) {
      step = read_quantise(entry.child("quantise"));
    } else if (entry.has("encode")) {
      step = read_encode(entry);
    }
    entry.done();
    if (step.text.empty()) throw Error(entry.where(), "no step", "prune, quantise or encode");
    if (step.layers != "*") step.text += " (" + step.layers + ")";
    if (!recipe.steps.empty() && stage(step) < stage(recipe.steps.back())) {
      throw Error(entry.where(), "'" + step.text + "' after '" + recipe.steps.back().text + "'",
                  "prune, then quantise, then encode");
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
