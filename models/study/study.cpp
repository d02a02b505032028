#include "models/study/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "core/error.h"
#include "core/yaml.h"
#include "models/presets/embedded.h"
#include "models/study/store/figures.h"

namespace basil {
namespace {

inline constexpr std::size_t most_values = 10000;

// One map of the study, by name and type and as it stands: a value of it may be a word or a list.
struct Map {
  YamlReader reader;
  YAML::Node node;

  [[nodiscard]] Map child(const std::string& key) { return {reader.child(key), node[key]}; }
  [[nodiscard]] YAML::Node value(const std::string& key) const {
    const YAML::Node& map = node;  // a const node does not insert
    return map[key];
  }
};

// A word, or a list of words that is not empty; each once.
std::vector<std::string> words_of(Map& map, const std::string& key) {
  const YAML::Node value = map.value(key);
  const std::string where = map.reader.where(key);
  if (!map.reader.has(key)) throw Error(where, "missing", "this key");
  if (value.IsScalar()) return {value.Scalar()};
  if (!value.IsSequence() || value.size() == 0) throw Error(where, "no value", "a value or a list of values");
  std::vector<std::string> words;
  for (const auto& entry : value) {
    if (!entry.IsScalar()) throw Error(where, "a list or a map in the list", "plain values");
    if (std::find(words.begin(), words.end(), entry.Scalar()) != words.end())
      throw Error(where, "'" + entry.Scalar() + "' a second time", "each value once");
    words.push_back(entry.Scalar());
  }
  return words;
}

std::vector<std::string> words_or_none(Map& map, const std::string& key) {
  return map.reader.has(key) ? words_of(map, key) : std::vector<std::string>();
}

// What a required key holds: the entries of a list, or itself; at least one.
std::vector<YAML::Node> entries_of(Map& map, const std::string& key) {
  const std::string where = map.reader.where(key);
  if (!map.reader.has(key)) throw Error(where, "missing", "this key");
  const YAML::Node value = map.value(key);
  std::vector<YAML::Node> entries;
  if (value.IsSequence()) {
    for (std::size_t i = 0; i < value.size(); ++i) entries.push_back(value[i]);
  } else {
    entries.push_back(value);
  }
  if (entries.empty()) throw Error(where, "an empty list", "at least one");
  return entries;
}

// The file a study means: as seen from its own folder.
std::filesystem::path beside(const std::string& study, const std::string& file) {
  const std::filesystem::path path(file);
  return path.is_absolute() ? path : std::filesystem::path(study).parent_path() / path;
}

std::string number_text(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{:.12g}", value);
}

// {from: 8, to: 32, step: 8} or {from: 60, to: 960, factor: 2}.
std::vector<std::string> range_of(YamlReader reader) {
  const double from = reader.real("from", -1e15, 1e15), to = reader.real("to", from, 1e15);
  const bool logarithmic = reader.has("factor");
  if (logarithmic == reader.has("step"))
    throw Error(reader.where(), logarithmic ? "both step and factor" : "neither step nor factor",
                "step for a range or factor for a log range");
  const double by = logarithmic ? reader.real("factor", 1.0001, 1e15) : reader.real("step", 1e-12, 1e15);
  if (logarithmic && from <= 0)
    throw Error(reader.where("from"), number_text(from), "above 0 in a log range");
  reader.done();
  std::vector<std::string> values;
  const double slack = 1e-9 * std::max(std::abs(to), 1e-300);  // the end belongs to the range, rounded or not
  for (std::size_t i = 0;; ++i) {
    const double n = static_cast<double>(i);
    const double value = logarithmic ? from * std::pow(by, n) : from + by * n;
    if (value > to + slack) return values;
    if (i == most_values)
      throw Error(reader.where(), fmt::format("more than {} values", most_values), "a shorter range");
    values.push_back(number_text(value));
  }
}

std::vector<Parameter> parameters_of(Map map) {
  std::vector<Parameter> parameters;
  for (const std::string& key : map.reader.keys()) {
    const bool range = map.reader.is_map(key);
    parameters.push_back({key, range ? range_of(map.reader.child(key)) : words_of(map, key)});
  }
  return parameters;
}

// Own parameters take the place of common ones of the same key.
std::vector<Parameter> joined(std::vector<Parameter> common, const std::vector<Parameter>& own) {
  for (const Parameter& parameter : own) {
    const auto same = std::find_if(common.begin(), common.end(),
                                   [&](const Parameter& other) { return other.key == parameter.key; });
    if (same == common.end()) {
      common.push_back(parameter);
    } else {
      *same = parameter;
    }
  }
  return common;
}

StudyAccelerator accelerator_of(const std::string& name, const std::string& study, const std::string& where) {
  const std::string source = embedded("accelerators", name) ? name : beside(study, name).string();
  std::error_code ignored;
  if (source != name && !std::filesystem::exists(source, ignored)) {
    throw Error(where, "'" + name + "'", one_of(embedded_names("accelerators"), name) + " or a YAML file");
  }
  return {.name = name, .source = source, .keys = AcceleratorKeys(source), .parameters = {}};
}

void check_keys(const std::vector<Parameter>& parameters, const AcceleratorKeys& keys,
                const YamlReader& reader) {
  for (const Parameter& parameter : parameters) keys.check(parameter.key, reader.where(parameter.key));
}

std::vector<StudyAccelerator> accelerators_of(Map& map, const std::string& study) {
  std::optional<Map> common;
  if (map.reader.has("parameters")) common = map.child("parameters");
  const std::vector<Parameter> shared = common ? parameters_of(*common) : std::vector<Parameter>();

  const std::string where = map.reader.where("accelerators");
  const std::vector<YAML::Node> list = entries_of(map, "accelerators");
  std::vector<StudyAccelerator> accelerators;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string place = fmt::format("accelerators[{}]", i);
    if (list[i].IsScalar()) {
      accelerators.push_back(accelerator_of(list[i].Scalar(), study, where));
      accelerators.back().parameters = shared;
    } else {
      Map own{{list[i], study, place}, list[i]};
      accelerators.push_back(accelerator_of(own.reader.text("name"), study, own.reader.where("name")));
      StudyAccelerator& accelerator = accelerators.back();
      accelerator.parameters = shared;
      if (own.reader.has("parameters")) {
        const Map parameters = own.child("parameters");
        accelerator.parameters = joined(shared, parameters_of(parameters));
        check_keys(parameters_of(parameters), accelerator.keys, parameters.reader);
      }
      own.reader.done();
    }
    if (common) check_keys(shared, accelerators.back().keys, common->reader);
  }
  return accelerators;
}

StudyTrace trace_of(Map own, const std::string& study) {
  StudyTrace trace;
  const bool synthetic = own.reader.has("synth");
  if (synthetic && own.reader.has("file"))
    throw Error(own.reader.where("synth"), "beside file", "one of the two");
  const std::string source = own.reader.text(synthetic ? "synth" : "file");
  const bool shipped = synthetic && embedded("shapes", source).has_value();
  trace.file = shipped ? std::filesystem::path(source) : beside(study, source);
  if (synthetic) trace.shapes = load_shapes(trace.file.string(), own.reader.where("synth"));
  trace.name = own.reader.text("name", source);
  if (own.reader.has("recipe")) {
    trace.recipe_text = own.reader.text("recipe");
    trace.recipe = parse_recipe(trace.recipe_text, own.reader.where("recipe"));
  }
  own.reader.done();
  return trace;
}

// Called by the file's name alone where that tells them apart.
std::vector<StudyTrace> traces_of(Map& map, const std::string& study) {
  std::vector<StudyTrace> traces;
  const std::vector<YAML::Node> entries = entries_of(map, "traces");
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].IsScalar()) {
      const std::string& file = entries[i].Scalar();
      traces.push_back({.name = file, .file = beside(study, file)});
    } else {
      traces.push_back(trace_of({{entries[i], study, fmt::format("traces[{}]", i)}, entries[i]}, study));
    }
  }
  std::set<std::string> names, stems;
  for (const StudyTrace& trace : traces) {
    if (!names.insert(trace.name).second)
      throw Error(map.reader.where("traces"), "'" + trace.name + "' a second time", "a name for each");
    stems.insert(trace.file.stem().string());
  }
  if (stems.size() < traces.size()) return traces;
  for (StudyTrace& trace : traces) {
    if (beside(study, trace.name) == trace.file) trace.name = trace.file.stem().string();
  }
  return traces;
}

