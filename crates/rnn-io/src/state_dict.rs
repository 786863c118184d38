//! Files that PyTorch wrote, which do not describe their network.

mod find;
mod weight_norm;

use std::path::Path;

use rnn_core::{Bias, Cell, Linear, Model, Options, Stack};

use crate::archive::Archive;
use crate::element::Element;
use crate::error::{Fault, Result};
use crate::tensors::{Names, Shapes, Values};

/// Which tensors of a state dict are loaded, and how.
///
/// ```
/// use rnn_io::LoadOptions;
///
/// // Two modules as one stack, `fc` as its head, and a module that is left out.
/// let options = LoadOptions::default().recurrent(["lstm1.", "lstm2."]).head("fc.").ignore(["embedding."]);
/// assert_eq!(options.recurrent.len(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LoadOptions {
    /// What the names of each recurrent module's parameters begin with, as `encoder.rnn.`. Several modules, from the lowest
    /// to the highest, become one stack. Empty, the default, means the only recurrent module of the file.
    pub recurrent: Vec<String>,
    /// What the names of the head's parameters begin with, as `fc.`. `None`, the default, means `head.` if the file has such
    /// a head, and otherwise the only linear layer of the right width, which must have a bias if it could be an embedding.
    pub head: Option<String>,
    /// What the names of tensors begin with that are left out, as `embedding.`. The empty text leaves out everything that
    /// is not under the prefixes of `recurrent` and `head`. Any other tensor that is not loaded is an error, as in PyTorch
    /// with `strict=True`.
    pub ignore: Vec<String>,
    /// Whether PyTorch's two biases become their sum, rounded once: [`Bias::Single`]. By default both are kept. A model
    /// that is loaded [into](crate::load_into) has its own kind of bias, which counts.
    ///
    /// In cells that do not add the two, as a GRU, this needs a `bias_hh` of 0.
    pub fold_bias: bool,
}

