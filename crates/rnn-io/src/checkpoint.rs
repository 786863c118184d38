//! Training that goes on where it was stopped.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rnn_core::{EarlyStopping, Model, OptimizerState, Parameters, Schedule, State};
use rnn_data::PortableRng;

use crate::architecture::About;
use crate::archive::{self, Archive, Tensor};
use crate::element::Element;
use crate::error::{Fault, Result};
use crate::loader::Loader;
use crate::model::{SaveOptions, architecture, check_finite};
use crate::state;
use crate::tensors::{Names, tensors};
use crate::training::{self, OPTIMIZER, Optimizer, Rates, STATE, Stopping, Training};

/// How far training has come: everything beside the model that training needs to go on.
///
/// Dropout and zoneout need no generator here, because their masks follow from `noise_seed` and the step
/// ([`Noise`](rnn_core::Noise)).
#[derive(Clone, Debug, PartialEq)]
pub struct Progress<F> {
    /// The number of steps that were taken, from [`Trainer::steps`](rnn_core::Trainer::steps).
    pub step: u64,
    /// The seed of dropout and zoneout.
    pub noise_seed: Option<u64>,
    /// The state of the optimizer, from [`Optimizer::snapshot`](rnn_core::Optimizer::snapshot).
    pub optimizer: Option<OptimizerState>,
    /// The state that the next batch starts from, if training is stateful: that of
    /// [`Trainer::state`](rnn_core::Trainer::state), for [`Trainer::resume`](rnn_core::Trainer::resume).
    pub state: Option<State<F>>,
    /// The schedule of the learning rate.
    pub schedule: Option<Schedule>,
    /// The state of early stopping. The weights of the best evaluation are those of another model: save it in a file of its
    /// own when it is the best.
    pub early_stopping: Option<EarlyStopping>,
    /// Random generators by name, that of the data for instance.
    pub generators: BTreeMap<String, PortableRng>,
    /// Texts of the caller's, by name.
    pub notes: BTreeMap<String, String>,
}

impl<F> Default for Progress<F> {
    /// No progress: step 0 and nothing else.
    fn default() -> Self {
        Self {
            step: 0,
            noise_seed: None,
            optimizer: None,
            state: None,
            schedule: None,
            early_stopping: None,
            generators: BTreeMap::new(),
            notes: BTreeMap::new(),
        }
    }
}

/// Saves a model and how far its training has come in one safetensors file, which is written whole or not at all.
///
/// [`load`](crate::load) reads the model from it. The optimizer's buffers are the tensors `optimizer.NAME.BLOCK`, and the
/// state of stateful training is in `state.LAYER.h` and `state.LAYER.c`.
///
/// ```
/// use ndarray::Array3;
/// use rnn_core::{Adam, Bias, Gru, Model, Mse, Optimizer, Trainer, Training};
/// use rnn_data::PortableRng;
/// use rnn_io::{Progress, load_checkpoint, save_checkpoint};
///
/// let mut model = Model::<f64>::new(Gru, 1, &[4], 1, Bias::Double, &mut PortableRng::new(0))?;
/// let (x, y) = (Array3::ones((2, 5, 1)), Array3::zeros((2, 5, 1)));
/// let training = Training::new(Mse).stateful(true);
/// let (mut adam, mut trainer) = (Adam::new(0.01), Trainer::new(&model, training));
/// trainer.step(&mut model, x.view(), y.view(), &mut adam)?;
///
/// let path = tempfile::tempdir()?.keep().join("checkpoint.safetensors");
/// let (optimizer, state) = (Some(adam.snapshot()), trainer.state().cloned());
/// save_checkpoint(&path, &model, &Progress { step: trainer.steps(), optimizer, state, ..Progress::default() })?;
///
/// let (mut same, progress) = load_checkpoint::<f64>(&path)?;
/// let mut same_adam = Adam::new(0.0);
/// same_adam.restore(progress.optimizer.expect("it was saved"))?;
/// let mut resumed = Trainer::new(&same, training).resume(progress.step, progress.state);
/// let report = trainer.step(&mut model, x.view(), y.view(), &mut adam)?;
/// assert_eq!(resumed.step(&mut same, x.view(), y.view(), &mut same_adam)?, report);
/// # std::fs::remove_dir_all(path.parent().unwrap())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`save`](crate::save), [`Fault::Unsupported`] for a setting that is not finite, and [`Fault::Network`] for impossible
/// settings of early stopping.
pub fn save_checkpoint<F: Element>(
    path: impl AsRef<Path>,
    model: &Model<F>,
    progress: &Progress<F>,
) -> Result<()> {
    let path = path.as_ref();
    write(path, model, progress).map_err(|fault| fault.at(path))
}

/// Loads what [`save_checkpoint`] wrote. `F` must be the float type that was saved, because rounding would change the
/// training. [`Loader::load_checkpoint`] loads a model with a cell of the caller's own.
///
/// [`Optimizer::restore`](rnn_core::Optimizer::restore) checks the state of the optimizer.
///
/// # Errors
/// As [`load`](crate::load), and [`Fault::Precision`].
pub fn load_checkpoint<F: Element>(path: impl AsRef<Path>) -> Result<(Model<F>, Progress<F>)> {
    Loader::new().load_checkpoint(path)
}

