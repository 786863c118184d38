//! Zoneout against its equations: h_t = z ∘ h_{t−1} + (1 − z) ∘ h̃_t, where h̃_t is what a network without it computes from
//! the same state.

use rnn_core::gradcheck::{Case, every_cell};
use rnn_core::{Cell, Noise, Options, Run, Stack, State, Zoneout};

use super::{assert_close, normal, numbers, stack, state};

const ZONEOUT: Zoneout = Zoneout { hidden: 0.3, cell: 0.6 };
const BATCH: usize = 4;
const TIME: usize = 12;
const HIDDEN: usize = 33;

fn case(cell: &Cell<f64>, zoneout: Zoneout) -> Case {
    let options = Options::default().zoneout(zoneout.hidden, zoneout.cell);
    let mut case =
        Case { batch: BATCH, time: TIME, input: 2, hidden: vec![HIDDEN], options, ..Case::random(1) };
    case.suit(cell);
    case
}

/// All states of a run, the initial one first, and what a network without zoneout makes of each, but the last.
fn run(zoned: &Stack<f64>, noise: Option<Noise>) -> (Vec<State<f64>>, Vec<State<f64>>) {
    let cell = &zoned.layers()[0].cell;
    let plain = stack::<f64>(cell.clone(), &case(cell, Zoneout::default()));
    assert_eq!(plain.params(), zoned.params());
    let x = normal::<f64>((BATCH, TIME, zoned.input()), 2);
    let start = state(zoned, BATCH, 3);
    let mut ws = zoned.workspace();
    let whole = Run::over(x.view()).from_state(&start);
    zoned.forward(if let Some(noise) = noise { whole.noise(noise) } else { whole }, &mut ws).expect("finite");
    let states: Vec<_> = (0..=TIME).map(|t| ws.state_after(t)).collect();
    let mut ws = plain.workspace();
    let computed = states[..TIME].iter().enumerate().map(|(t, state)| {
        let now = x.slice(ndarray::s![.., t..=t, ..]);
        plain.forward(Run::over(now).from_state(state), &mut ws).expect("finite");
        ws.final_state()
    });
    let computed = computed.collect();
    (states, computed)
}

/// (state before, state after, what was computed, whether it is c) of every unit at every timestep.
fn every_unit(states: &[State<f64>], computed: &[State<f64>]) -> Vec<(f64, f64, f64, bool)> {
    let steps = states.windows(2).zip(computed).flat_map(|(pair, computed)| {
        let hidden = pair[0].layers[0].h.len();
        let all = numbers(&pair[0]).into_iter().zip(numbers(&pair[1])).zip(numbers(computed));
        all.enumerate()
            .map(move |(k, ((before, after), computed))| (before, after, computed, k >= hidden))
            .collect::<Vec<_>>()
    });
    steps.collect()
}

#[test]
fn every_cell_under_zoneout() {
    for (name, check) in every_cell() {
        let rnn = stack::<f64>(check.cell().clone(), &case(check.cell(), ZONEOUT));
        without_noise(&rnn, &name);
        with_noise(&rnn, &name);
    }
}

fn without_noise(rnn: &Stack<f64>, name: &str) {
    let (states, computed) = run(rnn, None);
    for (before, after, computed, is_c) in every_unit(&states, &computed) {
        let p = if is_c { ZONEOUT.cell } else { ZONEOUT.hidden };
        let wanted = p * before + (1.0 - p) * computed;
        assert_close([&after], [&wanted], 1e-13, name);
    }
}

fn with_noise(rnn: &Stack<f64>, name: &str) {
    let noise = Noise { seed: 5, step: 0 };
    let (states, computed) = run(rnn, Some(noise));
    // What a unit computes can be its old state to within rounding (a relu at 0): it says nothing.
    let units: Vec<_> = every_unit(&states, &computed)
        .into_iter()
        .filter(|(before, _, computed, _)| (before - computed).abs() > 1e-9 * (1.0 + computed.abs()))
        .collect();
    for (p, is_c) in [(ZONEOUT.hidden, false), (ZONEOUT.cell, true)] {
        let of_part: Vec<_> = units.iter().filter(|unit| unit.3 == is_c).collect();
        let kept = of_part.iter().filter(|(before, after, ..)| before == after).count();
        for (before, after, computed, _) in of_part.iter().copied() {
            let ok = after == before || (after - computed).abs() <= 1e-13 * (1.0 + computed.abs());
            assert!(ok, "{name}: from {before} and {computed} follows {after}");
        }
        if !of_part.is_empty() {
            let n = of_part.len() as f64;
            let off = (kept as f64 / n - p).abs();
            assert!(off < 5.0 * (p * (1.0 - p) / n).sqrt(), "{name}: {kept} of {n} kept their state");
        }
    }
    // Which units keep it changes from step to step and from mask to mask, and repeats with the noise.
    assert_eq!(run(rnn, Some(noise)).0, states);
    assert_ne!(run(rnn, Some(Noise { step: 1, ..noise })).0, states);
}

/// Steps of h and of c that are kept do not go together.
#[test]
fn h_and_c_are_drawn_apart() {
    let rnn = stack::<f64>(rnn_core::Lstm, &case(&rnn_core::Lstm.into(), ZONEOUT));
    let (states, computed) = run(&rnn, Some(Noise { seed: 5, step: 0 }));
    let units = every_unit(&states, &computed);
    let kept: Vec<bool> = units.iter().map(|(before, after, ..)| before == after).collect();
    let step = BATCH * HIDDEN;
    let pairs = kept.chunks_exact(2 * step).flat_map(|step_of| {
        let (h, c) = step_of.split_at(step);
        h.iter().zip(c)
    });
    let both = pairs.filter(|(h, c)| **h && **c).count() as f64;
    let (n, p) = ((TIME * step) as f64, ZONEOUT.hidden * ZONEOUT.cell);
    assert!((both / n - p).abs() < 5.0 * (p * (1.0 - p) / n).sqrt(), "{both} of {n}");
}

#[test]
fn what_is_no_probability_is_refused() {
    for (zoneout, text) in [
        (Zoneout { hidden: 1.0, cell: 0.0 }, "zoneout of h = 1: it must be at least 0 and below 1"),
        (Zoneout { hidden: 0.0, cell: -0.5 }, "zoneout of c = -0.5: it must be at least 0 and below 1"),
    ] {
        let options = Options::default().zoneout(zoneout.hidden, zoneout.cell);
        let error = Stack::<f64>::zeros(rnn_core::Lstm, 1, &[2], options).expect_err("no probability");
        assert_eq!(error.to_string(), text);
    }
}
