//! What is measured of a model on a batch.

use ndarray::{Array1, Array3, Axis, Slice};
use rnn_core::cell::GateRole;
use rnn_core::{
    Batch, Error as NetworkError, LayerXray, Loss, Model, ModelWorkspace, Place, Real, Run, SATURATED, Stack,
};

use super::curvature::Descent;
use crate::dynamics::fan;
use crate::error::Result;
use crate::flow::{length, number};
use crate::pass::pass;
use crate::paths::gradient_paths;

/// Sequences whose gains are measured.
const SEQUENCES: usize = 4;

/// States of more numbers than this are measured on one sequence and at fewer lags.
const SMALL: usize = 64;

/// The steps of the run from which the exponent is measured; as many as a sequence has, if those are more.
const LONG: usize = 1000;

/// The most steps of that run.
const LONGEST: usize = 2000;

/// Steps back during which the measured direction turns to the one that grows fastest.
const TURN: usize = 50;

/// Parts of the long run, whose means give the standard error.
const BLOCKS: usize = 10;

/// The numbers that a diagnosis rests on.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evidence {
    /// The loss; NaN if the pass overflowed.
    pub loss: f64,
    /// The first number that overflowed, if there is one. Nothing else was measured then.
    pub overflow: Option<Place>,
    /// The timesteps of the longest sequence.
    pub time: usize,
    /// Each of [`Stack::layers`](rnn_core::Stack::layers); empty if the pass overflowed.
    pub layers: Vec<LayerEvidence>,
    /// What gradient descent does at the given learning rate, if one was given.
    pub descent: Option<Descent>,
}

/// The numbers of one layer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LayerEvidence {
    /// ln σ_1 of ∂s_T/∂s_{T−k}, the mean over sequences, for some lags k in ascending order; the last one is the longest.
    pub gain: Vec<(usize, f64)>,
    /// The exponent λ: the mean growth of ln ‖(J_t … J_T)ᵀ d‖ per step, over a long run.
    pub exponent: f64,
    /// Its standard error, from the means of ten parts of the run.
    pub exponent_error: f64,
    /// The growth of ln ‖h_t‖ per step in that run, from its second quarter to its last; infinite if it overflowed.
    pub growth: f64,
    /// The share of activations with a slope below [`SATURATED`] and a value other than 0, over all sequences, timesteps and units,
    /// in that gate where it is largest; gates that keep or admit the state are left out.
    pub saturated: f64,
    /// The units that give 0 with slope 0 at every timestep of every sequence.
    pub dead: Vec<usize>,
    /// How many units there are.
    pub units: usize,
    /// The largest factor of a state along the [elementwise path](crate::GradientPaths), per step; 0 in a layer without such a path.
    pub kept: f64,
}

impl LayerEvidence {
    /// The share of units that are dead.
    pub fn dead_share(&self) -> f64 {
        self.dead.len() as f64 / self.units as f64
    }

    /// ln σ_1 over the longest lag.
    pub fn end(&self) -> f64 {
        self.gain.last().map_or(0.0, |&(_, ln)| ln)
    }

    /// The largest ln σ_1 over any lag that was measured.
    pub fn peak(&self) -> f64 {
        self.gain.iter().map(|&(_, ln)| ln).fold(f64::NEG_INFINITY, f64::max)
    }
}

impl Evidence {
    pub(super) fn measure<F: Real>(model: &Model<F>, batch: &Batch<F>, loss: &impl Loss<F>) -> Result<Self> {
        let mut ws = model.workspace();
        let seen = pass(model, batch.run(), batch.target(), loss, &mut ws)?;
        let time = batch.x.dim().1;
        let time = batch.lengths.as_ref().and_then(|all| all.iter().copied().max()).unwrap_or(time);
        let layers = if seen.overflow.is_some() { Vec::new() } else { layers(model, batch, &ws)? };
        Ok(Self { loss: seen.loss, overflow: seen.overflow, time, layers, descent: None })
    }
}

