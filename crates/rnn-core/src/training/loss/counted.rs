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

/// Which timesteps of which sequences count: those that [`Timesteps`] names, within a sequence's length and within the
/// mask.
///
/// ```
/// use ndarray::array;
/// use rnn_core::Counted;
///
/// let lengths = [3, 1];
/// let mask = array![[true, false, true], [true, true, true]];
/// assert_eq!(Counted::all().lengths(&lengths).mask(mask.view()).timesteps(2, 3), 2 + 1);
/// assert_eq!(Counted::last().lengths(&lengths).mask(mask.view()).timesteps(2, 3), 1 + 1);
/// assert_eq!(Counted::all().timesteps(2, 3), 6);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Counted<'a> {
    over: Timesteps,
    lengths: Option<&'a [usize]>,
    mask: Option<ArrayView2<'a, bool>>,
}

impl<'a> Counted<'a> {
    /// These timesteps of every sequence.
    pub fn new(over: Timesteps) -> Self {
        Self { over, lengths: None, mask: None }
    }

    /// Every timestep of every sequence.
    pub fn all() -> Self {
        Self::new(Timesteps::All)
    }

    /// The last timestep of every sequence.
    pub fn last() -> Self {
        Self::new(Timesteps::Last)
    }

    /// With so many timesteps in each sequence; the last of these is the sequence's last timestep.
    #[must_use]
    pub fn lengths(self, lengths: &'a [usize]) -> Self {
        self.maybe_lengths(Some(lengths))
    }

    /// Only where `mask`, (batch, time), is true.
    #[must_use]
    pub fn mask(self, mask: ArrayView2<'a, bool>) -> Self {
        self.maybe_mask(Some(mask))
    }

    pub(crate) fn maybe_lengths(self, lengths: Option<&'a [usize]>) -> Self {
        Self { lengths, ..self }
    }

    pub(crate) fn maybe_mask(self, mask: Option<ArrayView2<'a, bool>>) -> Self {
        Self { mask, ..self }
    }
}

