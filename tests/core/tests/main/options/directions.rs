//! Both directions are two networks, one of which reads each sequence from its own end.

use ndarray::{Array3, s};
use rnn_core::gradcheck::{Case, every_cell};
use rnn_core::{LayerState, Options, Run, Stack, State, Workspace};

use super::{
    NETWORKS, assert_close, beside, bits, copy, normal, numbers, reversed, stack, state, suited,
    without_noise,
};

#[test]
fn both_directions_are_two_runs() {
    for (name, check) in every_cell() {
        for seed in 0..NETWORKS {
            let case = suited(check.cell(), seed, |case| {
                without_noise(case);
                case.options.bidirectional = true;
            });
            compare(&stack(check.cell().clone(), &case), &case, &format!("{name}, seed {seed}"));
        }
    }
}

/// One level of the network: two layers of one direction, and what they left.
struct Level {
    parts: [(Stack<f64>, Workspace<f64>); 2],
}

fn compare(rnn: &Stack<f64>, case: &Case, name: &str) {
    let Case { batch, time, input, seed, .. } = *case;
    let lengths = case.lengths.clone().unwrap_or_else(|| vec![time; batch]);
    let x = normal::<f64>((batch, time, input), seed ^ 2);
    let d_output = normal::<f64>((batch, time, rnn.output()), seed ^ 3);
    let (given, d_final) = (state(rnn, batch, seed ^ 4), state(rnn, batch, seed ^ 5));
    let mut ws = rnn.workspace();
    let run = Run::over(x.view()).lengths(&lengths);
    rnn.forward(if case.from_state { run.from_state(&given) } else { run }, &mut ws).expect("finite");
    rnn.backward(d_output.view(), Some(&d_final), &mut ws).expect("finite");

    // Forward, level by level.
    let (last, d_initial) = (ws.final_state(), ws.d_initial());
    let only = |state: &State<f64>, k: usize| State { layers: vec![state.layers[k].clone()] };
    let mut below: Array3<f64> = x.clone();
    let mut levels = Vec::new();
    for (level, &hidden) in case.hidden.iter().enumerate() {
        let cell = &rnn.layers()[0].cell;
        let part = |k: usize| {
            let options = case.options.bidirectional(false);
            let mut part = Stack::zeros(cell.clone(), below.dim().2, &[hidden], options).expect("sizes");
            let suffix = if k == 1 { "_reverse" } else { "" };
            copy(rnn.params(), part.params_mut(), |name| {
                format!("{}_l{level}{suffix}", name.strip_suffix("_l0").expect("of layer 0"))
            });
            let mut ws = part.workspace();
            let x = if k == 1 { reversed(below.view(), &lengths) } else { below.clone() };
            let given = only(&given, 2 * level + k);
            let run = Run::over(x.view()).lengths(&lengths);
            part.forward(if case.from_state { run.from_state(&given) } else { run }, &mut ws)
                .expect("finite");
            assert_eq!(
                bits(&numbers(&only(&last, 2 * level + k))),
                bits(&numbers(&ws.final_state())),
                "{name}, final state {k} of level {level}"
            );
            (part, ws)
        };
        let parts = [part(0), part(1)];
        below = joined(&parts, &lengths, Workspace::hidden);
        assert_eq!(bits(ws.hidden(level)), bits(&below), "{name}, h of level {level}");
        let c = joined(&parts, &lengths, Workspace::cell);
        assert_eq!(bits(ws.cell(level)), bits(&c), "{name}, c of level {level}");
        levels.push(Level { parts });
    }

    // Back, from the top.
    let mut d_above = d_output;
    for (level, Level { parts }) in levels.iter_mut().enumerate().rev() {
        let mut d_below = Array3::zeros((1, 1, 1));
        for (k, (part, own)) in parts.iter_mut().enumerate() {
            let width = part.output();
            let d = d_above.slice(s![.., .., k * width..(k + 1) * width]);
            let d = if k == 1 { reversed(d, &lengths) } else { d.to_owned() };
            part.backward(d.view(), Some(&only(&d_final, 2 * level + k)), own).expect("finite");
            let name = &format!("{name}, direction {k} of level {level}");
            let suffix = if k == 1 { "_reverse" } else { "" };
            for (parameter, gradient) in own.gradients().iter() {
                let parameter = parameter.strip_suffix("_l0").expect("of layer 0");
                let found =
                    ws.gradients().get(&format!("{parameter}_l{level}{suffix}")).expect("it is there");
                assert_close(found, gradient, 1e-12, &format!("{name}, {parameter}"));
            }
            assert_close(&numbers(&only(&d_initial, 2 * level + k)), &numbers(&own.d_initial()), 1e-12, name);
            let d_x = own.d_input();
            d_below = d_below + if k == 1 { reversed(d_x, &lengths) } else { d_x.to_owned() };
        }
        let name = &format!("{name}, level {level}");
        assert_close(ws.d_hidden(level), &joined(parts, &lengths, Workspace::d_hidden), 1e-12, name);
        assert_close(ws.d_cell(level), &joined(parts, &lengths, Workspace::d_cell), 1e-12, name);
        d_above = d_below;
    }
    assert_close(ws.d_input(), &d_above, 1e-12, name);
}

/// What both parts left, side by side in the order of time.
fn joined(
    parts: &[(Stack<f64>, Workspace<f64>); 2],
    lengths: &[usize],
    view: impl Fn(&Workspace<f64>, usize) -> ndarray::ArrayView3<'_, f64>,
) -> Array3<f64> {
    let [(_, forward), (_, backward)] = parts;
    beside(view(forward, 0), reversed(view(backward, 0), lengths).view())
}

/// The state of layer k and direction d stands at 2 k + d, as in PyTorch's `h_n`.
#[test]
fn the_backward_part_ends_at_the_first_timestep() {
    let mut case = Case { batch: 2, time: 5, hidden: vec![3], ..Case::random(0) };
    case.options = Options::default().bidirectional(true);
    let rnn = stack::<f64>(rnn_core::Elman::tanh(), &case);
    let (x, mut ws) = (normal::<f64>((2, 5, case.input), 1), rnn.workspace());
    rnn.forward(Run::over(x.view()).lengths(&[5, 3]), &mut ws).expect("finite");
    let LayerState { h, .. } = &ws.final_state().layers[1];
    assert_eq!(h, &ws.output().slice(s![.., 0, 3..]));
    let LayerState { h, .. } = &ws.final_state().layers[0];
    assert_eq!(h.row(0), ws.output().slice(s![0, 4, ..3]));
    assert_eq!(h.row(1), ws.output().slice(s![1, 2, ..3]));
    assert!(matches!(rnn.stream(), Err(rnn_core::Error::NoStream)));
}
