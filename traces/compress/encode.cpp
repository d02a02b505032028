// The step that says in which encoding values lie, whose numbers another step has chosen.
#include "core/yaml.h"
#include "traces/compress/recipe.h"

namespace basil {
namespace {

void read_key(YamlReader& reader, const std::string& key, RecipeStep& step) {
  std::vector<std::string> words;
  for (const Encoding plain : plain_encodings()) words.emplace_back(plain->name);
  const std::string word = reader.word(key, words);
  step.parameters = parse_encoding(word, reader.where(key));
  step.text = "encode as " + word;
}

}  // namespace

extern const RecipeStepType encode_step;
const RecipeStepType encode_step{
    .name = "encode",
    .summary = "the encoding of layers that are integers or fp32; without, bitmap where that is smaller",
    .example = "bitmap   # or {as: dense, layers: \"fc*\"}",
    .stage = RecipeStage::encode,
    .read = [](YamlReader& reader, RecipeStep& step) { read_key(reader, "as", step); },
    .read_word = [](YamlReader& entry, RecipeStep& step) { read_key(entry, "encode", step); },
    .encoding = [](const RecipeStep& step) { return step.as<Encoding>(); },
};

}  // namespace basil
