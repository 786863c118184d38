#!/usr/bin/env bash
# The experiments by GNU parallel: on this machine, or on several by ssh, without MPI.
#
#   docs/cluster/parallel.sh SHARES [option of `experiments` ...]
#
# SHARES is the number of processes in all. To use other machines, name them as GNU parallel does, for instance
# PARALLEL='--sshloginfile hosts.txt'; all of them have to see this folder at the same path.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
shares=$1
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
if [ -z "${XTASK-}" ]; then
    cargo build --release --package xtask
    XTASK=target/release/xtask
fi
parallel --quote --workdir "$PWD" "$XTASK" experiments --threads 1 --shard "{}/$shares" "$@" ::: $(seq "$shares")
