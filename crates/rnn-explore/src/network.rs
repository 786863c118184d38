//! Builds and trains the network that settings describe.

mod optimizer;
pub(crate) mod spectra;

use std::ops::ControlFlow;
use std::sync::OnceLock;

use ndarray::Array2;
use rnn_core::{Batch, BatchSource, Bias, Fan, Init, Model, Parameters, Tbptt, Training, Weights, train};
use rnn_data::{PortableRng, Task};

use self::optimizer::AnyOptimizer;
use crate::error::Error;
use crate::settings::{CellKind, InitKind, Settings};
use crate::task::{AnyTask, timesteps};
use crate::view::{self, Matrix};

/// Sequences in a training batch.
pub(crate) const BATCH: usize = 32;

/// Child streams of the seed's generator, one for each purpose. Section 1.D of the report uses the same streams.
pub(crate) mod stream {
    pub(crate) const SEQUENCE: u64 = 0;
    pub(crate) const PARAMETERS: u64 = 1;
    pub(crate) const TRAINING: u64 = 2;
    pub(crate) const BAND: u64 = 3;
}

/// A trained network, before the scales are applied.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// The settings that determine the network, without the number of training steps.
    key: Settings,
    pub(crate) task: AnyTask,
    /// The sequence that the page shows, a batch of one.
    pub(crate) sequence: Batch<f64>,
    pub(crate) model: Model<f64>,
    pub(crate) training: view::Training,
    optimizer: AnyOptimizer,
    batches: PortableRng,
    /// Whether training was interrupted before the number of steps that the settings asked for.
    pub(crate) unfinished: bool,
    /// Spectra of the recurrent weights of each layer, computed on first use.
    spectra: Vec<OnceLock<Vec<Matrix>>>,
}