impl Counted<'_> {
    /// How many timesteps count in all sequences together. A loss over none has no value.
    ///
    /// # Panics
    /// If `lengths` or `mask` is for fewer sequences or timesteps, or there are more timesteps than can be counted.
    pub fn timesteps(&self, batch: usize, time: usize) -> usize {
        if !self.leaves_out() {
            let each = time - self.first(time);
            return batch
                .checked_mul(each)
                .unwrap_or_else(|| panic!("{batch} sequences of {each} timesteps"));
        }
        self.indices(batch, time).count()
    }

    /// Whether timestep `t`, from 0, of sequence `b` counts, in a batch of `time` timesteps.
    ///
    /// # Panics
    /// As [`timesteps`](Self::timesteps).
    #[inline(always)]
    pub fn counts(&self, b: usize, t: usize, time: usize) -> bool {
        let length = self.lengths.map_or(time, |lengths| lengths[b]);
        let within = match self.over {
            Timesteps::All => t < length,
            Timesteps::Last => length.checked_sub(1) == Some(t),
        };
        within && self.mask.is_none_or(|mask| mask[[b, t]])
    }

    /// (sequence, timestep) of all that count, timestep after timestep.
    pub(crate) fn indices(&self, batch: usize, time: usize) -> impl Iterator<Item = (usize, usize)> {
        (self.first(time)..time)
            .flat_map(move |t| (0..batch).map(move |b| (b, t)))
            .filter(move |&(b, t)| self.counts(b, t, time))
    }

    /// (sequence, timestep, output) of all that count, as [`indices`](Self::indices).
    pub(crate) fn elements(
        &self,
        batch: usize,
        time: usize,
        outputs: usize,
    ) -> impl Iterator<Item = [usize; 3]> {
        self.indices(batch, time).flat_map(move |(b, t)| (0..outputs).map(move |output| [b, t, output]))
    }

    /// Whether lengths or a mask may leave timesteps out.
    pub(crate) fn leaves_out(&self) -> bool {
        self.lengths.is_some() || self.mask.is_some()
    }

    /// The first timestep that can count in any sequence.
    fn first(&self, time: usize) -> usize {
        match self.over {
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
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        d_prediction: ArrayViewMut3<'_, F>,
        pointwise: impl Fn(F, F) -> (F, F),
    ) -> F {
        let (batch, time, outputs) = prediction.dim();
        let mut mean = Mean::over(self.timesteps(batch, time) * outputs);
        let mut add = |d: &mut F, &prediction: &F, &target: &F| {
            let (value, slope) = pointwise(prediction, target);
            mean.add(value);
            *d = mean.share(slope);
        };
        if outputs == 1 {
            self.columns(prediction, target, d_prediction, add);
        } else {
            self.rows(prediction, d_prediction, |b, t, prediction, d| {
                let target = target.slice(s![b, t, ..]);
                Zip::from(d).and(prediction).and(target).for_each(&mut add);
            });
        }
        mean.value()
    }

    /// Calls `row` with sequence, timestep, prediction and ∂L/∂prediction of each timestep that counts.
    #[inline(always)]
    pub(super) fn rows<F: Real>(
        &self,
        prediction: ArrayView3<'_, F>,
        mut d_prediction: ArrayViewMut3<'_, F>,
        mut row: impl FnMut(usize, usize, ArrayView1<'_, F>, ArrayViewMut1<'_, F>),
    ) {
        let time = prediction.len_of(Axis(1));
        for t in self.skip(&mut d_prediction)..time {
            let prediction = prediction.index_axis(Axis(1), t);
            let mut d = d_prediction.index_axis_mut(Axis(1), t);
            for (b, (prediction, mut d)) in prediction.outer_iter().zip(d.outer_iter_mut()).enumerate() {
                if self.counts(b, t, time) {
                    row(b, t, prediction, d);
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
        prediction: ArrayView3<'_, F>,
        target: ArrayView3<'_, F>,
        mut d_prediction: ArrayViewMut3<'_, F>,
        mut element: impl FnMut(&mut F, &F, &F),
    ) {
        let time = prediction.len_of(Axis(1));
        let first = self.skip(&mut d_prediction);
        let prediction = prediction.index_axis_move(Axis(2), 0);
        let target = target.index_axis_move(Axis(2), 0);
        let mut d = d_prediction.index_axis_move(Axis(2), 0);
        let steps =
            prediction.axis_iter(Axis(1)).zip(target.axis_iter(Axis(1))).zip(d.axis_iter_mut(Axis(1)));
        for (t, ((prediction, target), d)) in steps.enumerate().skip(first) {
            if !self.leaves_out() {
                Zip::from(d).and(prediction).and(target).for_each(&mut element);
                continue;
            }
            Zip::indexed(d).and(prediction).and(target).for_each(|b, d, prediction, target| {
                if self.counts(b, t, time) {
                    element(d, prediction, target);
                } else {
                    *d = F::zero();
                }
            });
        }
    }

    /// The first timestep that can count; ∂L/∂prediction of those before becomes 0.
    fn skip<F: Real>(&self, d_prediction: &mut ArrayViewMut3<'_, F>) -> usize {
        let first = self.first(d_prediction.len_of(Axis(1)));
        d_prediction.slice_mut(s![.., ..first, ..]).fill(F::zero());
        first
    }
}

/// A sum of terms. A type narrower than `f32` loses the terms of a long sum: they are added up in double precision.
pub(super) struct Sum<F> {
    sum: F,
    wide: f64,
}

impl<F: Real> Sum<F> {
    const NARROW: bool = size_of::<F>() < size_of::<f32>();

    pub(super) fn zero() -> Self {
        Self { sum: F::zero(), wide: 0.0 }
    }

    #[inline(always)]
    pub(super) fn add(&mut self, term: F) {
        if Self::NARROW {
            self.wide += term.to_f64().unwrap_or(f64::NAN);
        } else {
            self.sum += term;
        }
    }

    pub(super) fn value(&self) -> F {
        if Self::NARROW { F::of(self.wide) } else { self.sum }
    }
}

/// The mean of so many terms, whose number a type narrower than `f32` may not hold.
pub(super) struct Mean<F> {
    count: usize,
    n: F,
    sum: Sum<F>,
}

impl<F: Real> Mean<F> {
    pub(super) fn over(count: usize) -> Self {
        Self { count, n: F::of(count as f64), sum: Sum::zero() }
    }

    #[inline(always)]
    pub(super) fn add(&mut self, term: F) {
        self.sum.add(term);
    }

    /// x / n.
    #[inline(always)]
    pub(super) fn share(&self, x: F) -> F {
        if Sum::<F>::NARROW { F::of(x.to_f64().unwrap_or(f64::NAN) / self.count as f64) } else { x / self.n }
    }

    pub(super) fn value(&self) -> F {
        if Sum::<F>::NARROW { F::of(self.sum.wide / self.count as f64) } else { self.sum.sum / self.n }
    }
}
