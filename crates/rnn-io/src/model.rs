//! Saving models, and loading parameters into a model.

use std::path::Path;

use rnn_core::{Linear, Model, Parameters, Readout, Stack};

use crate::architecture::{About, Architecture};
use crate::archive::{self, Archive};
use crate::element::Element;
use crate::error::{Fault, Result};
use crate::state_dict::{self, LoadOptions};
use crate::tensors::{Names, Values, tensors};
use crate::training;

/// What can be saved: a [`Model`] or a [`Stack`], of any cell whose name a file can hold.
pub trait Network<F: Element>: Parameters<F> {
    /// What the names of the recurrent parameters begin with in a file, unless [`SaveOptions::prefix`] says something else.
    const PREFIX: &'static str;

    /// The recurrent layers.
    fn recurrent(&self) -> &Stack<F>;

    /// The head, if there is one.
    fn head(&self) -> Option<&Linear<F>>;

    /// What the head reads.
    fn readout(&self) -> Readout {
        Readout::EveryTimestep
    }
}

impl<F: Element> Network<F> for Stack<F> {
    const PREFIX: &'static str = "";

    fn recurrent(&self) -> &Self {
        self
    }

    fn head(&self) -> Option<&Linear<F>> {
        None
    }
}

impl<F: Element> Network<F> for Model<F> {
    const PREFIX: &'static str = "rnn.";

    fn recurrent(&self) -> &Stack<F> {
        &self.rnn
    }

    fn head(&self) -> Option<&Linear<F>> {
        Some(&self.head)
    }

    fn readout(&self) -> Readout {
        Self::readout(self)
    }
}

/// How the tensors of a saved model are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SaveOptions {
    /// What the names of the recurrent parameters begin with. The default is `rnn.` for a [`Model`] and nothing for a
    /// [`Stack`].
    pub prefix: Option<String>,
    /// What the names of the head's parameters begin with. The default is `head.`.
    pub head: Option<String>,
    /// Whether a [`Bias::Single`](rnn_core::Bias::Single) b is saved as PyTorch's two vectors, `bias_ih` = b and `bias_hh` =
    /// 0, so that PyTorch's modules can load it. By default it is saved as `bias`. It is loaded as a single bias either way.
    pub unfold_bias: bool,
}

impl SaveOptions {
    /// The prefixes of the recurrent parameters and of the head's.
    pub(crate) fn prefixes<F: Element, M: Network<F>>(&self) -> (String, String) {
        let prefix = self.prefix.clone().unwrap_or_else(|| M::PREFIX.to_owned());
        (prefix, self.head.clone().unwrap_or_else(|| "head.".to_owned()))
    }
}

/// Saves a model with default [`SaveOptions`]: a safetensors file with PyTorch's names and shapes, whose metadata describes
/// the model.
///
/// The file is written whole or not at all, and the same model gives the same bytes. A symbolic link stays a link, and an
/// existing file keeps its mode.
///
/// A `Model` of one of PyTorch's cells (`rnn-tanh`, `rnn-relu`, `lstm` and `gru`, also with a projection of the LSTM) with
/// [`Bias::Double`](rnn_core::Bias::Double), or another bias and [`SaveOptions::unfold_bias`], loads with `strict=True` into
///
/// ```text
/// class Net(torch.nn.Module):
///     def __init__(self):
///         self.rnn = torch.nn.LSTM(input, hidden, batch_first=True)
///         self.head = torch.nn.Linear(hidden, output)
/// ```
///
/// if its levels all have the same size. Learned initial states, layer normalization and zoneout are not in PyTorch's
/// modules: with learned initial states, for instance, `load_state_dict` reports `rnn.initial_h_l0` as unexpected.
///
/// ```
/// use rnn_core::{Bias, Lstm, Model, Parameters};
/// use rnn_data::PortableRng;
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("model.safetensors");
/// let model = Model::<f32>::new(Lstm, 2, &[8], 1, Bias::Double, &mut PortableRng::new(0))?;
/// rnn_io::save(&path, &model)?;
/// let same = rnn_io::load::<f32>(&path)?;
/// assert_eq!(same.rnn.layers()[0].cell.to_string(), "lstm");
/// assert_eq!(same.parameter("weight_hh_l0"), model.parameter("weight_hh_l0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Fault::Unnamed`] if the cell has no name that a file can hold, [`Fault::NotBuiltin`] if it has the name of a built-in cell
/// and computes something else, [`Fault::NonFinite`] for a parameter that is not finite,
/// because it could not be loaded again, [`Fault::NoFile`] if the path names a folder, a pipe or a device, and
/// [`Fault::Io`].
pub fn save<F: Element>(path: impl AsRef<Path>, model: &impl Network<F>) -> Result<()> {
    save_with(path, model, &SaveOptions::default())
}

/// Saves a model.
///
/// # Errors
/// As [`save`].
pub fn save_with<F: Element, M: Network<F>>(
    path: impl AsRef<Path>,
    model: &M,
    options: &SaveOptions,
) -> Result<()> {
    let path = path.as_ref();
    let write = || -> std::result::Result<_, Fault> {
        check_finite(model)?;
        let (prefix, head) = options.prefixes::<F, M>();
        let about = About::new(architecture(model, prefix.clone(), head.clone())?, None).to_json()?;
        let names = Names::of_one(prefix, head);
        archive::write(path, &tensors(model.named(), &names, options.unfold_bias), about)
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

/// The description of a model whose parameters have these prefixes.
pub(crate) fn architecture<F: Element>(
    model: &impl Network<F>,
    prefix: String,
    head: String,
) -> std::result::Result<Architecture, Fault> {
    let output = model.head().map(|head| (head.output(), head.has_bias()));
    Architecture::new(model.recurrent(), output, model.readout(), prefix, head)
}

/// Loads the parameters of a model from a file that [`save`] or PyTorch wrote.
///
/// A file of [`save`] must describe the same network as `model`, except for the kind of bias and for options that act in
/// training only. In a file of PyTorch the parameters are found as in
/// [`load_state_dict`](crate::load_state_dict), and `options` counts only there.
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
/// As [`load`](crate::load) and [`load_state_dict`](crate::load_state_dict). The model is then unchanged.
pub fn load_into<F: Element, M: Network<F>>(
    path: impl AsRef<Path>,
    model: &mut M,
    options: &LoadOptions,
) -> Result<()> {
    let path = path.as_ref();
    let mut read = || -> std::result::Result<_, Fault> {
        let mut archive = Archive::open(path)?;
        let values = if let Some(about) = About::of(&archive)? {
            let (prefix, head) = (about.model.prefix.clone(), about.model.head.clone());
            about.model.check_same(&architecture(model, prefix.clone(), head.clone())?)?;
            described(&mut archive, &about, model.recurrent(), model.head(), &Names::of_one(prefix, head))?
        } else {
            state_dict::values(archive, model.recurrent(), model.head(), options)?
        };
        values.set(model)
    };
    read().map_err(|fault| fault.at(path))
}

/// The values of a network from a file that describes it. Other tensors than those of a checkpoint are errors.
pub(crate) fn described<F: Element>(
    archive: &mut Archive,
    about: &About,
    rnn: &Stack<F>,
    head: Option<&Linear<F>>,
    names: &Names,
) -> std::result::Result<Values<F>, Fault> {
    let values = Values::read(archive, rnn, head, names)?;
    let mut tensors = values.unused(archive);
    tensors.retain(|name| about.training.is_none() || !training::is_own(name));
    if tensors.is_empty() { Ok(values) } else { Err(Fault::Unexpected { tensors }) }
}
