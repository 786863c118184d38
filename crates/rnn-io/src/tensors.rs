//! Parameters to and from tensors, under PyTorch's names.

mod shapes;

use std::collections::{BTreeMap, BTreeSet};

use ndarray::{ArrayD, ArrayViewD};
use rnn_core::{Bias, Linear, Parameters, Stack};

use crate::archive::{Archive, Tensor};
use crate::element::Element;
use crate::error::Fault;

pub(crate) use shapes::Shapes;

/// The names of parameters in a file.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// What the names of each recurrent module's parameters begin with, from the lowest to the highest.
    modules: Vec<Module>,
    /// What the names of the head's parameters begin with.
    pub(crate) head: String,
}

/// A recurrent module in a file: one that has levels, as `torch.nn.LSTM`, or a cell, as `torch.nn.LSTMCell`.
#[derive(Clone, Debug)]
pub(crate) struct Module {
    pub(crate) prefix: String,
    /// The number of levels, or `None` for a cell, whose names have no level: `weight_ih`.
    pub(crate) levels: Option<usize>,
}

impl Names {
    /// The names of a network whose levels are all in one module.
    pub(crate) fn of_one(prefix: String, head: String) -> Self {
        Self { modules: vec![Module { prefix, levels: Some(usize::MAX) }], head }
    }

    /// The names of a network whose levels are in several modules.
    pub(crate) fn of(modules: Vec<Module>, head: String) -> Self {
        Self { modules, head }
    }

    /// The name in the file of a parameter like `weight_ih_l`, of a level and with what follows the level.
    pub(crate) fn recurrent(&self, parameter: &str, level: usize, suffix: &str) -> String {
        let mut level = level;
        for Module { prefix, levels } in &self.modules {
            match levels {
                None if level == 0 => {
                    let parameter = parameter.strip_suffix("_l").unwrap_or(parameter);
                    return format!("{prefix}{parameter}{suffix}");
                }
                Some(levels) if level < *levels => return format!("{prefix}{parameter}{level}{suffix}"),
                levels => level -= levels.unwrap_or(1),
            }
        }
        unreachable!("the modules have fewer levels than the network")
    }

    /// The name in the file of a parameter of the network.
    fn in_file(&self, name: &str) -> String {
        if let Some(rest) = name.strip_prefix("head.") {
            return format!("{}{rest}", self.head);
        }
        let (parameter, level, suffix) = parts(name);
        self.recurrent(parameter, level, suffix)
    }
}

/// `weight_ih_l`, 1 and `_reverse` of `weight_ih_l1_reverse`.
fn parts(name: &str) -> (&str, usize, &str) {
    let (name, suffix) = match name.strip_suffix("_reverse") {
        Some(name) => (name, "_reverse"),
        None => (name, ""),
    };
    let parameter = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let level = name[parameter.len()..].parse().expect("recurrent parameters end in their level");
    (parameter, level, suffix)
}

/// The parameters of a network as tensors. With `unfold`, a single bias becomes PyTorch's two, of which one is 0.
pub(crate) fn tensors<'a, F: Element>(
    named: impl Iterator<Item = (&'a str, ArrayViewD<'a, F>)>,
    names: &Names,
    unfold: bool,
) -> BTreeMap<String, Tensor> {
    let mut tensors = BTreeMap::new();
    for (name, array) in named {
        let numbers = Tensor::new(array.shape(), array.iter().copied());
        match name.strip_prefix("bias_l").filter(|_| unfold) {
            Some(rest) => {
                let zeros = Tensor::new(array.shape(), array.iter().map(|_| F::zero()));
                tensors.insert(names.in_file(&format!("bias_ih_l{rest}")), numbers);
                tensors.insert(names.in_file(&format!("bias_hh_l{rest}")), zeros);
            }
            None => {
                tensors.insert(names.in_file(name), numbers);
            }
        }
    }
    tensors
}

/// Every parameter of a network, read from a file and checked.
pub(crate) struct Values<F> {
    values: Vec<(String, ArrayD<F>)>,
    used: BTreeSet<String>,
}

