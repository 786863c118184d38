//! A cell known only by its name gives the bits of the unit that it is.

#![allow(clippy::unwrap_used, reason = "a test stops where something is missing")]

use ndarray::Array3;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{Bias, Cell, Elman, Gru, Lstm, Model, Mse, Options, Parameters, Random};

fn gradients(cell: impl Into<Cell<f64>>, options: Options) -> (f64, Vec<f64>) {
    let mut rng = Pcg64Dxsm::seed_from_u64(1);
    let model = Model::<f64>::new(cell, 2, &[5, 4], 3, options, &mut rng).unwrap();
    let (mut x, mut y) = (Array3::zeros((3, 6, 2)), Array3::zeros((3, 6, 3)));
    rng.fill_normal(x.as_slice_mut().unwrap());
    rng.fill_normal(y.as_slice_mut().unwrap());
    let mut ws = model.workspace();
    let loss = model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws).unwrap();
    (loss, ws.blocks().flat_map(|block| block.as_slice().to_vec()).collect())
}

/// A unit that is compiled here, and the cell that this crate compiled.
fn same_bits(unit: impl Into<Cell<f64>> + Copy) {
    let of_unit: Cell<f64> = unit.into();
    let by_name: Cell<f64> = of_unit.to_string().parse().unwrap();
    assert_eq!(by_name, of_unit);
    let options = Options::from(Bias::Double);
    for options in [options, options.bidirectional(true).zoneout(0.1, 0.2)] {
        assert_eq!(gradients(by_name.clone(), options), gradients(unit, options), "{by_name}");
    }
    // One timestep of one sequence takes another path.
    let mut rng = Pcg64Dxsm::seed_from_u64(2);
    let model = Model::<f64>::new(by_name, 1, &[7], 1, Bias::Double, &mut rng).unwrap();
    let stream = model.stream().unwrap();
    let mut state = stream.state(1);
    let predicted = model.predict(Array3::from_elem((1, 2, 1), 0.3).view()).unwrap();
    for t in 0..2 {
        assert_eq!(stream.step(&[0.3], &mut state).unwrap()[0], predicted[[0, t, 0]]);
    }
}

#[test]
fn a_cell_by_its_name_has_the_bits_of_the_unit() {
    same_bits(Elman::tanh());
    same_bits(Elman::relu());
    same_bits(Elman::sigmoid());
    same_bits(Elman::identity());
    same_bits(Lstm);
    same_bits(Gru);
}

#[test]
fn names_are_stable_and_parse() {
    let names: Vec<_> = Cell::<f64>::all().iter().map(Cell::to_string).collect();
    assert_eq!(names[..6], ["rnn-tanh", "rnn-relu", "rnn-sigmoid", "rnn-identity", "lstm", "gru"]);
    assert_eq!(names.len(), 18);
    for (cell, single) in Cell::<f64>::all().into_iter().zip(Cell::<f32>::all()) {
        assert_eq!(cell.to_string().parse(), Ok(cell.clone()));
        assert_eq!(Cell::<f32>::builtin(&cell.name()), Ok(single));
    }
    let error = "LSTM".parse::<Cell<f64>>().unwrap_err().to_string();
    assert!(error.contains("\"LSTM\"") && error.contains("rnn-tanh, rnn-relu,"), "{error}");
}
