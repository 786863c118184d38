//! What a task is.

use rnn_core::{Batch, Random, Real, Timesteps};

use crate::error::check_size;
use crate::{Batches, Result};

/// A recipe for batches of sequences. It never changes; the randomness comes from the generator that is passed in.
///
/// A new task says its sizes and writes [`fill`](Self::fill) and [`baseline`](Self::baseline), once for every float type:
///
/// ```
/// use rnn_core::{Batch, Random, Real, Timesteps};
/// use rnn_data::{PortableRng, Task};
///
/// /// y_t = x_{t−1}, and y_1 = 0.
/// struct Echo;
///
/// impl Task for Echo {
///     fn time(&self) -> usize { 5 }
///     fn features(&self) -> usize { 1 }
///     fn outputs(&self) -> usize { 1 }
///
///     fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
///         rng.fill_uniform(-1.0, 1.0, batch.x.as_slice_mut().expect("standard layout"));
///         for ((b, t, f), y) in batch.y.indexed_iter_mut() {
///             *y = if t == 0 { F::zero() } else { batch.x[[b, t - 1, f]] };
///         }
///     }
///
///     fn baseline(&self, over: Timesteps) -> f64 {
///         match over {
///             Timesteps::All => 4.0 / 5.0 / 3.0, // the variance of U(−1, 1) is 1/3
///             Timesteps::Last => 1.0 / 3.0,
///         }
///     }
/// }
///
/// let batch = Echo.sample::<f64>(2, &mut PortableRng::new(0))?;
/// assert_eq!(batch.x.shape(), [2, 5, 1]);
/// assert_eq!(batch.y[[1, 4, 0]], batch.x[[1, 3, 0]]);
/// # Ok::<(), rnn_data::Error>(())
/// ```
pub trait Task {
    /// Timesteps of a sequence.
    fn time(&self) -> usize;

    /// Features of the input.
    fn features(&self) -> usize;

    /// Features of the target.
    fn outputs(&self) -> usize;

    /// Overwrites every number of `batch`, whose x is (n, time, features) and y (n, time, outputs) for some n, both in
    /// standard layout as [`Batch::zeros`] makes them.
    ///
    /// # Panics
    /// If a shape or a layout is another. [`sample`](Self::sample) and [`batches`](Self::batches) see to it.
    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>);

    /// The expected loss of the best constant prediction, one constant for all timesteps: a network with a greater one has
    /// learned nothing. The mean squared error, where a task does not say otherwise.
    fn baseline(&self, over: Timesteps) -> f64;

    /// A new batch of `size` sequences.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize).
    fn sample<F: Real>(&self, size: usize, rng: &mut (impl Random<F> + ?Sized)) -> Result<Batch<F>> {
        check_size("the batch size", size)?;
        let mut batch = Batch::zeros(size, self.time(), self.features(), self.outputs());
        self.fill(rng, &mut batch);
        Ok(batch)
    }

    /// A source of `count` batches of `size` sequences, in the float type of whatever is trained on them.
    ///
    /// The generator is borrowed, and goes on afterwards from where the source left it.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize) for a `size` of 0; no batches at all are fine.
    fn batches<'a, R: ?Sized>(
        &'a self,
        size: usize,
        count: usize,
        rng: &'a mut R,
    ) -> Result<Batches<'a, Self, R>> {
        check_size("the batch size", size)?;
        Ok(Batches { task: self, size, left: count, rng })
    }
}

/// The numbers of x and of y, sequence after sequence.
///
/// # Panics
/// As [`Task::fill`].
pub(crate) fn numbers<'b, F: Real>(task: &impl Task, batch: &'b mut Batch<F>) -> (&'b mut [F], &'b mut [F]) {
    let (size, ..) = batch.x.dim();
    let [x, y] = [task.features(), task.outputs()].map(|width| (size, task.time(), width));
    assert_eq!((batch.x.dim(), batch.y.dim()), (x, y), "x and y must have the shapes of the task");
    let x = batch.x.as_slice_mut().expect("x must be in standard layout");
    let y = batch.y.as_slice_mut().expect("y must be in standard layout");
    (x, y)
}
