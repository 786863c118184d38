//! Models in safetensors files.

use std::path::Path;

use rnn_core::{Cell, Linear, Model, Parameters, Stack};

use crate::architecture::{About, Architecture};
use crate::archive::{self, Archive};
use crate::element::Element;
use crate::error::{Fault, Result};
use crate::state_dict::{LoadOptions, siblings};
use crate::tensors::{Prefixes, Values, check_weights, tensors};

/// What can be saved: a [`Model`] or a [`Stack`], of any built-in cell.
pub trait Model<F: Element>: Parameters<F> {
    /// Its cell.
    type Cell: Cell<F> + Into<Cell>;

    /// What the names of the recurrent parameters begin with unless something else is asked for: `rnn.` if there is a head
    /// beside, and nothing if there is none.
    const PREFIX: &'static str;

    /// Its recurrent layers.
    fn recurrent(&self) -> &Stack<F>;

    /// Its head, if it has one.
    fn head(&self) -> Option<&Linear<F>>;
}

impl<F: Element> Model<F> for Stack<F> {
    type Cell = C;
    const PREFIX: &'static str = "";

    fn recurrent(&self) -> &Self {
        self
    }

    fn head(&self) -> Option<&Linear<F>> {
        None
    }
}

impl<F: Element> Model<F> for Model<F> {
    type Cell = C;
    const PREFIX: &'static str = "rnn.";

    fn recurrent(&self) -> &Stack<F> {
        &self.rnn
    }

    fn head(&self) -> Option<&Linear<F>> {
        Some(&self.head)
    }
}

/// How a model is saved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SaveOptions {
    /// What the names of the recurrent parameters begin with; default: [`Model::PREFIX`].
    pub prefix: Option<String>,
    /// What the names of the head's parameters begin with; default `head.`.
    pub head: Option<String>,
    /// Whether a [`Bias::Single`](rnn_core::Bias::Single) b is saved as PyTorch's two vectors, `bias_ih` = b and `bias_hh` =
    /// 0, so that PyTorch's modules can load it; default: as it is, `bias_l0`. It is loaded as a single one either way.
    pub unfold_bias: bool,
}

impl SaveOptions {
    /// The prefixes of a model.
    pub(crate) fn prefixes<F: Element, M: Model<F>>(&self) -> Prefixes {
        Prefixes {
            rnn: self.prefix.clone().unwrap_or_else(|| M::PREFIX.to_owned()),
            head: self.head.clone().unwrap_or_else(|| "head.".to_owned()),
        }
    }
}

/// Saves a model, with default [`SaveOptions`]: a safetensors file with PyTorch's names and shapes, whose metadata says
/// how the model is built.
///
/// The file is written whole or not at all, and the same model gives the same bytes. A `Model` loads, with
/// `strict=True`, into
///
/// ```text
/// class Net(torch.nn.Module):
///     def __init__(self):
///         self.rnn = torch.nn.LSTM(input, hidden, batch_first=True)
///         self.head = torch.nn.Linear(hidden, output)
/// ```
///
/// ```
/// use rnn_core::{Bias, Lstm, Parameters, Model};
/// use rnn_data::PortableRng;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// let model = Model::<f32>::new(Lstm, 2, &[8], 1, Bias::Double, &mut PortableRng::new(0))?;
/// rnn_io::save(&path, &model)?;
/// let same = rnn_io::load::<f32>(&path)?;
/// assert_eq!(same.rnn.layers()[0].cell.name(), "lstm");
/// assert_eq!(same.parameter("weight_hh_l0"), model.parameter("weight_hh_l0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Fault::Io`], and [`Fault::NonFinite`] for a parameter that is not finite: it could not be loaded again.
pub fn save<F: Element>(path: impl AsRef<Path>, model: &impl Model<F>) -> Result<()> {
    save_with(path, model, &SaveOptions::default())
}

/// Saves a model.
///
/// # Errors
/// As [`save`].
pub fn save_with<F: Element, M: Model<F>>(
    path: impl AsRef<Path>,
    model: &M,
    options: &SaveOptions,
) -> Result<()> {
    let path = path.as_ref();
    let write = || -> std::result::Result<_, Fault> {
        check_finite(model)?;
        let prefixes = options.prefixes::<F, M>();
        let architecture = architecture(model, &prefixes);
        let about = About::new(architecture, None).to_json()?;
        archive::write(path, &tensors(model.named(), &prefixes, options.unfold_bias), about)
    };
    write().map_err(|fault| fault.at(path))
}

/// An error if a parameter is not finite.
pub(crate) fn check_finite<F: Element>(model: &impl Parameters<F>) -> std::result::Result<(), Fault> {
    let bad = model.named().find_map(|(name, array)| {
        let (index, value) = array.indexed_iter().find(|(_, x)| !x.is_finite())?;
        let index = ndarray::Dimension::slice(&index).to_vec();
        Some(Fault::NonFinite { tensor: name.to_owned(), index, value: value.to_string(), dtype: F::NAME })
    });
    bad.map_or(Ok(()), Err)
}

pub(crate) fn architecture<F: Element>(model: &impl Model<F>, prefixes: &Prefixes) -> Architecture {
    let output = model.head().map(Linear::output);
    Architecture::new(model.recurrent(), output, prefixes.rnn.clone(), prefixes.head.clone())
}

/// Loads a [`Model`] that [`save`] wrote, whatever its cell, from the file alone; the model of a checkpoint, too.
///
/// Every tensor must be there, in its shape, finite, and nothing else. Other float types than `F` are converted
/// ([`Element`] says how).
///
/// # Errors
/// Every [`Fault`] that a file can have, with the tensor and with what was expected and found. Nothing in a file makes it
/// panic, or take more memory than a few times the file's size.
pub fn load<F: Element>(path: impl AsRef<Path>) -> Result<Model<F>> {
    let path = path.as_ref();
    load_model(path).map_err(|fault| fault.at(path))
}

