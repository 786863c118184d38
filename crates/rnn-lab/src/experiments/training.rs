//! Training that several experiments share: a model, a source of batches, and a look at the model every so many steps.

use rnn_core::{Adam, Batch, BatchSource, Loss, Model, Trainer, Training};
use rnn_data::{PortableRng, Task};

use crate::error::Result;

/// How a model is trained with Adam.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// The most steps.
    pub(super) steps: usize,
    /// Steps from one look to the next.
    pub(super) every: usize,
    /// The learning rate.
    pub(super) rate: f64,
    /// The norm to which larger gradients are scaled down.
    pub(super) clip: f64,
}

/// What was seen in a training.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace {
    /// The number that each look gave, the first one before any step.
    pub(super) seen: Vec<f64>,
    /// After how many steps a look ended the training, if one did.
    pub(super) solved: Option<usize>,
}

impl Trace {
    /// The last number that was seen.
    pub(super) fn last(&self) -> f64 {
        self.seen.last().copied().unwrap_or(f64::NAN)
    }

    /// The steps after which it was solved, or −1, as a result holds it.
    pub(super) fn solved_or_never(&self) -> f64 {
        self.solved.map_or(-1.0, |steps| steps as f64)
    }
}

/// Trains `model`. `draw` overwrites the batch of each step; `look` says a number of the model to keep, and whether to stop.
pub(super) fn fit<L: Loss<f32>>(
    model: &mut Model<f32>,
    loss: L,
    plan: Plan,
    mut draw: impl FnMut(&mut Batch<f32>) -> Result<()>,
    mut look: impl FnMut(&Model<f32>) -> Result<(f64, bool)>,
) -> Result<Trace> {
    let mut trainer = Trainer::new(model, Training::new(loss).clip(plan.clip));
    let mut adam = Adam::new(plan.rate);
    let mut batch = Batch::empty();
    let mut trace = Trace::default();
    for step in 0..=plan.steps {
        if step % plan.every == 0 || step == plan.steps {
            let (number, stop) = look(model)?;
            trace.seen.push(number);
            if stop {
                trace.solved = Some(step);
                break;
            }
        }
        if step < plan.steps {
            draw(&mut batch)?;
            trainer.step(model, batch.run(), batch.target(), &mut adam)?;
        }
    }
    Ok(trace)
}

/// Overwrites the batch with new sequences of the task.
pub(super) fn refill(
    task: &impl Task,
    size: usize,
    rng: &mut PortableRng,
    batch: &mut Batch<f32>,
) -> Result<()> {
    task.batches(size, 1, rng)?.next_batch(batch)?;
    Ok(())
}

/// The share of seeds that were solved after each number of steps: the corners of a staircase, from 0 steps to `most`.
pub(super) fn survival(solved: &[f64], most: f64) -> (Vec<f64>, Vec<f64>) {
    let mut at: Vec<f64> = solved.iter().copied().filter(|&steps| steps >= 0.0).collect();
    at.sort_by(f64::total_cmp);
    let (mut x, mut y) = (vec![0.0], vec![0.0]);
    for (k, steps) in at.iter().enumerate() {
        x.extend([*steps; 2]);
        y.extend([k as f64 / solved.len() as f64, (k + 1) as f64 / solved.len() as f64]);
    }
    x.push(most);
    y.push(at.len() as f64 / solved.len() as f64);
    (x, y)
}

/// How many were solved, as `3 of 5`.
pub(super) fn tally(solved: &[f64]) -> String {
    format!("{} of {}", solved.iter().filter(|&&steps| steps >= 0.0).count(), solved.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staircase() {
        let (x, y) = survival(&[300.0, -1.0, 100.0], 500.0);
        assert_eq!(x, [0.0, 100.0, 100.0, 300.0, 300.0, 500.0]);
        assert_eq!(y, [0.0, 0.0, 1.0 / 3.0, 1.0 / 3.0, 2.0 / 3.0, 2.0 / 3.0]);
        assert_eq!(tally(&[300.0, -1.0, 100.0]), "2 of 3");
    }
}
