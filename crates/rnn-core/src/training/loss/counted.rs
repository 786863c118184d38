//! Which timesteps count, and the walks over them that all losses share.

use ndarray::{ArrayView1, ArrayView2, ArrayView3, ArrayViewMut1, ArrayViewMut3, Axis, Zip, s};

use crate::Real;

/// Which timesteps a loss counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Timesteps {
    /// Every timestep: sequence to sequence.
    #[default]
    All,
    /// The last timestep of each sequence only: sequence to one value.
    Last,
}

/// Which timesteps of which sequences may count: those within a sequence's length and within the mask.
///
/// ```
/// use ndarray::array;
/// use rnn_core::{Counted, Timesteps};
///
/// let lengths = [3, 1];
/// let mask = array![[true, false, true], [true, true, true]];
/// let counted = Counted { lengths: Some(&lengths), mask: Some(mask.view()) };
/// assert_eq!(counted.timesteps(2, 3, Timesteps::All), 2 + 1);
/// assert_eq!(counted.timesteps(2, 3, Timesteps::Last), 1 + 1);
/// assert_eq!(Counted::everything().timesteps(2, 3, Timesteps::All), 6);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted<'a> {
    /// How many timesteps each sequence has; all of them without. The last of these is the sequence's last timestep.
    pub lengths: Option<&'a [usize]>,
    /// Where a timestep may count, (batch, time); everywhere without.
    pub mask: Option<ArrayView2<'a, bool>>,
}

impl Counted<'_> {
    /// Every timestep of every sequence.
    pub fn everything() -> Self {
        Self::default()
    }

    /// How many timesteps count in all sequences together. A loss over none has no value.
    ///
    /// # Panics
    /// If `lengths` or `mask` is for fewer sequences or timesteps.
    pub fn timesteps(&self, batch: usize, time: usize, over: Timesteps) -> usize {
        if self.is_everything() {
            return batch * (time - self.first(time, over));
        }
        self.indices(batch, time, over).count()
    }

    /// (sequence, timestep) of all that count, timestep after timestep.
    pub(super) fn indices(
        &self,
        batch: usize,
        time: usize,
        over: Timesteps,
    ) -> impl Iterator<Item = (usize, usize)> {
        (self.first(time, over)..time)
            .flat_map(move |t| (0..batch).map(move |b| (b, t)))
            .filter(move |&(b, t)| self.has(b, t, time, over))
    }

    fn is_everything(&self) -> bool {
        self.lengths.is_none() && self.mask.is_none()
    }

    /// Whether timestep t of sequence b counts.
    #[inline(always)]
    fn has(&self, b: usize, t: usize, time: usize, over: Timesteps) -> bool {
        let length = self.lengths.map_or(time, |lengths| lengths[b]);
        let within = match over {
            Timesteps::All => t < length,
            Timesteps::Last => t + 1 == length,
        };
        within && self.mask.is_none_or(|mask| mask[[b, t]])
    }

    /// The first timestep that can count in any sequence.
    fn first(&self, time: usize, over: Timesteps) -> usize {
        match over {
            Timesteps::Last if self.lengths.is_none() => time.saturating_sub(1),
            Timesteps::All | Timesteps::Last => 0,
        }
    }
}

/// The walks of the losses: arrays are (batch, time, outputs), sums run timestep by timestep.
impl Counted<'_> {
    /// The mean over every element that counts, `pointwise` being the value at a prediction and a target and its slope
    /// in the prediction.
    ///
    /// The order of the sum does not depend on the layout of the arrays, and what does not count is skipped: a mask that
    /// leaves nothing out changes no bit.
    #[inline(always)]
    pub(super) fn mean<F: Real>(
        &self,
        over: Timesteps,
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        d_prediction: ArrayViewMut3<'_, F>,
        pointwise: impl Fn(F, F) -> (F, F),
    ) -> F {
        let (batch, time, outputs) = prediction.dim();
        let n = F::of((self.timesteps(batch, time, over) * outputs) as f64);
        let mut sum = F::zero();
        let mut add = |d: &mut F, &prediction: &F, &target: &F| {
            let (value, slope) = pointwise(prediction, target);
            sum += value;
            *d = slope / n;
        };
        if outputs == 1 {
            self.columns(over, prediction, target, d_prediction, add);
        } else {
            self.rows(over, prediction, target, d_prediction, |prediction, target, d| {
                Zip::from(d).and(prediction).and(target).for_each(&mut add);
            });
        }
        sum / n
    }

    /// Calls `row` with the prediction, the target and ∂L/∂prediction of each timestep that counts.
    #[inline(always)]
    pub(super) fn rows<F: Real>(
        &self,
        over: Timesteps,
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        mut d_prediction: ArrayViewMut3<'_, F>,
        mut row: impl FnMut(ArrayView1<'_, F>, ArrayView1<'_, F>, ArrayViewMut1<'_, F>),
    ) {
        let time = prediction.len_of(Axis(1));
        for t in self.skip(over, &mut d_prediction)..time {
            let (prediction, target) = (prediction.index_axis(Axis(1), t), target.index_axis(Axis(1), t));
            let mut d = d_prediction.index_axis_mut(Axis(1), t);
            let rows = prediction.outer_iter().zip(target.outer_iter()).zip(d.outer_iter_mut());
            for (b, ((prediction, target), mut d)) in rows.enumerate() {
                if self.has(b, t, time, over) {
                    row(prediction, target, d);
                } else {
                    d.fill(F::zero());
                }
            }
        }
    }

    /// [`rows`](Self::rows) of one output: the sequences are the loop.
    #[inline(always)]
    fn columns<F: Real>(
        &self,
        over: Timesteps,
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        mut d_prediction: ArrayViewMut3<'_, F>,
        mut element: impl FnMut(&mut F, &F, &F),
    ) {
        let time = prediction.len_of(Axis(1));
        let first = self.skip(over, &mut d_prediction);
        let prediction = prediction.index_axis_move(Axis(2), 0);
        let target = target.index_axis_move(Axis(2), 0);
        let mut d = d_prediction.index_axis_move(Axis(2), 0);
        let steps =
            prediction.axis_iter(Axis(1)).zip(target.axis_iter(Axis(1))).zip(d.axis_iter_mut(Axis(1)));
        for (t, ((prediction, target), d)) in steps.enumerate().skip(first) {
            if self.is_everything() {
                Zip::from(d).and(prediction).and(target).for_each(&mut element);
                continue;
            }
            Zip::indexed(d).and(prediction).and(target).for_each(|b, d, prediction, target| {
                if self.has(b, t, time, over) {
                    element(d, prediction, target);
                } else {
                    *d = F::zero();
                }
            });
        }
    }

    /// The first timestep that can count; ∂L/∂prediction of those before becomes 0.
    fn skip<F: Real>(&self, over: Timesteps, d_prediction: &mut ArrayViewMut3<'_, F>) -> usize {
        let first = self.first(d_prediction.len_of(Axis(1)), over);
        d_prediction.slice_mut(s![.., ..first, ..]).fill(F::zero());
        first
    }
}