/// Loads a [`Stack`] that [`save`] wrote, as [`load`].
///
/// # Errors
/// As [`load`].
pub fn load_stack<F: Element>(path: impl AsRef<Path>) -> Result<Stack<F>> {
    let path = path.as_ref();
    let read = || -> std::result::Result<_, Fault> {
        let mut archive = Archive::open(path)?;
        let about = About::of(&archive)?.ok_or(Fault::NoArchitecture)?;
        if about.model.output.is_some() {
            return Err(Fault::Kind { expected: STACK, found: MODEL });
        }
        let (cell, prefixes) = checked::<F>(&archive, &about.model)?;
        let Architecture { input, hidden, .. } = &about.model;
        let mut rnn = Stack::zeros(cell, *input, hidden, about.model.options())?;
        Values::read(&mut archive, &rnn, None, &prefixes, |_| true)?.set(&mut rnn)?;
        Ok(rnn)
    };
    read().map_err(|fault| fault.at(path))
}

const STACK: &str = "recurrent layers without a head";
const MODEL: &str = "recurrent layers with a head";

fn load_model<F: Element>(path: &Path) -> std::result::Result<Model<F>, Fault> {
    let mut archive = Archive::open(path)?;
    let about = About::of(&archive)?.ok_or(Fault::NoArchitecture)?;
    read_model(&mut archive, &about)
}

/// The model that a file says it holds. The tensors of a checkpoint's optimizer are left alone.
pub(crate) fn read_model<F: Element>(
    archive: &mut Archive,
    about: &About,
) -> std::result::Result<Model<F>, Fault> {
    let output = about.model.output.ok_or(Fault::Kind { expected: MODEL, found: STACK })?;
    let (cell, prefixes) = checked::<F>(archive, &about.model)?;
    let head = format!("{}weight", prefixes.head);
    if archive.shape(&head)?.first() != Some(&output) {
        let (found, expected) = (archive.shape(&head)?.to_vec(), format!("{output} rows"));
        return Err(Fault::Shape { tensor: head, expected, found });
    }
    // As many outputs as there are biases, which are in the file.
    archive.expect_shape(&format!("{}bias", prefixes.head), &[output])?;
    let Architecture { input, hidden, .. } = &about.model;
    let rnn = Stack::<F>::zeros(cell, *input, hidden, about.model.options())?;
    archive.expect_shape(&head, &[output, rnn.output()])?;
    let mut model = Model { head: Linear::zeros(rnn.output(), output)?, rnn };
    let belongs = |name: &str| about.training.is_none() || !name.starts_with(crate::training::PREFIX);
    Values::read(archive, &model.rnn, Some(&model.head), &prefixes, belongs)?.set(&mut model)?;
    Ok(model)
}

/// The cell and the names, after the sizes were held against what is in the file.
fn checked<F: Element>(
    archive: &Archive,
    model: &Architecture,
) -> std::result::Result<(Cell, Prefixes), Fault> {
    let cell = model.cell.parse()?;
    check_weights::<F>(archive, &model.prefix, cell, model.input, &model.hidden, model.options())?;
    Ok((cell, Prefixes { rnn: model.prefix.clone(), head: model.head.clone() }))
}

/// Loads the parameters of a model from a file that [`save`] or PyTorch wrote. If the file says how its network is built, it
/// must be built as this one, but for the bias and for what only training uses; otherwise the recurrent parameters are
/// looked for, as [`load_state_dict`](crate::load_state_dict) does.
///
/// ```
/// use rnn_core::{Bias, Gru, Model};
/// use rnn_data::PortableRng;
/// use rnn_io::LoadOptions;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// rnn_io::save(&path, &Model::<f64>::new(Gru, 2, &[8], 1, Bias::Double, &mut PortableRng::new(0))?)?;
/// let mut wider = Model::<f64>::zeros(Gru, 2, &[9], 1, Bias::Double)?;
/// let error = rnn_io::load_into(&path, &mut wider, &LoadOptions::default()).unwrap_err();
/// assert!(error.to_string().ends_with("the list of hidden sizes is [8] in the file and [9] in the network"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`load`]. The model is as before, then.
pub fn load_into<F: Element, M: Model<F>>(
    path: impl AsRef<Path>,
    model: &mut M,
    options: &LoadOptions,
) -> Result<()> {
    let path = path.as_ref();
    let mut read = || -> std::result::Result<_, Fault> {
        let mut archive = Archive::open(path)?;
        let values = if let Some(about) = About::of(&archive)? {
            let prefixes = Prefixes { rnn: about.model.prefix.clone(), head: about.model.head.clone() };
            about.model.check_same(&architecture(model, &prefixes))?;
            let belongs = |name: &str| about.training.is_none() || !name.starts_with(crate::training::PREFIX);
            Values::read(&mut archive, model.recurrent(), model.head(), &prefixes, belongs)?
        } else {
            let rnn = options.find_recurrent(&archive)?;
            let head = match model.head() {
                Some(head) => options.find_head(&archive, &rnn, head.input())?,
                None => String::new(),
            };
            let prefixes = Prefixes { rnn, head };
            let with_head = model.head().is_some();
            let belongs = |name: &str| siblings(name, &prefixes, with_head);
            Values::read(&mut archive, model.recurrent(), model.head(), &prefixes, belongs)?
        };
        values.set(model)
    };
    read().map_err(|fault| fault.at(path))
}
