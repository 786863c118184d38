//! What came out of a check.

use std::fmt;

use crate::inspect::gradcheck::{Case, Tensor};

/// Gradients that are right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// How many networks were checked.
    pub networks: usize,
    /// How many tensors.
    pub tensors: usize,
    /// How many derivatives.
    pub derivatives: usize,
    /// The one that is furthest off.
    pub worst: Option<Worst>,
}

/// The derivative that is furthest off.
#[derive(Clone, Debug, PartialEq)]
pub struct Worst {
    /// Of what.
    pub tensor: Tensor,
    /// What back-propagation says.
    pub claimed: f64,
    /// What differences of the loss say.
    pub found: f64,
    /// How far both are apart, 1 being the largest derivative found in that tensor, or what differences can resolve.
    pub error: f64,
}

impl Report {
    /// Adds the outcome for other networks.
    pub fn add(&mut self, other: Self) {
        self.networks += other.networks;
        self.tensors += other.tensors;
        self.derivatives += other.derivatives;
        let error = |worst: &Option<Worst>| worst.as_ref().map_or(-1.0, |worst| worst.error);
        if error(&other.worst) > error(&self.worst) {
            self.worst = other.worst;
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { networks, tensors, derivatives, worst } = self;
        write!(f, "{derivatives} derivatives of {tensors} tensors in {networks} networks are right")?;
        match worst {
            None => Ok(()),
            Some(Worst { tensor, error, .. }) => write!(f, "; furthest off is {tensor}, by {error:.1e}"),
        }
    }
}

/// Why a check did not pass.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A gradient is wrong.
    #[error("{}: claimed {:e}, found {:e}, error {:.1e}, allowed {tolerance:.1e}; {case}",
        worst.tensor, worst.claimed, worst.found, worst.error)]
    Wrong {
        /// The first tensor whose gradient is wrong, and how.
        worst: Box<Worst>,
        /// What the error may be.
        tolerance: f64,
        /// The network: the simplest one that was found in which a gradient is wrong.
        case: Box<Case>,
    },
    /// A network could not be run.
    #[error("{source}; {case}")]
    Run {
        /// What is wrong with it.
        source: crate::Error,
        /// The network.
        case: Box<Case>,
    },
    /// An option of the check is out of its range.
    #[error(transparent)]
    Option(crate::Error),
}
