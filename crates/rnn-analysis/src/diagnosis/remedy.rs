//! Changes of a model that remove a symptom.

use std::fmt;

use ndarray::{Array2, ArrayViewMut2, Axis, Ix2, Slice};
use rnn_core::cell::GateRole;
use rnn_core::{Batch, Layer, Loss, Model, Real};

use super::curvature::after;
use super::symptoms::symptoms;
use super::{Condition, Evidence, Symptom};
use crate::error::{Error, Result};
use crate::flow::number;
use crate::spectrum::polar;

/// Halvings of a learning rate that are tried.
const HALVINGS: usize = 20;

/// A change of a model that removes a symptom, which [`apply`](Self::apply) makes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Remedy {
    /// Each gate's block of W_hh is replaced by the nearest orthogonal matrix, times a gain. All directions are then treated alike.
    Orthogonal {
        /// The layer.
        layer: usize,
        /// What every singular value becomes.
        gain: f64,
    },
    /// Every weight and bias of a layer is multiplied.
    Scale {
        /// The layer.
        layer: usize,
        /// By this.
        factor: f64,
    },
    /// The recurrent weight of each unit, in a layer whose units see only their own past, is multiplied.
    ScaleOwn {
        /// The layer.
        layer: usize,
        /// By this.
        factor: f64,
    },
    /// The bias of the gate that keeps the state is set; with two biases, their sum. Where a gate admits the new state and drops the old
    /// one, its bias is set to minus this.
    KeepBias {
        /// The layer.
        layer: usize,
        /// The value.
        bias: f64,
    },
    /// The eigenvalues tanh ν of a layer of linear units are set.
    Eigenvalue {
        /// The layer.
        layer: usize,
        /// The value of all of them.
        value: f64,
    },
    /// The biases of some units are set; with two biases, their sum.
    SetBias {
        /// The layer.
        layer: usize,
        /// The units.
        units: Vec<usize>,
        /// The value.
        value: f64,
    },
    /// The biases of some units are raised.
    RaiseBias {
        /// The layer.
        layer: usize,
        /// The units.
        units: Vec<usize>,
        /// By this.
        by: f64,
    },
    /// Training takes another learning rate; the model stays as it is.
    LearningRate {
        /// The rate of gradient descent.
        rate: f64,
    },
}

