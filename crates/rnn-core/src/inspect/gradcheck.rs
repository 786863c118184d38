//! Are the gradients right? Every one of them against differences of the loss, in networks of random shape.
//!
//! Move a number by ±ε, run again, and see how the loss moves: no chain rule is in that. A cell of one's own is checked in
//! a line or three:
//!
//! ```
//! use rnn_core::{Elman, gradcheck};
//!
//! // φ(z) = sin z, φ′(z) = cos z.
//! let sine = Elman(|z: f64| (z.sin(), z.cos()));
//! println!("{}", gradcheck::cell(sine).check()?);
//!
//! // A derivative that is wrong.
//! let wrong = Elman(|z: f64| (z.sin(), 0.9 * z.cos()));
//! let error = gradcheck::cell(wrong).check().expect_err("0.9");
//! assert!(error.to_string().starts_with("dL/d weight_ih_l0: claimed"), "{error}");
//! # Ok::<(), gradcheck::Error>(())
//! ```
//!
//! What is checked: every parameter, the cell's own and learned initial states included; dL/dx; dL/dh_0 and dL/dc_0; and
//! each dL/dh_t inside the run, of every layer and direction, through [`Model`](crate::Model) and
//! through a bare [`Stack`](crate::Stack), over all combinations of [`Options`](crate::Options) and of what a
//! [`Run`](crate::Run) can have ([`Case::random`]). Each dL/dc_t inside the run, too, in networks without zoneout. Under zoneout, what the cell computes is moved, and h_t so
//! by 1 − z of that; the derivative is held against (1 − z) dL/dh_t.
//!
//! Differences are taken in `f64`, from four values of the loss. The numbers of a tensor are compared with the largest
//! derivative in that tensor, so that a gradient that has nearly vanished is checked, too; what the loss cannot resolve,
//! about 2e-11 of it, is allowed on top.

mod case;
mod cells;
mod difference;
mod outcome;
mod problem;
mod tensor;

use std::fmt;
use std::sync::Arc;

use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;

pub use case::{Case, Objective};
pub use cells::every_cell;
pub use outcome::{Error, Report, Worst};
pub use tensor::{Part, Tensor};

use crate::error::check_size;
use crate::{Bias, Cell, Loss, Mse, Targets};
use difference::compare;
use problem::Problem;

/// A check of the gradients of networks of `cell`: 24 of them, with a tolerance of 1e-6.
pub fn cell(cell: impl Into<Cell<f64>>) -> Check<Mse> {
    Check {
        cell: cell.into(),
        loss: Arc::new(|_: &Case| Mse),
        targets: None,
        changes: Vec::new(),
        seed: 0,
        networks: 24,
        tolerance: 1e-6,
    }
}

type DrawTargets = Arc<dyn Fn(&Case) -> Targets<f64> + Send + Sync>;
type Change = Arc<dyn Fn(&mut Case) + Send + Sync>;

/// Checks the gradients of networks of one cell. Made by [`cell`].
///
/// ```
/// use rnn_core::{Gru, gradcheck};
///
/// let report = gradcheck::cell(Gru)
///     .with(|case| {
///         case.hidden = vec![5, 2];
///         case.options = case.options.bidirectional(true);
///         (case.batch, case.time, case.lengths) = (2, 4, Some(vec![2, 4]));
///     })
///     .networks(5)
///     .seed(7)
///     .check()?;
/// assert_eq!(report.networks, 5);
/// # Ok::<(), gradcheck::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "nothing is checked before `check` is called"]
pub struct Check<L> {
    cell: Cell<f64>,
    loss: Arc<dyn Fn(&Case) -> L + Send + Sync>,
    targets: Option<DrawTargets>,
    changes: Vec<Change>,
    seed: u64,
    networks: usize,
    tolerance: f64,
}

impl<L: Loss<f64>> Check<L> {
    /// The cell.
    pub fn cell(&self) -> &Cell<f64> {
        &self.cell
    }

    /// How many random networks [`check`](Self::check) checks.
    pub fn networks(self, networks: usize) -> Self {
        Self { networks, ..self }
    }

    /// The seed of the first network; the others follow.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// By how much a derivative may be off, the largest one of its tensor being 1.
    pub fn tolerance(self, tolerance: f64) -> Self {
        Self { tolerance, ..self }
    }

    /// Changes every random network: its sizes, its options, its lengths. What it sets must not depend on what it changes:
    /// where a gradient is wrong, simpler networks go through it, too.
    pub fn with(mut self, change: impl Fn(&mut Case) + Send + Sync + 'static) -> Self {
        self.changes.push(Arc::new(change));
        self
    }

    /// For a cell with a kink where its pre-activations are 0, where there is no derivative. A network without biases has
    /// pre-activations of exactly 0 after a state of zeros; it gets a bias. Kinks elsewhere need nothing.
    pub fn kinked_at_zero(self) -> Self {
        self.with(|case| {
            if case.options.bias == Bias::None {
                case.options.bias = Bias::Single;
            }
        })
    }

