#include "models/study/point_runner.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/memory_limit.h"
#include "core/names.h"
#include "models/processes/memory_need.h"
#include "models/simulate.h"
#include "traces/compress/compress.h"
#include "traces/compress/derive.h"

namespace basil {
namespace {

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

std::string preparation_key(const Study& study, const Point& point) {
  std::string text = std::to_string(point.trace) + "/" + std::to_string(point.accelerator);
  for (const auto& [key, value] : point.values) {
    if (shapes_the_layers(key, study.accelerators[point.accelerator]))
      text += fmt::format("\n{}={}", key, value);
  }
  return text;
}

PointRunner::PointRunner(const Study& study) : study_(study) {
  for (std::size_t i = study.traces.size(); i-- > 0;) read(i);  // the first one last: it is in hand then
}

void PointRunner::read(std::size_t trace) {
  if (trace_ == trace) return;
  trace_.reset();
  subject_ = subject_of(study_.traces[trace]);
  try {
    layers_ = chosen_layers(subject_.trace, study_.layers);
  } catch (const Error& error) { throw error.within(study_.file + ": layers"); }
  trace_ = trace;
  for (const StudyAccelerator& accelerator : study_.accelerators) {
    const MemoryNeed need = memory_need(subject_.trace, load_accelerator(accelerator.source),
                                        Fidelity::transaction, layers_, bytes_beside(subject_, 1));
    if (need.bytes() > most_memory_.bytes()) most_memory_ = need;
  }
  return_free_memory();
}

// With the whole of the first point's values, since they may only hold together.
bool PointRunner::prepare(const Point& point) {
  load_technology(point);
  const std::string key = preparation_key(study_, point);
  if (prepared_ == key) return false;
  prepared_.clear();
  read(point.trace);
  contender_ = make_contender(subject_, study_.accelerators[point.accelerator].source, point.overrides());
  prepared_ = key;
  return true;
}

// A table holds hundreds of rows: read here once, children inherit it. A bad one they refuse by themselves.
void PointRunner::load_technology(const Point& point) {
  const std::string name = value_at(study_, point, "technology").value_or("");
  if (technologies_.count(name) != 0) return;
  try {
    technologies_[name] = std::make_shared<const Technology>(Technology::load(name));
  } catch (const Error&) { technologies_[name] = nullptr; }
}

PointResult PointRunner::result_of(const Point& point) const {
  try {
    const std::string& source = study_.accelerators[point.accelerator].source;
    const auto [machine, scaling] =
        study_.multipliers ? with_multipliers(source, point.overrides(), *study_.multipliers)
        : study_.area_mm2  ? with_area(source, point.overrides(), *study_.area_mm2)
                           : ScaledMachine{load_accelerator(source, point.overrides()), {}};
    Options options;
    options.layers = layers_;
    options.verify = study_.verify;
    options.golden = contender_.golden;
    const auto technology = technologies_.find(machine.technology);
    if (technology != technologies_.end()) options.technology = technology->second;
    const Result result = simulate(contender_.trace, machine, options);
    std::vector<double> output_error;
    for (const std::size_t layer : layers_) output_error.push_back(contender_.output_error[layer]);
    PointResult ended = point_result(result, output_error);
    ended.scaling = scaling;
    return ended;
  } catch (const Error& error) {
    return unfinished(PointStatus::refused, error.what());
  } catch (const std::bad_alloc&) {
    throw;  // the limit: the pool says so
  } catch (const std::exception& error) { return unfinished(PointStatus::failed, library_message(error)); }
}

}  // namespace basil
