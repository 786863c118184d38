//! Sizes whose products do not fit in a `usize`. They are refused by checks of their own, not by those for overflow that only a
//! build for debugging has, so that what holds here holds in a release build too.

use ndarray::Array3;
use rnn_core::kernel::{Matrix, Panels, Scratch, Store, multiply, product};
use rnn_core::{
    Batch, Bias, Counted, Dataset, Elman, Error, Gru, IndRnn, Linear, MinGru, Model, Mse, Options, Sgd,
    Stack, Trainer, Training,
};

use super::{noise, panic_of};

/// Products of these sizes are 2, 32, 32 and 1 if they wrap: a product of such matrices would read beyond the data.
#[test]
fn a_matrix_has_no_more_numbers_than_its_data() {
    let data = [0_f32; 32];
    for (numbers, rows, cols) in [
        (2, (1 << 63) + 1, 2),
        (32, (1 << 59) + 1, 32),
        (32, 32, (1 << 59) + 1),
        (1, usize::MAX, usize::MAX),
        (0, 1 << 63, 2),
        (32, 32, 2),
    ] {
        let text = panic_of(|| Matrix::rows_of(&data[..numbers], rows, cols));
        assert!(text.contains(&format!("a {rows} x {cols} matrix")), "{text}");
    }
}

/// A matrix without columns may have any number of rows, and its product with one without rows has 2 · 2^63 numbers, not 0.
#[test]
fn a_product_has_as_many_numbers_as_its_rows_and_columns() {
    let nothing = [0_f64; 0];
    let tall = Matrix::rows_of(&nothing, 1 << 63, 0);
    let flat = Matrix::rows_of(&nothing, 0, 2);
    let mut panels = Panels::new();
    panels.pack(flat);
    let text = panic_of(|| multiply(&mut [], Store::Set, tall, &panels));
    assert!(text.contains("the product of"), "{text}");
    let text = panic_of(|| product(&mut [], Store::Set, tall, flat, &mut Scratch::new()));
    assert!(text.contains("the product of"), "{text}");
    let text = panic_of(|| product(&mut [0.0; 4], Store::Bias(&[1.0]), flat.t(), flat, &mut Scratch::new()));
    assert!(text.contains("a bias for each column"), "{text}");

    // Without numbers, any size is right.
    for (rows, cols) in [(0, usize::MAX), (usize::MAX, 0), (0, 0)] {
        let empty = Matrix::rows_of(&nothing, rows, cols);
        panels.pack(empty);
        assert_eq!((panels.rows(), panels.cols()), (rows, cols));
        panels.pack(empty.t());
        let mut c = vec![f64::NAN; if rows == 0 { 0 } else { 3 }];
        let ones = vec![1.0; if rows == 0 { 0 } else { 3 * cols }];
        if cols == 0 {
            product(&mut [], Store::Set, empty, Matrix::rows_of(&nothing, 0, 0), &mut Scratch::new());
        }
        if rows == 0 && cols == 0 {
            multiply(&mut c, Store::Set, Matrix::rows_of(&ones, 0, 0), &panels);
        }
    }
    let mut c = [f64::NAN; 4];
    product(&mut c, Store::Set, flat.t(), flat, &mut Scratch::new());
    assert_eq!(c, [0.0; 4], "a sum of nothing");
}

/// 2^59 bytes and more, sizes that overflow, and sums of sizes that do.
#[test]
fn parameters_beyond_memory_are_refused_by_name() {
    let error = Stack::<f64>::zeros(Gru, 3, &[8, 1 << 28], Bias::Double).expect_err("2^59 bytes");
    assert_eq!(error, Error::TooLarge { input: 8, units: 1 << 28 });
    assert!(error.to_string().contains("268435456 units"), "{error}");
    let both = Options::default().bidirectional(true);
    for hidden in [vec![1 << 27; 64], vec![1 << 62], vec![usize::MAX]] {
        let error = Stack::<f32>::zeros(MinGru, 1, &hidden, both).expect_err("too large");
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    }
    for (input, outputs) in
        [(usize::MAX, usize::MAX), (1 << 40, 1 << 40), (1 << 32, 1 << 32), (3, usize::MAX)]
    {
        for head in [Linear::<f32>::zeros(input, outputs), Linear::zeros_without_bias(input, outputs)] {
            assert_eq!(head, Err(Error::TooLarge { input, units: outputs }));
        }
    }
    let error = Model::<f64>::zeros(Gru, 1, &[2], usize::MAX, Bias::None).expect_err("too many outputs");
    assert_eq!(error, Error::TooLarge { input: 2, units: usize::MAX });
}

/// A view may repeat one number as often as it likes; the states of a pass over it do not repeat.
#[test]
fn passes_beyond_memory_are_refused() {
    let one = Array3::<f64>::zeros((1, 1, 1));
    let (batch, time) = (1 << 30, 1 << 31);
    let long = one.broadcast((batch, time, 1)).expect("strides of 0");
    let wide = Model::<f64>::zeros(IndRnn(rnn_core::cell::Relu), 1, &[64], 1, Bias::None).expect("sizes");
    let error = Err(Error::TooLong { batch, time });
    assert_eq!(wide.predict(long), error.clone().map(|()| one.clone()));
    assert_eq!(wide.rnn.forward(long, &mut wide.rnn.workspace()), error);
    let outputs = Model::<f64>::zeros(Elman::tanh(), 1, &[1], 1 << 20, Bias::None).expect("sizes");
    let few = one.broadcast((1, 1 << 40, 1)).expect("strides of 0");
    assert_eq!(outputs.predict(few), Err(Error::TooLong { batch: 1, time: 1 << 40 }));

    let stream = wide.stream().expect("finite");
    let text = panic_of(|| stream.state(usize::MAX));
    assert!(text.contains("no memory holds the states of"), "{text}");
    assert_eq!(stream.state(0).batch(), 0);
}

#[test]
fn counts_do_not_wrap() {
    let text = panic_of(|| Counted::all().timesteps(usize::MAX, 2));
    assert!(text.contains("sequences of 2 timesteps"), "{text}");
    assert!(!Counted::last().counts(0, usize::MAX, 3));
    assert_eq!(Counted::last().timesteps(usize::MAX, 0), 0);
}

/// A number of steps may come from a file.
#[test]
fn the_last_step_that_can_be_counted_is_the_last() {
    let mut model = Model::<f64>::zeros(Elman::tanh(), 1, &[2], 1, Bias::Double).expect("sizes");
    let batch = Batch::new(noise((2, 3, 1), 1), noise((2, 3, 1), 2));
    let mut trainer = Trainer::new(&model, Training::new(Mse).noise(1)).resume(u64::MAX, None);
    for _ in 0..2 {
        let report =
            trainer.step(&mut model, batch.run(), batch.target(), &mut Sgd::new(0.1)).expect("finite");
        assert_eq!((report.step, trainer.steps()), (u64::MAX, u64::MAX));
    }
    let data =
        Dataset::new(vec![ndarray::Array2::<f64>::zeros((3, 1)); 5], vec![0, 1, 0, 1, 0]).expect("data");
    let mut batches = data.batches(2).expect("a size").epochs(u64::MAX).from_step(u64::MAX);
    assert!(batches.next().is_some() && batches.next().is_some());
}