impl Network {
    /// The untrained network.
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let task = AnyTask::of(settings)?;
        let root = PortableRng::new(settings.seed);
        let sequence = task.sample(1, &mut root.stream(stream::SEQUENCE))?.counting(timesteps(settings.loss));
        let cell = settings.cell.cell(settings.nonlinearity);
        let (bias, start) = match settings.cell {
            CellKind::Rnn => (Bias::Single, Init::Linear),
            _ => (Bias::Double, Init::PyTorch),
        };
        let hidden = vec![settings.hidden; settings.layers];
        let mut model = Model::zeros(cell, task.features(), &hidden, task.outputs(), bias)?;
        let mut rng = root.stream(stream::PARAMETERS);
        model.initialize(start, &mut rng)?;
        let gain = settings.gain;
        match settings.init {
            _ if !settings.cell.has_recurrent_weights() => {}
            InitKind::Default => {}
            InitKind::Gaussian => {
                let init = Init::KaimingNormal { fan: Fan::In, gain };
                model.rnn.initialize_weights(Weights::Recurrent, init, &mut rng)?;
            }
            InitKind::Orthogonal => model.initialize(Init::Orthogonal { gain }, &mut rng)?,
            InitKind::Identity => model.initialize(Init::Identity { scale: gain }, &mut rng)?,
            InitKind::Critical => model.initialize(Init::Critical { radius: gain }, &mut rng)?,
            InitKind::NonNormal => set_non_normal(&mut model, settings)?,
        }
        if let Some(bias) = settings.forget_bias.filter(|_| settings.cell.has_forget_bias()) {
            model.initialize(Init::ForgetBias(bias), &mut rng)?;
        }
        Ok(Self {
            key: key(settings),
            task,
            sequence,
            model,
            training: view::Training::default(),
            optimizer: AnyOptimizer::of(settings),
            batches: root.stream(stream::TRAINING),
            unfinished: false,
            spectra: vec![OnceLock::new(); settings.layers],
        })
    }

    /// Whether a network that [leads to](Self::leads_to) this number of training steps has as many, or its training has overflowed.
    pub(crate) fn is_ready(&self, trained: usize) -> bool {
        self.steps() == trained || self.training.overflow.is_some()
    }

    /// Whether training this network further leads to the one of this [`key`] and number of training steps.
    pub(crate) fn leads_to(&self, key: &Settings, trained: usize) -> bool {
        self.steps() <= trained && self.key == *key
    }

    /// Training steps taken so far.
    pub(crate) fn steps(&self) -> usize {
        self.training.losses.len()
    }

    /// Trains up to `settings.trained` steps, as long as `go_on` returns `true`. A step that overflows ends training for good.
    pub(crate) fn train(&mut self, settings: &Settings, go_on: &dyn Fn() -> bool) -> Result<(), Error> {
        let wanted = settings.trained;
        if self.steps() >= wanted || self.training.overflow.is_some() {
            return Ok(());
        }
        self.spectra.fill(OnceLock::new());
        let mut training = Training::new(self.task.loss());
        training.clip = settings.clip;
        training.truncated = (settings.truncation > 0).then(|| Tbptt::every(settings.truncation));
        let left = wanted - self.steps();
        let drawn = self.task.batches(BATCH, left, &mut self.batches)?;
        let mut drawn = drawn.counting(timesteps(settings.loss));
        // `go_on` is called before a batch is drawn, so that an interrupted training draws the same batches as one that is not.
        let source = |batch: &mut Batch<f64>| Ok::<_, rnn_core::Error>(go_on() && drawn.next_batch(batch)?);
        let losses = &mut self.training.losses;
        // A batch has a step for each window of truncated back-propagation in which the loss counts.
        let mut windows = Vec::new();
        let outcome = train(&mut self.model, source, &training, &mut self.optimizer, |report, _| {
            windows.push(report.loss);
            if report.ends_batch {
                losses.push(windows.iter().sum::<f64>() / windows.len() as f64);
                windows.clear();
            }
            ControlFlow::Continue(())
        });
        match outcome {
            Err(rnn_core::Error::NonFinite { place, .. }) => {
                self.training.overflow = Some(place.to_string());
                Ok(())
            }
            Err(error) => Err(error.into()),
            Ok(_) => {
                self.unfinished = self.steps() < wanted;
                if self.unfinished { Err(Error::Interrupted { steps: self.steps(), wanted }) } else { Ok(()) }
            }
        }
    }

    /// The eigenvalues and singular values of the recurrent weights of `layer`, before the scales are applied: see [`spectra`].
    pub(crate) fn weights(&self, layer: usize) -> Result<&[Matrix], Error> {
        if let Some(known) = self.spectra[layer].get() {
            return Ok(known);
        }
        let matrices = spectra::of(&self.model.rnn, layer)?;
        Ok(self.spectra[layer].get_or_init(|| matrices))
    }
}

/// The settings that a network depends on, without the number of training steps; all others have their defaults.
pub(crate) fn key(settings: &Settings) -> Settings {
    let defaults = Settings::default();
    let Settings { cell, .. } = *settings;
    let init = if cell.has_recurrent_weights() { settings.init } else { defaults.init };
    Settings {
        weight_scale: defaults.weight_scale,
        bias_scale: defaults.bias_scale,
        trained: defaults.trained,
        layer: defaults.layer,
        timestep: defaults.timestep,
        batch: defaults.batch,
        clamp: defaults.clamp,
        edits: defaults.edits,
        nonlinearity: if cell.has_nonlinearity() { settings.nonlinearity } else { defaults.nonlinearity },
        init,
        gain: if init == InitKind::Default { defaults.gain } else { settings.gain },
        forget_bias: settings.forget_bias.filter(|_| cell.has_forget_bias()),
        ..settings.clone()
    }
}

/// Sets every block of W_hh in every layer to pairs of units with [[0.9, 5], [0, 0.9]], times the gain.
fn set_non_normal(model: &mut Model<f64>, settings: &Settings) -> Result<(), Error> {
    let (hidden, gain) = (settings.hidden, settings.gain);
    let blocks = settings.cell.form().gates.len();
    let w_hh = Array2::from_shape_fn((blocks * hidden, hidden), |(row, column)| match row % hidden {
        i if i == column => 0.9 * gain,
        i if i % 2 == 0 && column == i + 1 => 5.0 * gain,
        _ => 0.0,
    });
    for layer in 0..settings.layers {
        model.set_parameter(&format!("weight_hh_l{layer}"), w_hh.view().into_dyn())?;
    }
    Ok(())
}
