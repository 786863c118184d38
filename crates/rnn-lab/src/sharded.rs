//! One model trained by several processes.
//!
//! A batch is cut into shards. Each rank computes the gradients of its shards, rank 0 adds them up in the order of the shards and
//! sends the sum to all, and every rank takes the same step. The number of shards is given and does not depend on the number of
//! ranks: the sums are the same to the last bit for any number of ranks.
//!
//! # What it costs
//! In a step each rank sends one message of P + 2 numbers for each of its shards, P being the number of parameters, and receives one.
//! Rank 0 receives all S of them; the sum goes out along a binary tree, in ⌈log₂ R⌉ rounds for R ranks. With a latency of α
//! seconds for a message and β seconds for a byte, a step takes (S + ⌈log₂ R⌉)(α + 8 β (P + 2)) seconds longer than its
//! computation, in double precision. It pays if that is less than what the other ranks take off: (1 − 1/R) of the time of a whole
//! batch.

use rnn_core::{
    Batch, Counted, Error as NetworkError, Loss, Model, ModelWorkspace, Noise, Optimizer, Parameters, Params,
    Readout, Real, Timesteps, Training, clip_global_norm, clip_value, global_norm,
};

use crate::engine::{Link, wait};
use crate::error::{Error, Result};

/// A training whose batches are cut into shards.
///
/// ```
/// use ndarray::Array3;
/// use rnn_core::{Adam, Batch, Bias, Gru, Model, Mse, Training};
/// use rnn_lab::{Sharded, engine::Alone};
///
/// let mut model = Model::<f64>::new(Gru, 1, &[4], 1, Bias::Double, &mut rnn_data::PortableRng::new(0))?;
/// let mut training = Sharded::new(&model, Training::new(Mse).clip(1.0), 4)?;
/// let batch = Batch::new(Array3::ones((8, 5, 1)), Array3::zeros((8, 5, 1)));
/// // Alone, or with an `Mpi` in each of its processes: the same bits.
/// let step = training.step(&Alone, &mut model, &batch, &mut Adam::new(0.01))?;
/// assert!(step.loss > 0.0);
/// # Ok::<(), rnn_lab::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sharded<F: Real, L> {
    training: Training<L>,
    shards: usize,
    steps: u64,
    ws: ModelWorkspace<F>,
}

/// What a step has done: the same on every rank.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShardedStep {
    /// How many steps came before.
    pub step: u64,
    /// The loss of the whole batch, before the step.
    pub loss: f64,
    /// The global norm of the gradient, before it was scaled down.
    pub gradient_norm: f64,
}

/// What one shard, or all of them, contribute: the number of timesteps that count, the loss, and the gradient.
struct Part {
    counted: f64,
    loss: f64,
    gradient: Vec<f64>,
}

impl<F: Real, L: Loss<F>> Sharded<F, L> {
    /// A training of this model with batches of `shards` shards.
    ///
    /// # Errors
    /// [`Error::Unsharded`] without a shard, and for a training that is stateful or truncated: its states would have to be kept by
    /// shard.
    pub fn new(model: &Model<F>, training: Training<L>, shards: usize) -> Result<Self> {
        let why = match () {
            () if shards == 0 => "there has to be one shard at least",
            () if training.stateful => "the training is stateful",
            () if training.truncated.is_some() => "the training is truncated",
            () => return Ok(Self { training, shards, steps: 0, ws: model.workspace() }),
        };
        Err(Error::Unsharded { why: why.to_owned() })
    }

    /// The same training after so many steps. With the parameters and the optimizer's snapshot of that time, it goes on with the
    /// same bits.
    #[must_use]
    pub fn resume(self, steps: u64) -> Self {
        Self { steps, ..self }
    }

    /// How many steps were taken.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// One step, taken by all ranks together: each has to call this with the same model, batch and optimizer. Shard s of S holds
    /// the sequences from ⌊s B / S⌋ on, and its masks of dropout and zoneout are those of the seed `training.noise` + s.
    ///
    /// # Errors
    /// [`Error::Unsharded`] if the batch has fewer sequences than there are shards, and if another rank could not compute its
    /// gradient or sends something else. As [`Trainer::step`](rnn_core::Trainer::step). Every rank gets an error then, and no
    /// model has changed.
    pub fn step(
        &mut self,
        link: &impl Link,
        model: &mut Model<F>,
        batch: &Batch<F>,
        optimizer: &mut impl Optimizer<F>,
    ) -> Result<ShardedStep> {
        let sequences = batch.x.dim().0;
        if sequences < self.shards {
            let why = format!("a batch of {sequences} sequences cannot be cut into {} shards", self.shards);
            return Err(Error::Unsharded { why });
        }
        let total = self.total(link, model, batch)?;
        let mut numbers = total.gradient.iter();
        for block in self.ws.blocks_mut() {
            block.as_mut_slice().iter_mut().zip(&mut numbers).for_each(|(to, &from)| *to = F::of(from));
        }
        if let Some(limit) = self.training.clip_value {
            clip_value(&mut self.ws, F::of(limit))?;
        }
        let norm = match self.training.clip {
            Some(most) => clip_global_norm(&mut self.ws, F::of(most))?,
            None => global_norm(&self.ws),
        };
        let lr = optimizer.lr();
        if let Some(schedule) = self.training.schedule {
            optimizer.set_lr(schedule.lr(self.steps));
        }
        if let Err(error) = optimizer.step(model, &self.ws) {
            optimizer.set_lr(lr);
            return Err(error.into());
        }
        let step = self.steps;
        self.steps += 1;
        Ok(ShardedStep { step, loss: total.loss, gradient_norm: number(norm) })
    }

