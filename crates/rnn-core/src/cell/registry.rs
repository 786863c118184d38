//! The built-in cells by their names: a line for each.

use crate::Real;
use crate::cell::activation::MaybeClipped;
use crate::cell::{AnySquash, Cell, Elman, Gru, Lstm, Name, NameError, Relu, Sigmoid, Squash, Tanh, elman};

/// Makes a cell from its name and settings.
type Make<F> = fn(&Name) -> Result<Cell<F>, NameError>;

/// The name of each cell with its usual settings, and how it is made from any settings.
fn table<F: Real>() -> Vec<(&'static str, Make<F>)> {
    vec![
        ("rnn-tanh", |_| Ok(Elman(Tanh).into())),
        ("rnn-relu", |_| Ok(Elman(Relu).into())),
        ("rnn-sigmoid", |_| Ok(Elman(Sigmoid).into())),
        ("rnn-identity", |_| Ok(Elman::identity().into())),
        ("lstm", |name| two(name, Lstm, |gate, candidate| Lstm { gate, candidate })),
        ("gru", |name| two(name, Gru, |gate, candidate| Gru { gate, candidate })),
    ]
}

pub(super) fn all<F: Real>() -> Vec<Cell<F>> {
    let usual = |(text, make): (&str, Make<F>)| make(&text.parse()?);
    table().into_iter().map(|entry| usual(entry).expect("the names of the table are right")).collect()
}

pub(super) fn find<F: Real>(name: &Name) -> Result<Cell<F>, NameError> {
    let base = |text: &'static str| text.split('(').next().unwrap_or(text);
    let table = table::<F>();
    if let Some((_, make)) = table.iter().find(|(text, _)| base(text) == name.base()) {
        return make(name);
    }
    if name.base() == elman::BASE {
        name.expect_settings(&["activation"])?;
        return Ok(Elman(AnySquash::find(name, "activation")?).into());
    }
    let known = table.iter().map(|(text, _)| base(text).to_owned()).collect();
    Err(NameError::Unknown { name: name.base().to_owned(), known })
}

/// A unit with two activations, `gate` and `candidate`: the usual one where the name has neither.
fn two<F: Real, U: Into<Cell<F>>, V: Into<Cell<F>>>(
    name: &Name,
    usual: U,
    make: impl Fn(MaybeClipped, MaybeClipped) -> V,
) -> Result<Cell<F>, NameError> {
    name.expect_settings(&["gate", "candidate"])?;
    let of = |key: &str, default: AnySquash| match name.get(key) {
        None => Ok(MaybeClipped { of: default, limit: f64::INFINITY }),
        Some(_) => AnySquash::find(name, key),
    };
    let (gate, candidate) = (of("gate", AnySquash::Sigmoid)?, of("candidate", AnySquash::Tanh)?);
    let (gate_name, candidate_name) = (Squash::<F>::name(&gate), Squash::<F>::name(&candidate));
    let is_usual = (gate_name.as_str(), candidate_name.as_str()) == ("sigmoid", "tanh");
    Ok(if is_usual { usual.into() } else { make(gate, candidate).into() })
}
