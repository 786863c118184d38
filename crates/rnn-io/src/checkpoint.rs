//! Trainings that go on where they were stopped.

use std::collections::BTreeMap;
use std::path::Path;

use rnn_core::{Cell, EarlyStopping, Model, OptimizerState, Parameters, Schedule};
use rnn_data::PortableRng;

use crate::architecture::About;
use crate::archive::{self, Archive, Tensor};
use crate::element::Element;
use crate::error::{Fault, Result};
use crate::model::{SaveOptions, architecture, check_finite, read_model};
use crate::tensors::tensors;
use crate::training::{self, Optimizer, PREFIX, Rates, Stopping, Training};

/// How far a training has come: everything that it needs beside its model.
///
/// Dropout and zoneout need no generator of their own: their masks follow from `noise_seed` and the step
/// ([`Noise`](rnn_core::Noise)).
#[derive(Clone, Debug, PartialEq)]
pub struct Progress<F> {
    /// How many steps were taken.
    pub step: u64,
    /// The seed of dropout and zoneout.
    pub noise_seed: Option<u64>,
    /// What [`Optimizer::snapshot`](rnn_core::Optimizer::snapshot) gave.
    pub optimizer: Option<OptimizerState<F>>,
    /// The learning rate.
    pub schedule: Option<Schedule>,
    /// When to stop.
    pub early_stopping: Option<EarlyStopping>,
    /// Generators by name: of the data, say.
    pub generators: BTreeMap<String, PortableRng>,
    /// Whatever else belongs to it.
    pub notes: BTreeMap<String, String>,
}

impl<F> Default for Progress<F> {
    /// Nothing was done yet.
    fn default() -> Self {
        Self {
            step: 0,
            noise_seed: None,
            optimizer: None,
            schedule: None,
            early_stopping: None,
            generators: BTreeMap::new(),
            notes: BTreeMap::new(),
        }
    }
}

/// Saves a model and how far its training has come, in one safetensors file, whole or not at all.
///
/// [`load`](crate::load) reads the model of it. The optimizer's moments are tensors `optimizer.NAME.BLOCK`.
///
/// ```
/// use ndarray::Array3;
/// use rnn_core::{Adam, Bias, Gru, Mse, Optimizer, Model, Training, train_step};
/// use rnn_data::PortableRng;
/// use rnn_io::{Progress, load_checkpoint, save_checkpoint};
///
/// let mut model = Model::<f64>::new(Gru, 1, &[4], 1, Bias::Double, &mut PortableRng::new(0))?;
/// let (x, y) = (Array3::ones((2, 5, 1)), Array3::zeros((2, 5, 1)));
/// let (mut adam, training, mut ws) = (Adam::new(0.01), Training::<Mse>::default(), model.workspace());
/// train_step(&mut model, x.view(), y.view(), &training, &mut adam, &mut ws)?;
///
/// let path = tempfile::tempdir()?.keep().join("checkpoint.safetensors");
/// save_checkpoint(&path, &model, &Progress { step: 1, optimizer: Some(adam.snapshot()), ..Progress::default() })?;
///
/// let (mut same, progress) = load_checkpoint::<f64>(&path)?;
/// let mut resumed = Adam::new(0.0);
/// resumed.restore(progress.optimizer.expect("it was saved"))?;
/// let loss = train_step(&mut model, x.view(), y.view(), &training, &mut adam, &mut ws)?;
/// assert_eq!(train_step(&mut same, x.view(), y.view(), &training, &mut resumed, &mut ws)?, loss);
/// # std::fs::remove_dir_all(path.parent().unwrap())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`save`](crate::save); [`Fault::Unsupported`] for a setting that is not finite, [`Fault::Network`] for an early
/// stopping that is impossible.
pub fn save_checkpoint<F: Element>(
    path: impl AsRef<Path>,
    model: &Model<F>,
    progress: &Progress<F>,
) -> Result<()> {
    let path = path.as_ref();
    write(path, model, progress).map_err(|fault| fault.at(path))
}

/// Loads what [`save_checkpoint`] wrote. `F` must be the float type that was saved: rounding would change the training.
///
/// The optimizer's state is checked against itself when it is [restored](rnn_core::Optimizer::restore).
///
/// # Errors
/// As [`load`](crate::load), and [`Fault::Precision`].
pub fn load_checkpoint<F: Element>(path: impl AsRef<Path>) -> Result<(Model<F>, Progress<F>)> {
    let path = path.as_ref();
    read(path).map_err(|fault| fault.at(path))
}

