//! Inference one timestep at a time, for sequences that are not known beforehand.

mod state;

pub use state::StreamState;

use std::sync::atomic::AtomicBool;

use state::Now;

use crate::Real;
use crate::cell::single::{SingleStep, SingleWeights};
use crate::cell::{InputProduct, Recurrence};
use crate::error::{Error, Place, Result, check_shape};
use crate::kernel::parallel::Rows;
use crate::kernel::{Matrix, Panels};
use crate::memory::tape::Packed;
use crate::network::layer::{Forward, Inputs, Layer, Widths};
use crate::network::linear::Linear;
use crate::network::model::Model;
use crate::network::options::Zoneout;
use crate::network::params::Params;
use crate::network::stack::{Stack, StateName, check_state};
use crate::network::state::State;

/// A network made ready for inference one timestep at a time: its weights, packed once.
///
/// Made by [`Stack::stream`] or [`Model::stream`], which copy the weights: what happens to the network
/// afterwards does not reach it. The state lies outside, so that one network serves any number of streams, on any
/// number of threads. A step allocates nothing, and gives the bits of the forward pass.
///
/// ```
/// use ndarray::{Array3, s};
/// use rand::SeedableRng;
/// use rnn_core::{Bias, Gru, Model};
///
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
/// let model = Model::<f32>::new(Gru, 2, &[8], 1, Bias::Double, &mut rng)?;
/// let stream = model.stream()?;
/// let mut state = stream.state(1); // one sequence
/// let mut last = 0.0;
/// for x in [[0.1, 0.2], [0.3, -0.4], [0.5, 0.0]] {
///     last = stream.step(&x, &mut state)?[0];
/// }
/// let whole = Array3::from_shape_vec((1, 3, 2), vec![0.1, 0.2, 0.3, -0.4, 0.5, 0.0]).unwrap();
/// assert_eq!(model.predict(whole.view())?[[0, 2, 0]], last);
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Stream<F: Real> {
    layers: Vec<StreamLayer<F>>,
    head: Option<(Linear<F>, Panels<F>)>,
}

/// A layer with its parameters, as a step reads them.
#[derive(Clone, Debug)]
struct StreamLayer<F: Real> {
    layer: Layer<F>,
    theta: Vec<F>,
    packed: Packed<F>,
    /// Zeros in the place of a bias that the layer lacks.
    no_bias: Vec<F>,
    /// h_0 and c_0, of every sequence.
    start: (Vec<F>, Vec<F>),
    /// The weights once more for a batch of one, if the layer allows that.
    single: Option<SingleWeights<F>>,
}

impl<F: Real> Stack<F> {
    /// This stack for inference one timestep at a time; the output is the hidden state of the last level.
    ///
    /// # Errors
    /// [`Error::NonFinite`] if a parameter is, [`Error::NoStream`] if the stack is bidirectional.
    pub fn stream(&self) -> Result<Stream<F>> {
        check_finite(self.params())?;
        if self.options().bidirectional {
            return Err(Error::NoStream);
        }
        let layers = self.layers().iter().zip(self.layer_parameters());
        Ok(Stream {
            layers: layers.map(|(layer, theta)| StreamLayer::new(layer, theta)).collect(),
            head: None,
        })
    }
}

impl<F: Real> StreamLayer<F> {
    fn new(layer: &Layer<F>, theta: &[F]) -> Self {
        let (widths, p) = (layer.widths, layer.split(theta));
        let (mut effective, mut packed) = (Vec::new(), Packed::default());
        layer.pack(theta, &mut effective, &mut packed);
        let no_bias = vec![F::zero(); widths.gates];
        let start = |learned: &[F], width| {
            if learned.is_empty() { vec![F::zero(); width] } else { learned.to_vec() }
        };
        let plain = layer.projection.is_none() && layer.layer_norm.is_none();
        let whole = layer.form.input == InputProduct::Full && layer.form.recurrence != Recurrence::Gated;
        let single = (plain && whole && layer.cell.units.has_single()).then(|| {
            let or_zeros = |b: &'_ [F]| if b.is_empty() { no_bias.clone() } else { b.to_vec() };
            let w_hh = match layer.form.recurrence {
                Recurrence::None => None,
                Recurrence::Antisymmetric => Some(effective.as_slice()),
                _ => Some(p.w_hh),
            };
            let (b_ih, b_hh) = (or_zeros(p.b_ih), or_zeros(p.b_hh));
            let input = (Matrix::rows_of(p.w_ih, widths.gates, layer.input), b_ih.as_slice());
            let recurrent = w_hh.map(|w| (Matrix::rows_of(w, widths.gates, widths.output), b_hh.as_slice()));
            SingleWeights::new(input, recurrent, p.own, layer.hidden)
        });
        let start = (start(p.h_0, widths.output), start(p.c_0, widths.cell));
        Self { layer: layer.clone(), theta: theta.to_vec(), packed, no_bias, start, single }
    }

    /// Takes one timestep. `false` if a number of the new state may not be finite.
    fn step(&self, batch: usize, x: &[F], now: &mut Now<F>) -> bool {
        let Self { layer, theta, packed, no_bias, single, .. } = self;
        let Now { h, c, h_prev, c_prev, record, .. } = now;
        std::mem::swap(h, h_prev);
        std::mem::swap(c, c_prev);
        let finite = if let (1, Some(single)) = (batch, single) {
            layer.cell.units.single(single, SingleStep { x, h_prev, c_prev, h: &mut *h, c: &mut *c })
        } else {
            let overflow = AtomicBool::new(false);
            let step = Forward { layer, packed, p: layer.split(theta), no_bias, overflow: &overflow };
            let record = record.rows(&layer.widths, batch, 0, batch);
            let inputs =
                Inputs { rows: batch, x, h_read: h_prev, h_prev, c_prev, h: &mut *h, c: &mut *c, record };
            step.on(inputs).run();
            !overflow.into_inner()
        };
        mix(&layer.zoneout, (h_prev, h), (c_prev, c));
        finite
    }
}

