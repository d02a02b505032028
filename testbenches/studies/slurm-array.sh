#!/usr/bin/env bash
# One task of a job array a shard, its database beside the others in the folder of submission:
#   sbatch --array=1-8 slurm-array.sh STUDY.yaml
#   basil merge STUDY.*-of-8.sqlite -o STUDY.sqlite
# After a failure submit the same array again: what is done ends at once. Or task 5 of its 8 alone:
#   sbatch --array=5 slurm-array.sh STUDY.yaml 8
#SBATCH --job-name=basil-sweep
#SBATCH --cpus-per-task=2
#SBATCH --output=%x-%a.log
set -euo pipefail
exec basil sweep "$1" --jobs "${SLURM_CPUS_PER_TASK:-1}" --quiet ${2:+--shard "array/$2"}
