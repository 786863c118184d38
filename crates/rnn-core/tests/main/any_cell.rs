//! A cell known only at run time gives the bits of the one that it is.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

use ndarray::Array3;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{AnyCell, Bias, Cell, Elman, Gru, Lstm, Model, Mse, Options, Parameters, Random, Zoneout};

fn gradients<C: Cell<f64>>(cell: C, options: Options) -> (f64, Vec<f64>) {
    let mut rng = Pcg64Dxsm::seed_from_u64(1);
    let model = Model::<f64>::new(cell, 2, &[5, 4], 3, options, &mut rng).unwrap();
    let (mut x, mut y) = (Array3::zeros((3, 6, 2)), Array3::zeros((3, 6, 3)));
    rng.fill_normal(x.as_slice_mut().unwrap());
    rng.fill_normal(y.as_slice_mut().unwrap());
    let mut ws = model.workspace();
    let loss = model.loss_and_gradients(x.view(), y.view(), &Mse::all(), &mut ws).unwrap();
    (loss, ws.blocks().flat_map(|block| block.as_slice().to_vec()).collect())
}

fn same_bits<C: Cell<f64> + Into<AnyCell> + Clone>(cell: C) {
    let zoneout = Zoneout { hidden: 0.1, cell: 0.2 };
    for options in
        [Options::from(Bias::Double), Options { bidirectional: true, zoneout, ..Options::default() }]
    {
        let any: AnyCell = cell.clone().into();
        assert_eq!(gradients(any, options), gradients(cell.clone(), options), "{any}");
    }
    assert_eq!(Cell::<f64>::gates(&cell.clone().into()), cell.gates());
    // One timestep of one sequence takes another path.
    let mut rng = Pcg64Dxsm::seed_from_u64(2);
    let model = Model::<f64>::new(cell.into(), 1, &[7], 1, Bias::Double, &mut rng).unwrap();
    let stream = model.stream().unwrap();
    let mut state = stream.state(1);
    let predicted = model.predict(Array3::from_elem((1, 2, 1), 0.3).view()).unwrap();
    for t in 0..2 {
        assert_eq!(stream.step(&[0.3], &mut state).unwrap()[0], predicted[[0, t, 0]]);
    }
}

#[test]
fn any_cell_has_the_bits_of_the_cell_that_it_is() {
    same_bits(Elman::tanh());
    same_bits(Elman::relu());
    same_bits(Elman::sigmoid());
    same_bits(Elman::identity());
    same_bits(Lstm);
    same_bits(Gru);
}

#[test]
fn names_are_stable_and_parse() {
    let names: Vec<_> = AnyCell::ALL.iter().map(AnyCell::name).collect();
    assert_eq!(names[..6], ["rnn-tanh", "rnn-relu", "rnn-sigmoid", "rnn-identity", "lstm", "gru"]);
    for cell in AnyCell::ALL {
        assert_eq!(cell.to_string().parse(), Ok(*cell));
    }
    let error = "LSTM".parse::<AnyCell>().unwrap_err().to_string();
    assert!(error.starts_with("no cell is called \"LSTM\"; there are rnn-tanh, rnn-relu,"), "{error}");
}
