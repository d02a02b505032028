#include "models/processes/jobs.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/memory_limit.h"
#include "models/checks/count_check.h"
#include "models/processes/child_pool.h"
#include "models/processes/memory_need.h"
#include "models/processes/wire.h"
#include "models/report/report.h"
#include "models/waveform/waveform_size.h"

namespace basil {
namespace {

// Layers by size, each to the child with the least work so far: the same deal every time.
std::vector<std::vector<std::size_t>> deal(const Trace& trace, std::vector<std::size_t> layers,
                                           std::size_t jobs) {
  std::vector<std::vector<std::size_t>> children(std::min(jobs, layers.size()));
  std::vector<std::int64_t> work(children.size(), 0);
  std::stable_sort(layers.begin(), layers.end(), [&](std::size_t a, std::size_t b) {
    return trace.layers[a].shape.macs() > trace.layers[b].shape.macs();
  });
  for (const std::size_t layer : layers) {
    const auto least = static_cast<std::size_t>(std::min_element(work.begin(), work.end()) - work.begin());
    work[least] += trace.layers[layer].shape.macs();
    children[least].push_back(layer);
  }
  for (std::vector<std::size_t>& child : children) std::sort(child.begin(), child.end());
  return children;
}

std::vector<std::size_t> without(const std::vector<Refusal>& refused, const Trace& trace,
                                 std::vector<std::size_t> layers) {
  for (const Refusal& refusal : refused)
    std::erase_if(layers, [&](std::size_t layer) { return trace.layers[layer].name == refusal.name; });
  return layers;
}

// What transaction fidelity says of the same layers. In a child, and before this process elaborates a
// machine.
Result at_transaction_fidelity(const Trace& trace, const Description& machine, Options options) {
  options.fidelity = Fidelity::transaction;
  options.verify = false;
  options.waveform.reset();
  options.timeline.reset();
  options.progress = with_prefix(options.progress, "first at transaction fidelity: ");
  return simulate_in_children(trace, machine, options, 1);
}

}  // namespace

Result simulate_in_children(const Trace& trace, const Description& machine, const Options& options, int jobs,
                            double beside) {
  const std::vector<std::size_t> layers = options.layers.empty() ? chosen_layers(trace, {}) : options.layers;
  const std::vector<std::vector<std::size_t>> children = deal(trace, layers, static_cast<std::size_t>(jobs));
  std::vector<MemoryNeed> needs;
  needs.reserve(children.size());
  for (const std::vector<std::size_t>& child : children)
    needs.push_back(memory_need(trace, machine, options.fidelity, child, beside));
  check_memory_of(needs, children.size() > 1 ? fmt::format("{} {}", field_name("jobs"), jobs) : "");
  Options shared = options;
  shared.ofmap = nullptr;
  if (!options.counted) shared.counted = draw_count_checks(trace, layers, machine);  // whoever runs them
  return_free_memory();
  ChildPool pool(children.size(), no_limits);
  const std::vector<ChildEnd> ends = pool.run_all(children.size(), [&](std::size_t child) {
    Options own = shared;
    own.layers = children[child];
    if (children.size() > 1)
      own.progress =
          with_prefix(options.progress, fmt::format("process {} of {}: ", child + 1, children.size()));
    return answer_of([&] { return to_json(simulate(trace, machine, own)); });
  });

  Result result;
  std::vector<std::pair<std::size_t, LayerResult>> done;
  for (const ChildEnd& end : ends) {
    if (!end.answered) throw Failure(fmt::format("{} layers: {}", children[end.work].size(), end.text));
    Result part = result_from_json(value_in(end.text));
    const std::vector<std::size_t> ran = without(part.refused, trace, children[end.work]);
    for (std::size_t i = 0; i < part.layers.size(); ++i) done.emplace_back(ran[i], std::move(part.layers[i]));
    part.layers.clear();
    part.refused.insert(part.refused.begin(), result.refused.begin(), result.refused.end());
    result = std::move(part);
  }
  result.memory = memory_need(trace, machine, options.fidelity, layers, beside);
  result.memory_at_a_time = memory_at_a_time(needs);
  std::sort(done.begin(), done.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& [index, layer] : done) result.layers.push_back(std::move(layer));
  return result;
}

Result run_trace(const Trace& trace, const Description& machine, const Options& options, int jobs) {
  Result transaction;
  Options planned = options;
  if (options.fidelity == Fidelity::cycle || options.waveform)
    transaction = at_transaction_fidelity(trace, machine, options);
  const std::vector<std::size_t> layers = options.layers.empty() ? chosen_layers(trace, {}) : options.layers;
  const MemoryNeed need = memory_need(trace, machine, options.fidelity, layers);
  if (jobs == 1) check_memory_of({need}, "");
  if (options.waveform) plan_waveform(*planned.waveform, transaction, machine, options.fidelity);
  Result result =
      jobs == 1 ? simulate(trace, machine, planned) : simulate_in_children(trace, machine, planned, jobs);
  result.memory = need;
  if (jobs == 1) result.memory_at_a_time = need;
  if (options.fidelity == Fidelity::transaction) return result;
  for (std::size_t i = 0; i < transaction.layers.size(); ++i)
    result.layers[i].transaction_cycles = transaction.layers[i].cycles;
  return result;
}

}  // namespace basil
