#include "models/study/points.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "core/error.h"
#include "core/fingerprint.h"
#include "core/yaml.h"
#include "models/presets/embedded.h"

namespace basil {
namespace {

inline constexpr std::size_t most_points = 1000000;

void check_size(const Study& study, double points) {
  if (points > static_cast<double>(most_points))
    throw Error(study.file, fmt::format("{:.3g} points", points),
                fmt::format("at most {}: fewer values, or sampling: {{latin_hypercube: N}}", most_points));
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

// Embedded in `folder`, or a file; anything else stands for itself.
std::string named_text(const char* folder, const std::string& name) {
  if (const auto known = embedded(folder, name)) return std::string(*known);
  std::error_code ignored;
  return std::filesystem::is_regular_file(name, ignored) ? read_yaml_text(name) : name;
}

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

Points::Points(const Study& study) : study_(study), constrained_(!study.constraints.empty()) {
  double count = 0;
  for (const StudyAccelerator& accelerator : study.accelerators) {
    double combinations = 1;
    for (const Parameter& parameter : accelerator.parameters)
      combinations *= static_cast<double>(parameter.values.size());
    count += study.sampling.latin_hypercube ? *study.sampling.latin_hypercube : combinations;
  }
  check_size(study, count * static_cast<double>(study.traces.size()));
  for (const StudyAccelerator& accelerator : study.accelerators) {
    combinations_.emplace_back(accelerator, study.sampling);
    of_trace_ += combinations_.back().size();
  }
  size_ = of_trace_ * study.traces.size();
  if (constrained_) apply_constraints();
}

void Points::apply_constraints() {
  std::vector<std::size_t> excluded(study_.constraints.size(), 0);
  const std::size_t all = size_;
  for (std::size_t place = 0; place < all; ++place) {
    const Point point = combination(place);
    bool left = true;
    for (std::size_t c = 0; c < study_.constraints.size(); ++c) {
      if (holds(study_, study_.constraints[c], point)) continue;
      ++excluded[c];
      left = false;
    }
    left_.add(left);
  }
  if (left_.size() == 0) refuse_empty(study_, excluded, all);
  for (std::size_t k = 0; k < all; ++k) left_in_turn_.add(left_.has(place_in_turn(k)));
  size_ = left_.size();
}

Point Points::combination(std::size_t place) const {
  Point point{.trace = place / of_trace_, .accelerator = 0, .values = {}};
  place %= of_trace_;
  for (; place >= combinations_[point.accelerator].size(); ++point.accelerator)
    place -= combinations_[point.accelerator].size();
  point.values = combinations_[point.accelerator].values(place);
  return point;
}

std::size_t Points::place_in_turn(std::size_t k) const {
  std::size_t first = k - k % of_trace_, own = k % of_trace_;
  for (const Combinations& combinations : combinations_) {
    if (own < combinations.size()) return first + combinations.in_turn(own);
    own -= combinations.size();
    first += combinations.size();
  }
  return first;
}

Point Points::operator[](std::size_t number) const {
  return combination(constrained_ ? left_.at(number) : number);
}

std::size_t Points::in_turn(std::size_t k) const {
  return constrained_ ? left_.below(place_in_turn(left_in_turn_.at(k))) : place_in_turn(k);
}

std::string fingerprint_of(const StudyTrace& trace) {
  return trace.shapes ? fingerprint(trace.shapes->text) : fingerprint_of_file(trace.file);
}

PointKeys::PointKeys(const Study& study, const std::string& program) : study_(study) {
  const std::string size = study.multipliers ? fmt::format("multipliers {}", *study.multipliers)
                           : study.area_mm2  ? fmt::format("area {}", *study.area_mm2)
                                             : "as described";
  for (const StudyTrace& trace : study.traces) {
    const std::string print = fingerprint_of(trace);
    for (const StudyAccelerator& accelerator : study.accelerators) {
      shared_.push_back(
          fingerprint(sequence({program, print, trace.recipe_text, accelerator.keys.text(),
                                sequence(study.layers), size, study.verify ? "verified" : "unverified"})));
    }
  }
}

std::string PointKeys::operator()(const Point& point) {
  const std::string technology = value_at(study_, point, "technology").value_or("");
  const std::string device = value_at(study_, point, "dram.device").value_or("none");
  return fingerprint(sequence({shared_[point.trace * study_.accelerators.size() + point.accelerator],
                               sequence(point.overrides()), file_print("technologies", technology),
                               file_print("dram_devices", device)}));
}

// Each of the files that descriptions name is looked at once.
const std::string& PointKeys::file_print(const char* folder, const std::string& name) {
  const auto [place, is_new] = files_.try_emplace({folder, name});
  if (is_new) place->second = fingerprint(named_text(folder, name));
  return place->second;
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
  throw Error(field_name("shard"), "'" + text + "'", "k/n with k from 1 to n, e.g. 3/8");
}

}  // namespace basil
