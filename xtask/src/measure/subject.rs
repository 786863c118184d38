//! What is timed: closures that run a computation so many times.

mod task;

use std::hint::black_box;

use anyhow::Result;
use rnn_core::{Adam, Batch, Bias, Model, Mse, Stack, Trainer, Training};
use rnn_data::{PortableRng, Task};

use super::network::Network;
use task::MeanSoFar;

/// Runs the computation as often as it is told. The loop is inside, so that a short computation costs no call through a
/// pointer.
pub(crate) type Subject = Box<dyn FnMut(usize) -> Result<()>>;

/// A training step: draw a batch, forward, mean squared error over all timesteps, backward, Adam.
pub(crate) fn training_step(network: &Network) -> Result<Subject> {
    let task = MeanSoFar { time: network.time, features: network.input };
    let mut rng = PortableRng::new(0);
    let mut model =
        Model::new(network.cell.cell(), network.input, &network.stack(), 1, Bias::Double, &mut rng)?;
    let mut batch = Batch::zeros(network.batch, network.time, network.input, 1);
    let mut adam = Adam::new(1e-3);
    let mut trainer = Trainer::new(&model, Training::new(Mse));
    Ok(Box::new(move |calls| {
        for _ in 0..calls {
            task.fill::<f32>(&mut rng, &mut batch);
            black_box(trainer.step(&mut model, batch.run(), batch.target(), &mut adam)?);
        }
        Ok(())
    }))
}

/// A forward pass of a stack over the same batch of noise.
pub(crate) fn forward_pass(network: &Network) -> Result<Subject> {
    let task = MeanSoFar { time: network.time, features: network.input };
    let mut rng = PortableRng::new(0);
    let stack = Stack::new(network.cell.cell(), network.input, &network.stack(), Bias::Double, &mut rng)?;
    let batch: Batch<f32> = task.sample(network.batch, &mut rng)?;
    let mut ws = stack.workspace();
    Ok(Box::new(move |calls| {
        for _ in 0..calls {
            stack.infer(black_box(batch.x.view()), &mut ws)?;
        }
        Ok(())
    }))
}
