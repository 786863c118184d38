//! What cells and options beyond the plain ones cost: the same training step with one thing changed.

use std::fmt;
use std::hint::black_box;

use anyhow::Result;
use ndarray::Array3;
use rnn_core::{
    Adam, Bias, Cell, GruResetBefore, LayerNorm, Lstm, MinimalGated, Model, Mse, Noise, Options,
    PeepholeLstm, ProjectedLstm, Random, Run, Training, Zoneout, train_step,
};
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

    fn options(self) -> Options {
        let plain = Options::from(Bias::Double);
        match self {
            Self::Bidirectional => Options { bidirectional: true, ..plain },
            Self::Dropout => Options { dropout: 0.2, recurrent_dropout: 0.2, ..plain },
            Self::Zoneout => Options { zoneout: Zoneout { hidden: 0.1, cell: 0.1 }, ..plain },
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
    match variant {
        Variant::LayerNorm => training_of(LayerNorm::new(Lstm), variant, network),
        Variant::Projected => training_of(ProjectedLstm { size: network.hidden / 2 }, variant, network),
        Variant::Peephole => training_of(PeepholeLstm, variant, network),
        Variant::ResetBefore => training_of(GruResetBefore, variant, network),
        Variant::MinimalGated => training_of(MinimalGated, variant, network),
        _ => training_of(Lstm, variant, network),
    }
}

fn training_of(cell: C, variant: Variant, network: &Network) -> Result<Subject> {
    let mut rng = PortableRng::new(0);
    let &Network { input, batch, time, .. } = network;
    let mut model = Model::new(cell, input, &network.stack(), 1, variant.options(), &mut rng)?;
    let mut noise = |features| {
        let mut array = Array3::<f32>::zeros((batch, time, features));
        array.iter_mut().for_each(|x| rng.fill_normal(std::slice::from_mut(x)));
        array
    };
    let (x, y) = (noise(input), noise(1));
    // Evenly from T down to 1.
    let lengths: Vec<usize> = (0..batch).map(|b| (time - b * time / batch).max(1)).collect();
    let (mut adam, mut ws) = (Adam::new(1e-3), model.workspace());
    let training = Training::new(Mse::all());
    let mut step = 0;
    Ok(Box::new(move |calls| {
        for _ in 0..calls {
            let run = Run::over(x.view()).noise(Noise { seed: 0, step });
            let run = if variant == Variant::Packed { run.lengths(&lengths) } else { run };
            black_box(train_step(&mut model, run, y.view(), &training, &mut adam, &mut ws)?);
            step += 1;
        }
        Ok(())
    }))
}
