//! What a pass runs over, and what its outcome is held against.

use ndarray::{ArrayView2, ArrayView3};

use crate::network::noise::Noise;
use crate::network::state::State;

/// The input of a pass. An array (batch, time, input) alone is one.
///
/// ```
/// use ndarray::Array3;
/// use rnn_core::{Bias, Elman, Run, Stack};
///
/// let rnn = Stack::<f64>::zeros(Elman::tanh(), 2, &[3], Bias::Double)?;
/// let mut ws = rnn.workspace();
/// let x = Array3::ones((4, 6, 2));
/// rnn.forward(x.view(), &mut ws)?;
/// rnn.forward(Run::over(x.view()).lengths(&[6, 2, 4, 1]).from_state(&ws.final_state()), &mut ws)?;
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Run<'a, F> {
    pub(crate) x: ArrayView3<'a, F>,
    pub(crate) lengths: Option<&'a [usize]>,
    pub(crate) initial: Option<&'a State<F>>,
    pub(crate) noise: Option<Noise>,
}

impl<'a, F> Run<'a, F> {
    /// Over all of `x`, (batch, time, input), from zeros or the learned initial states.
    pub fn over(x: ArrayView3<'a, F>) -> Self {
        Self { x, lengths: None, initial: None, noise: None }
    }

    /// With so many timesteps in each sequence, at least 1, in any order.
    ///
    /// What `x` holds past a sequence's end is not looked at. The outputs there are 0, the final state of a sequence is
    /// that at its own last timestep, and a backward direction starts there. Every number is that of the sequence run by
    /// itself.
    ///
    /// A step works on the rows up to the last sequence that has not ended: sorted from long to short, a batch costs no
    /// more than the timesteps that there are.
    #[must_use]
    pub fn lengths(self, lengths: &'a [usize]) -> Self {
        Self { lengths: Some(lengths), ..self }
    }

    /// From this state.
    #[must_use]
    pub fn from_state(self, initial: &'a State<F>) -> Self {
        Self { initial: Some(initial), ..self }
    }

    /// As a pass of training: with dropout and zoneout.
    #[must_use]
    pub fn noise(self, noise: Noise) -> Self {
        Self { noise: Some(noise), ..self }
    }
}

impl<'a, F> From<ArrayView3<'a, F>> for Run<'a, F> {
    fn from(x: ArrayView3<'a, F>) -> Self {
        Self::over(x)
    }
}

/// What predictions are held against. An array alone is one.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a, F> {
    pub(crate) y: ArrayView3<'a, F>,
    pub(crate) mask: Option<ArrayView2<'a, bool>>,
}

impl<'a, F> Target<'a, F> {
    /// The targets `y`, (batch, time, outputs), or (batch, time, 1) for classes.
    pub fn new(y: ArrayView3<'a, F>) -> Self {
        Self { y, mask: None }
    }

    /// Only where `mask`, (batch, time), is true.
    #[must_use]
    pub fn mask(self, mask: ArrayView2<'a, bool>) -> Self {
        Self { mask: Some(mask), ..self }
    }
}

impl<'a, F> From<ArrayView3<'a, F>> for Target<'a, F> {
    fn from(y: ArrayView3<'a, F>) -> Self {
        Self::new(y)
    }
}
