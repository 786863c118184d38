//! What a pass runs over.

use ndarray::ArrayView3;

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
    /// Whether a backward direction ignores `initial` and starts as if none was given: a state that was carried on from
    /// earlier timesteps is not where the backward direction comes from.
    pub(crate) carried: bool,
}

impl<'a, F> Run<'a, F> {
    /// Over all of `x`, (batch, time, input), from zeros or the learned initial states.
    pub fn over(x: ArrayView3<'a, F>) -> Self {
        Self { x, lengths: None, initial: None, noise: None, carried: false }
    }

    /// The same run for a shorter time.
    pub(crate) fn reborrow<'b>(self) -> Run<'b, F>
    where
        'a: 'b,
    {
        let Self { x, lengths, initial, noise, carried } = self;
        Run { x: x.reborrow(), lengths, initial, noise, carried }
    }

    /// How many timesteps `x` has.
    pub fn time(&self) -> usize {
        self.x.dim().1
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
        Self { initial: Some(initial), carried: false, ..self }
    }

    /// From the state that earlier timesteps of the same sequences left. A backward direction does not come from there: it
    /// starts at the end of `x` as it would without a state.
    #[must_use]
    pub fn carried_on(self, state: &'a State<F>) -> Self {
        Self { initial: Some(state), carried: true, ..self }
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