fn layers<F: Real>(model: &Model<F>, batch: &Batch<F>, ws: &ModelWorkspace<F>) -> Result<Vec<LayerEvidence>> {
    // The same states, with slopes that do not round to 0.
    let fine = model.rnn.with_fine_slopes();
    let small = fine.layers().iter().all(|layer| layer.state_width() <= SMALL);
    let few = batch.x.dim().0.min(if small { SEQUENCES } else { 1 });
    let x = batch.x.slice_axis(Axis(0), Slice::from(..few));
    let run = Run::over(x);
    let lengths = batch.lengths.as_ref().map(|all| &all[..few]);
    let mut short = fine.workspace();
    fine.forward(lengths.map_or(run, |lengths| run.lengths(lengths)), &mut short)?;
    let time = |sequence: usize| lengths.map_or(batch.x.dim().1, |all| all[sequence]);

    let mut long = fine.workspace();
    let steps = batch.x.dim().1.clamp(LONG, LONGEST);
    let bounded = match fine.forward(repeated(batch, steps).view(), &mut long) {
        Ok(()) => true,
        Err(NetworkError::NonFinite {
            place: Place::HiddenState { .. } | Place::CellState { .. }, ..
        }) => false,
        Err(error) => return Err(error.into()),
    };
    let all = fine.layers().iter().enumerate().map(|(k, layer)| {
        let longest = (0..few).max_by_key(|&b| time(b)).unwrap_or(0);
        let lags = lags(time(longest) - 1, small);
        let mut gain = vec![(0.0, 0usize); lags.len()];
        for b in (0..few).filter(|&b| time(b) > 1) {
            let lags: Vec<usize> = lags.iter().copied().filter(|&lag| lag < time(b)).collect();
            let timesteps: Vec<usize> = lags.iter().rev().map(|lag| time(b) - lag).collect();
            let found = fan(&fine, &short, k, b, &timesteps)?;
            for (to, row) in gain.iter_mut().zip(found.ln_sigma.rows().into_iter().rev()) {
                *to = (to.0 + row[0], to.1 + 1);
            }
        }
        let means = gain.iter().map(|&(sum, count)| sum / count.max(1) as f64);
        let gain: Vec<(usize, f64)> = lags.iter().copied().zip(means).collect();
        let (exponent, exponent_error, growth) = if bounded {
            let norms: Vec<f64> = long.hidden(k).index_axis(Axis(0), 0).outer_iter().map(length).collect();
            let (mean, error) = exponent(&fine, &long, k)?;
            (mean, error, growth(&norms))
        } else {
            let (lag, ln) = gain.last().copied().unwrap_or((1, 0.0));
            (ln / lag.max(1) as f64, 0.0, f64::INFINITY)
        };
        let seen = model.rnn.gates(k, &ws.rnn)?;
        let form = layer.cell.form();
        let other: Vec<usize> = (0..seen.gates.len())
            .filter(|&gate| form.gates.get(gate).is_some_and(|gate| gate.role == GateRole::Other))
            .collect();
        Ok(LayerEvidence {
            gain,
            exponent,
            exponent_error,
            growth,
            saturated: saturated(&seen, &other, batch.lengths.as_deref()),
            dead: dead(&seen, &other, batch.lengths.as_deref()),
            units: layer.hidden,
            kept: kept(model, ws, k, longest, time(longest))?,
        })
    });
    all.collect()
}

/// 1, 2, 3, 4, 6, 8, 12, 16, ... below `most`, and `most` itself; if not `all`, the powers of two among them.
fn lags(most: usize, all: bool) -> Vec<usize> {
    let steps = (0..).map(|k: usize| if k.is_multiple_of(2) { 1 << (k / 2) } else { 3 << (k / 2) >> 1 });
    let mut lags: Vec<usize> = steps.take_while(|&lag| lag < most).collect();
    lags.dedup();
    lags.retain(|lag| all || lag.is_power_of_two());
    lags.push(most);
    lags
}

/// The sequences of the batch one after the other, again and again: (1, steps, features).
fn repeated<F: Real>(batch: &Batch<F>, steps: usize) -> Array3<F> {
    let (size, time, features) = batch.x.dim();
    let length = |b: usize| batch.lengths.as_ref().map_or(time, |all| all[b]);
    let mut rows = (0..size).cycle().flat_map(|b| (0..length(b)).map(move |t| (b, t)));
    let mut x = Array3::zeros((1, steps, features));
    for mut row in x.index_axis_mut(Axis(0), 0).rows_mut() {
        if let Some((b, t)) = rows.next() {
            row.assign(&batch.x.index_axis(Axis(0), b).row(t));
        }
    }
    x
}

