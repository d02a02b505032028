#include "models/study/points.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>
#include <set>

#include "core/error.h"
#include "core/fingerprint.h"
#include "core/random_stream.h"
#include "core/yaml.h"
#include "models/presets/embedded.h"

namespace basil {
namespace {

inline constexpr std::size_t most_points = 1000000;

using Values = std::vector<std::pair<std::string, std::string>>;

void check_size(const Study& study, double points) {
  if (points > static_cast<double>(most_points))
    throw Error(study.file, fmt::format("{:.3g} points", points),
                fmt::format("at most {}: fewer values, or sampling: {{latin_hypercube: N}}", most_points));
}

// Every combination, the last parameter fastest.
std::vector<Values> grid(const StudyAccelerator& accelerator) {
  std::vector<Values> combinations{{}};
  for (const Parameter& parameter : accelerator.parameters) {
    std::vector<Values> longer;
    for (const Values& values : combinations) {
      for (const std::string& value : parameter.values) {
        longer.push_back(values);
        longer.back().emplace_back(parameter.key, value);
      }
    }
    combinations = std::move(longer);
  }
  return combinations;
}

// n samples: each parameter's range in n strata, each stratum once (McKay, Beckman, Conover, 1979). Samples
// that fall on the same values are one point.
std::vector<Values> latin_hypercube(const StudyAccelerator& accelerator, const Sampling& sampling) {
  const auto n = static_cast<std::size_t>(*sampling.latin_hypercube);
  std::vector<Values> samples(n);
  for (const Parameter& parameter : accelerator.parameters) {
    RandomStream stream(sampling.seed, accelerator.name + "/" + parameter.key);
    std::vector<std::size_t> strata(n);
    std::iota(strata.begin(), strata.end(), std::size_t{0});
    for (std::size_t i = n; i > 1; --i)
      std::swap(strata[i - 1], strata[static_cast<std::size_t>(stream.below(static_cast<std::int64_t>(i)))]);
    constexpr std::int64_t fine = 1 << 20;  // places within a stratum
    for (std::size_t i = 0; i < n; ++i) {
      const auto place =
          static_cast<std::uint64_t>(strata[i]) * fine + static_cast<std::uint64_t>(stream.below(fine));
      const std::size_t index = static_cast<std::size_t>(place * parameter.values.size() / (n * fine));
      samples[i].emplace_back(parameter.key, parameter.values[index]);
    }
  }
  std::set<Values> seen;
  std::vector<Values> different;
  for (Values& values : samples) {
    if (seen.insert(values).second) different.push_back(std::move(values));
  }
  return different;
}

bool holds(const Study& study, const Expression& constraint, const Point& point) {
  for (const std::string& key : constraint.keys()) {
    if (!value_at(study, point, key)) return true;
  }
  return constraint.holds([&](const std::string& key) { return value_of(*value_at(study, point, key)); });
}

[[noreturn]] void refuse_empty(const Study& study, const std::vector<std::size_t>& excluded,
                               std::size_t all) {
  for (std::size_t i = 0; i < excluded.size(); ++i) {
    if (excluded[i] == all)
      throw Error(study.constraints_where,
                  fmt::format("'{}' excludes each of the {} points", study.constraints[i].text(), all),
                  "a constraint that leaves some");
  }
  throw Error(study.constraints_where, fmt::format("they exclude all {} points between them", all),
              "constraints that agree on some point");
}

// Of the files that a description names, each looked at once: some kilobytes.
class NamedFiles {
 public:
  // `name`: embedded in `folder`, or a file; anything else stands for itself.
  const std::string& print(const char* folder, const std::string& name) {
    const auto [place, is_new] = prints_.try_emplace({folder, name});
    if (is_new) place->second = fingerprint(text(folder, name));
    return place->second;
  }

 private:
  static std::string text(const char* folder, const std::string& name) {
    if (const auto known = embedded(folder, name)) return std::string(*known);
    std::error_code ignored;
    return std::filesystem::is_regular_file(name, ignored) ? read_yaml_text(name) : name;
  }

