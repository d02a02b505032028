#include "testbenches/command/array_shard.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <optional>

#include "core/error.h"

namespace basil {
namespace {

// The variables of a workload manager; empty: it has none such. Tasks are numbered from `first` on where no
// variable says so; `none` is the task number outside an array.
struct Manager {
  const char *task, *least, *greatest, *count, *none;
  int first;
};

constexpr std::array<Manager, 6> managers{{
    {"SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_MAX", "SLURM_ARRAY_TASK_COUNT", "", 1},
    {"SGE_TASK_ID", "SGE_TASK_FIRST", "SGE_TASK_LAST", "", "undefined", 1},
    {"LSB_JOBINDEX", "", "LSB_JOBINDEX_END", "", "0", 1},
    {"AWS_BATCH_JOB_ARRAY_INDEX", "", "", "AWS_BATCH_JOB_ARRAY_SIZE", "", 0},
    {"PBS_ARRAY_INDEX", "", "", "", "", 1},
    {"PBS_ARRAYID", "", "", "", "", 1},
}};

std::optional<int> variable(const char* name) {
  const char* const found = *name == '\0' ? nullptr : std::getenv(name);
  if (found == nullptr || *found == '\0') return std::nullopt;
  const std::string text = found;
  if (text.size() > 9 || text.find_first_not_of("0123456789") != std::string::npos)
    throw Error(name, "'" + text + "'", "a whole number");
  return std::stoi(text);
}

struct Task {
  Manager manager;
  int number = 0;
};

std::optional<Task> task_of_array() {
  for (const Manager& manager : managers) {
    const char* const text = std::getenv(manager.task);
    if (text == nullptr || std::string(text).empty() || std::string(text) == manager.none) continue;
    return Task{manager, *variable(manager.task)};
  }
  return std::nullopt;
}

}  // namespace

Shard shard_of_option(const std::string& text) {
  if (!text.starts_with("array/")) return parse_shard(text);
  const auto task = task_of_array();
  if (!task)
    throw Error("--shard " + text, "no job array",
                "a task of one (Slurm, SGE, LSF, PBS or AWS Batch), or k/n");
  return parse_shard(fmt::format("{}{}", task->number + (task->manager.first == 0 ? 1 : 0), text.substr(5)));
}

Shard shard_of_array() {
  const auto task = task_of_array();
  if (!task) return {};
  const Manager& m = task->manager;
  const int least = variable(m.least).value_or(m.first);
  std::optional<int> greatest = variable(m.greatest);
  const std::optional<int> count = variable(m.count);
  if (!greatest && count) greatest = least + *count - 1;
  if (!greatest) throw Error(m.task, "an array that does not tell its size", "--shard array/n beside it");
  const int tasks = *greatest - least + 1;
  if (count && tasks != *count)
    throw Error(m.count, fmt::format("{} tasks from {} to {}", *count, least, *greatest),
                "an array without gaps, or --shard array/n");
  if (const auto step = variable("SGE_TASK_STEPSIZE"); step && *step != 1 && m.task == managers[1].task)
    throw Error("SGE_TASK_STEPSIZE", std::to_string(*step), "an array without gaps, or --shard array/n");
  if (tasks == 1)
    throw Error(m.task, "an array of one task: a whole study, or one of its parts again?",
                "--shard 1/1, or --shard array/n of the n parts there were");
  return parse_shard(fmt::format("{}/{}", task->number - least + 1, tasks));
}

}  // namespace basil
