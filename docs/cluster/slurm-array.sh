#!/usr/bin/env bash
# The experiments as a Slurm array: each task computes one share of the jobs, without MPI.
#
#   sbatch --array 1-64 docs/cluster/slurm-array.sh [option of `experiments` ...]
#
# Build first, on a login node: cargo build --release --package xtask
# All tasks have to see the folder of --out. The task that ends last has the complete page; if some tasks were lost, submit
# the same array again: what is done stays.
#SBATCH --job-name experiments
#SBATCH --cpus-per-task 1
#SBATCH --time 02:00:00
#SBATCH --signal TERM@60
set -euo pipefail
cd "${SLURM_SUBMIT_DIR:-.}"
first=${SLURM_ARRAY_TASK_MIN:-1}
share=$((SLURM_ARRAY_TASK_ID - first + 1))/$SLURM_ARRAY_TASK_COUNT
exec "${XTASK:-target/release/xtask}" experiments --threads "${SLURM_CPUS_PER_TASK:-1}" --shard "$share" "$@"
