//! What a task is.

use ndarray::{Array2, Array3};
use rnn_core::{Batch, Random, Real, TargetKind, Targets, Timesteps};

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
///         let y = batch.y.values_mut().expect("targets are values by default");
///         for ((b, t, f), y) in y.indexed_iter_mut() {
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
/// assert_eq!(batch.y.values().expect("as filled")[[1, 4, 0]], batch.x[[1, 3, 0]]);
/// # Ok::<(), rnn_data::Error>(())
/// ```
pub trait Task {
    /// Timesteps of a sequence.
    fn time(&self) -> usize;

    /// Features of the input.
    fn features(&self) -> usize;

    /// Outputs that a network needs: features of the target, or the number of its classes.
    fn outputs(&self) -> usize;

    /// Whether targets are values, one for each output, or classes; values by default.
    fn target_kind(&self) -> TargetKind {
        TargetKind::Values
    }

    /// Which timesteps the targets are meant for; all by default. Batches say so, and a
    /// [`Target`](rnn_core::Target) can be told otherwise.
    fn over(&self) -> Timesteps {
        Timesteps::All
    }

    /// Whether `fill` says in the mask which timesteps the loss may count; by default there is no mask, and all do.
    fn is_masked(&self) -> bool {
        false
    }

    /// Overwrites every number of `batch`, whose x is (n, time, features) and whose y has values (n, time, outputs) or
    /// classes (n, time) for some n, all in standard layout. If the task is masked, so is the batch, (n, time), and `fill`
    /// overwrites the mask too.
    ///
    /// # Panics
    /// If a shape or a layout is another; [`sample`](Self::sample) and [`batches`](Self::batches) make them right.
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
        Ok(Batches { task: self, size, left: count, rng, over: self.over() })
    }
}

/// Gives `batch` the shapes of `size` sequences of the task; one that has them keeps its memory.
pub(crate) fn fit<F: Real>(task: &(impl Task + ?Sized), size: usize, batch: &mut Batch<F>) {
    let steps = (size, task.time());
    let x = (size, task.time(), task.features());
    if batch.x.dim() != x || !batch.x.is_standard_layout() {
        batch.x = Array3::zeros(x);
    }
    let y = (size, task.time(), task.outputs());
    let fits = match (&batch.y, task.target_kind()) {
        (Targets::Values(values), TargetKind::Values) => values.dim() == y && values.is_standard_layout(),
        (Targets::Classes(classes), TargetKind::Classes) => {
            classes.dim() == steps && classes.is_standard_layout()
        }
        _ => false,
    };
    if !fits {
        batch.y = match task.target_kind() {
            TargetKind::Values => Targets::Values(Array3::zeros(y)),
            TargetKind::Classes => Targets::Classes(Array2::zeros(steps)),
        };
    }
    batch.lengths = None;
    batch.over = task.over();
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
    let Batch { x, y, mask, .. } = batch;
    let x = inputs(task, x, mask.as_ref());
    let y = y.values_mut().expect("the targets of the task are values");
    assert_eq!(y.len(), x.len() / task.features() * task.outputs(), "y must have the shape of the task");
    (x, y.as_slice_mut().expect("y must be in standard layout"))
}

/// The numbers of x and the classes of y, sequence after sequence.
///
/// # Panics
/// As [`Task::fill`].
pub(crate) fn classes<'b, F: Real>(
    task: &impl Task,
    batch: &'b mut Batch<F>,
) -> (&'b mut [F], &'b mut [usize]) {
    let Batch { x, y, mask, .. } = batch;
    let x = inputs(task, x, mask.as_ref());
    let y = y.classes_mut().expect("the targets of the task are classes");
    assert_eq!(y.len(), x.len() / task.features(), "y must have the shape of the task");
    (x, y.as_slice_mut().expect("y must be in standard layout"))
}

fn inputs<'b, F: Real>(task: &impl Task, x: &'b mut Array3<F>, mask: Option<&Array2<bool>>) -> &'b mut [F] {
    let (size, ..) = x.dim();
    assert_eq!(x.dim(), (size, task.time(), task.features()), "x must have the shape of the task");
    let expected = task.is_masked().then_some((size, task.time()));
    assert_eq!(mask.map(Array2::dim), expected, "a mask is there if the task has one");
    x.as_slice_mut().expect("x must be in standard layout")
}
