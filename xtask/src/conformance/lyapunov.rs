//! Family `lyapunov`: the Lyapunov exponents of an autonomous network, in the order of the columns.
//!
//! # Means that nobody can know better
//!
//! Two runs of a chaotic network part, whatever the difference between them: the order of a sum is enough. Their means
//! over some thousand steps then differ by their statistical errors, which may be more than the tolerance. So where the
//! first comparison fails, the network is run from further initial states that differ from the given one by rounding,
//! and what PyTorch found is compared with the nearest number in the range of these runs. If the network is not chaotic,
//! that range is a point.

use ndarray::{Array1, Dimension, Ix1};
use rnn_analysis::lyapunov_exponents;
use rnn_core::{Parameters, Real, Stack, State};

use crate::conformance::checks::Checks;
use crate::conformance::fixture::Fixture;
use crate::conformance::jacobian::{bias_in_file, place_if_there};
use crate::conformance::keys::required;
use crate::conformance::network::Network;
use crate::conformance::outcome::Stop;

pub(super) fn check<F: Real>(fixture: &Fixture<'_>, checks: &mut Checks) -> Result<(), Stop> {
    // A network of its own time: `steps`, after `burn_in` more.
    let case = fixture.case.or("cell", "rnn").or("bias", bias_in_file(fixture)).or("seq_len", 1);
    let network = Network::<F>::read(&case)?;
    let steps = required("steps", case.size("steps")?)?;
    let burn_in = match case.number("burn_in")? {
        None | Some(0.0) => 0,
        Some(_) => case.size("burn_in")?.unwrap_or_default(),
    };
    // What the weights were drawn with; they are in the file.
    case.number("gain")?;
    case.all_read("key of the case:")?;
    if network.layers > 1 {
        return Err(Stop::unsupported(format!("lyapunov of {} layers", network.layers)));
    }
    if network.batch > 1 {
        return Err(Stop::unsupported(format!("lyapunov of {} sequences", network.batch)));
    }

    let stack = autonomous(fixture, &network)?;
    let mut initial = stack.zero_state(1);
    for layer in &mut initial.layers {
        place_if_there(fixture, "h0", &mut layer.h)?;
        if let Some(c) = &mut layer.c {
            place_if_there(fixture, "c0", c)?;
        }
    }
    let exponents = |initial: &State<F>| -> Result<Array1<f64>, Stop> {
        let mut spectra = lyapunov_exponents(&stack, Some(initial), steps, burn_in)?;
        Ok(spectra.swap_remove(0).by_column.into())
    };
    let first = exponents(&initial)?;
    let mut plain = Checks::new(checks.tolerance);
    plain.compare(fixture, "exponents", first.view().into_dyn())?;
    let mut nearest = first.clone();
    if plain.worst.is_some_and(|worst| !worst.holds()) {
        let (mut low, mut high) = (first.clone(), first);
        for run in 1..RUNS {
            let by = F::one() + F::of(run as f64) * F::epsilon();
            initial.layers[0].h.mapv_inplace(|h| h * by);
            let other = exponents(&initial)?;
            low.zip_mut_with(&other, |low, &x| *low = low.min(x));
            high.zip_mut_with(&other, |high, &x| *high = high.max(x));
        }
        let want = fixture.array::<f64, Ix1, 1>("exponents", [low.len()])?;
        nearest = want;
        nearest.zip_mut_with(&low, |x, &low| *x = x.max(low));
        nearest.zip_mut_with(&high, |x, &high| *x = x.min(high));
    }
    checks.compare(fixture, "exponents", nearest.into_dyn().view())
}

/// How many runs give the range of the exponents of a chaotic network.
const RUNS: usize = 8;

/// The network in the file; W_ih, which reads nothing but zeros, may be missing.
fn autonomous<F: Real>(fixture: &Fixture<'_>, network: &Network<F>) -> Result<Stack<F>, Stop> {
    const W_IH: &str = "weight_ih_l0";
    let rows = network.gates * network.hidden;
    // Nothing is allocated on the word of a case.
    fixture.expect_shape("weight_hh_l0", &[rows, network.output()])?;
    let input = if fixture.has(W_IH) { network.input } else { 1 };
    if fixture.has(W_IH) {
        fixture.expect_shape(W_IH, &[rows, input])?;
    }
    let mut stack = Stack::zeros(network.cell.clone(), input, &[network.hidden], network.options)?;
    let shapes: Vec<_> = stack.named().map(|(name, array)| (name.to_owned(), array.raw_dim())).collect();
    for (name, shape) in shapes.into_iter().filter(|(name, _)| name != W_IH || fixture.has(W_IH)) {
        fixture.expect_shape(&name, shape.slice())?;
        stack.set_parameter(&name, fixture.numbers(&name)?.mapv(F::of).view())?;
    }
    Ok(stack)
}
