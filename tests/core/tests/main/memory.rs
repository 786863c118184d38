//! What a workspace takes is what its documentation says.

use ndarray::Array3;
use rnn_core::{Bias, Cell, Elman, Error, Gru, Lstm, Model, Stack};

/// Bytes of a fresh workspace after a pass forward and back.
fn bytes(stack: &Stack<f32>, batch: usize, time: usize) -> usize {
    let mut ws = stack.workspace();
    stack.forward(Array3::ones((batch, time, stack.input())).view(), &mut ws).expect("finite");
    let shape = (batch, time, stack.output());
    stack.backward(Array3::ones(shape).view(), None, &mut ws).expect("finite");
    ws.bytes()
}

/// The documented formula for the part that grows.
fn growing(stack: &Stack<f32>, saved: usize, batch: usize, time: usize) -> usize {
    let layers = stack.layers().iter().map(|layer| {
        let (saved, gates) = (saved * layer.hidden, layer.gates() * layer.hidden);
        let of_gates = if layer.splits_biases() { 2 * gates } else { gates };
        let states = layer.output() + layer.cell_width();
        time * batch * (saved + of_gates) + 2 * (time + 1) * batch * states + 2 * batch * gates
    });
    4 * (layers.sum::<usize>() + 2 * time * batch * stack.input())
}

/// `saved` and `per_unit` are numbers for each unit, sequence and timestep: what the unit keeps, and all of them.
fn check(cell: impl Into<Cell<f32>>, saved: usize, per_unit: usize) {
    let stack = Stack::zeros(cell, 5, &[17, 16], Bias::Double).expect("no size is 0");
    // The room for products is as large as it gets from 256 rows on, and as long as one thread does them all.
    let rest = bytes(&stack, 16, 32) - growing(&stack, saved, 16, 32);
    for (batch, time) in [(16, 33), (17, 64), (64, 16), (12, 100)] {
        assert_eq!(
            bytes(&stack, batch, time),
            growing(&stack, saved, batch, time) + rest,
            "{batch} x {time}"
        );
    }
    // Gradients, two packed copies of each weight and their padding: the room for products is the rest.
    let weights = stack.params().len();
    assert!(rest < 4 * (3 * weights + 4 * 32 * (17 + 16) * 4 + (1 << 17) + (1 << 14)), "{rest}");
    let step = growing(&stack, saved, 64, 101) - growing(&stack, saved, 64, 100);
    assert_eq!(step, 4 * 64 * (per_unit * (17 + 16) + 2 * 5));
}

#[test]
fn a_workspace_is_as_large_as_documented() {
    check(Elman::tanh(), 1, 4);
    check(Lstm, 5, 13);
    check(Gru, 4, 12);
}

/// A shorter sequence takes no more, and a second pass over the same sizes neither.
#[test]
fn memory_is_reused() {
    let model = Model::<f64>::zeros(Gru, 2, &[8], 1, Bias::Double).expect("no size is 0");
    let mut ws = model.workspace();
    model.forward(Array3::ones((6, 20, 2)).view(), &mut ws).expect("finite");
    let first = ws.rnn.bytes();
    for (batch, time) in [(6, 20), (1, 1), (20, 6), (6, 20)] {
        model.forward(Array3::ones((batch, time, 2)).view(), &mut ws).expect("finite");
        assert!(ws.rnn.bytes() <= first + 8 * 14 * 8 * 12, "{batch} x {time}");
    }
}

/// The states of a pass without a record are the same, bit for bit; there is no way back from it.
#[test]
fn inference_keeps_the_states_only() {
    let mut rng = <rand_pcg::Pcg64Dxsm as rand::SeedableRng>::seed_from_u64(1);
    let stack = Stack::<f32>::new(Lstm, 2, &[20, 7], Bias::Double, &mut rng).expect("no size is 0");
    let x = Array3::from_shape_fn((3, 50, 2), |(b, t, i)| (b + t + i) as f32 * 0.01);
    let (mut ws, mut with_record) = (stack.workspace(), stack.workspace());
    stack.infer(x.view(), &mut ws).expect("finite");
    stack.forward(x.view(), &mut with_record).expect("finite");
    assert!((0..2).all(|k| ws.hidden(k) == with_record.hidden(k) && ws.cell(k) == with_record.cell(k)));
    assert_eq!(ws.final_state(), with_record.final_state());
    assert_eq!(with_record.bytes() - ws.bytes(), 4 * 49 * 3 * 5 * (20 + 7), "no record but the last step's");

    let d = Array3::ones((3, 50, 7));
    assert_eq!(stack.backward(d.view(), None, &mut ws), Err(Error::NothingRecorded));
    stack.forward(x.view(), &mut ws).expect("finite");
    stack.backward(d.view(), None, &mut ws).expect("finite");
    stack.backward(d.view(), None, &mut with_record).expect("finite");
    assert_eq!(ws.gradients(), with_record.gradients());
    stack.infer(x.view(), &mut ws).expect("finite");
    assert_eq!(ws.final_state(), with_record.final_state());
}
