// Which part of a study a task of a job array runs.
#pragma once

#include <string>

#include "models/study/points.h"

namespace basil {

// Of --shard: "k/n", or "array/n": n parts, of which the array's task number says which (numbered from 1; AWS
// Batch numbers from 0, and is understood). Error for other words, and where there is no array.
[[nodiscard]] Shard shard_of_option(const std::string& text);

// Of the job array of Slurm, Grid Engine, LSF or AWS Batch that this process is a task of, by the variables
// they set; the whole study where it is a task of none. Error where the array has gaps, does not tell its
// size (PBS), or is of one task, which may be a whole study or one part submitted again.
[[nodiscard]] Shard shard_of_array();

}  // namespace basil