// Every key of a constraint is one that some accelerator has.
std::vector<Expression> constraints_of(Map& map, const std::vector<StudyAccelerator>& accelerators) {
  std::vector<Expression> constraints;
  const std::string where = map.reader.where("constraints");
  for (const std::string& text : words_or_none(map, "constraints")) {
    constraints.push_back(Expression::parse(text, where));
    for (const std::string& key : constraints.back().keys()) {
      if (key == "accelerator" || key == "trace") continue;
      const auto has = [&](const StudyAccelerator& accelerator) {
        return accelerator.keys.value(key).has_value();
      };
      if (std::none_of(accelerators.begin(), accelerators.end(), has))
        accelerators.front().keys.check(key, fmt::format("{}: '{}'", where, text));
    }
  }
  return constraints;
}

std::vector<Expression> objectives_of(Map& map) {
  std::vector<std::string> words = words_or_none(map, "objectives");
  if (words.empty()) words = {"cycles", "energy"};
  const std::string where = map.reader.where("objectives");
  std::vector<Expression> objectives;
  for (const std::string& word : words) {
    objectives.push_back(Expression::parse(word, where));
    for (const std::string& key : objectives.back().keys()) {
      if (figure_of_objectives(key) == nullptr) throw Error(where, "'" + key + "'", words_of_objectives(key));
    }
  }
  return objectives;
}