impl Remedy {
    /// Makes the change.
    ///
    /// # Errors
    /// If the model has no such layer, or a singular value decomposition does not converge.
    pub fn apply<F: Real>(&self, model: &mut Model<F>) -> Result<()> {
        let layers = model.rnn.layers().len();
        let there = |layer: usize| {
            let last = layers - 1;
            let none = rnn_core::Error::OutOfRange { what: "layer", index: layer, first: 0, last };
            if layer > last { Err(Error::from(none)) } else { Ok(format!("_l{layer}")) }
        };
        match *self {
            Self::Orthogonal { layer, gain } => {
                let name = format!("weight_hh{}", there(layer)?);
                let blocks = model.rnn.layers()[layer].gates();
                let weights = model.rnn.params_mut().get_mut(&name);
                if let Some(mut weights) = weights.and_then(|w| w.into_dimensionality::<Ix2>().ok()) {
                    let rows = weights.nrows() / blocks;
                    for block in weights.axis_chunks_iter_mut(Axis(0), rows) {
                        orthogonalize(block, gain)?;
                    }
                }
            }
            Self::Scale { layer, factor } => {
                let suffix = there(layer)?;
                for (name, mut array) in model.rnn.params_mut().iter_mut() {
                    let scaled = name.starts_with("weight") || name.starts_with("bias");
                    if scaled && name.ends_with(&suffix) {
                        array.mapv_inplace(|x| F::of(factor) * x);
                    }
                }
            }
            Self::ScaleOwn { layer, factor } => {
                let name = format!("weight_h{}", there(layer)?);
                if let Some(mut weights) = model.rnn.params_mut().get_mut(&name) {
                    weights.mapv_inplace(|x| F::of(factor) * x);
                }
            }
            Self::KeepBias { layer, bias } => {
                let suffix = there(layer)?;
                let Some((gate, sign)) = keeping(&model.rnn.layers()[layer]) else { return Ok(()) };
                let hidden = model.rnn.layers()[layer].hidden;
                for (name, value) in [("bias", sign * bias), ("bias_ih", sign * bias), ("bias_hh", 0.0)] {
                    if let Some(mut b) = model.rnn.params_mut().get_mut(&format!("{name}{suffix}")) {
                        b.slice_axis_mut(Axis(0), Slice::from(gate * hidden..(gate + 1) * hidden))
                            .fill(F::of(value));
                    }
                }
            }
            Self::Eigenvalue { layer, value } => {
                let name = format!("nu{}", there(layer)?);
                if let Some(mut nu) = model.rnn.params_mut().get_mut(&name) {
                    nu.fill(F::of(libm::atanh(value)));
                }
            }
            Self::SetBias { layer, ref units, value } => {
                let suffix = there(layer)?;
                let hidden = model.rnn.layers()[layer].hidden;
                for (name, value) in [("bias", value), ("bias_ih", value), ("bias_hh", 0.0)] {
                    let Some(mut b) = model.rnn.params_mut().get_mut(&format!("{name}{suffix}")) else {
                        continue;
                    };
                    for (_, b) in b.iter_mut().enumerate().filter(|(at, _)| units.contains(&(at % hidden))) {
                        *b = F::of(value);
                    }
                }
            }
            Self::RaiseBias { layer, ref units, by } => {
                let suffix = there(layer)?;
                let hidden = model.rnn.layers()[layer].hidden;
                let name = ["bias", "bias_ih"].map(|name| format!("{name}{suffix}"));
                for name in name {
                    let Some(mut b) = model.rnn.params_mut().get_mut(&name) else { continue };
                    for (_, b) in b.iter_mut().enumerate().filter(|(at, _)| units.contains(&(at % hidden))) {
                        *b += F::of(by);
                    }
                }
            }
            Self::LearningRate { .. } => {}
        }
        Ok(())
    }
}

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Orthogonal { layer, gain } => write!(
                f,
                "Replace each gate's block of weight_hh_l{layer} by the nearest orthogonal matrix times {gain:.3}."
            ),
            Self::Scale { layer, factor } => {
                write!(f, "Multiply every weight and bias of layer {layer} by {factor:.3e}.")
            }
            Self::ScaleOwn { layer, factor } => write!(f, "Multiply weight_h_l{layer} by {factor:.3}."),
            Self::KeepBias { layer, bias } => write!(
                f,
                "Set the bias of the gate that keeps the state of layer {layer} to {bias:.3}, or to minus that where the gate \
                 admits the new state instead."
            ),
            Self::Eigenvalue { layer, value } => {
                write!(f, "Set nu_l{layer} so that the eigenvalues tanh ν are {value:.4}.")
            }
            Self::SetBias { layer, units, value } => {
                write!(f, "Set the bias of {} units of layer {layer} to {value:.3}.", units.len())
            }
            Self::RaiseBias { layer, units, by } => {
                write!(f, "Raise the bias of {} units of layer {layer} by {by:.3}.", units.len())
            }
            Self::LearningRate { rate } => write!(f, "Take a learning rate of {rate:.3e}."),
        }
    }
}

/// The first change after which this symptom is gone and no other has come, or else the first after which this symptom is gone.
pub(super) fn find<F: Real>(
    model: &Model<F>,
    batch: &Batch<F>,
    loss: &impl Loss<F>,
    evidence: &Evidence,
    known: &[Symptom],
    symptom: &Symptom,
) -> Result<Option<Remedy>> {
    if let (Condition::LearningRate, Some(descent)) = (symptom.condition, &evidence.descent) {
        let mut ws = model.workspace();
        let mut rate = 1.0 / descent.curvature;
        for _ in 0..HALVINGS {
            if after(model, batch, loss, rate, &mut ws)? < descent.before {
                return Ok(Some(Remedy::LearningRate { rate }));
            }
            rate /= 2.0;
        }
        return Ok(None);
    }
    // An overflow may come from any layer: the first one that it can be removed from.
    let layers = symptom.layer.map_or(0..model.rnn.layers().len(), |layer| layer..layer + 1);
    let mut partial = None;
    for remedy in layers.flat_map(|layer| candidates(model, evidence, symptom.condition, layer)) {
        let mut changed = model.clone();
        remedy.apply(&mut changed)?;
        let left = symptoms(&Evidence::measure(&changed, batch, loss)?);
        let same =
            |one: &Symptom, other: &Symptom| (one.condition, one.layer) == (other.condition, other.layer);
        if left.iter().any(|other| same(other, symptom)) {
            continue;
        }
        if left.iter().all(|other| known.iter().any(|known| same(other, known))) {
            return Ok(Some(remedy));
        }
        if partial.is_none() && !worse(&left, symptom.condition) {
            partial = Some(remedy);
        }
    }
    Ok(partial)
}

