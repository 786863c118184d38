//! Sizes, numbers and orders of calls that nobody should give, and somebody will: each is refused, and none gives a wrong result
//! in silence.

mod numbers;
mod passes;
mod sizes;

use std::panic::{AssertUnwindSafe, catch_unwind};

use ndarray::Array3;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{Random, Real};

fn noise<F: Real>(shape: (usize, usize, usize), seed: u64) -> Array3<F> {
    let mut array = Array3::zeros(shape);
    Pcg64Dxsm::seed_from_u64(seed).fill_normal(array.as_slice_mut().expect("contiguous"));
    array
}

/// What a documented panic says.
fn panic_of<T>(call: impl FnOnce() -> T) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(call)) else { panic!("a panic was expected") };
    match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => (*payload.downcast::<&str>().expect("a message")).to_owned(),
    }
}