    /// This loss of the predictions instead of the mean squared error.
    pub fn loss<M: Loss<f64> + Clone + Send + Sync + 'static>(self, loss: M) -> Check<M> {
        let Self { cell, targets, changes, seed, networks, tolerance, .. } = self;
        let loss = Arc::new(move |_: &Case| loss.clone());
        Check { cell, loss, targets, changes, seed, networks, tolerance }
    }

    /// These targets instead of normal draws, for the [predictions](Case::predictions) of the case. A check of a loss of classes
    /// needs them.
    pub fn targets(self, targets: impl Fn(&Case) -> Targets<f64> + Send + Sync + 'static) -> Self {
        Self { targets: Some(Arc::new(targets)), ..self }
    }

    /// Checks every gradient of the random networks.
    ///
    /// # Errors
    /// [`Error::Wrong`] for the first tensor whose gradient is wrong, in the simplest network that can be found in which
    /// one is. [`Error::Run`] if a network cannot be run, and [`Error::Option`] if there are no networks, or the tolerance
    /// is not above 0.
    pub fn check(&self) -> Result<Report, Error> {
        check_size("the number of networks", self.networks).map_err(Error::Option)?;
        let mut report = Report::default();
        for k in 0..self.networks {
            report.add(self.network(self.seed.wrapping_add(k as u64))?);
        }
        Ok(report)
    }

    /// Checks every gradient of the random network with this seed.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn network(&self, seed: u64) -> Result<Report, Error> {
        let case = self.changed(Case::random(seed));
        self.case(&case).map_err(|error| self.simplest(case, error))
    }

    /// Checks every gradient of this network.
    ///
    /// # Errors
    /// As [`check`](Self::check), but of this network and no simpler one.
    pub fn case(&self, case: &Case) -> Result<Report, Error> {
        let Self { tolerance, .. } = *self;
        if !(tolerance > 0.0 && tolerance.is_finite()) {
            let (option, must) = ("tolerance", "it must be positive and finite");
            return Err(Error::Option(crate::Error::InvalidOption { option, value: tolerance, must }));
        }
        let mut report =
            self.compare(case).map_err(|source| Error::Run { source, case: Box::new(case.clone()) })?;
        match report.worst.take_if(|worst| worst.error > tolerance) {
            None => Ok(report),
            Some(worst) => {
                Err(Error::Wrong { worst: Box::new(worst), tolerance, case: Box::new(case.clone()) })
            }
        }
    }

    /// The outcome for the first tensor that is wrong, or for all.
    fn compare(&self, case: &Case) -> crate::Result<Report> {
        let targets = self.targets.as_ref().map(|targets| targets(case));
        let mut problem = Problem::new(&self.cell, (self.loss)(case), targets, case)?;
        let (_, size) = problem.loss()?;
        problem.differentiate()?;
        problem.differentiate()?; // again, over memory that is no longer zero
        let tensors = problem.tensors();
        // First all claims, then the differences: their runs overwrite the workspace.
        let claims: Vec<_> = tensors.iter().map(|tensor| problem.gradient(tensor)).collect();
        let mut rng = Pcg64Dxsm::seed_from_u64(case.seed ^ 1);
        let mut report = Report { networks: 1, ..Report::default() };
        for (tensor, claimed) in tensors.into_iter().zip(claims) {
            let along = |v: &[f64], by: f64| problem.loss_along(&tensor, v, by);
            let (probe, derivatives) = compare(&claimed, size, self.tolerance, &mut rng, along)?;
            let worst = Worst { tensor, claimed: probe.claimed, found: probe.found, error: probe.error };
            let wrong = worst.error > self.tolerance;
            report.add(Report { networks: 0, tensors: 1, derivatives, worst: Some(worst) });
            if wrong {
                break;
            }
        }
        Ok(report)
    }

    fn changed(&self, mut case: Case) -> Case {
        self.changes.iter().for_each(|change| change(&mut case));
        case.suit(&self.cell);
        case
    }

    /// The error of a simpler network that has a wrong gradient, if there is one.
    fn simplest(&self, mut case: Case, mut error: Error) -> Error {
        // Each round leaves something out; a hundred leave nothing.
        for _ in 0..100 {
            let simpler = case.simpler().into_iter().map(|case| self.changed(case));
            let mut simpler =
                simpler.filter(|simpler| matches!(error, Error::Wrong { .. }) && *simpler != case);
            let found = simpler.find_map(|case| match self.case(&case) {
                Err(error @ Error::Wrong { .. }) => Some((case, error)),
                _ => None,
            });
            match found {
                None => break,
                Some(found) => (case, error) = found,
            }
        }
        error
    }
}

impl<L> fmt::Debug for Check<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cell, seed, networks, tolerance, .. } = self;
        f.debug_struct("Check")
            .field("cell", cell)
            .field("seed", seed)
            .field("networks", networks)
            .field("tolerance", tolerance)
            .finish_non_exhaustive()
    }
}
