#!/usr/bin/env bash
# The experiments on the hosts of a host file, by Open MPI's mpirun.
#
#   docs/cluster/mpirun.sh HOSTFILE [option of `experiments` ...]
#
# The host file has one host on a line, as `node1 slots=16`. All hosts have to see this folder at the same path. Rank 0 writes the
# results, so only its host needs to see --out. If a host dies, mpirun ends the whole run: the same command goes on where it ended.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
hosts=$(realpath "$1")
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [ -z "${XTASK-}" ]; then
    cargo build --release --package xtask --features mpi
    XTASK=target/release/xtask
fi
# MPIRUN_FLAGS may hold more options, as `--mca btl_tcp_if_include eth0`.
# shellcheck disable=SC2086
exec mpirun --hostfile "$hosts" --map-by slot ${MPIRUN_FLAGS-} "$XTASK" experiments --resume "$@"
