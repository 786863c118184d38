//! Where a stream is.

use ndarray::Array2;

use crate::Real;
use crate::error::{Error, Place};
use crate::memory::tape::Record;
use crate::network::layer::Widths;
use crate::network::state::{LayerState, State};

/// Where some sequences are: the state of every layer, and the last output.
#[derive(Clone, Debug)]
pub struct StreamState<F> {
    pub(super) batch: usize,
    /// How many timesteps were taken since the start.
    pub(super) taken: usize,
    pub(super) layers: Vec<Now<F>>,
    pub(super) prediction: Vec<F>,
}

/// A layer at the timestep that was last computed, and room for the next one.
#[derive(Clone, Debug)]
pub(super) struct Now<F> {
    pub(super) h: Vec<F>,
    pub(super) c: Vec<F>,
    pub(super) h_prev: Vec<F>,
    pub(super) c_prev: Vec<F>,
    pub(super) record: Record<F>,
    /// h_0 and c_0.
    start: (Vec<F>, Vec<F>),
}

impl<F: Real> Now<F> {
    fn new(batch: usize, widths: Widths, start: (Vec<F>, Vec<F>)) -> Self {
        let zeros = |width| vec![F::zero(); batch * width];
        let mut record = Record::default();
        record.resize(&widths, batch, 1);
        Self {
            h: zeros(widths.output),
            c: zeros(widths.cell),
            h_prev: zeros(widths.output),
            c_prev: zeros(widths.cell),
            record,
            start,
        }
    }

    fn reset(&mut self) {
        for (states, start) in [(&mut self.h, &self.start.0), (&mut self.c, &self.start.1)] {
            if !start.is_empty() {
                states.chunks_exact_mut(start.len()).for_each(|row| row.copy_from_slice(start));
            }
        }
    }

    /// Whether it is of a layer with these widths.
    fn fits(&self, batch: usize, widths: Widths) -> bool {
        (self.h.len(), self.c.len()) == (batch * widths.output, batch * widths.cell)
            && (self.record.a.len(), self.record.saved.len()) == (batch * widths.gates, batch * widths.saved)
    }
}

impl<F: Real> StreamState<F> {
    pub(super) fn new(
        batch: usize,
        layers: impl Iterator<Item = (Widths, (Vec<F>, Vec<F>))>,
        outputs: usize,
    ) -> Self {
        let layers = layers.map(|(widths, start)| Now::new(batch, widths, start)).collect();
        let mut state = Self { batch, taken: 0, layers, prediction: vec![F::zero(); batch * outputs] };
        state.reset();
        state
    }

    /// Whether it is of a network with these widths and so many outputs of a head.
    pub(super) fn fits(&self, layers: impl ExactSizeIterator<Item = Widths>, outputs: usize) -> bool {
        self.layers.len() == layers.len()
            && self.prediction.len() == self.batch * outputs
            && self.layers.iter().zip(layers).all(|(now, widths)| now.fits(self.batch, widths))
    }

    /// How many numbers the states of all layers are.
    pub(super) fn len(&self) -> usize {
        self.layers.iter().map(|now| now.h.len() + now.c.len()).sum()
    }

    /// How many timesteps were taken from where this state started: from [`Stream::state`](crate::Stream::state),
    /// [`Stream::state_from`](crate::Stream::state_from) or the last [`reset`](Self::reset).
    pub fn timesteps(&self) -> usize {
        self.taken
    }

    /// How many sequences.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// What the last step returned, (batch, output) row by row.
    pub fn output(&self) -> &[F] {
        if self.prediction.is_empty() { &self.layers[self.layers.len() - 1].h } else { &self.prediction }
    }

    /// Back to where the sequences start.
    pub fn reset(&mut self) {
        self.taken = 0;
        self.layers.iter_mut().for_each(Now::reset);
    }

    /// h and c of every layer, as a forward pass takes and returns them.
    pub fn snapshot(&self) -> State<F> {
        let rows = |x: &[F]| -> Array2<F> {
            let width = x.len() / self.batch.max(1);
            Array2::from_shape_fn((self.batch, width), |(b, j)| x[b * width + j])
        };
        let layer =
            |now: &Now<F>| LayerState { h: rows(&now.h), c: (!now.c.is_empty()).then(|| rows(&now.c)) };
        State { layers: self.layers.iter().map(layer).collect() }
    }

    /// An error that names the first state or prediction that is not finite. Timesteps count from where the state started.
    pub(super) fn first_non_finite(&self) -> Option<Error> {
        let bad = |x: &[F]| x.iter().position(|x| !x.is_finite()).map(|at| (at, x[at].to_string()));
        for (layer, now) in self.layers.iter().enumerate() {
            for (is_h, x) in [(false, &now.c), (true, &now.h)] {
                if let Some((at, value)) = bad(x) {
                    let width = x.len() / self.batch;
                    let (batch, unit, timestep) = (at / width, at % width, self.taken);
                    let place = if is_h {
                        Place::HiddenState { layer, timestep, batch, unit }
                    } else {
                        Place::CellState { layer, timestep, batch, unit }
                    };
                    return Some(Error::NonFinite { place, value });
                }
            }
        }
        let (at, value) = bad(&self.prediction)?;
        let width = self.prediction.len() / self.batch;
        let time = self.taken.saturating_sub(1);
        let place = Place::Prediction { index: vec![at / width, time, at % width] };
        Some(Error::NonFinite { place, value })
    }
}
