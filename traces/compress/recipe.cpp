#include "traces/compress/recipe.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/yaml.h"
#include "traces/encodings/encodings.h"
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

RecipeStep read_power_of_two(YamlReader reader) {
  RecipeStep step;
  FitPowerOfTwo fit;
  const bool terms = reader.has("terms"), threshold = reader.has("threshold"),
             mean = reader.has("mean_terms");
  if (int{terms} + int{threshold} + int{mean} > 1) {
    throw Error(reader.where(), "several ways to choose the terms", "one of terms, threshold, mean_terms");
  }
  (void)reader.word("bits", {"4"}, "4");  // a sign and a 3-bit exponent
  fit.terms = static_cast<int>(reader.integer("terms", 1, 2, 2));
  if (threshold) fit.threshold = reader.real("threshold", 0, 1);
  if (mean) fit.mean_terms = reader.real("mean_terms", 1, 2);
  fit.per_channel = reader.word("per", {"layer", "channel"}, "channel") == "channel";
  const std::string count = threshold ? fmt::format("1 term, or 2 above an error of {:g}", *fit.threshold)
                            : mean    ? fmt::format("{:g} terms on average", *fit.mean_terms)
                                      : fmt::format("{} term{}", fit.terms, fit.terms == 1 ? "" : "s");
  step.text = fmt::format("powers of two, {}, scale a {}", count, fit.per_channel ? "channel" : "layer");
  step.action = fit;
  read_layers(reader, step);
  reader.done();
  return step;
}

RecipeStep read_basis(YamlReader reader) {
  RecipeStep step;
  FitBasis fit;
  if (reader.has("density") && reader.has("sparsity")) {
    throw Error(reader.where(), "both density and sparsity", "one of them");
  }
  if (reader.has("bases")) fit.bases = static_cast<int>(reader.integer("bases", 1, basis::greatest_bases));
  fit.where = reader.where("bases");
  if (reader.has("density")) fit.density = reader.real("density", 0, 1);
  fit.sparsity = reader.real("sparsity", 0, 100, 0);
  fit.iterations = static_cast<int>(reader.integer("iterations", 1, 1000, 10));
  step.text = fit.bases ? fmt::format("{} basis kernels", *fit.bases) : std::string("basis kernels");
  if (fit.density) step.text += fmt::format(", {:g} of the coefficients", *fit.density);
  if (fit.sparsity > 0) step.text += fmt::format(", sparsity {:g}", fit.sparsity);
  step.action = fit;
  read_layers(reader, step);
  reader.done();
  return step;
}

RecipeStep read_comparator(YamlReader reader) {
  RecipeStep step;
  FitComparator fit;
  if (reader.has("taps")) fit.taps = static_cast<int>(reader.integer("taps", 1, comparator::greatest_taps));
  fit.where = reader.where("taps");
  fit.seed = static_cast<std::uint64_t>(reader.integer("seed", 0, std::int64_t{1} << 53, 1));
  step.text = fit.taps ? fmt::format("comparators of {} taps", *fit.taps) : std::string("comparators");
  step.action = fit;
  read_layers(reader, step);
  reader.done();
  return step;
}

RecipeStep read_binary(YamlReader reader) {
  RecipeStep step;
  step.action = FitBinary{};
  step.text = "binary weights and ifmap";
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

// The steps that are a map of keys and values; encode may be a word.
constexpr std::pair<const char*, RecipeStep (*)(YamlReader)> readers[] = {
    {"prune", read_prune}, {"quantise", read_quantise},     {"power_of_two", read_power_of_two},
    {"basis", read_basis}, {"comparator", read_comparator}, {"binary", read_binary}};

RecipeStep read_step(YamlReader& entry) {
  const bool encodes = entry.has("encode");
  int steps = int{encodes};
  std::string known;
  for (const auto& [key, reader] : readers) {
    known += std::string(key) + ", ";
    steps += int{entry.has(key)};
  }
  entry.done();
  if (steps != 1) {
    throw Error(entry.where(), steps > 1 ? "several steps in one entry" : "an empty entry",
                "one of " + known + "encode");
  }
  for (const auto& [key, reader] : readers) {
    if (entry.has(key)) return reader(entry.child(key));
  }
  return read_encode(entry);
}

// Stages that only go forward: prune, what the weights become, encode.
int stage(const RecipeStep& step) {
  const bool prunes = std::holds_alternative<PruneMagnitude>(step.action) ||
                      std::holds_alternative<PruneNofM>(step.action) ||
                      std::holds_alternative<PruneFilters>(step.action);
  if (prunes) return 0;
  return std::holds_alternative<Encode>(step.action) ? 2 : 1;
}

}  // namespace

Recipe parse_recipe(std::string_view text, const std::string& name) {
  YamlReader root = YamlReader::parse(text, name);
  Recipe recipe{.name = name, .steps = {}};
  for (YamlReader& entry : root.list("steps")) {
    RecipeStep step = read_step(entry);
    if (!recipe.steps.empty() && stage(step) < stage(recipe.steps.back())) {
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

Recipe default_recipe_for(Encoding encoding, Dtype dtype, int terms) {
  const auto steps = [&]() -> std::string {
    switch (encoding) {
      case Encoding::power_of_two:
        return fmt::format("{{power_of_two: {{terms: {}}}}}", terms);
      case Encoding::basis:
        return fmt::format("{{basis: {{density: {}}}}}", default_basis_density);
      case Encoding::comparator:
        return "{comparator: {}}";
      case Encoding::binary:
        return "{binary: {}}";
      default:
        return fmt::format("{{quantise: {{bits: {}}}}}, {{encode: {}}}",
                           dtype == Dtype::fp32 ? "fp32" : std::to_string(bits_of(dtype)),
                           to_string(encoding));
    }
  };
  return parse_recipe("steps: [" + steps() + "]",
                      fmt::format("the default recipe for {}", to_string(encoding)));
}

}  // namespace basil
