//! A batch with lengths is each of its sequences run by itself.

use ndarray::{ArrayD, s};
use rnn_core::gradcheck::{Case, every_cell};
use rnn_core::{Elman, Lstm, Run, Stack, State};

use super::{NETWORKS, assert_close, bits, normal, numbers, sequence, stack, state, suited, without_noise};

#[test]
fn a_batch_is_its_sequences() {
    for (name, check) in every_cell() {
        for seed in 0..NETWORKS {
            let case = suited(check.cell(), seed, without_noise);
            let lengths = case.lengths.clone().unwrap_or_else(|| vec![case.time; case.batch]);
            compare(&stack(check.cell().clone(), &case), &case, &lengths, &format!("{name}, seed {seed}"));
        }
    }
}

fn start<'a>(run: Run<'a, f64>, state: Option<&'a State<f64>>) -> Run<'a, f64> {
    if let Some(state) = state { run.from_state(state) } else { run }
}

fn compare(rnn: &Stack<f64>, case: &Case, lengths: &[usize], name: &str) {
    let Case { batch, time, input, seed, .. } = *case;
    let mut x = normal::<f64>((batch, time, input), seed ^ 2);
    let mut d_output = normal::<f64>((batch, time, rnn.output()), seed ^ 3);
    for (b, &length) in lengths.iter().enumerate() {
        // Neither is looked at.
        x.slice_mut(s![b, length.., ..]).fill(f64::NAN);
        d_output.slice_mut(s![b, length.., ..]).fill(f64::INFINITY);
    }
    let (given, d_final) = (state(rnn, batch, seed ^ 4), state(rnn, batch, seed ^ 5));
    let (mut all, mut one) = (rnn.workspace(), rnn.workspace());
    let run = Run::over(x.view()).lengths(lengths);
    rnn.forward(start(run, case.from_state.then_some(&given)), &mut all).expect("finite");
    rnn.backward(d_output.view(), Some(&d_final), &mut all).expect("finite");

    let (last, d_initial) = (all.final_state(), all.d_initial());
    let mut sums: Vec<ArrayD<f64>> =
        all.gradients().iter().map(|(_, g)| ArrayD::zeros(g.raw_dim())).collect();
    for (b, &length) in lengths.iter().enumerate() {
        let name = &format!("{name}, sequence {b}");
        let given = sequence(&given, b);
        let run = Run::over(x.slice(s![b..=b, ..length, ..]));
        rnn.forward(start(run, case.from_state.then_some(&given)), &mut one).expect("finite");
        rnn.backward(d_output.slice(s![b..=b, ..length, ..]), Some(&sequence(&d_final, b)), &mut one)
            .expect("finite");
        for layer in 0..case.hidden.len() {
            for (all, one, exact) in [
                (all.hidden(layer), one.hidden(layer), true),
                (all.cell(layer), one.cell(layer), true),
                (all.d_hidden(layer), one.d_hidden(layer), false),
                (all.d_cell(layer), one.d_cell(layer), false),
            ] {
                let (within, past) = (all.slice(s![b, ..length, ..]), all.slice(s![b, length.., ..]));
                if exact {
                    assert_eq!(bits(within), bits(one), "{name}");
                } else {
                    assert_close(within, one, 1e-12, name);
                }
                assert!(past.iter().all(|&x| x == 0.0), "{name}: layer {layer} past the end");
            }
        }
        assert_eq!(bits(&numbers(&sequence(&last, b))), bits(&numbers(&one.final_state())), "{name}");
        assert_close(&numbers(&sequence(&d_initial, b)), &numbers(&one.d_initial()), 1e-12, name);
        assert_close(all.d_input().slice(s![b, ..length, ..]), one.d_input(), 1e-12, name);
        assert!(
            all.d_input().slice(s![b, length.., ..]).iter().all(|&x| x == 0.0),
            "{name}: dL/dx past the end"
        );
        one.gradients().iter().zip(&mut sums).for_each(|((_, g), sum)| *sum += &g);
    }
    for ((parameter, gradient), sum) in all.gradients().iter().zip(&sums) {
        assert_close(gradient, sum, 1e-12, &format!("{name}, {parameter}"));
    }
}

/// The order of the sequences is the caller's: sorted, a batch gives the same numbers.
#[test]
fn sequences_may_be_in_any_order() {
    let case =
        Case { batch: 4, time: 6, input: 2, hidden: vec![17, 3], from_state: false, ..Case::random(1) };
    let rnn = stack::<f64>(Lstm, &Case { options: rnn_core::Bias::Double.into(), ..case });
    let x = normal::<f64>((4, 6, 2), 1);
    let (mut ws, mut sorted) = (rnn.workspace(), rnn.workspace());
    rnn.forward(Run::over(x.view()).lengths(&[2, 6, 2, 5]), &mut ws).expect("finite");
    let order = [1, 3, 0, 2];
    let x = x.select(ndarray::Axis(0), &order);
    rnn.forward(Run::over(x.view()).lengths(&[6, 5, 2, 2]), &mut sorted).expect("finite");
    for (k, b) in order.into_iter().enumerate() {
        assert_eq!(bits(ws.output().slice(s![b, .., ..])), bits(sorted.output().slice(s![k, .., ..])));
    }
}

#[test]
fn lengths_that_do_not_fit_are_refused() {
    let rnn = stack::<f64>(Elman::tanh(), &Case { input: 2, hidden: vec![3], ..Case::random(1) });
    let (x, mut ws) = (normal::<f64>((2, 3, 2), 1), rnn.workspace());
    for (lengths, text) in [
        (&[3, 0][..], "sequence 1 has length 0; it must be at least 1 and at most 3"),
        (&[4, 1], "sequence 0 has length 4; it must be at least 1 and at most 3"),
        (&[3], "lengths has shape [1], expected [2]"),
    ] {
        let error = rnn.forward(Run::over(x.view()).lengths(lengths), &mut ws).expect_err(text);
        assert_eq!(error.to_string(), text);
    }
    // A number that is looked at is named by its own place, not that of the first one that is not finite.
    let mut x = x;
    (x[[0, 2, 0]], x[[1, 2, 1]]) = (f64::NAN, f64::NAN);
    let error = rnn.forward(Run::over(x.view()).lengths(&[2, 3]), &mut ws).expect_err("NaN");
    assert_eq!(error.to_string(), "NaN in x[1, 2, 1]");
    let mut d_output = normal::<f64>((2, 3, rnn.output()), 2);
    rnn.forward(Run::over(normal((2, 3, 2), 1).view()).lengths(&[2, 3]), &mut ws).expect("finite");
    (d_output[[0, 2, 0]], d_output[[1, 1, 1]]) = (f64::NAN, f64::NAN);
    let error = rnn.backward(d_output.view(), None, &mut ws).expect_err("NaN");
    assert_eq!(error.to_string(), "NaN in d_output[1, 1, 1]");
}