  std::map<std::pair<std::string, std::string>, std::string> prints_;
};

// Parts in a row, each with its length before it, so that none runs into the next.
std::string sequence(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += fmt::format("{}:{};", part.size(), part);
  return text;
}

}  // namespace

std::vector<std::string> Point::overrides() const {
  std::vector<std::string> words;
  words.reserve(values.size());
  for (const auto& [key, value] : values) words.push_back(fmt::format("{}={}", key, value));
  return words;
}

std::optional<std::string> value_at(const Study& study, const Point& point, const std::string& key) {
  const StudyAccelerator& accelerator = study.accelerators[point.accelerator];
  if (key == "accelerator") return accelerator.name;
  if (key == "trace") return study.traces[point.trace].name;
  for (const auto& [own, value] : point.values) {
    if (own == key) return value;
  }
  return accelerator.keys.value(key);
}

std::vector<Point> points_of(const Study& study) {
  double count = 0;
  for (const StudyAccelerator& accelerator : study.accelerators) {
    double combinations = 1;
    for (const Parameter& parameter : accelerator.parameters)
      combinations *= static_cast<double>(parameter.values.size());
    count += study.sampling.latin_hypercube ? *study.sampling.latin_hypercube : combinations;
  }
  check_size(study, count * static_cast<double>(study.traces.size()));

  std::vector<Point> points;
  std::vector<std::size_t> excluded(study.constraints.size(), 0);
  std::size_t all = 0;
  for (std::size_t trace = 0; trace < study.traces.size(); ++trace) {
    for (std::size_t i = 0; i < study.accelerators.size(); ++i) {
      const StudyAccelerator& accelerator = study.accelerators[i];
      for (Values& values : study.sampling.latin_hypercube ? latin_hypercube(accelerator, study.sampling)
                                                           : grid(accelerator)) {
        Point point{.trace = trace, .accelerator = i, .values = std::move(values)};
        ++all;
        bool kept = true;
        for (std::size_t c = 0; c < study.constraints.size(); ++c) {
          if (holds(study, study.constraints[c], point)) continue;
          ++excluded[c];
          kept = false;
        }
        if (kept) points.push_back(std::move(point));
      }
    }
  }
  if (points.empty()) refuse_empty(study, excluded, all);
  return points;
}

std::string fingerprint_of(const StudyTrace& trace) {
  return trace.shapes ? fingerprint(trace.shapes->text) : fingerprint_of_file(trace.file);
}

std::vector<std::string> keys_of(const Study& study, const std::vector<Point>& points,
                                 const std::string& program) {
  std::vector<std::string> traces;
  for (const StudyTrace& trace : study.traces) traces.push_back(fingerprint_of(trace));
  NamedFiles files;
  const std::string size = study.multipliers ? fmt::format("multipliers {}", *study.multipliers)
                           : study.area_mm2  ? fmt::format("area {}", *study.area_mm2)
                                             : "as described";
  std::vector<std::string> keys;
  for (const Point& point : points) {
    const StudyAccelerator& accelerator = study.accelerators[point.accelerator];
    const std::string technology = value_at(study, point, "technology").value_or("");
    const std::string device = value_at(study, point, "dram.device").value_or("none");
    keys.push_back(
        fingerprint(sequence({program, traces[point.trace], study.traces[point.trace].recipe_text,
                              accelerator.keys.text(), sequence(point.overrides()),
                              files.print("technologies", technology), files.print("dram_devices", device),
                              sequence(study.layers), size, study.verify ? "verified" : "unverified"})));
  }
  return keys;
}

Shard parse_shard(const std::string& text) {
  Shard shard;
  const char* const end = text.data() + text.size();
  const auto [slash, bad_part] = std::from_chars(text.data(), end, shard.part);
  if (bad_part == std::errc() && slash != end && *slash == '/') {
    const auto [stop, bad_count] = std::from_chars(slash + 1, end, shard.of);
    if (bad_count == std::errc() && stop == end && shard.part >= 1 && shard.part <= shard.of &&
        shard.of <= 100000)
      return shard;
  }
  throw Error("--shard", "'" + text + "'", "k/n with k from 1 to n, e.g. 3/8");
}

}  // namespace basil
