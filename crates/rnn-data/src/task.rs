//! What a task is.

use ndarray::Array2;
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

    /// Outputs that a network needs: features of the target, or the number of its classes.
    fn outputs(&self) -> usize;

    /// Columns of y: as many as outputs by default, 1 where the targets are classes. That column then holds the number of
    /// the class, one of 0, 1, … outputs − 1, as a float.
    fn target_width(&self) -> usize {
        self.outputs()
    }

    /// Whether `fill` says in the mask which timesteps the loss may count; by default there is no mask, and all do.
    fn is_masked(&self) -> bool {
        false
    }

    /// Overwrites every number of `batch`, whose x is (n, time, features) and y (n, time, target width) for some n, both in
    /// standard layout as [`Batch::zeros`] makes them. If the task is masked, so is the batch, (n, time), and `fill`
    /// overwrites the mask too.
    ///
    /// # Panics
    /// If a shape or a layout is another. [`sample`](Self::sample) and [`batches`](Self::batches) see to it.
    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>);

    /// The expected loss of the best guess that does not look at the inputs: a network with a greater one has learned
    /// nothing. The mean squared error of the best constant, one for all timesteps, or the cross-entropy in nats, where the
    /// targets are classes; a task says so if it is anything else. Of a masked task, over the timesteps that count.
    fn baseline(&self, over: Timesteps) -> f64;

    /// A new batch of `size` sequences.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize).
    fn sample<F: Real>(&self, size: usize, rng: &mut (impl Random<F> + ?Sized)) -> Result<Batch<F>> {
        check_size("the batch size", size)?;
        let mut batch = Batch::empty();
        fit(self, size, &mut batch);
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

/// Gives `batch` the shapes of `size` sequences of the task; one that has them keeps its memory.
pub(crate) fn fit<F: Real>(task: &(impl Task + ?Sized), size: usize, batch: &mut Batch<F>) {
    let fits = (batch.x.dim(), batch.y.dim()) == shapes(task, size)
        && batch.x.is_standard_layout()
        && batch.y.is_standard_layout();
    if !fits {
        *batch = Batch::zeros(size, task.time(), task.features(), task.target_width());
    }
    batch.lengths = None;
    let steps = (size, task.time());
    if !task.is_masked() {
        batch.mask = None;
    } else if batch.mask.as_ref().is_none_or(|mask| mask.dim() != steps) {
        batch.mask = Some(Array2::from_elem(steps, true));
    }
}

/// The numbers of x and of y, sequence after sequence.
///
/// # Panics
/// As [`Task::fill`].
pub(crate) fn numbers<'b, F: Real>(task: &impl Task, batch: &'b mut Batch<F>) -> (&'b mut [F], &'b mut [F]) {
    let (size, ..) = batch.x.dim();
    assert_eq!(
        (batch.x.dim(), batch.y.dim()),
        shapes(task, size),
        "x and y must have the shapes of the task"
    );
    let mask = task.is_masked().then_some((size, task.time()));
    assert_eq!(batch.mask.as_ref().map(Array2::dim), mask, "a mask is there if the task has one");
    let x = batch.x.as_slice_mut().expect("x must be in standard layout");
    let y = batch.y.as_slice_mut().expect("y must be in standard layout");
    (x, y)
}

/// (batch, time, width).
type Shape = (usize, usize, usize);

/// The shapes of x and y.
fn shapes(task: &(impl Task + ?Sized), size: usize) -> (Shape, Shape) {
    let shape = |width| (size, task.time(), width);
    (shape(task.features()), shape(task.target_width()))
}