/// Whether a change has made a network explode or chaotic that was not.
fn worse(left: &[Symptom], condition: Condition) -> bool {
    let wild = |condition| matches!(condition, Condition::Exploding | Condition::Chaotic);
    !wild(condition) && left.iter().any(|symptom| wild(symptom.condition))
}

/// What is tried, the mildest first.
fn candidates<F: Real>(
    model: &Model<F>,
    evidence: &Evidence,
    condition: Condition,
    layer: usize,
) -> Vec<Remedy> {
    let has = |name: &str| model.rnn.params().get(&format!("{name}_l{layer}")).is_some();
    let mut all = Vec::new();
    let orthogonal = |all: &mut Vec<Remedy>, gains: &[f64]| {
        if has("weight_hh") {
            all.extend(gains.iter().map(|&gain| Remedy::Orthogonal { layer, gain }));
        }
    };
    let own = |all: &mut Vec<Remedy>, most: f64| {
        let weights = model.rnn.params().get(&format!("weight_h_l{layer}"));
        let largest =
            weights.map(|weights| weights.iter().fold(0.0f64, |most, &w| most.max(number(w).abs())));
        if let Some(largest) = largest.filter(|&largest| largest > 0.0) {
            all.push(Remedy::ScaleOwn { layer, factor: most / largest });
        }
    };
    let scale = |all: &mut Vec<Remedy>, factors: &[f64]| {
        all.extend(factors.iter().map(|&factor| Remedy::Scale { layer, factor }));
    };
    let time = evidence.time as f64;
    match condition {
        Condition::Exploding | Condition::Chaotic | Condition::TransientGrowth => {
            own(&mut all, 1.0);
            orthogonal(&mut all, &[1.0, 0.9, 0.7, 0.5]);
            scale(&mut all, &[0.5, 0.2, 0.1, 0.03, 0.01]);
        }
        Condition::Saturated => scale(&mut all, &[0.5, 0.25, 0.1, 0.05, 0.02, 0.01, 0.003, 0.001]),
        Condition::Dead => {
            let units = evidence.layers.get(layer).map_or(Vec::new(), |layer| layer.dead.clone());
            if has("bias") || has("bias_ih") {
                all.extend([0.0, 0.1, 0.5, 1.0].map(|value| Remedy::SetBias {
                    layer,
                    units: units.clone(),
                    value,
                }));
                let by = [0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 16.0, 64.0];
                all.extend(by.map(|by| Remedy::RaiseBias { layer, units: units.clone(), by }));
            }
            scale(&mut all, &[-1.0]);
        }
        Condition::Forgetting | Condition::Vanishing => {
            if keeping(&model.rnn.layers()[layer]).is_some() {
                let biases = [1.0, libm::log(time.max(2.0)), libm::log(4.0 * time), libm::log(20.0 * time)];
                all.extend(biases.map(|bias| Remedy::KeepBias { layer, bias }));
            }
            if has("nu") {
                all.push(Remedy::Eigenvalue { layer, value: 1.0 - 1.0 / time });
            }
            own(&mut all, 1.0);
            orthogonal(&mut all, &[1.0, 1.2, 1.5, 2.0, 3.0, 4.0]);
            scale(&mut all, &[2.0, 4.0, 8.0]);
        }
        Condition::LearningRate => {}
    }
    all
}

/// The gate that keeps the state, and 1; or the gate that drops it, and −1.
fn keeping<F: Real>(layer: &Layer<F>) -> Option<(usize, f64)> {
    let form = layer.cell.form();
    let find = |role| form.gates.iter().position(|gate| gate.role == role);
    find(GateRole::Keeps).map(|gate| (gate, 1.0)).or_else(|| find(GateRole::Admits).map(|gate| (gate, -1.0)))
}

fn orthogonalize<F: Real>(mut block: ArrayViewMut2<'_, F>, gain: f64) -> Result<()> {
    let nearest: Array2<f64> = polar(block.view())?;
    block.zip_mut_with(&nearest, |to, &from| *to = F::of(gain * from));
    Ok(())
}
