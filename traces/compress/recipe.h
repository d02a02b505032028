// A compression recipe: steps in order, read from YAML.
#pragma once

#include <any>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/yaml.h"
#include "traces/encodings/operand.h"
#include "traces/network/dense_network.h"
#include "traces/trace.h"

namespace basil {

struct RecipeStepType;

// One step: what its type read of it.
struct RecipeStep {
  const RecipeStepType* type = nullptr;
  std::any parameters;       // a struct of the type's
  std::string layers = "*";  // glob of layer names, as in a shell
  std::string where;         // file:line:column of the glob, for errors
  std::string text;          // as the trace's history says it

  template <class Parameters>
  [[nodiscard]] const Parameters& as() const {
    return std::any_cast<const Parameters&>(parameters);
  }
};

struct Recipe {
  std::string name;
  std::vector<RecipeStep> steps;
};

// The order in which steps stand in a recipe.
enum class RecipeStage { prune, numbers, encode };

// A kind of step. Every file traces/compress/<name>.cpp that defines a `<name>_step` adds one; the build
// gathers them into a table. Functions that take a step take one of this kind.
struct RecipeStepType {
  std::string_view name;  // its key in a recipe
  std::string_view summary;
  std::string_view example;  // its value in a recipe, and a remark behind # if need be
  RecipeStage stage = RecipeStage::numbers;
  // Reads the keys of the step's map, all but `layers`, into parameters and text. Errors as of parse_recipe.
  void (*read)(YamlReader& reader, RecipeStep& step);
  // The same where a word stands in place of the map; null: none may.
  void (*read_word)(YamlReader& entry, RecipeStep& step) = nullptr;

  // Of RecipeStage::prune: sets weights of the layers to zero. All layers of the step at once.
  void (*prune)(const RecipeStep& step, const std::vector<DenseLayer*>& layers) = nullptr;

  // Of RecipeStage::numbers: what the weights become. Of several such steps on a layer the last that takes it
  // holds.
  bool (*takes)(const RecipeStep& step, const DenseLayer& layer) = nullptr;  // null: any layer
  Layer (*make)(const RecipeStep& step, const DenseLayer& layer) = nullptr;  // output.scale is left at 1
  // It makes the layer of the integers that its author left, not of real weights.
  bool own_integers = false;
  // The encoding of what it makes; null: dense values, which may be packed into any plain one.
  Encoding makes = nullptr;
  // A step that gives weights that encoding where nothing else is said: the value of its key.
  std::string_view usual = "{}";
  // Whether weights of a trace are as the step would have them, and making that so to the letter; null: where
  // their encoding is the one it makes, and nothing.
  bool (*keeps)(const RecipeStep& step, const Operand& weights) = nullptr;
  void (*keep)(const RecipeStep& step, Operand& weights) = nullptr;

  // Of RecipeStage::encode.
  Encoding (*encoding)(const RecipeStep& step) = nullptr;
};

// All of them, by stage and name.
[[nodiscard]] std::vector<const RecipeStepType*> recipe_steps();
// As the build found them.
[[nodiscard]] std::span<const RecipeStepType* const> recipe_step_types();

//   steps:
//     - prune: {method: magnitude, ratio: 0.7, layers: "conv*"}   # scope: layer (as it is) or global
//     - prune: {method: "n:m", n: 2, m: 4}
//     - prune: {method: filters, ratio: 0.25}
//     - quantise: {bits: 8, per: channel}                         # 4, 8, 16 or fp32; per layer or channel
//     - power_of_two: {terms: 1}             # or threshold: 0.1, or mean_terms: 1.4; bits: 4; per: channel
//     - basis: {bases: 6, density: 0.3, iterations: 10}          # or sparsity: 0.1 in place of density
//     - comparator: {taps: 4, seed: 1}
//     - binary: {layers: "conv[23]"}
//     - keep: {layers: "conv1"}              # the network's own integers, as where nothing else is said
//     - encode: bitmap                                            # dense, bitmap or run_length
//     - encode: {as: dense, layers: "fc*"}
// Every prune comes first and every encode last. Layers that a step cannot take stay as they were, and the
// trace's history says how many; encode is for those that quantise turned to integers or left real, the
// others have an encoding already. Errors: file:line:column, key, found, expected.
[[nodiscard]] Recipe parse_recipe(std::string_view text, const std::string& name);
[[nodiscard]] Recipe read_recipe(const std::filesystem::path& file);
// int8 a channel; of a network, its own integers where it has some. Bitmap where a layer is sparse enough to
// gain needs no step.
[[nodiscard]] Recipe default_recipe();
[[nodiscard]] Recipe default_recipe_of(const DenseNetwork& network);
// The recipe that gives weights an encoding: by the step that makes it, of `dtype` where it is a plain one.
[[nodiscard]] Recipe default_recipe_for(Encoding encoding, Dtype dtype = Dtype::int8);

}  // namespace basil
