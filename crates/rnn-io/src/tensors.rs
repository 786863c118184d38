//! Parameters to and from tensors, under PyTorch's names.

use std::collections::{BTreeMap, BTreeSet};

use ndarray::{ArrayD, ArrayViewD};
use rnn_core::{Bias, Cell, Linear, Options, Parameters, Stack};

use crate::archive::{Archive, Tensor};
use crate::element::Element;
use crate::error::Fault;

/// What the names begin with.
#[derive(Clone, Debug)]
pub(crate) struct Prefixes {
    pub(crate) rnn: String,
    pub(crate) head: String,
}

impl Prefixes {
    /// The name of a parameter in the file.
    fn in_file(&self, name: &str) -> String {
        match name.strip_prefix("head.") {
            Some(rest) => format!("{}{rest}", self.head),
            None => format!("{}{name}", self.rnn),
        }
    }
}

/// The parameters of a network as tensors. With `unfold`, a single bias becomes PyTorch's two, of which one is 0.
pub(crate) fn tensors<'a, F: Element>(
    named: impl Iterator<Item = (&'a str, ArrayViewD<'a, F>)>,
    prefixes: &Prefixes,
    unfold: bool,
) -> BTreeMap<String, Tensor> {
    let mut tensors = BTreeMap::new();
    for (name, array) in named {
        let numbers = Tensor::new(array.shape(), array.iter().copied());
        match name.strip_prefix("bias_l").filter(|_| unfold) {
            Some(rest) => {
                let zeros = Tensor::new(array.shape(), array.iter().map(|_| F::zero()));
                tensors.insert(prefixes.in_file(&format!("bias_ih_l{rest}")), numbers);
                tensors.insert(prefixes.in_file(&format!("bias_hh_l{rest}")), zeros);
            }
            None => {
                tensors.insert(prefixes.in_file(name), numbers);
            }
        }
    }
    tensors
}

/// An error unless the file has W_ih and W_hh of all these layers in their shapes. Every other parameter is smaller, so a
/// network that passes takes no more memory than a few times the file's size.
pub(crate) fn check_weights<F: Element>(
    archive: &Archive,
    prefix: &str,
    cell: Cell,
    input: usize,
    hidden: &[usize],
    options: Options,
) -> Result<(), Fault> {
    let directions: &[&str] = if options.bidirectional { &["", "_reverse"] } else { &[""] };
    let mut below = input;
    for (level, &units) in hidden.iter().enumerate() {
        let names = |what: &'static str| {
            directions.iter().map(move |suffix| format!("{prefix}{what}_l{level}{suffix}"))
        };
        for name in names("weight_ih") {
            // As many rows as units, at least, and so few that no product of sizes overflows.
            let shape = archive.shape(&name)?;
            let rows = shape.first().copied().unwrap_or(0);
            if units > rows || rows > isize::MAX as usize >> 8 {
                let expected = format!("rows for {units} units");
                return Err(Fault::Shape { tensor: name.clone(), expected, found: shape.to_vec() });
            }
        }
        let widths = Cell::<F>::widths(&cell, units);
        for name in names("weight_ih") {
            archive.expect_shape(&name, &[widths.gates, below])?;
        }
        for name in names("weight_hh") {
            archive.expect_shape(&name, &[widths.gates, widths.hidden])?;
        }
        below = widths.hidden * directions.len();
    }
    Ok(())
}

/// Every parameter of a network, read from a file that was checked.
pub(crate) struct Values<F> {
    values: Vec<(String, ArrayD<F>)>,
}

impl<F: Element> Values<F> {
    /// Reads what the network needs. Nothing in the file may be left that `belongs` to it.
    pub(crate) fn read(
        archive: &mut Archive,
        rnn: &Stack<F>,
        head: Option<&Linear<F>>,
        prefixes: &Prefixes,
        belongs: impl Fn(&str) -> bool,
    ) -> Result<Self, Fault> {
        let mut used = BTreeSet::new();
        let mut values = Vec::new();
        let named = rnn.params().iter().chain(head.into_iter().flat_map(|head| head.params().iter()));
        for (name, array) in named {
            let shape = array.shape();
            let numbers = match bias(name, rnn.options().bias) {
                Some(layer) => read_bias(archive, rnn, prefixes, name, layer, shape, &mut used)?,
                None => take(archive, prefixes.in_file(name), shape, &mut used)?,
            };
            let array = ArrayD::from_shape_vec(shape, numbers).expect("as many numbers as the shape says");
            values.push((name.to_owned(), array));
        }
        let left = archive.names().filter(|name| belongs(name) && !used.contains(*name));
        let tensors: Vec<_> = left.map(str::to_owned).collect();
        if tensors.is_empty() { Ok(Self { values }) } else { Err(Fault::Unexpected { tensors }) }
    }

    /// Writes them into the network that they were read for: all of them.
    pub(crate) fn set(self, model: &mut impl Parameters<F>) -> Result<(), Fault> {
        for (name, array) in self.values {
            model.set_parameter(&name, array.view())?;
        }
        Ok(())
    }
}

/// The layer, with its direction, that a recurrent bias of this name is for.
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

/// A bias, from one vector or from two, whatever the file has.
fn read_bias<F: Element>(
    archive: &mut Archive,
    rnn: &Stack<F>,
    prefixes: &Prefixes,
    name: &str,
    layer: &str,
    shape: &[usize],
    used: &mut BTreeSet<String>,
) -> Result<Vec<F>, Fault> {
    let [single, input, recurrent] =
        ["bias_l", "bias_ih_l", "bias_hh_l"].map(|kind| format!("{}{kind}{layer}", prefixes.rnn));
    match rnn.options().bias {
        Bias::Single if !archive.has(&single) && archive.has(&input) => {
            let b_ih: Vec<f64> = take(archive, input, shape, used)?;
            let b_hh: Vec<f64> = take(archive, recurrent.clone(), shape, used)?;
            let first = &rnn.layers()[0];
            if first.widths().split && b_hh.iter().any(|&b| b != 0.0) {
                let cell: Cell = first.cell.clone().into();
                return Err(Fault::Fold { tensor: recurrent, cell: cell.to_string() });
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
        _ => take(archive, prefixes.in_file(name), shape, used),
    }
}
