//! What the numbers say.

use std::f64::consts::LN_10;

use super::{Condition, Crossed, Evidence, LayerEvidence, Symptom};

/// The share of dead units at which a layer counts as dead.
const DEAD: f64 = 0.5;

/// The share of flat activations at which a gate counts as saturated.
const FLAT: f64 = 0.7;

/// The exponent above which bounded states are chaotic: a difference grows tenfold within 230 steps.
const CHAOS: f64 = 0.01;

/// ln of the gain from which on gradients have grown.
const GROWN: f64 = LN_10;

/// The unit roundoff of single precision.
const LOST: f64 = f32::EPSILON as f64;

/// The curvature times the rate at which gradient descent is no longer stable in a quadratic bowl.
const STABLE: f64 = 2.0;

/// All symptoms, causes before what follows from them, without remedies.
pub(super) fn symptoms(evidence: &Evidence) -> Vec<Symptom> {
    if evidence.overflow.is_some() {
        let overflow = above("the largest number of the pass", f64::INFINITY, f64::MAX);
        return vec![symptom(Condition::Exploding, None, vec![overflow])];
    }
    let mut all: Vec<Symptom> =
        evidence.layers.iter().enumerate().flat_map(|(k, layer)| of_layer(k, layer)).collect();
    if let Some(descent) = &evidence.descent
        && descent.rate * descent.curvature > STABLE
        && descent.after > descent.before
    {
        let crossed = vec![
            above("the learning rate times the largest curvature", descent.rate * descent.curvature, STABLE),
            above("the loss after ten steps of gradient descent", descent.after, descent.before),
        ];
        all.push(symptom(Condition::LearningRate, None, crossed));
    }
    all.sort_by_key(|symptom| symptom.condition);
    all
}

fn of_layer(k: usize, layer: &LayerEvidence) -> Vec<Symptom> {
    let mut found = Vec::new();
    let mut add = |condition, crossed| found.push(symptom(condition, Some(k), crossed));
    let surely = layer.exponent - 3.0 * layer.exponent_error;
    let unbounded = layer.growth > layer.exponent / 2.0;
    let exponent = |bound| above("the exponent, less three standard errors,", surely, bound);
    if surely > 0.0 && unbounded && layer.end() > GROWN {
        let growth = above("the growth of ln ‖h‖ per step", layer.growth, layer.exponent / 2.0);
        add(Condition::Exploding, vec![exponent(0.0), growth, gain(layer.end(), true)]);
    }
    if surely > CHAOS && !unbounded {
        add(Condition::Chaotic, vec![exponent(CHAOS)]);
    }
    if layer.dead_share() >= DEAD {
        add(Condition::Dead, vec![above("the share of dead units", layer.dead_share(), DEAD)]);
    }
    if layer.saturated >= FLAT {
        add(Condition::Saturated, vec![above("the share of flat activations", layer.saturated, FLAT)]);
    }
    if layer.exponent < 0.0 && layer.peak() > GROWN {
        let contracts = below("the exponent", layer.exponent, 0.0);
        add(Condition::TransientGrowth, vec![contracts, gain(layer.peak(), true)]);
    }
    if layer.end() < libm::log(LOST) {
        let condition = if layer.kept > 0.0 { Condition::Forgetting } else { Condition::Vanishing };
        add(condition, vec![gain(layer.end(), false)]);
    }
    found
}

fn gain(ln: f64, above: bool) -> Crossed {
    let threshold = if above { 10.0 } else { LOST };
    let what = if above { "the largest gain over a lag" } else { "the gain over the sequence" };
    Crossed { what, value: libm::exp(ln), threshold, above }
}

fn symptom(condition: Condition, layer: Option<usize>, evidence: Vec<Crossed>) -> Symptom {
    Symptom { condition, layer, evidence, remedy: None }
}

fn above(what: &'static str, value: f64, threshold: f64) -> Crossed {
    Crossed { what, value, threshold, above: true }
}

fn below(what: &'static str, value: f64, threshold: f64) -> Crossed {
    Crossed { what, value, threshold, above: false }
}
