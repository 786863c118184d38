//! Files that PyTorch wrote, which do not say what they are for.

use std::collections::BTreeSet;
use std::path::Path;

use rnn_core::{Bias, Cell, Linear, Model, Options, ProjectedLstm, Stack};

use crate::archive::Archive;
use crate::element::Element;
use crate::error::{Fault, Result};
use crate::tensors::{Prefixes, Values, check_weights};

/// What of a file is loaded, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// What the names of the recurrent parameters begin with: `encoder.rnn.`; default: whatever comes before the one
    /// `weight_ih_l0` of the file.
    pub prefix: Option<String>,
    /// What the names of the head's parameters begin with: `fc.`; default: `head.` if there is such a head, or the one
    /// linear layer of the file that fits.
    pub head: Option<String>,
    /// Whether PyTorch's two biases become one, their sum, rounded once: [`Bias::Single`]; default: both are kept. A model
    /// that is loaded [into](crate::load_into) decides this itself.
    ///
    /// Cells that use the two apart, as a GRU does, can only do so if `bias_hh` is 0.
    pub fold_bias: bool,
}

/// Loads recurrent layers and a linear head from a state dict of PyTorch that was saved as safetensors.
///
/// `cell` says what the shapes do not: `Lstm` has four gates, `Gru` three, and `Elman::tanh()` or `Elman::relu()` is
/// what `torch.nn.RNN` was told. Input, hidden sizes, layers, directions and biases are read off the shapes. What else the
/// file holds, in other modules, is left alone; a tensor of the same module that has no place is an error.
///
/// ```no_run
/// use rnn_core::Lstm;
/// use rnn_io::LoadOptions;
///
/// // safetensors.torch.save_file(net.state_dict(), "net.safetensors"), with net.encoder.rnn and net.fc
/// let model = rnn_io::load_state_dict::<f32>("net.safetensors", Lstm, &LoadOptions::default())?;
/// # Ok::<(), rnn_io::Error>(())
/// ```
///
/// # Errors
/// As [`load`](crate::load), and [`Fault::NoRecurrent`] or [`Fault::Ambiguous`] if there is no such part or more than one.
pub fn load_state_dict<F: Element>(
    path: impl AsRef<Path>,
    cell: impl Into<Cell>,
    options: &LoadOptions,
) -> Result<Model<F>> {
    let path = path.as_ref();
    let read = || -> std::result::Result<_, Fault> {
        let mut archive = Archive::open(path)?;
        let prefix = options.find_recurrent(&archive)?;
        let rnn = infer::<F>(&archive, &prefix, cell.into(), options.fold_bias)?;
        let prefixes = Prefixes { head: options.find_head(&archive, &prefix, rnn.output())?, rnn: prefix };
        let weight = format!("{}weight", prefixes.head);
        let &[output, _] = archive.shape(&weight)? else {
            let found = archive.shape(&weight)?.to_vec();
            return Err(Fault::Shape { tensor: weight, expected: "(outputs, hidden)".to_owned(), found });
        };
        archive.expect_shape(&weight, &[output, rnn.output()])?;
        archive.expect_shape(&format!("{}bias", prefixes.head), &[output])?;
        let mut model = Model { head: Linear::zeros(rnn.output(), output)?, rnn };
        let belongs = |name: &str| siblings(name, &prefixes, true);
        Values::read(&mut archive, &model.rnn, Some(&model.head), &prefixes, belongs)?.set(&mut model)?;
        Ok(model)
    };
    read().map_err(|fault| fault.at(path))
}

/// Loads recurrent layers alone, as [`load_state_dict`].
///
/// # Errors
/// As [`load_state_dict`].
pub fn load_stack_state_dict<F: Element>(
    path: impl AsRef<Path>,
    cell: impl Into<Cell>,
    options: &LoadOptions,
) -> Result<Stack<F>> {
    let path = path.as_ref();
    let read = || -> std::result::Result<_, Fault> {
        let mut archive = Archive::open(path)?;
        let rnn = options.find_recurrent(&archive)?;
        let mut stack = infer::<F>(&archive, &rnn, cell.into(), options.fold_bias)?;
        let prefixes = Prefixes { rnn, head: String::new() };
        let belongs = |name: &str| siblings(name, &prefixes, false);
        Values::read(&mut archive, &stack, None, &prefixes, belongs)?.set(&mut stack)?;
        Ok(stack)
    };
    read().map_err(|fault| fault.at(path))
}

