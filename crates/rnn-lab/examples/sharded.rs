//! Trains one LSTM on all ranks of MPI, or alone, and prints the loss, the parameters' checksum and the time of a step.
//!
//! ```sh
//! cargo build --release --package rnn-lab --features mpi --example sharded
//! for n in 1 2 4; do mpirun -n $n target/release/examples/sharded; done
//! ```
//!
//! The loss and the checksum are the same to the last bit for any number of ranks.

#![allow(clippy::print_stdout, reason = "the example prints")]

use std::time::Instant;

use rnn_core::{Adam, Bias, Lstm, Model, Mse, Parameters, Params, Training};
use rnn_data::{CumulativeAverage, PortableRng, Task};
use rnn_lab::engine::Link;
use rnn_lab::{Result, Sharded};

const SHARDS: usize = 8;
const STEPS: usize = 30;

fn main() -> Result<()> {
    #[cfg(feature = "mpi")]
    let link = rnn_lab::engine::Mpi::start()?;
    #[cfg(not(feature = "mpi"))]
    let link = rnn_lab::engine::Alone;
    train(&link)
}

fn train(link: &impl Link) -> Result<()> {
    let mut rng = PortableRng::new(0);
    let mut model = Model::<f64>::new(Lstm, 1, &[64, 64], 1, Bias::Double, &mut rng)?;
    let mut training = Sharded::new(&model, Training::new(Mse).clip(1.0), SHARDS)?;
    let mut adam = Adam::new(1e-3);
    let batch = CumulativeAverage::new(200)?.sample(64, &mut rng)?;
    training.step(link, &mut model, &batch, &mut adam)?;
    let start = Instant::now();
    let mut loss = f64::NAN;
    for _ in 0..STEPS {
        loss = training.step(link, &mut model, &batch, &mut adam)?.loss;
    }
    let seconds = start.elapsed().as_secs_f64() / STEPS as f64;
    if link.rank() == 0 {
        let numbers = model.blocks().flat_map(Params::as_slice);
        let sum = numbers.fold(0u64, |sum, x| sum.rotate_left(7) ^ x.to_bits());
        println!(
            "{} ranks, {} parameters: loss {loss:e}, checksum {sum:016x}, {:.2} ms a step",
            link.size(),
            model.parameter_count(),
            1000.0 * seconds
        );
    }
    Ok(())
}
