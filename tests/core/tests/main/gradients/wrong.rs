//! What is wrong is found: each derivative of a unit, falsified one after the other, and what is no number.

use rnn_core::cell::{Form, Gradient, Name};
use rnn_core::gradcheck::{Case, Error, cell};
use rnn_core::{Elman, Readout, Unit};

use super::cells::TwoCells;

/// [`TwoCells`], with one of its derivatives too large by a thousandth.
#[derive(Clone, Copy)]
struct Falsified(usize);

impl Unit<f64> for Falsified {
    type Gates = [f64; 2];
    type State = [f64; 3];
    type Saved = [f64; 4];
    type Own = [f64; 0];
    const FORM: Form = <TwoCells as Unit<f64>>::FORM;

    fn name(&self) -> Name {
        Name::new("falsified").with("derivative", self.0)
    }

    fn forward(&self, own: [f64; 0], a: [f64; 2], u: [f64; 2], previous: [f64; 3]) -> ([f64; 3], [f64; 4]) {
        TwoCells.forward(own, a, u, previous)
    }

    fn read(&self, own: [f64; 0], state: [f64; 3], saved: [f64; 4]) -> ([f64; 3], [f64; 4]) {
        TwoCells.read(own, state, saved)
    }

    fn read_back(&self, own: [f64; 0], saved: [f64; 4], d_h: f64) -> [f64; 3] {
        let mut d = TwoCells.read_back(own, saved, d_h);
        d[1..].iter_mut().skip(self.0.wrapping_sub(7)).take(1).for_each(|d| *d *= 1.001);
        d
    }

    fn backward(
        &self,
        own: [f64; 0],
        saved: [f64; 4],
        previous: [f64; 3],
        d: [f64; 3],
    ) -> Gradient<[f64; 2], [f64; 3], [f64; 0]> {
        let mut gradient = TwoCells.backward(own, saved, previous, d);
        let Gradient { a, u, previous, .. } = &mut gradient;
        a.iter_mut().chain(u).chain(previous).skip(self.0).take(1).for_each(|d| *d *= 1.001);
        gradient
    }
}

#[test]
fn each_derivative_of_a_unit() {
    let wrong: Vec<_> = (0..=9).map(|k| cell(Falsified(k)).check()).collect();
    for (k, outcome) in wrong[..9].iter().enumerate() {
        let Err(Error::Wrong { worst, case, .. }) = outcome else { panic!("derivative {k}: {outcome:?}") };
        assert!(worst.error > 1e-6, "derivative {k}: {worst:?}");
        let off = (worst.claimed / worst.found - 1.0).abs();
        assert!(off > 1e-9 && off < 0.1, "derivative {k} is off by {off}");
        let size = case.batch * case.time * case.hidden.iter().product::<usize>();
        assert!(size <= 8, "derivative {k}: the network could be simpler: {case}");
    }
    assert!(wrong[9].is_ok(), "none is wrong: {:?}", wrong[9]);
}

#[test]
fn what_cannot_be_checked_is_named() {
    let tanh = || cell(Elman::tanh());
    let text =
        |outcome: Result<_, Error>| outcome.map(|_: rnn_core::gradcheck::Report| ()).unwrap_err().to_string();
    for bad in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = text(tanh().tolerance(bad).check());
        assert!(error.contains(&format!("tolerance = {bad}")), "{error}");
    }
    assert_eq!(text(tanh().networks(0).check()), "the number of networks is 0; it must be at least 1");
    let error = text(tanh().with(|case| case.lengths = Some(vec![9; 5])).check());
    assert!(error.contains("lengths has shape [5]") && error.contains("seed 0"), "{error}");
    let error = text(tanh().with(|case| case.hidden = vec![3, 0]).check());
    assert!(error.contains("the hidden size is 0"), "{error}");
    let explosive = cell(Elman(|z: f64| (z * 1e200, 1e200))).with(|case| case.time = case.time.max(3));
    let error = text(explosive.with(|case| case.lengths = None).check());
    assert!(error.contains("inf in ") || error.contains("NaN in "), "{error}");
}

/// A seed means the same everywhere: this case is written in reports.
#[test]
fn cases_follow_from_their_seed() {
    assert_eq!(Case::random(5), Case::random(5));
    let cases: Vec<Case> = (0..200).map(Case::random).collect();
    let share = |what: &dyn Fn(&Case) -> bool| cases.iter().filter(|case| what(case)).count();
    for (name, count) in [
        ("three layers", share(&|case| case.hidden.len() == 3)),
        ("both directions", share(&|case| case.options.bidirectional)),
        ("learned", share(&|case| case.options.learned_initial)),
        ("dropout", share(&|case| case.options.dropout > 0.0)),
        ("recurrent dropout", share(&|case| case.options.recurrent_dropout > 0.0)),
        ("zoneout of h", share(&|case| case.options.zoneout.hidden > 0.0)),
        ("zoneout of c", share(&|case| case.options.zoneout.cell > 0.0)),
        ("noise", share(&|case| case.noise.is_some())),
        ("lengths", share(&|case| case.lengths.is_some())),
        ("state", share(&|case| case.from_state)),
        ("final states", share(&|case| case.readout == Readout::FinalStates)),
    ] {
        assert!((40..=140).contains(&count), "{name}: {count} of 200");
    }
}
