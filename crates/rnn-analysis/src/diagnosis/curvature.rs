//! The largest curvature of the loss, and what gradient descent does at a learning rate.

use rnn_core::{Batch, Error as NetworkError, Loss, Model, ModelWorkspace, Parameters, Params, Real};

use crate::error::{Error, Result};
use crate::flow::{norm, number};

/// Products with the Hessian.
const PRODUCTS: usize = 40;

/// Steps of gradient descent that are tried.
const STEPS: usize = 10;

/// Gradient descent on one batch at one learning rate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Descent {
    /// The learning rate.
    pub rate: f64,
    /// The largest eigenvalue of the Hessian of the loss: in a quadratic bowl gradient descent is stable at rates below 2 over this.
    pub curvature: f64,
    /// The loss.
    pub before: f64,
    /// The loss after ten steps; infinite if a step led to numbers that are not finite.
    pub after: f64,
}

impl Descent {
    pub(super) fn measure<F: Real>(
        model: &Model<F>,
        batch: &Batch<F>,
        loss: &impl Loss<F>,
        rate: f64,
    ) -> Result<Self> {
        let curvature = largest_curvature(model, batch, loss)?;
        let mut ws = model.workspace();
        let before = number(model.loss(batch.run(), batch.target(), loss, &mut ws)?);
        Ok(Self { rate, curvature, before, after: after(model, batch, loss, rate, &mut ws)? })
    }
}

/// The loss after some steps of gradient descent.
pub(super) fn after<F: Real>(
    model: &Model<F>,
    batch: &Batch<F>,
    loss: &impl Loss<F>,
    rate: f64,
    ws: &mut ModelWorkspace<F>,
) -> Result<f64> {
    let mut moved = model.clone();
    for _ in 0..STEPS {
        let Some(gradient) = overflow_is_none(gradient(&moved, batch, loss, ws))? else {
            return Ok(f64::INFINITY);
        };
        move_by(&mut moved, &gradient, -rate);
    }
    let found = moved.loss(batch.run(), batch.target(), loss, ws).map(number);
    Ok(overflow_is_none(found.map_err(Error::from))?.unwrap_or(f64::INFINITY))
}

/// The largest eigenvalue of the Hessian of a model's loss on a batch, by power iteration. Each product with the Hessian is a
/// central difference of gradients, so that it works for every cell, float type and loss, with some five digits in double precision
/// and two in single precision.
///
/// The iteration finds the eigenvalue of the largest magnitude. If that is negative, a second one finds the largest.
fn largest_curvature<F: Real>(model: &Model<F>, batch: &Batch<F>, loss: &impl Loss<F>) -> Result<f64> {
    let mut ws = model.workspace();
    let largest = dominant(model, batch, loss, 0.0, &mut ws)?;
    Ok(if largest >= 0.0 { largest } else { dominant(model, batch, loss, largest, &mut ws)? + largest })
}

/// The eigenvalue of H − `shift` I with the largest magnitude.
fn dominant<F: Real>(
    model: &Model<F>,
    batch: &Batch<F>,
    loss: &impl Loss<F>,
    shift: f64,
    ws: &mut ModelWorkspace<F>,
) -> Result<f64> {
    let size: usize = model.blocks().map(Params::len).sum();
    let mut v: Vec<f64> = (0..size).map(|i| libm::cos(1.0 + 2.6 * i as f64)).collect();
    scale(&mut v);
    let parameters = norm(numbers(model));
    let step = libm::cbrt(number(F::epsilon())) * (1.0 + parameters) / (size as f64).sqrt();
    let mut moved = model.clone();
    let mut eigenvalue = 0.0;
    for _ in 0..PRODUCTS {
        move_by(&mut moved, &v, step);
        let up = gradient(&moved, batch, loss, ws)?;
        copy(model, &mut moved);
        move_by(&mut moved, &v, -step);
        let down = gradient(&moved, batch, loss, ws)?;
        copy(model, &mut moved);
        let product = up.iter().zip(&down).map(|(up, down)| (up - down) / (2.0 * step));
        let next: Vec<f64> = product.zip(&v).map(|(h, v)| h - shift * v).collect();
        eigenvalue = next.iter().zip(&v).map(|(next, v)| next * v).sum();
        v = next;
        if !scale(&mut v) {
            return Ok(0.0);
        }
    }
    Ok(eigenvalue)
}

/// Makes the length 1, unless it is 0.
fn scale(v: &mut [f64]) -> bool {
    let length = norm(v.iter().copied());
    if length > 0.0 {
        for x in v {
            *x /= length;
        }
    }
    length > 0.0
}

fn numbers<F: Real>(parameters: &impl Parameters<F>) -> impl Iterator<Item = f64> + Clone + '_ {
    let blocks: Vec<&[F]> = parameters.blocks().map(Params::as_slice).collect();
    blocks.into_iter().flatten().map(|&x| number(x))
}

fn gradient<F: Real>(
    model: &Model<F>,
    batch: &Batch<F>,
    loss: &impl Loss<F>,
    ws: &mut ModelWorkspace<F>,
) -> Result<Vec<f64>> {
    model.loss_and_gradients(batch.run(), batch.target(), loss, ws)?;
    Ok(numbers(ws).collect())
}

/// θ ← θ + `by` v.
fn move_by<F: Real>(model: &mut Model<F>, v: &[f64], by: f64) {
    let mut v = v.iter();
    for block in model.blocks_mut() {
        for (to, v) in block.as_mut_slice().iter_mut().zip(&mut v) {
            *to += F::of(by * v);
        }
    }
}

fn copy<F: Real>(from: &Model<F>, to: &mut Model<F>) {
    for (to, from) in to.blocks_mut().zip(from.blocks()) {
        to.as_mut_slice().copy_from_slice(from.as_slice());
    }
}

/// `None` for a number that is not finite.
fn overflow_is_none<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Error::Network(NetworkError::NonFinite { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}