impl<F: Element> Values<F> {
    /// Reads what the network needs.
    pub(crate) fn read(
        archive: &mut Archive,
        rnn: &Stack<F>,
        head: Option<&Linear<F>>,
        names: &Names,
    ) -> Result<Self, Fault> {
        let mut used = BTreeSet::new();
        let mut values = Vec::new();
        let named = rnn.params().iter().chain(head.into_iter().flat_map(|head| head.params().iter()));
        for (name, array) in named {
            let shape = array.shape();
            let numbers = match bias(name, rnn.options().bias) {
                Some(layer) => read_bias(archive, rnn, names, name, layer, shape, &mut used)?,
                None => take(archive, names.in_file(name), shape, &mut used)?,
            };
            let array = ArrayD::from_shape_vec(shape, numbers).expect("as many numbers as the shape says");
            values.push((name.to_owned(), array));
        }
        Ok(Self { values, used })
    }

    /// The names of the tensors in the file that were not read.
    pub(crate) fn unused(&self, archive: &Archive) -> Vec<String> {
        archive.names().filter(|name| !self.used.contains(*name)).map(str::to_owned).collect()
    }

    /// Sets all parameters of the network that they were read for.
    pub(crate) fn set(self, model: &mut impl Parameters<F>) -> Result<(), Fault> {
        for (name, array) in self.values {
            model.set_parameter(&name, array.view())?;
        }
        Ok(())
    }
}

/// The layer of a recurrent bias: `1_reverse` of `bias_ih_l1_reverse`.
fn bias(name: &str, kind: Bias) -> Option<&str> {
    match kind {
        Bias::None => None,
        Bias::Single => name.strip_prefix("bias_l"),
        Bias::Double => name.strip_prefix("bias_ih_l").or_else(|| name.strip_prefix("bias_hh_l")),
    }
}

fn take<F: Element>(
    archive: &mut Archive,
    name: String,
    shape: &[usize],
    used: &mut BTreeSet<String>,
) -> Result<Vec<F>, Fault> {
    let numbers = archive.read(&name, shape);
    used.insert(name);
    numbers
}

/// A bias, from one vector or from two, whichever the file has.
fn read_bias<F: Element>(
    archive: &mut Archive,
    rnn: &Stack<F>,
    names: &Names,
    name: &str,
    layer: &str,
    shape: &[usize],
    used: &mut BTreeSet<String>,
) -> Result<Vec<F>, Fault> {
    let [single, input, recurrent] =
        ["bias_l", "bias_ih_l", "bias_hh_l"].map(|kind| names.in_file(&format!("{kind}{layer}")));
    match rnn.options().bias {
        Bias::Single if !archive.has(&single) && archive.has(&input) => {
            let b_ih: Vec<f64> = take(archive, input, shape, used)?;
            let b_hh: Vec<f64> = take(archive, recurrent.clone(), shape, used)?;
            let first = &rnn.layers()[0];
            if first.splits_biases() && b_hh.iter().any(|&b| b != 0.0) {
                return Err(Fault::Fold { tensor: recurrent, cell: first.cell.to_string() });
            }
            let sums = b_ih.iter().zip(&b_hh).map(|(ih, hh)| ih + hh).enumerate();
            let rounded = sums.map(|(at, sum)| {
                let b = F::rounded(sum);
                let (tensor, index, value) = (recurrent.clone(), vec![at], sum.to_string());
                if b.is_finite() {
                    Ok(b)
                } else {
                    Err(Fault::NonFinite { tensor, index, value, dtype: F::NAME })
                }
            });
            rounded.collect()
        }
        Bias::Double if archive.has(&single) && !archive.has(&input) => {
            let b = take(archive, single, shape, used)?;
            Ok(if name.starts_with("bias_hh") { vec![F::zero(); b.len()] } else { b })
        }
        _ => take(archive, names.in_file(name), shape, used),
    }
}
