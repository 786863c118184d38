//! What cells and options beyond the plain ones cost: the same training step with one thing changed.

use std::fmt;
use std::hint::black_box;

use anyhow::Result;
use ndarray::Array3;
use rnn_core::{Adam, Bias, Cell, Model, Mse, Options, Random, Run, Trainer, Training};
use rnn_data::PortableRng;

use crate::measure::network::Network;
use crate::measure::subject::Subject;

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Nothing: what the others are to be compared with, on the same batch each time.
    Plain,
    LayerNorm,
    Projected,
    Peephole,
    ResetBefore,
    MinimalGated,
    Bidirectional,
    /// Dropout between layers and on the recurrence.
    Dropout,
    Zoneout,
    /// Sequences of 1 to T timesteps, from long to short.
    Packed,
    /// The same with every timestep run: what lengths save.
    Padded,
}

impl Variant {
    fn name(self) -> &'static str {
        match self {
            Self::Plain => "the same batch",
            Self::LayerNorm => "layer norm",
            Self::Projected => "projected to half",
            Self::Peephole => "peepholes",
            Self::ResetBefore => "GRU, reset before",
            Self::MinimalGated => "minimal gated",
            Self::Bidirectional => "bidirectional",
            Self::Dropout => "dropout",
            Self::Zoneout => "zoneout",
            Self::Packed => "lengths 1 to T",
            Self::Padded => "padded to T",
        }
    }

    /// The name of the cell that is trained.
    fn cell(self) -> &'static str {
        match self {
            Self::Peephole => "lstm-peephole",
            Self::ResetBefore => "gru-reset-before",
            Self::MinimalGated => "minimal-gated",
            _ => "lstm",
        }
    }

    fn options(self, hidden: usize) -> Options {
        let plain = Options::from(Bias::Double);
        match self {
            Self::LayerNorm => plain.layer_norm(1e-5),
            Self::Projected => plain.projection(hidden / 2),
            Self::Bidirectional => plain.bidirectional(true),
            Self::Dropout => plain.dropout(0.2).recurrent_dropout(0.2),
            Self::Zoneout => plain.zoneout(0.1, 0.1),
            _ => plain,
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A training step on a fixed batch of noise.
pub(super) fn training_step(variant: Variant, network: &Network) -> Result<Subject> {
    let mut rng = PortableRng::new(0);
    let &Network { input, hidden, batch, time, .. } = network;
    let cell: Cell<f32> = variant.cell().parse()?;
    let mut model = Model::new(cell, input, &network.stack(), 1, variant.options(hidden), &mut rng)?;
    let mut noise = |features| {
        let mut array = Array3::<f32>::zeros((batch, time, features));
        array.iter_mut().for_each(|x| rng.fill_normal(std::slice::from_mut(x)));
        array
    };
    let (x, y) = (noise(input), noise(1));
    // Evenly from T down to 1.
    let lengths: Vec<usize> = (0..batch).map(|b| (time - b * time / batch).max(1)).collect();
    let mut adam = Adam::new(1e-3);
    let mut trainer = Trainer::new(&model, Training::new(Mse));
    Ok(Box::new(move |calls| {
        for _ in 0..calls {
            let run = Run::over(x.view());
            let run = if variant == Variant::Packed { run.lengths(&lengths) } else { run };
            black_box(trainer.step(&mut model, run, y.view(), &mut adam)?);
        }
        Ok(())
    }))
}