/// The growth of a gradient per step back, and its standard error.
fn exponent<F: Real>(stack: &Stack<F>, ws: &rnn_core::Workspace<F>, layer: usize) -> Result<(f64, f64)> {
    let mut jacobians = stack.step_jacobians(ws, layer, 0)?;
    let n = jacobians.state();
    // No eigenvector of a matrix that anyone would write down.
    let mut d = Array1::from_shape_fn(n, |i| F::of(libm::cos(1.0 + 2.6 * i as f64)));
    let mut growth = Vec::with_capacity(jacobians.time());
    for t in (2..=jacobians.time()).rev() {
        let before = length(d.view());
        let next = jacobians.transposed_times(t, d.view())?;
        let after = length(next);
        if after == 0.0 || before == 0.0 {
            return Ok((f64::NEG_INFINITY, 0.0));
        }
        d.zip_mut_with(&next, |to, &from| *to = F::of(number(from) / after));
        growth.push(libm::log(after / before));
    }
    let counted = &growth[TURN.min(growth.len() / 2)..];
    let blocks: Vec<f64> = counted
        .chunks_exact((counted.len() / BLOCKS).max(1))
        .map(|block| block.iter().sum::<f64>() / block.len() as f64)
        .collect();
    let count = blocks.len() as f64;
    let mean = blocks.iter().sum::<f64>() / count;
    let variance = blocks.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    Ok((mean, (variance / count).sqrt()))
}

/// The growth of ln `norms` per step, from the second quarter to the last.
fn growth(norms: &[f64]) -> f64 {
    let quarter = norms.len() / 4;
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let (early, late) = (mean(&norms[quarter..2 * quarter]), mean(&norms[3 * quarter..]));
    if early > 0.0 && late > 0.0 { libm::log(late / early) / (2 * quarter) as f64 } else { 0.0 }
}

/// The indices (sequence, timestep) of what is not past the end of a sequence.
fn within(
    seen: &LayerXray<impl Real>,
    lengths: Option<&[usize]>,
) -> impl Iterator<Item = (usize, usize)> + Clone {
    let (_, size, time, _) = seen.slope.dim();
    let lengths: Vec<usize> = (0..size).map(|b| lengths.map_or(time, |all| all[b])).collect();
    (0..size).flat_map(move |b| {
        let length = lengths[b];
        (0..length).map(move |t| (b, t))
    })
}

fn saturated<F: Real>(seen: &LayerXray<F>, gates: &[usize], lengths: Option<&[usize]>) -> f64 {
    let (limit, units) = (F::of(SATURATED), seen.slope.dim().3);
    let share = |&gate: &usize| {
        let (mut flat, mut all) = (0usize, 0usize);
        for (b, t) in within(seen, lengths) {
            for unit in 0..units {
                let at = [gate, b, t, unit];
                flat += usize::from(seen.slope[at].abs() < limit && !seen.activation[at].is_zero());
            }
            all += units;
        }
        flat as f64 / all.max(1) as f64
    };
    gates.iter().map(share).fold(0.0, f64::max)
}

fn dead<F: Real>(seen: &LayerXray<F>, gates: &[usize], lengths: Option<&[usize]>) -> Vec<usize> {
    let silent = |gate: usize, unit: usize| {
        within(seen, lengths).all(|(b, t)| {
            let at = [gate, b, t, unit];
            seen.slope[at].is_zero() && seen.activation[at].is_zero()
        })
    };
    let units = seen.slope.dim().3;
    (0..units).filter(|&unit| gates.iter().any(|&gate| silent(gate, unit))).collect()
}

/// The largest factor along the elementwise path, per step, over some steps.
fn kept<F: Real>(
    model: &Model<F>,
    ws: &ModelWorkspace<F>,
    layer: usize,
    sequence: usize,
    time: usize,
) -> Result<f64> {
    let kept = gradient_paths(&model.rnn, &ws.rnn, layer, sequence)?.kept;
    let steps = (time - 1).min(20);
    let largest = kept.row(time - 1 - steps).iter().fold(0.0f64, |most, x| most.max(x.abs()));
    Ok(libm::pow(largest, 1.0 / steps as f64))
}
