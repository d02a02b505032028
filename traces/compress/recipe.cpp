#include "traces/compress/recipe.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/yaml.h"

namespace basil {
namespace {

void read_layers(YamlReader& reader, RecipeStep& step) {
  step.layers = reader.text("layers", "*");
  step.where = reader.where("layers");
  if (step.layers != "*") step.text += " (" + step.layers + ")";
}

// The one step of an entry.
const RecipeStepType& type_of(YamlReader& entry) {
  const RecipeStepType* found = nullptr;
  int steps = 0;
  std::string known;
  for (const RecipeStepType* type : recipe_steps()) {
    known += (known.empty() ? "" : ", ") + std::string(type->name);
    if (!entry.has(std::string(type->name))) continue;
    ++steps;
    found = type;
  }
  entry.done();
  if (steps == 1) return *found;
  throw Error(entry.where(), steps > 1 ? "several steps in one entry" : "an empty entry", "one of " + known);
}

RecipeStep read_step(YamlReader& entry) {
  const RecipeStepType& type = type_of(entry);
  const std::string key(type.name);
  RecipeStep step;
  step.type = &type;
  if (type.read_word != nullptr && !entry.is_map(key)) {
    type.read_word(entry, step);
    step.where = entry.where(key);
    return step;
  }
  YamlReader reader = entry.child(key);
  type.read(reader, step);
  read_layers(reader, step);
  reader.done();
  return step;
}

}  // namespace

std::vector<const RecipeStepType*> recipe_steps() {
  const std::span<const RecipeStepType* const> types = recipe_step_types();
  std::vector<const RecipeStepType*> steps(types.begin(), types.end());
  std::ranges::stable_sort(steps, {}, &RecipeStepType::stage);
  return steps;
}

Recipe parse_recipe(std::string_view text, const std::string& name) {
  YamlReader root = YamlReader::parse(text, name);
  Recipe recipe{.name = name, .steps = {}};
  for (YamlReader& entry : root.list("steps")) {
    RecipeStep step = read_step(entry);
    if (!recipe.steps.empty() && step.type->stage < recipe.steps.back().type->stage) {
      throw Error(entry.where(), "'" + step.text + "' after '" + recipe.steps.back().text + "'",
                  "every prune first and every encode last");
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

Recipe default_recipe_of(const DenseNetwork& network) {
  std::size_t simulated = 0, own = 0;
  for (const DenseLayer& layer : network.layers) {
    simulated += layer.simulated() ? 1 : 0;
    own += layer.codes ? 1 : 0;
  }
  if (own == 0) return default_recipe();
  return parse_recipe(
      own == simulated ? "steps: [{keep: {}}]" : "steps: [{quantise: {bits: 8, per: channel}}, {keep: {}}]",
      "the default recipe");
}

Recipe default_recipe_for(Encoding encoding, Dtype dtype) {
  std::string steps =
      fmt::format("{{quantise: {{bits: {}}}}}, {{encode: {}}}",
                  dtype == Dtype::fp32 ? "fp32" : std::to_string(bits_of(dtype)), to_string(encoding));
  for (const RecipeStepType* type : recipe_step_types()) {
    if (type->makes == encoding) steps = fmt::format("{{{}: {}}}", type->name, type->usual);
  }
  return parse_recipe("steps: [" + steps + "]",
                      fmt::format("the default recipe for {}", to_string(encoding)));
}

}  // namespace basil
