//! Losses and which timesteps they count.

use ndarray::{ArrayView3, ArrayViewMut3, Axis, Zip, s};

use crate::Real;

/// Which timesteps a loss counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Timesteps {
    /// Every timestep: sequence to sequence.
    #[default]
    All,
    /// The last timestep only: sequence to one value.
    Last,
}

/// A function of predictions and targets that training makes small.
pub trait Loss<F: Real> {
    /// Its value, and ∂L/∂prediction, written to `d_prediction`. All arrays are (batch, time, outputs).
    fn evaluate(
        &self,
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        d_prediction: ArrayViewMut3<'_, F>,
    ) -> F;
}

/// Mean squared error, L = (1/N) Σ (ŷ − y)² over the N elements that count; ∂L/∂ŷ = 2 (ŷ − y) / N.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_core::{Loss, Mse};
///
/// let prediction = array![[[0.1], [0.2], [0.3]], [[0.4], [0.5], [0.6]]];
/// let target = array![[[-1.1], [-1.2], [-1.3]], [[-1.4], [-1.5], [-1.6]]];
/// let mut d = Array3::zeros((2, 3, 1));
/// let all = Mse::all().evaluate(prediction.view(), target.view(), d.view_mut());
/// let last = Mse::last().evaluate(prediction.view(), target.view(), d.view_mut());
/// assert!((all - 3.006_666_7_f64).abs() < 1e-6 && (last - 3.7).abs() < 1e-12);
/// assert_eq!(d[[0, 0, 0]], 0.0, "only the last timestep counts");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mse {
    /// Which timesteps count.
    pub over: Timesteps,
}

impl Mse {
    /// Over all timesteps.
    pub fn all() -> Self {
        Self { over: Timesteps::All }
    }

    /// Over the last timestep.
    pub fn last() -> Self {
        Self { over: Timesteps::Last }
    }
}

impl<F: Real> Loss<F> for Mse {
    fn evaluate(
        &self,
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        mut d_prediction: ArrayViewMut3<'_, F>,
    ) -> F {
        let time = prediction.len_of(Axis(1));
        let first = match self.over {
            Timesteps::All => 0,
            Timesteps::Last => time.saturating_sub(1),
        };
        d_prediction.slice_mut(s![.., ..first, ..]).fill(F::zero());
        let counted = s![.., first.., ..];
        let prediction = prediction.slice(counted);
        let n = F::of(prediction.len() as f64);
        let two = F::one() + F::one();
        let mut sum = F::zero();
        Zip::from(d_prediction.slice_mut(counted)).and(prediction).and(target.slice(counted)).for_each(
            |d, &prediction, &target| {
                let error = prediction - target;
                sum += error * error;
                *d = two * error / n;
            },
        );
        sum / n
    }
}