    /// The loss and the gradient of the whole batch, on every rank.
    fn total(&mut self, link: &impl Link, model: &Model<F>, batch: &Batch<F>) -> Result<Part> {
        let (rank, size) = (link.rank(), link.size());
        let owner = |shard: usize| shard * size / self.shards.max(size);
        let mine = (0..self.shards).filter(|&shard| owner(shard) == rank);
        let mine: Vec<usize> = mine.collect();
        let mut parts: Vec<_> =
            mine.into_iter().map(|shard| (shard, self.part(model, batch, shard))).collect();
        if rank > 0 {
            // Not before: a rank waits until its message is taken, and rank 0 takes none while it computes.
            for (shard, part) in &parts {
                link.send(0, &encode(*shard, part));
            }
        }
        if rank == 0 {
            while parts.len() < self.shards {
                let (from, message) = wait(link);
                parts.push(decode(&message).unwrap_or_else(|| (self.shards, Err(unreadable(from)))));
            }
            parts.sort_by_key(|(shard, _)| *shard);
        }
        let sum = if rank == 0 { sum(parts, batch) } else { receive(link) };
        // A binary tree: rank r gets the sum from the rank without its highest bit, and passes it on to those with a higher one.
        let message = encode(0, &sum);
        let mut bit = (rank + 1).next_power_of_two();
        while rank + bit < size {
            link.send(rank + bit, &message);
            bit *= 2;
        }
        sum
    }

    fn part(&mut self, model: &Model<F>, batch: &Batch<F>, shard: usize) -> Result<Part> {
        let sequences = batch.x.dim().0;
        let batch = batch.sequences(shard * sequences / self.shards..(shard + 1) * sequences / self.shards);
        let counted = counted(&batch, model.readout());
        if counted == 0 {
            return Ok(Part { counted: 0.0, loss: 0.0, gradient: vec![0.0; model.parameter_count()] });
        }
        let noise = Noise { seed: self.training.noise.wrapping_add(shard as u64), step: self.steps };
        let loss = model.loss_and_gradients(
            batch.run().noise(noise),
            batch.target(),
            &self.training.loss,
            &mut self.ws,
        )?;
        let gradient = self.ws.blocks().flat_map(Params::as_slice).map(|&g| number(g)).collect();
        Ok(Part { counted: counted as f64, loss: number(loss), gradient })
    }
}

/// How many timesteps of a batch count.
fn counted<F: Real>(batch: &Batch<F>, readout: Readout) -> usize {
    let (sequences, time, _) = batch.x.dim();
    let time = if readout == Readout::FinalStates { 1 } else { time };
    let over = if batch.y.is_whole() { Timesteps::Last } else { batch.over };
    let mut counted = Counted::new(over);
    if let (Some(lengths), true) = (&batch.lengths, readout != Readout::FinalStates) {
        counted = counted.lengths(lengths);
    }
    if let Some(mask) = &batch.mask {
        counted = counted.mask(mask.view());
    }
    counted.timesteps(sequences, time)
}

/// The mean over the timesteps of all shards, added up in the order of the shards.
fn sum<F: Real>(parts: Vec<(usize, Result<Part>)>, batch: &Batch<F>) -> Result<Part> {
    let parts: Vec<Part> = parts.into_iter().map(|(_, part)| part).collect::<Result<_>>()?;
    let counted: f64 = parts.iter().map(|part| part.counted).sum();
    if counted == 0.0 {
        let (batch, time, _) = batch.x.dim();
        return Err(NetworkError::NothingCounted { batch, time }.into());
    }
    let mut total = Part { counted, loss: 0.0, gradient: vec![0.0; parts[0].gradient.len()] };
    for part in parts {
        let share = part.counted / counted;
        total.loss += share * part.loss;
        total.gradient.iter_mut().zip(part.gradient).for_each(|(to, from)| *to += share * from);
    }
    Ok(total)
}

fn receive(link: &impl Link) -> Result<Part> {
    let (from, message) = wait(link);
    decode(&message).map_or_else(|| Err(unreadable(from)), |(_, sum)| sum)
}

/// The shard, then either 0 and the numbers, or 1 and the words of an error; little-endian.
fn encode(shard: usize, part: &Result<Part>) -> Vec<u8> {
    let mut message = (shard as u64).to_le_bytes().to_vec();
    match part {
        Ok(part) => {
            message.push(0);
            let numbers = [part.counted, part.loss];
            message.extend(numbers.iter().chain(&part.gradient).flat_map(|x| x.to_le_bytes()));
        }
        Err(error) => {
            message.push(1);
            message.extend(error.to_string().as_bytes());
        }
    }
    message
}

fn decode(message: &[u8]) -> Option<(usize, Result<Part>)> {
    let (shard, rest) = message.split_first_chunk::<8>()?;
    let (kind, rest) = rest.split_first()?;
    let shard = u64::from_le_bytes(*shard) as usize;
    if *kind == 1 {
        let why = String::from_utf8_lossy(rest).into_owned();
        return Some((shard, Err(Error::Unsharded { why })));
    }
    let (numbers, over) = rest.as_chunks::<8>();
    let mut numbers = numbers.iter().map(|bytes| f64::from_le_bytes(*bytes));
    let (counted, loss) = (numbers.next()?, numbers.next()?);
    over.is_empty().then(|| (shard, Ok(Part { counted, loss, gradient: numbers.collect() })))
}

fn unreadable(from: usize) -> Error {
    Error::Unsharded { why: format!("rank {from} has sent something that is no gradient") }
}

fn number<F: Real>(x: F) -> f64 {
    x.to_f64().unwrap_or(f64::NAN)
}
