//! Training: one step, and the loop around it.

mod batch;
mod settings;
mod source;
mod trainer;
mod truncated;

use std::ops::ControlFlow;

pub use batch::Batch;
pub use settings::Training;
pub use source::{BatchIter, BatchSource, Fallible};
pub use trainer::{StepReport, Trainer};
pub use truncated::Tbptt;

use crate::Real;
use crate::error::Error;
use crate::network::model::Model;
use crate::training::loss::Loss;
use crate::training::optim::Optimizer;

/// Trains a model from the first step on: [`Trainer::train`] of a new [`Trainer`]. Returns how many steps were taken.
///
/// ```
/// use std::ops::ControlFlow;
/// use ndarray::array;
/// use rand::SeedableRng;
/// use rnn_core::{Adam, Batch, BatchIter, Bias, Lstm, Model, Mse, Training, train};
///
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(1);
/// let mut model = Model::<f32>::new(Lstm, 1, &[8], 1, Bias::Double, &mut rng)?;
/// let batch = Batch::new(array![[[0.0], [1.0], [0.0]]], array![[[0.0], [0.0], [1.0]]]); // the value one step before
/// let batches = BatchIter(std::iter::repeat_n(batch, 200));
/// let mut losses = Vec::new();
/// train(&mut model, batches, &Training::new(Mse).clip(1.0), &mut Adam::new(0.02), |report, _| {
///     losses.push(report.loss);
///     ControlFlow::Continue(())
/// })?;
/// assert_eq!(losses.len(), 200);
/// assert!(losses[199] < 0.01 * losses[0]);
/// # Ok::<(), rnn_core::Error>(())
/// ```
///
/// # Errors
/// As [`Trainer::train`].
pub fn train<F: Real, L: Loss<F> + Clone, S: BatchSource<F>, R: Fallible<Value = ControlFlow<()>>>(
    model: &mut Model<F>,
    source: S,
    training: &Training<L>,
    optimizer: &mut impl Optimizer<F>,
    on_step: impl FnMut(StepReport<F>, &Model<F>) -> R,
) -> Result<u64, R::Error>
where
    R::Error: From<Error> + From<S::Error>,
{
    Trainer::new(model, training.clone()).train(model, source, optimizer, on_step)
}
