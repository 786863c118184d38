//! The ranks of an MPI program.

use mpi::Threading;
use mpi::environment::Universe;
use mpi::point_to_point::{Destination, MatchedReceiveVec, Source};
use mpi::topology::{Communicator, SimpleCommunicator};

use super::link::Link;
use crate::error::{Error, Result};

/// All ranks of the program that `mpirun` or `srun` has started. MPI ends when this is dropped.
pub struct Mpi {
    world: SimpleCommunicator,
    _universe: Universe,
}

impl Mpi {
    /// Joins the other ranks. Only the thread that calls this may use what it returns.
    ///
    /// # Errors
    /// If MPI was started before, or does not let a process with several threads call it from one of them.
    pub fn start() -> Result<Self> {
        let fault = |what: &str| Error::Other(format!("MPI cannot be used: {what}"));
        let (universe, threading) = mpi::initialize_with_threading(Threading::Funneled)
            .ok_or_else(|| fault("it was started before"))?;
        if threading < Threading::Funneled {
            return Err(fault("it does not allow several threads"));
        }
        Ok(Self { world: universe.world(), _universe: universe })
    }
}

impl std::fmt::Debug for Mpi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mpi").field("rank", &self.rank()).field("size", &self.size()).finish_non_exhaustive()
    }
}

impl Link for Mpi {
    fn rank(&self) -> usize {
        self.world.rank() as usize
    }

    fn size(&self) -> usize {
        self.world.size() as usize
    }

    fn send(&self, to: usize, message: &[u8]) {
        self.world.process_at_rank(to as i32).send(message);
    }

    fn receive(&self) -> Option<(usize, Vec<u8>)> {
        let probed = self.world.any_process().immediate_matched_probe()?;
        let (message, status) = probed.matched_receive_vec();
        Some((status.source_rank() as usize, message))
    }
}