impl<F: Real> Model<F> {
    /// This model for inference one timestep at a time; the output is the head's.
    ///
    /// # Errors
    /// [`Error::NonFinite`] if a parameter is.
    pub fn stream(&self) -> Result<Stream<F>> {
        check_finite(self.head.params())?;
        let mut weight_t = Panels::new();
        self.head.pack(&mut weight_t);
        Ok(Stream { head: Some((self.head.clone(), weight_t)), ..self.rnn.stream()? })
    }
}

impl<F: Real> Stream<F> {
    /// Features of the input.
    pub fn input(&self) -> usize {
        self.layers[0].layer.input
    }

    /// Features of the output.
    pub fn output(&self) -> usize {
        let top = &self.layers[self.layers.len() - 1];
        self.head.as_ref().map_or(top.layer.output(), |(head, _)| head.output())
    }

    /// The state from which `batch` sequences start: zeros, or the learned one.
    ///
    /// # Panics
    /// If there are more sequences than any memory has room for.
    pub fn state(&self, batch: usize) -> StreamState<F> {
        let widest = self.widths().map(|widths| widths.widest()).fold(self.predictions(), usize::max);
        assert!(batch.checked_mul(4 * widest).is_some(), "no memory holds the states of {batch} sequences");
        let starts = self.layers.iter().map(|packed| (packed.layer.widths, packed.start.clone()));
        StreamState::new(batch, starts, self.predictions())
    }

    /// The given state, say the [final one](crate::Workspace::final_state) of a forward pass.
    ///
    /// # Errors
    /// If its layers, shapes or parts are not those of this network, or a number is not finite.
    pub fn state_from(&self, state: &State<F>) -> Result<StreamState<F>> {
        let batch = state.layers.first().map_or(0, |layer| layer.h.nrows());
        check_state(self.widths(), StateName::INITIAL, state, batch)?;
        let mut own = self.state(batch);
        for (own, given) in own.layers.iter_mut().zip(&state.layers) {
            own.h.iter_mut().zip(&given.h).for_each(|(to, &from)| *to = from);
            own.c.iter_mut().zip(given.c.iter().flatten()).for_each(|(to, &from)| *to = from);
        }
        Ok(own)
    }

    /// Takes one timestep: `x` is (batch, input) row by row, and so is the output, (batch, output). `state` moves on.
    ///
    /// # Errors
    /// [`Error::Shape`] if `x` does not fit, [`Error::OtherNetwork`] if the state belongs to another network, and
    /// [`Error::NonFinite`] if a number in `x` is not finite: the state has not moved, then. Also if the new state or the
    /// output is not finite: the state has moved, then, and is of no further use. The error names the
    /// [timestep](StreamState::timesteps), counted from where the state started.
    pub fn step<'s>(&self, x: &[F], state: &'s mut StreamState<F>) -> Result<&'s [F]> {
        let batch = state.batch;
        self.check_step(x, state)?;
        state.taken = state.taken.saturating_add(1);
        let mut below = x;
        let mut finite = true;
        for (packed, now) in self.layers.iter().zip(&mut state.layers) {
            finite &= packed.step(batch, below, now);
            below = &now.h;
        }
        if let Some((head, weight_t)) = &self.head {
            let StreamState { layers, prediction, .. } = &mut *state;
            head.forward(batch, &layers[layers.len() - 1].h, weight_t, prediction);
            finite &= prediction.iter().all(|y| y.is_finite());
        }
        if !finite && let Some(error) = state.first_non_finite() {
            return Err(error);
        }
        Ok(state.output())
    }

    fn check_step(&self, x: &[F], state: &StreamState<F>) -> Result<()> {
        let input = self.input();
        if x.len() != state.batch * input {
            return check_shape("x (batch · features)", &[state.batch * input], &[x.len()]);
        }
        if let Some(at) = x.iter().position(|x| !x.is_finite()) {
            let place = Place::Given { array: "x", index: vec![at / input, 0, at % input] };
            return Err(Error::NonFinite { place, value: x[at].to_string() });
        }
        if state.fits(self.widths(), self.predictions()) {
            return Ok(());
        }
        let expected = state.batch * self.widths().map(|widths| widths.output + widths.cell).sum::<usize>();
        Err(Error::OtherNetwork { what: "the state of the stream", expected, found: state.len() })
    }

    fn widths(&self) -> impl ExactSizeIterator<Item = Widths> {
        self.layers.iter().map(|packed| packed.layer.widths)
    }

    /// Outputs of the head, if there is one.
    fn predictions(&self) -> usize {
        self.head.as_ref().map_or(0, |(head, _)| head.output())
    }
}

/// Zoneout without noise.
fn mix<F: Real>(zoneout: &Zoneout, h: (&[F], &mut [F]), c: (&[F], &mut [F])) {
    for (p, (before, now)) in [(zoneout.hidden, h), (zoneout.cell, c)] {
        if p > 0.0 {
            let z = F::of(p);
            now.iter_mut().zip(before).for_each(|(now, &before)| *now = z * before + (F::one() - z) * *now);
        }
    }
}

fn check_finite<F: Real>(params: &Params<F>) -> Result<()> {
    match params.first_non_finite() {
        None => Ok(()),
        Some((name, index, value)) => {
            Err(Error::NonFinite { place: Place::Parameter { name, index }, value: value.to_string() })
        }
    }
}