Sampling sampling_of(Map& map) {
  Sampling sampling;
  if (!map.reader.has("sampling")) return sampling;
  YamlReader reader = map.reader.child("sampling");
  sampling.latin_hypercube = static_cast<int>(reader.integer("latin_hypercube", 1, 1000000));
  sampling.seed = static_cast<std::uint64_t>(reader.integer("seed", 0, std::int64_t{1} << 62, 1));
  reader.done();
  return sampling;
}

PointLimits limits_of(Map& map) {
  PointLimits limits;
  if (!map.reader.has("limits")) return limits;
  YamlReader reader = map.reader.child("limits");
  limits.seconds = reader.real("seconds", 0.01, 1e7, limits.seconds);
  limits.megabytes = reader.integer("megabytes", 1, 1 << 24, limits.megabytes);
  reader.done();
  return limits;
}

}  // namespace

Study parse_study(std::string_view text, const std::string& file) {
  Map map{YamlReader::parse(text, file), YAML::Load(std::string(text))};
  Study study;
  study.file = file;
  study.name = map.reader.text("name", std::filesystem::path(file).stem().string());
  study.traces = traces_of(map, file);
  study.accelerators = accelerators_of(map, file);
  study.constraints = constraints_of(map, study.accelerators);
  study.constraints_where = map.reader.where("constraints");
  study.sampling = sampling_of(map);
  study.layers = words_or_none(map, "layers");
  study.objectives = objectives_of(map);
  if (map.reader.has("multipliers")) study.multipliers = map.reader.integer("multipliers", 1, 1 << 20);
  if (map.reader.has("area_mm2")) study.area_mm2 = map.reader.real("area_mm2", 1e-6, 1e6);
  if (study.multipliers && study.area_mm2)
    throw Error(map.reader.where("area_mm2"), "beside multipliers", "one of the two");
  study.verify = map.reader.flag("verify", true);
  study.limits = limits_of(map);
  map.reader.done();
  return study;
}

Study read_study(const std::filesystem::path& file) {
  return parse_study(read_yaml_text(file), file.string());
}

}  // namespace basil
