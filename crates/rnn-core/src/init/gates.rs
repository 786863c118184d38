//! Rules for the biases of gates.

use crate::Real;
use crate::cell::{Gate, GateRole};
use crate::init::{Init, InitError};
use crate::random::Random;

/// What a rule makes of the biases of gates: the number of the gate and one value for each unit.
type GateBias<F> = (usize, Vec<F>);

/// The biases that `init` gives to a layer with these gates and `hidden` units; none if it is not about gates.
pub(super) fn biases<F: Real>(
    init: Init,
    place: impl FnOnce() -> String,
    gates: &[Gate],
    hidden: usize,
    rng: &mut (impl Random<F> + ?Sized),
) -> Result<Vec<GateBias<F>>, InitError> {
    let with = |role: GateRole| gates.iter().position(|gate| gate.role == role);
    let keeping: Vec<F> = match init {
        Init::ForgetBias(value) => vec![F::of(value); hidden],
        Init::Chrono { t_max } => chrono(t_max, hidden, rng),
        _ => return Ok(Vec::new()),
    };
    let negative = || keeping.iter().map(|&b| -b).collect();
    match (with(GateRole::Keeps), with(GateRole::Admits)) {
        // An input gate of its own closes by as much as the other one opens.
        (Some(keeps), Some(admits)) if matches!(init, Init::Chrono { .. }) => {
            Ok(vec![(admits, negative()), (keeps, keeping)])
        }
        (Some(keeps), _) => Ok(vec![(keeps, keeping)]),
        // The old state is multiplied by 1 minus the gate, and 1 − σ(b) = σ(−b).
        (None, Some(admits)) => Ok(vec![(admits, negative())]),
        (None, None) => {
            let gates = gates.iter().map(|gate| gate.name).collect();
            Err(InitError::NoGate { place: place(), wanted: "gate that keeps the state", gates })
        }
    }
}

/// ln u with u from U(1, t_max − 1). Not the platform's logarithm, whose last bit is its own.
fn chrono<F: Real>(t_max: f64, hidden: usize, rng: &mut (impl Random<F> + ?Sized)) -> Vec<F> {
    let mut u = vec![F::zero(); hidden];
    rng.fill_uniform(1.0, t_max - 1.0, &mut u);
    u.into_iter().map(|u| F::of(libm::log(u.to_f64().unwrap_or(f64::NAN)))).collect()
}
