//! What predictions are compared with, and where.

use std::ops::Range;

use ndarray::{Array1, Array2, Array3, ArrayView1, ArrayView2, ArrayView3, Axis, s};

use crate::Real;
use crate::error::{Error, Place, Result, check_shape};
use crate::kernel::reduce;
use crate::training::loss::{Counted, Loss, TargetKind, Timesteps};

/// What the predictions of a pass are compared with, and at which timesteps. An array of values (batch, time, outputs) or
/// of classes (batch, time) converts to a target over all timesteps, a slice of classes to one class for each sequence.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_core::{Bias, CrossEntropy, Gru, Model, Mse, Target};
///
/// let model = Model::<f64>::zeros(Gru, 1, &[4], 3, Bias::Double)?;
/// let (x, mut ws) = (Array3::ones((2, 5, 1)), model.workspace());
/// let y = Array3::ones((2, 5, 3));
/// model.loss(x.view(), y.view(), &Mse, &mut ws)?; // at every timestep
/// model.loss(x.view(), Target::values(y.view()).last(), &Mse, &mut ws)?; // at the last one
///
/// let labels = [2, 0]; // one class for each sequence, compared at its last timestep
/// let loss = model.loss(x.view(), &labels[..], &CrossEntropy, &mut ws)?;
/// assert_eq!(loss, 1.0986122886681096); // ln 3, with the same bits on every platform
/// # Ok::<(), rnn_core::Error>(())
/// ```
///
/// What a target holds where nothing counts is not looked at: it may be NaN, or no class at all.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a, F> {
    truth: Truth<'a, F>,
    /// One entry for each sequence: the time axis has length 1.
    whole: bool,
    over: Timesteps,
    mask: Option<ArrayView2<'a, bool>>,
}

/// The numbers or classes of a target, as a [`Loss`] sees them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Truth<'a, F> {
    /// Values, (batch, time, outputs).
    Values(ArrayView3<'a, F>),
    /// Classes, counted from 0, (batch, time).
    Classes(ArrayView2<'a, usize>),
}

impl<'a, F: Real> Target<'a, F> {
    /// A value for each output at every timestep, (batch, time, outputs).
    pub fn values(y: ArrayView3<'a, F>) -> Self {
        Self::new(Truth::Values(y), false)
    }

    /// A class at every timestep, (batch, time), counted from 0.
    pub fn classes(classes: ArrayView2<'a, usize>) -> Self {
        Self::new(Truth::Classes(classes), false)
    }

    /// A value for each output and sequence, (batch, outputs), compared with the prediction at the last timestep of the
    /// sequence, or with the only prediction of a model that reads the [final states](crate::Readout::FinalStates).
    pub fn sequence_values(y: ArrayView2<'a, F>) -> Self {
        Self::new(Truth::Values(y.insert_axis(Axis(1))), true)
    }

    /// A class for each sequence, counted from 0, compared as [`sequence_values`](Self::sequence_values).
    pub fn sequence_classes(classes: &'a [usize]) -> Self {
        Self::new(Truth::Classes(ArrayView1::from(classes).insert_axis(Axis(1))), true)
    }

    fn new(truth: Truth<'a, F>, whole: bool) -> Self {
        Self { truth, whole, over: Timesteps::All, mask: None }
    }

    /// Counts these timesteps of each sequence.
    #[must_use]
    pub fn over(self, over: Timesteps) -> Self {
        Self { over, ..self }
    }

    /// Counts the last timestep of each sequence only.
    #[must_use]
    pub fn last(self) -> Self {
        self.over(Timesteps::Last)
    }

    /// Counts only where `mask`, (batch, predictions of a sequence), is true.
    #[must_use]
    pub fn mask(self, mask: ArrayView2<'a, bool>) -> Self {
        Self { mask: Some(mask), ..self }
    }

    /// What counts in sequences of these lengths.
    pub(crate) fn counted<'b>(&self, lengths: Option<&'b [usize]>) -> Counted<'b>
    where
        'a: 'b,
    {
        let over = if self.whole { Timesteps::Last } else { self.over };
        Counted::new(over).maybe_lengths(lengths).maybe_mask(self.mask.map(ArrayView2::reborrow))
    }

    /// The numbers or classes, for each of `predictions` timesteps.
    pub(crate) fn truth(&self, predictions: usize) -> Truth<'_, F> {
        match &self.truth {
            Truth::Values(y) if !self.whole => Truth::Values(y.reborrow()),
            Truth::Classes(classes) if !self.whole => Truth::Classes(classes.reborrow()),
            Truth::Values(y) => {
                let (batch, _, outputs) = y.dim();
                Truth::Values(
                    y.broadcast((batch, predictions, outputs)).expect("one timestep stands for all"),
                )
            }
            Truth::Classes(classes) => {
                let batch = classes.nrows();
                Truth::Classes(classes.broadcast((batch, predictions)).expect("one timestep stands for all"))
            }
        }
    }

    /// An error unless predictions of this shape can be compared with this target by this loss.
    pub(crate) fn check(
        &self,
        (batch, predictions, outputs): (usize, usize, usize),
        loss: &impl Loss<F>,
        counted: &Counted<'_>,
    ) -> Result<()> {
        let time = if self.whole { 1 } else { predictions };
        match (self.truth, loss.target_kind()) {
            (Truth::Values(y), TargetKind::Values) if self.whole => {
                check_shape("y (batch, outputs)", &[batch, outputs], &[y.dim().0, y.dim().2])?;
            }
            (Truth::Values(y), TargetKind::Values) => {
                check_shape("y (batch, time, outputs)", &[batch, time, outputs], y.shape())?;
            }
            (Truth::Classes(classes), TargetKind::Classes) if self.whole => {
                check_shape("y (batch)", &[batch], &[classes.nrows()])?;
            }
            (Truth::Classes(classes), TargetKind::Classes) => {
                check_shape("y (batch, time)", &[batch, time], classes.shape())?;
            }
            (_, needed) => return Err(Error::TargetKind { needed }),
        }
        if let Some(mask) = self.mask {
            check_shape("the mask (batch, time)", &[batch, predictions], mask.shape())?;
        }
        if counted.leaves_out() && counted.timesteps(batch, predictions) == 0 {
            return Err(Error::NothingCounted { batch, time: predictions });
        }
        let truth = self.truth(predictions);
        truth.check(outputs, counted).and_then(|()| loss.check_target(truth, outputs, counted)).map_err(
            |error| match error {
                // One entry for each sequence has no index in time.
                Error::Target { mut index, value, must } if self.whole => {
                    index.remove(1);
                    Error::Target { index, value, must }
                }
                Error::NonFinite { place: Place::Given { array, mut index }, value } if self.whole => {
                    index.remove(1);
                    Error::NonFinite { place: Place::Given { array, index }, value }
                }
                error => error,
            },
        )
    }
}