/// Whether a tensor is of the modules that are loaded: they have no modules of their own.
pub(crate) fn siblings(name: &str, prefixes: &Prefixes, with_head: bool) -> bool {
    let of = |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| !rest.contains('.'));
    of(&prefixes.rnn) || with_head && of(&prefixes.head)
}

impl LoadOptions {
    /// What the names of the recurrent parameters begin with.
    pub(crate) fn find_recurrent(&self, archive: &Archive) -> std::result::Result<String, Fault> {
        let prefixes: BTreeSet<&str> =
            archive.names().filter_map(|name| name.strip_suffix("weight_ih_l0")).collect();
        if let Some(prefix) = &self.prefix
            && prefixes.contains(prefix.as_str())
        {
            return Ok(prefix.clone());
        }
        match (&self.prefix, prefixes.len()) {
            (None, 1) => Ok(prefixes.into_iter().map(str::to_owned).collect()),
            (Some(_), _) | (_, 0) => {
                let prefix = self.prefix.clone().unwrap_or_else(|| "*".to_owned());
                Err(Fault::NoRecurrent { prefix, found: archive.names().map(str::to_owned).collect() })
            }
            _ => {
                let found = prefixes.into_iter().map(|prefix| format!("{prefix:?}")).collect();
                Err(Fault::Ambiguous { what: "the prefix of the recurrent layers", found })
            }
        }
    }

    /// What the names of a linear layer that reads `width` numbers begin with.
    pub(crate) fn find_head(
        &self,
        archive: &Archive,
        rnn: &str,
        width: usize,
    ) -> std::result::Result<String, Fault> {
        if let Some(head) = &self.head {
            return Ok(head.clone());
        }
        let fits = |prefix: &&str| {
            let shape = archive.shape(&format!("{prefix}weight"));
            *prefix != rnn && matches!(shape, Ok([_, input]) if *input == width)
        };
        let heads: Vec<&str> =
            archive.names().filter_map(|name| name.strip_suffix("weight")).filter(fits).collect();
        match heads.as_slice() {
            [] => Err(Fault::Missing {
                tensor: format!("*.weight (outputs, {width})"),
                found: archive.names().map(str::to_owned).collect(),
            }),
            [head] => Ok((*head).to_owned()),
            several if several.contains(&"head.") => Ok("head.".to_owned()),
            several => {
                let found = several.iter().map(|prefix| format!("{prefix:?}")).collect();
                Err(Fault::Ambiguous { what: "the prefix of the head", found })
            }
        }
    }
}

/// A stack of zeros of the sizes that the shapes in the file have.
fn infer<F: Element>(
    archive: &Archive,
    prefix: &str,
    cell: Cell,
    fold_bias: bool,
) -> std::result::Result<Stack<F>, Fault> {
    let has = |name: &str| archive.has(&format!("{prefix}{name}"));
    // The projection of PyTorch's nn.LSTM is seen by its weight.
    let cell = match (cell, archive.shape(&format!("{prefix}weight_hr_l0"))) {
        (Cell::Lstm(_), Ok(&[size, _])) => ProjectedLstm { size }.into(),
        _ => cell,
    };
    let gates = Cell::<F>::widths(&cell, 1).gates;
    let mut input = 0;
    let mut hidden = Vec::new();
    for level in 0.. {
        let name = format!("{prefix}weight_ih_l{level}");
        if !archive.has(&name) {
            break;
        }
        match *archive.shape(&name)? {
            [rows, columns] if rows % gates == 0 => {
                if level == 0 {
                    input = columns;
                }
                hidden.push(rows / gates);
            }
            ref found => {
                let expected = format!("({gates} · hidden, input), as {cell} cells have it");
                return Err(Fault::Shape { tensor: name, expected, found: found.to_vec() });
            }
        }
    }
    let bias = match (has("bias_l0"), has("bias_ih_l0")) {
        (true, _) => Bias::Single,
        (false, true) => {
            if fold_bias {
                Bias::Single
            } else {
                Bias::Double
            }
        }
        (false, false) => Bias::None,
    };
    let options = Options {
        bias,
        bidirectional: has("weight_ih_l0_reverse"),
        learned_initial: has("initial_h_l0"),
        ..Options::default()
    };
    check_weights::<F>(archive, prefix, cell, input, &hidden, options)?;
    Ok(Stack::zeros(cell, input, &hidden, options)?)
}
