//! Lyapunov exponents in constant memory. A test binary of its own, because measuring replaces the global allocator.

use allocation_counter::measure;
use ndarray::Array2;
use rnn_analysis::{driven_lyapunov_exponents, lyapunov_exponents};
use rnn_core::{Bias, Gru, Parameters, Stack};

/// The most bytes that were taken at a time.
fn peak(work: impl FnOnce()) -> u64 {
    measure(work).bytes_max
}

/// Would catch: a record of all steps.
#[test]
fn more_steps_take_no_more_memory() {
    let mut rnn = Stack::<f64>::zeros(Gru, 2, &[5, 3], Bias::Double).expect("no size is 0");
    rnn.fill(0.3);
    let autonomous = |steps: usize| {
        peak(|| {
            lyapunov_exponents(&rnn, None, steps, 200).expect("finite");
        })
    };
    assert_eq!(autonomous(2000), autonomous(500));
    let x = Array2::ones((2500, 2));
    let driven = |steps: usize| {
        let x = x.slice(ndarray::s![..steps, ..]);
        peak(|| {
            driven_lyapunov_exponents(&rnn, x, None, 200).expect("finite");
        })
    };
    assert_eq!(driven(2500), driven(700));
}
