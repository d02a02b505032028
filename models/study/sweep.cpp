#include "models/study/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "core/error.h"
#include "models/simulate.h"
#include "traces/compress.h"
#include "traces/derive.h"

namespace basil {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// Whether a key can change which encoding the machine's unit takes, or the recipe that derives it. Units that
// bring their array may look at its rows.
bool shapes_the_layers(const std::string& key, const StudyAccelerator& accelerator) {
  return key.starts_with("unit.") || key == "recipe" || key == "array.dataflow" ||
         (key.starts_with("array.") && accelerator.keys.value("array.dataflow") == "tiles");
}

std::string preparation_key(const Study& study, const Point& point) {
  std::string text = std::to_string(point.trace) + "/" + std::to_string(point.accelerator);
  for (const auto& [key, value] : point.values) {
    if (shapes_the_layers(key, study.accelerators[point.accelerator]))
      text += fmt::format("\n{}={}", key, value);
  }
  return text;
}

// A value may only hold together with others, so one machine that cannot be built is a result; a study of
// nothing else is a mistake.
void check_some_machine(const Study& study, const std::vector<Point>& points) {
  std::optional<Error> first;
  for (std::size_t i = 0; i < std::min<std::size_t>(points.size(), 1000); ++i) {
    try {
      static_cast<void>(
          load_accelerator(study.accelerators[points[i].accelerator].source, points[i].overrides()));
      return;
    } catch (const Error& error) {
      if (!first) first = error;
    }
  }
  if (first) throw first->within(study.file + ": no point can be built; the first");
}

// What a recipe made is the network that the accelerators start from, and that output errors are against.
Subject subject_of(const StudyTrace& trace) {
  Subject subject;
  if (trace.shapes) {
    subject.trace = synthesise(trace.shapes->list, {});
  } else {
    subject = read_subject(trace.file.string());
  }
  if (!trace.recipe) return subject;
  subject.trace = subject.network ? compress(*subject.network, *trace.recipe).trace
                                  : derive(subject.trace, *trace.recipe);
  subject.network.reset();
  return subject;
}

}  // namespace

Sweep::Sweep(const Study& study, const std::vector<Point>& points) : study_(study), points_(points) {
  check_some_machine(study, points);
  for (std::size_t i = study.traces.size(); i-- > 0;) read(i);  // the first one last: it is in hand then
}

void Sweep::read(std::size_t trace) {
  if (trace_ == trace) return;
  trace_.reset();
  subject_ = subject_of(study_.traces[trace]);
  try {
    layers_ = chosen_layers(subject_.trace, study_.layers);
  } catch (const Error& error) { throw error.within(study_.file + ": layers"); }
  trace_ = trace;
}

void Sweep::prepare(const Point& point) {
  read(point.trace);
  contender_ = make_contender(subject_, study_.accelerators[point.accelerator].source, point.overrides());
}

// A table holds hundreds of rows: read here once, children inherit it. A bad one they refuse by themselves.
void Sweep::load_technology(const Point& point) {
  const std::string name = value_at(study_, point, "technology").value_or("");
  if (technologies_.count(name) != 0) return;
  try {
    technologies_[name] = std::make_shared<const Technology>(Technology::load(name));
  } catch (const Error&) { technologies_[name] = nullptr; }
}

Sweep::Groups Sweep::groups_of(const std::vector<std::size_t>& pending) const {
  Groups groups;
  std::map<std::string, std::size_t> places;
  for (const std::size_t point : pending) {
    const std::string key = preparation_key(study_, points_[point]);
    const auto [place, is_new] = places.emplace(key, groups.size());
    if (is_new) groups.emplace_back(key, std::vector<std::size_t>());
    groups[place->second].second.push_back(point);
  }
  return groups;
}

std::size_t Sweep::preparations(const std::vector<std::size_t>& pending) const {
  return groups_of(pending).size();
}

PointResult Sweep::result_of(const Point& point) const {
  try {
    const std::string& source = study_.accelerators[point.accelerator].source;
    const Description machine = study_.multipliers
                                    ? with_multipliers(source, point.overrides(), *study_.multipliers)
                                : study_.area_mm2 ? with_area(source, point.overrides(), *study_.area_mm2)
                                                  : load_accelerator(source, point.overrides());
    Options options;
    options.layers = layers_;
    options.verify = study_.verify;
    options.golden = contender_.golden;
    const auto technology = technologies_.find(machine.technology);
    if (technology != technologies_.end()) options.technology = technology->second;
    const Result result = simulate(contender_.trace, machine, options);
    std::vector<double> output_error;
    for (const std::size_t layer : layers_) output_error.push_back(contender_.output_error[layer]);
    return point_result(result, output_error);
  } catch (const Error& error) {
    return unfinished(PointStatus::refused, error.what());
  } catch (const std::bad_alloc&) {
    throw;  // the limit: the pool says so
  } catch (const std::exception& error) { return unfinished(PointStatus::failed, error.what()); }
}

// One call of Sweep::run().
class Sweep::Run {
 public:
  Run(Sweep& sweep, const SweepOptions& options)
      : sweep_(sweep),
        options_(options),
        pool_(static_cast<std::size_t>(options.jobs), sweep.study_.limits) {}

  SweepCost all(const std::vector<std::size_t>& pending) {
    for (const auto& [key, points] : sweep_.groups_of(pending)) {
      if (!group(points)) return cost_;
    }
    while (!pool_.empty() && !stopped()) collect();
    return cost_;
  }

 private:
  [[nodiscard]] bool stopped() const { return options_.stop && options_.stop(); }

  // False when told to stop.
  bool group(const std::vector<std::size_t>& points) {
    bool prepared = false;
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (!prepared && !prepare(points[i])) continue;
      prepared = true;
      while (pool_.full() && !stopped()) collect();
      if (stopped()) return false;
      start(points[i]);
    }
    return true;
  }

  // With the whole of a point's values, since they may only hold together. What refuses that point may not
  // refuse the next of its group.
  bool prepare(std::size_t point) {
    const Clock::time_point start = Clock::now();
    ++cost_.preparations;
    PointStatus status = PointStatus::refused;
    std::string reason;
    try {
      sweep_.prepare(sweep_.points_[point]);
      cost_.preparing_seconds += seconds_since(start);
      return true;
    } catch (const Error& error) { reason = error.what(); } catch (const std::exception& error) {
      status = PointStatus::failed;
      reason = error.what();
    }
    options_.ended({{point, unfinished(status, reason)}});
    return false;
  }

  void start(std::size_t point) {
    sweep_.load_technology(sweep_.points_[point]);
    started_[point] = Clock::now();
    pool_.start(point, [&] { return pack(sweep_.result_of(sweep_.points_[point])); });
  }

  void collect() {
    std::vector<PointEnd> ends;
    for (ChildEnd& end : pool_.wait(std::chrono::milliseconds(100))) {
      ++cost_.points;
      cost_.child_seconds += seconds_since(started_[end.work]);
      ends.emplace_back(end.work,
                        end.answered ? unpack(end.text) : unfinished(PointStatus::failed, end.text));
    }
    if (!ends.empty()) options_.ended(ends);
  }

  Sweep& sweep_;
  const SweepOptions& options_;
  ChildPool pool_;
  SweepCost cost_;
  std::map<std::size_t, Clock::time_point> started_;
};

SweepCost Sweep::run(const std::vector<std::size_t>& pending, const SweepOptions& options) {
  return Run(*this, options).all(pending);
}

}  // namespace basil