impl<'a, F: Real> Truth<'a, F> {
    /// The values, for a loss whose [`target_kind`](Loss::target_kind) is [`TargetKind::Values`].
    ///
    /// # Panics
    /// If these are classes; a [`Model`](crate::Model) never gives a loss the kind that it does not compare with.
    pub fn values(self) -> ArrayView3<'a, F> {
        match self {
            Self::Values(y) => y,
            Self::Classes(_) => panic!("a loss of values was given classes"),
        }
    }

    /// The classes, for a loss whose [`target_kind`](Loss::target_kind) is [`TargetKind::Classes`].
    ///
    /// # Panics
    /// If these are values, as [`values`](Self::values).
    pub fn classes(self) -> ArrayView2<'a, usize> {
        match self {
            Self::Classes(classes) => classes,
            Self::Values(_) => panic!("a loss of classes was given values"),
        }
    }

    /// Checks what counts: values must be finite, and classes below the number of outputs. A
    /// [`Model`](crate::Model) does this before it calls [`Loss::evaluate`].
    ///
    /// # Errors
    /// [`Error::NonFinite`] for the first value that is not finite; [`Error::Target`] for the first class that is not below
    /// `outputs`.
    pub fn check(self, outputs: usize, counted: &Counted<'_>) -> Result<()> {
        match self {
            Self::Values(y) => {
                if y.as_slice().map_or_else(|| y.iter().all(|y| y.is_finite()), reduce::all_finite) {
                    return Ok(());
                }
                let (batch, time, _) = y.dim();
                let mut elements = counted.elements(batch, time, outputs);
                elements.find(|&at| !y[at].is_finite()).map_or(Ok(()), |at| {
                    let place = Place::Given { array: "y", index: at.to_vec() };
                    Err(Error::NonFinite { place, value: y[at].to_string() })
                })
            }
            Self::Classes(classes) => {
                let (batch, time) = classes.dim();
                let mut all = counted.indices(batch, time);
                all.find(|&at| classes[at] >= outputs).map_or(Ok(()), |(b, t)| {
                    let must = format!("a class, from 0 to {}", outputs.saturating_sub(1));
                    Err(Error::Target { index: vec![b, t], value: classes[[b, t]].to_string(), must })
                })
            }
        }
    }
}

