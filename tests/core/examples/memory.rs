//! How much memory training takes: an LSTM 128 → 512 → 512, 64 sequences of 50 timesteps, the largest network of the
//! benchmark. `tests/peers/memory.py` does the same in PyTorch.
//!
//! ```sh
//! cargo run --release -p rnn-core-tests --example memory
//! ```

#![expect(clippy::print_stdout, reason = "this is a program")]

use rand::SeedableRng;
use rnn_core::{Adam, Batch, Bias, Lstm, Model, Mse, Parameters, Random, Trainer, Training};

fn main() -> Result<(), rnn_core::Error> {
    let before = peak();
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
    let mut model = Model::<f32>::new(Lstm, 128, &[512, 512], 1, Bias::Double, &mut rng)?;
    let (mut adam, mut trainer) = (Adam::new(1e-3), Trainer::new(&model, Training::new(Mse)));
    let mut batch = Batch::zeros(64, 50, 128, 1);
    rng.fill_normal(batch.x.as_slice_mut().expect("contiguous"));
    for _ in 0..5 {
        trainer.step(&mut model, batch.run(), batch.target(), &mut adam)?;
    }
    println!("parameters            {:6.1} MB", megabytes(4 * model.parameter_count()));
    println!("workspace, gradients  {:6.1} MB", megabytes(trainer.workspace().rnn.bytes()));
    if let (Some(before), Some(after)) = (before, peak()) {
        println!(
            "peak of the process   {:6.1} MB, {:.1} MB of them from before",
            megabytes(after),
            megabytes(before)
        );
    }
    Ok(())
}

fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1e6
}

/// The most memory that this process ever had, in bytes, where the system says so.
fn peak() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<usize>().ok().map(|kilobytes| 1024 * kilobytes)
}