/// Loads what [`save_checkpoint`] wrote into a model that is built in the same way.
///
/// # Errors
/// As [`load_checkpoint`], and [`Fault::OtherNetwork`]. The model is as before, then.
pub fn load_checkpoint_into<F: Element>(path: impl AsRef<Path>, model: &mut Model<F>) -> Result<Progress<F>> {
    let path = path.as_ref();
    let mut read = || -> std::result::Result<_, Fault> {
        let (saved, progress) = read(path)?;
        let prefixes = SaveOptions::default().prefixes::<F, Model<F>>();
        let (found, expected) = (architecture(&saved, &prefixes), architecture(model, &prefixes));
        if found != expected {
            found.check_same(&expected)?;
            let (found, expected) = (format!("{:?}", found.options()), format!("{:?}", expected.options()));
            return Err(Fault::OtherNetwork { what: "the list of options", expected, found });
        }
        for (to, from) in model.blocks_mut().zip(saved.blocks()) {
            to.as_mut_slice().copy_from_slice(from.as_slice());
        }
        Ok(progress)
    };
    read().map_err(|fault| fault.at(path))
}

fn write<F: Element>(
    path: &Path,
    model: &Model<F>,
    progress: &Progress<F>,
) -> std::result::Result<(), Fault> {
    check_finite(model)?;
    let prefixes = SaveOptions::default().prefixes::<F, Model<F>>();
    let mut all = tensors(model.named(), &prefixes, false);
    let mut optimizer = None;
    if let Some(OptimizerState { kind, settings, steps, buffers }) = &progress.optimizer {
        for (name, &value) in settings {
            training::check_finite(name, value)?;
        }
        for (name, blocks) in buffers {
            for (k, block) in blocks.iter().enumerate() {
                let tensor = buffer_name(name, k);
                if let Some(at) = block.iter().position(|x| x.is_nan()) {
                    return Err(Fault::NonFinite {
                        tensor,
                        index: vec![at],
                        value: block[at].to_string(),
                        dtype: F::NAME,
                    });
                }
                all.insert(tensor, Tensor::new(&[block.len()], block.iter().copied()));
            }
        }
        let sizes = |blocks: &Vec<Vec<F>>| blocks.iter().map(Vec::len).collect();
        optimizer = Some(Optimizer {
            kind: kind.clone(),
            settings: settings.clone(),
            steps: *steps,
            buffers: buffers.iter().map(|(name, blocks)| (name.clone(), sizes(blocks))).collect(),
        });
    }
    let training = Training {
        step: progress.step,
        noise_seed: progress.noise_seed,
        optimizer,
        schedule: progress.schedule.as_ref().map(Rates::of).transpose()?,
        early_stopping: progress.early_stopping.as_ref().map(Stopping::of).transpose()?,
        generators: progress.generators.clone(),
        notes: progress.notes.clone(),
    };
    archive::write(path, &all, About::new(architecture(model, &prefixes), Some(training)).to_json()?)
}

fn read<F: Element>(path: &Path) -> std::result::Result<(Model<F>, Progress<F>), Fault> {
    let mut archive = Archive::open(path)?;
    let mut about = About::of(&archive)?.ok_or(Fault::NoArchitecture)?;
    for name in archive.names() {
        let found = archive.dtype(name)?;
        if found != F::DTYPE {
            let (tensor, expected, found) = (name.to_owned(), F::DTYPE.to_string(), found.to_string());
            return Err(Fault::Precision { tensor, expected, found });
        }
    }
    let model = read_model(&mut archive, &about)?;
    let kind = Fault::Kind { expected: "a checkpoint", found: "a model" };
    let training = about.training.take().ok_or(kind)?;

    let mut left = archive.names().filter(|name| name.starts_with(PREFIX)).count();
    let mut optimizer = None;
    if let Some(Optimizer { kind, settings, steps, buffers: sizes }) = training.optimizer {
        let mut buffers = BTreeMap::new();
        for (name, sizes) in sizes {
            let block = |(k, size)| archive.read_where(&buffer_name(&name, k), &[size], |x: F| !x.is_nan());
            let blocks =
                sizes.into_iter().enumerate().map(block).collect::<std::result::Result<Vec<_>, _>>()?;
            left -= blocks.len();
            buffers.insert(name, blocks);
        }
        optimizer = Some(OptimizerState { kind, settings, steps, buffers });
    }
    if left > 0 {
        let named = |state: &OptimizerState<F>, tensor: &str| {
            state
                .buffers
                .iter()
                .any(|(name, blocks)| (0..blocks.len()).any(|k| buffer_name(name, k) == tensor))
        };
        let extra = archive.names().filter(|tensor| {
            tensor.starts_with(PREFIX) && !optimizer.as_ref().is_some_and(|state| named(state, tensor))
        });
        return Err(Fault::Unexpected { tensors: extra.map(str::to_owned).collect() });
    }
    let progress = Progress {
        step: training.step,
        noise_seed: training.noise_seed,
        optimizer,
        schedule: training.schedule.as_ref().map(Rates::schedule).transpose()?,
        early_stopping: training.early_stopping.as_ref().map(Stopping::stopping).transpose()?,
        generators: training.generators,
        notes: training.notes,
    };
    Ok((model, progress))
}

fn buffer_name(name: &str, block: usize) -> String {
    format!("{PREFIX}{name}.{block}")
}
