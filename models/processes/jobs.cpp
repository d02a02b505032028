#include "models/processes/jobs.h"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <new>
#include <numeric>

#include "core/error.h"
#include "core/memory_limit.h"
#include "core/names.h"
#include "models/checks/count_check.h"
#include "models/processes/memory_need.h"
#include "models/report/report.h"
#include "models/waveform/waveform_size.h"

namespace basil {
namespace {

struct Child {
  pid_t pid = -1;
  int pipe = -1;
  std::vector<std::size_t> layers;
  std::string output;
};

// Layers by size, each to the child with the least work so far: the same deal every time.
std::vector<Child> deal(const Trace& trace, std::vector<std::size_t> layers, std::size_t jobs) {
  std::vector<Child> children(std::min(jobs, layers.size()));
  std::vector<std::int64_t> work(children.size(), 0);
  std::stable_sort(layers.begin(), layers.end(), [&](std::size_t a, std::size_t b) {
    return trace.layers[a].shape.macs() > trace.layers[b].shape.macs();
  });
  for (const std::size_t layer : layers) {
    const auto least = static_cast<std::size_t>(std::min_element(work.begin(), work.end()) - work.begin());
    work[least] += trace.layers[layer].shape.macs();
    children[least].layers.push_back(layer);
  }
  for (Child& child : children) std::sort(child.layers.begin(), child.layers.end());
  return children;
}

// What a child says on its pipe: a kind ('r', 'e', 'f'), then the result's JSON or the message.
std::string work_of(const Trace& trace, const Description& machine, Options options,
                    const std::vector<std::size_t>& layers) {
  options.layers = layers;
  options.ofmap = nullptr;
  try {
    return "r" + to_json(simulate(trace, machine, options)).dump();
  } catch (const Error& error) { return "e" + error.marked(); } catch (const std::bad_alloc&) {
    return "e" + out_of_memory().marked();
  } catch (const std::exception& error) { return std::string("f") + library_message(error); }
}

void write_all(int pipe, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = write(pipe, text.data() + at, text.size() - at);
    if (written <= 0) _exit(3);
    at += static_cast<std::size_t>(written);
  }
}

void start(Child& child, const Trace& trace, const Description& machine, const Options& options) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0)
    throw Failure(std::string("cannot open a pipe to a child: ") + std::strerror(errno));
  const pid_t parent = getpid();
  child.pid = fork();
  if (child.pid < 0) throw Failure(std::string("cannot start a child: ") + std::strerror(errno));
  if (child.pid == 0) {
    close(ends[0]);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);  // it ended before the line above
    write_all(ends[1], work_of(trace, machine, options, child.layers));
    _exit(0);
  }
  close(ends[1]);
  child.pipe = ends[0];
}

void collect(Child& child) {
  std::array<char, 4096> block{};
  for (ssize_t got = 0; (got = read(child.pipe, block.data(), block.size())) > 0;)
    child.output.append(block.data(), static_cast<std::size_t>(got));
  close(child.pipe);
  int status = 0;
  waitpid(child.pid, &status, 0);
  if (WIFSIGNALED(status) || child.output.empty()) {
    child.output = fmt::format("fthe process that ran {} layers ended by signal {}", child.layers.size(),
                               WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  }
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
  std::vector<Child> children = deal(trace, layers, static_cast<std::size_t>(jobs));
  std::vector<MemoryNeed> needs;
  needs.reserve(children.size());
  for (const Child& child : children)
    needs.push_back(memory_need(trace, machine, options.fidelity, child.layers, beside));
  check_memory_of(needs, children.size() > 1 ? fmt::format("{} {}", field_name("jobs"), jobs) : "");
  Options of_child = options;
  if (!options.counted) of_child.counted = draw_count_checks(trace, layers, machine);  // whoever runs them
  return_free_memory();
  for (std::size_t i = 0; i < children.size(); ++i) {
    if (children.size() > 1)
      of_child.progress =
          with_prefix(options.progress, fmt::format("process {} of {}: ", i + 1, children.size()));
    start(children[i], trace, machine, of_child);
  }
  for (Child& child : children) collect(child);

  Result result;
  std::vector<std::pair<std::size_t, LayerResult>> done;
  for (const Child& child : children) {
    if (child.output[0] == 'e') throw Error("", child.output.substr(1));
    if (child.output[0] == 'f') throw Failure(child.output.substr(1));
    Result part = result_from_json(nlohmann::ordered_json::parse(child.output.substr(1)));
    const std::vector<std::size_t> ran = without(part.refused, trace, child.layers);
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