/// Loads what [`save_checkpoint`] wrote into a model that is built in the same way, with whatever cell.
///
/// # Errors
/// As [`load_checkpoint`], and [`Fault::OtherNetwork`]. The model is then unchanged.
pub fn load_checkpoint_into<F: Element>(path: impl AsRef<Path>, model: &mut Model<F>) -> Result<Progress<F>> {
    let path = path.as_ref();
    let mut read = || -> std::result::Result<_, Fault> {
        let (archive, about) = open(path)?;
        let expected = architecture(model, about.model.prefix.clone(), about.model.head.clone())?;
        if about.model != expected {
            about.model.check_same(&expected)?;
            let (found, expected) =
                (format!("{:?}", about.model.options()), format!("{:?}", expected.options()));
            return Err(Fault::OtherNetwork { what: "the list of options", expected, found });
        }
        let cell = model.rnn.layers()[0].cell.clone();
        let loader = Loader::new().cell(cell.name().base().to_owned(), move |_| Ok(cell.clone()));
        let (saved, progress) = read_from(archive, about, &loader)?;
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
    let (prefix, head) = SaveOptions::default().prefixes::<F, Model<F>>();
    let architecture = architecture(model, prefix.clone(), head.clone())?;
    let mut all = tensors(model.named(), &Names::of_one(prefix, head), false);
    let state = match &progress.state {
        Some(state) => Some(state::write(state, STATE, &mut all)?),
        None => None,
    };
    let mut optimizer = None;
    if let Some(OptimizerState { kind, settings, steps, buffers }) = &progress.optimizer {
        for (name, value) in settings {
            training::check_finite(name, *value)?;
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
                // Exact: an optimizer of a narrow float type has its moments in `f32`.
                let moments = if size_of::<F>() < size_of::<f32>() {
                    Tensor::new(&[block.len()], block.iter().map(|&x| x as f32))
                } else {
                    Tensor::new(&[block.len()], block.iter().map(|&x| F::rounded(x)))
                };
                all.insert(tensor, moments);
            }
        }
        let sizes = |blocks: &Vec<Vec<f64>>| blocks.iter().map(Vec::len).collect();
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
        state,
        schedule: progress.schedule.as_ref().map(Rates::of).transpose()?,
        early_stopping: progress.early_stopping.as_ref().map(Stopping::of).transpose()?,
        generators: progress.generators.clone(),
        notes: progress.notes.clone(),
    };
    archive::write(path, &all, About::new(architecture, Some(training)).to_json()?)
}

/// A checkpoint, whose cell the loader makes.
pub(crate) fn read<F: Element>(
    path: &Path,
    loader: &Loader<F>,
) -> std::result::Result<(Model<F>, Progress<F>), Fault> {
    let (archive, about) = open(path)?;
    read_from(archive, about, loader)
}

fn open(path: &Path) -> std::result::Result<(Archive, About), Fault> {
    let archive = Archive::open(path)?;
    let about = About::of(&archive)?.ok_or(Fault::NoArchitecture)?;
    Ok((archive, about))
}

fn read_from<F: Element>(
    mut archive: Archive,
    mut about: About,
    loader: &Loader<F>,
) -> std::result::Result<(Model<F>, Progress<F>), Fault> {
    for name in archive.names() {
        let found = archive.dtype(name)?;
        let narrow = size_of::<F>() < size_of::<f32>() && name.starts_with(OPTIMIZER);
        let expected = if narrow { f32::DTYPE } else { F::DTYPE };
        if found != expected {
            let (tensor, expected, found) = (name.to_owned(), expected.to_string(), found.to_string());
            return Err(Fault::Precision { tensor, expected, found });
        }
    }
    let model = loader.read_model(&mut archive, &about)?;
    let kind = Fault::Kind { expected: "a checkpoint", found: "a model" };
    let training = about.training.take().ok_or(kind)?;

    let mut used = BTreeSet::new();
    let state = match &training.state {
        Some(layers) => Some(state::read(&mut archive, layers, STATE, &mut used)?),
        None => None,
    };
    let mut optimizer = None;
    if let Some(Optimizer { kind, settings, steps, buffers: sizes }) = training.optimizer {
        let mut buffers = BTreeMap::new();
        for (name, sizes) in sizes {
            let mut blocks = Vec::new();
            for (k, size) in sizes.into_iter().enumerate() {
                let tensor = buffer_name(&name, k);
                blocks.push(archive.read_where(&tensor, &[size], |x: f64| !x.is_nan())?);
                used.insert(tensor);
            }
            buffers.insert(name, blocks);
        }
        optimizer = Some(OptimizerState { kind, settings, steps, buffers });
    }
    let own = archive.names().filter(|name| training::is_own(name) && !used.contains(*name));
    let tensors: Vec<_> = own.map(str::to_owned).collect();
    if !tensors.is_empty() {
        return Err(Fault::Unexpected { tensors });
    }
    let progress = Progress {
        step: training.step,
        noise_seed: training.noise_seed,
        optimizer,
        state,
        schedule: training.schedule.as_ref().map(Rates::schedule).transpose()?,
        early_stopping: training.early_stopping.as_ref().map(Stopping::stopping).transpose()?,
        generators: training.generators,
        notes: training.notes,
    };
    Ok((model, progress))
}

fn buffer_name(name: &str, block: usize) -> String {
    format!("{OPTIMIZER}{name}.{block}")
}
