//! Whether this process is one of several that MPI has started.

use anyhow::Result;

/// How the launchers of Open MPI, MPICH, Intel MPI and Slurm's PMIx and PMI tell a process how many there are.
const SIZES: [&str; 4] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS", "PMIX_SIZE"];

/// How many processes the launcher has started; 1 without a launcher.
fn started() -> usize {
    let size = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    SIZES.into_iter().find_map(size).unwrap_or(1)
}

/// The other processes; `None` if there is no launcher.
///
/// # Errors
/// If MPI cannot be used.
#[cfg(feature = "mpi")]
pub(super) fn link() -> Result<Option<rnn_lab::engine::Mpi>> {
    let launched =
        started() > 1 || std::env::var_os("PMIX_RANK").is_some() || std::env::var_os("PMI_RANK").is_some();
    Ok(if launched { Some(rnn_lab::engine::Mpi::start()?) } else { None })
}

/// No other processes.
///
/// # Errors
/// If there are some: each would do all the work, since this program was built without MPI.
#[cfg(not(feature = "mpi"))]
pub(super) fn link() -> Result<Option<rnn_lab::engine::Alone>> {
    let size = started();
    anyhow::ensure!(
        size == 1,
        "this is one of {size} processes that MPI has started, but the program was built without MPI; build it with \
         `cargo build --release --package xtask --features mpi`, or give each process a share of the jobs with --shard K/N"
    );
    Ok(None)
}
