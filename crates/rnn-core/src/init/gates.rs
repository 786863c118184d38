//! Rules for the biases of gates.

use crate::Real;
use crate::init::{Init, InitError};
use crate::random::Random;

/// What a rule makes of the biases of gates: the number of the gate and one value for each unit.
type GateBias<F> = (usize, Vec<F>);

/// The biases that `init` gives to a layer with these gates and `hidden` units; none if it is not about gates.
pub(super) fn biases<F: Real>(
    init: Init,
    place: impl FnOnce() -> String,
    gates: &[&'static str],
    hidden: usize,
    rng: &mut (impl Random<F> + ?Sized),
) -> Result<Vec<GateBias<F>>, InitError> {
    let gate = |name: &str| gates.iter().position(|&gate| gate == name);
    let none = |wanted| InitError::NoGate { place: place(), wanted, gates: gates.to_vec() };
    match init {
        Init::ForgetBias(value) => {
            let forget = gate("f").ok_or_else(|| none("forget gate f"))?;
            Ok(vec![(forget, vec![F::of(value); hidden])])
        }
        Init::Chrono { t_max } => {
            let Some(keep) = gate("f").or_else(|| gate("z")) else {
                return Err(none("forget gate f or update gate z"));
            };
            let keeping = chrono(t_max, hidden, rng);
            // An input gate of its own closes by as much as the other opens; 1 − z does so by itself.
            let letting_in = gate("i").map(|input| (input, keeping.iter().map(|&b| -b).collect()));
            Ok(letting_in.into_iter().chain([(keep, keeping)]).collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// ln u with u from U(1, t_max − 1). Not the platform's logarithm, whose last bit is its own.
fn chrono<F: Real>(t_max: f64, hidden: usize, rng: &mut (impl Random<F> + ?Sized)) -> Vec<F> {
    let mut u = vec![F::zero(); hidden];
    rng.fill_uniform(1.0, t_max - 1.0, &mut u);
    u.into_iter().map(|u| F::of(libm::log(u.to_f64().unwrap_or(f64::NAN)))).collect()
}
