#!/usr/bin/env bash
# The experiments as one Slurm job whose tasks are the ranks of MPI:
#
#   sbatch --nodes 4 --ntasks-per-node 32 docs/cluster/slurm-srun.sh [option of `experiments` ...]
#
# Build first, on a login node: cargo build --release --package xtask --features mpi
# Slurm sends SIGTERM before the time limit: running jobs are dropped, and the same command goes on where it ended.
#SBATCH --job-name experiments
#SBATCH --cpus-per-task 1
#SBATCH --time 02:00:00
#SBATCH --signal TERM@60
set -euo pipefail
cd "${SLURM_SUBMIT_DIR:-.}"
exec srun --mpi="${SLURM_MPI:-pmix}" "${XTASK:-target/release/xtask}" experiments --resume "$@"