/// Each method sets one option and leaves the others as they are.
impl LoadOptions {
    /// Sets [`recurrent`](Self#structfield.recurrent).
    #[must_use]
    pub fn recurrent(mut self, prefixes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.recurrent = prefixes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`head`](Self#structfield.head).
    #[must_use]
    pub fn head(mut self, prefix: impl Into<String>) -> Self {
        self.head = Some(prefix.into());
        self
    }

    /// Sets [`ignore`](Self#structfield.ignore).
    #[must_use]
    pub fn ignore(mut self, prefixes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.ignore = prefixes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets [`fold_bias`](Self#structfield.fold_bias).
    #[must_use]
    pub fn fold_bias(mut self, fold_bias: bool) -> Self {
        self.fold_bias = fold_bias;
        self
    }
}

/// Loads recurrent layers and a linear head from a state dict of PyTorch that was saved as safetensors.
///
/// The cell is given, because shapes do not determine it: [`Lstm`](struct@rnn_core::Lstm) for `nn.LSTM` and `nn.LSTMCell`,
/// [`Gru`](struct@rnn_core::Gru) for `nn.GRU` and `nn.GRUCell`, [`Elman::tanh()`](rnn_core::Elman::tanh) or
/// [`Elman::relu()`](rnn_core::Elman::relu) for `nn.RNN` and `nn.RNNCell`. The shapes give the sizes, levels, directions and
/// biases, and the projection of an `nn.LSTM` with `proj_size`. A head may lack a bias, and weights may be stored under
/// weight normalization.
///
/// Loading is strict, as `load_state_dict` of PyTorch is: the file may have no other tensors than those of the recurrent
/// layers and the head, except for those that [`LoadOptions::ignore`] names.
///
/// What has no parameters leaves no trace in a file: a ReLU between the modules or behind the head, for instance, is for the
/// caller to apply.
///
/// The head reads the output of each timestep. In a bidirectional network, the output of the last timestep is the final
/// state of the forward direction and the *first* state of the backward one, which is not what PyTorch's
/// `torch.cat([h_n[-2], h_n[-1]], 1)` gives.
///
/// ```no_run
/// use rnn_core::Lstm;
/// use rnn_io::LoadOptions;
///
/// // safetensors.torch.save_file(net.state_dict(), "net.safetensors"), where net has the modules encoder.rnn and fc
/// let model = rnn_io::load_state_dict::<f32>("net.safetensors", Lstm, &LoadOptions::default())?;
/// # Ok::<(), rnn_io::Error>(())
/// ```
///
/// # Errors
/// As [`load`](crate::load), and [`Fault::NoRecurrent`] or [`Fault::Ambiguous`] if the file has no part that fits or more
/// than one, and [`Fault::Unused`] if it has tensors that are neither loaded nor ignored.
pub fn load_state_dict<F: Element>(
    path: impl AsRef<Path>,
    cell: impl Into<Cell<F>>,
    options: &LoadOptions,
) -> Result<Model<F>> {
    let (path, cell) = (path.as_ref(), cell.into());
    let read = || -> std::result::Result<_, Fault> {
        let mut archive = open(path, options)?;
        let (rnn, mut names) = recurrent(&archive, &cell, options)?;
        names.head = options.find_head(&archive, rnn.output(), rnn.input())?;
        let [weight, bias] = ["weight", "bias"].map(|name| format!("{}{name}", names.head));
        let &[output, _] = archive.shape(&weight)? else {
            let found = archive.shape(&weight)?.to_vec();
            return Err(Fault::Shape { tensor: weight, expected: "(outputs, hidden)".to_owned(), found });
        };
        archive.expect_shape(&weight, &[output, rnn.output()])?;
        let head = if archive.has(&bias) {
            archive.expect_shape(&bias, &[output])?;
            Linear::zeros(rnn.output(), output)?
        } else {
            Linear::zeros_without_bias(rnn.output(), output)?
        };
        let mut model = Model::from_parts(rnn, head)?;
        strictly(&mut archive, &model.rnn, Some(&model.head), &names)?.set(&mut model)?;
        Ok(model)
    };
    read().map_err(|fault| fault.at(path))
}

/// Loads recurrent layers alone, as [`load_state_dict`] does: a head in the file must be named in [`LoadOptions::ignore`].
///
/// # Errors
/// As [`load_state_dict`].
pub fn load_stack_state_dict<F: Element>(
    path: impl AsRef<Path>,
    cell: impl Into<Cell<F>>,
    options: &LoadOptions,
) -> Result<Stack<F>> {
    let (path, cell) = (path.as_ref(), cell.into());
    let read = || -> std::result::Result<_, Fault> {
        let mut archive = open(path, options)?;
        let (mut rnn, names) = recurrent(&archive, &cell, options)?;
        strictly(&mut archive, &rnn, None, &names)?.set(&mut rnn)?;
        Ok(rnn)
    };
    read().map_err(|fault| fault.at(path))
}

/// The values for a network that is there already.
pub(crate) fn values<F: Element>(
    mut archive: Archive,
    rnn: &Stack<F>,
    head: Option<&Linear<F>>,
    options: &LoadOptions,
) -> std::result::Result<Values<F>, Fault> {
    prepare(&mut archive, options);
    let modules = options.find_modules(&archive)?;
    let levels = rnn.layers().len() / if rnn.options().bidirectional { 2 } else { 1 };
    let found: usize = modules.iter().map(|module| module.levels.unwrap_or(1)).sum();
    if found != levels {
        let (what, expected, found) = ("the number of levels", levels.to_string(), found.to_string());
        return Err(Fault::OtherNetwork { what, expected, found });
    }
    let prefix = match head {
        Some(head) => options.find_head(&archive, head.input(), rnn.input())?,
        None => String::new(),
    };
    strictly(&mut archive, rnn, head, &Names::of(modules, prefix))
}

fn open(path: &Path, options: &LoadOptions) -> std::result::Result<Archive, Fault> {
    let mut archive = Archive::open(path)?;
    prepare(&mut archive, options);
    Ok(archive)
}

fn prepare(archive: &mut Archive, options: &LoadOptions) {
    let named = options.recurrent.iter().chain(&options.head).map(String::as_str);
    let kept: Vec<_> = named.filter(|prefix| !prefix.is_empty()).collect();
    archive.ignore(&options.ignore, &kept);
    weight_norm::compose(archive);
}

/// The values of a network, unless the file has others.
fn strictly<F: Element>(
    archive: &mut Archive,
    rnn: &Stack<F>,
    head: Option<&Linear<F>>,
    names: &Names,
) -> std::result::Result<Values<F>, Fault> {
    let values = Values::read(archive, rnn, head, names)?;
    let tensors = values.unused(archive);
    if tensors.is_empty() { Ok(values) } else { Err(Fault::Unused { tensors }) }
}

/// A stack of zeros of the sizes that the shapes in the file give, and the names of its parameters.
fn recurrent<F: Element>(
    archive: &Archive,
    cell: &Cell<F>,
    load: &LoadOptions,
) -> std::result::Result<(Stack<F>, Names), Fault> {
    let modules = load.find_modules(archive)?;
    let levels: usize = modules.iter().map(|module| module.levels.unwrap_or(1)).sum();
    let names = Names::of(modules, String::new());
    let first = |parameter: &str, suffix: &str| names.recurrent(parameter, 0, suffix);
    let has = |parameter: &str, suffix: &str| archive.has(&first(parameter, suffix));

    let bias = match (has("bias_l", ""), has("bias_ih_l", "")) {
        (false, false) => Bias::None,
        (false, true) if !load.fold_bias => Bias::Double,
        _ => Bias::Single,
    };
    let mut options = Options::from(bias)
        .bidirectional(has("weight_ih_l", "_reverse"))
        .learned_initial(has("initial_h_l", ""));
    // The rows of W_hr, which only a projection has.
    options.projection = match archive.shape(&first("weight_hr_l", "")) {
        Ok(&[size, _]) => Some(size),
        _ => None,
    };

    let shapes = Shapes::of(cell, options)?;
    let gates = shapes.gates();
    let mut input = 0;
    let mut hidden = Vec::new();
    for level in 0..levels {
        let name = names.recurrent("weight_ih_l", level, "");
        match *archive.shape(&name)? {
            [rows, columns] if gates > 0 && rows % gates == 0 => {
                if level == 0 {
                    input = columns;
                }
                hidden.push(rows / gates);
            }
            ref found => {
                let expected = format!("({gates} · hidden, input) for {cell} cells");
                return Err(Fault::Shape { tensor: name, expected, found: found.to_vec() });
            }
        }
    }
    shapes.check(archive, input, &hidden, |parameter, level, suffix| {
        names.recurrent(parameter, level, suffix)
    })?;
    Ok((Stack::zeros(cell.clone(), input, &hidden, options)?, names))
}