impl<'a, F: Real> From<ArrayView3<'a, F>> for Target<'a, F> {
    fn from(y: ArrayView3<'a, F>) -> Self {
        Self::values(y)
    }
}

impl<'a, F: Real> From<ArrayView2<'a, usize>> for Target<'a, F> {
    fn from(classes: ArrayView2<'a, usize>) -> Self {
        Self::classes(classes)
    }
}

impl<'a, F: Real> From<&'a [usize]> for Target<'a, F> {
    fn from(classes: &'a [usize]) -> Self {
        Self::sequence_classes(classes)
    }
}

/// The targets of a [`Batch`](crate::Batch), which owns them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Targets<F> {
    /// As [`Target::values`].
    Values(Array3<F>),
    /// As [`Target::classes`].
    Classes(Array2<usize>),
    /// As [`Target::sequence_values`].
    SequenceValues(Array2<F>),
    /// As [`Target::sequence_classes`].
    SequenceClasses(Array1<usize>),
}

impl<F: Real> Targets<F> {
    /// The target that compares with these.
    pub fn target(&self) -> Target<'_, F> {
        match self {
            Self::Values(y) => Target::values(y.view()),
            Self::Classes(classes) => Target::classes(classes.view()),
            Self::SequenceValues(y) => Target::sequence_values(y.view()),
            Self::SequenceClasses(classes) => {
                let classes = classes.view().insert_axis(Axis(1));
                Target::new(Truth::Classes(classes), true)
            }
        }
    }

    /// The values at every timestep, (batch, time, outputs), if these are such.
    pub fn values(&self) -> Option<&Array3<F>> {
        if let Self::Values(y) = self { Some(y) } else { None }
    }

    /// [`values`](Self::values), to be changed.
    pub fn values_mut(&mut self) -> Option<&mut Array3<F>> {
        if let Self::Values(y) = self { Some(y) } else { None }
    }

    /// The class at every timestep, (batch, time), if these are such.
    pub fn classes(&self) -> Option<&Array2<usize>> {
        if let Self::Classes(classes) = self { Some(classes) } else { None }
    }

    /// [`classes`](Self::classes), to be changed.
    pub fn classes_mut(&mut self) -> Option<&mut Array2<usize>> {
        if let Self::Classes(classes) = self { Some(classes) } else { None }
    }

    /// Whether there is one entry for each sequence, not for each timestep.
    pub fn is_whole(&self) -> bool {
        matches!(self, Self::SequenceValues(_) | Self::SequenceClasses(_))
    }

    /// The targets of some of the sequences.
    pub(crate) fn sequences(&self, rows: Range<usize>) -> Self {
        match self {
            Self::Values(y) => Self::Values(y.slice(s![rows, .., ..]).to_owned()),
            Self::Classes(classes) => Self::Classes(classes.slice(s![rows, ..]).to_owned()),
            Self::SequenceValues(y) => Self::SequenceValues(y.slice(s![rows, ..]).to_owned()),
            Self::SequenceClasses(classes) => Self::SequenceClasses(classes.slice(s![rows]).to_owned()),
        }
    }

    /// How many sequences these are for, and how many timesteps, if for each.
    pub(crate) fn extent(&self) -> (usize, Option<usize>) {
        match self {
            Self::Values(y) => (y.dim().0, Some(y.dim().1)),
            Self::Classes(classes) => (classes.nrows(), Some(classes.ncols())),
            Self::SequenceValues(y) => (y.nrows(), None),
            Self::SequenceClasses(classes) => (classes.len(), None),
        }
    }
}

impl<F> From<Array3<F>> for Targets<F> {
    fn from(y: Array3<F>) -> Self {
        Self::Values(y)
    }
}

impl<F> From<Array2<usize>> for Targets<F> {
    fn from(classes: Array2<usize>) -> Self {
        Self::Classes(classes)
    }
}

impl<F> From<Array1<usize>> for Targets<F> {
    fn from(classes: Array1<usize>) -> Self {
        Self::SequenceClasses(classes)
    }
}

impl<F> From<Vec<usize>> for Targets<F> {
    fn from(classes: Vec<usize>) -> Self {
        Self::SequenceClasses(Array1::from_vec(classes))
    }
}
