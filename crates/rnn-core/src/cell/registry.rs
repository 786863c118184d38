//! The built-in cells by their names: a line for each.

use crate::Real;
use crate::cell::activation::MaybeClipped;
use crate::cell::{
    AnySquash, Antisymmetric, Cell, CoupledLstm, Elman, Gru, GruResetBefore, IndRnn, Leaky, LinearUnit, Lstm,
    MinGru, MinLstm, MinimalGated, Name, NameError, PeepholeLstm, Relu, Residual, SLstm, Sigmoid, Squash, Tanh,
    elman,
};

/// Makes a cell from its name and settings.
type Make<F> = fn(&Name) -> Result<Cell<F>, NameError>;

/// The name of each cell with its usual settings, and how it is made from any settings.
fn table<F: Real>() -> Vec<(&'static str, Make<F>)> {
    vec![
        ("rnn-tanh", |name| plain(name, Elman(Tanh))),
        ("rnn-relu", |name| plain(name, Elman(Relu))),
        ("rnn-sigmoid", |name| plain(name, Elman(Sigmoid))),
        ("rnn-identity", |name| plain(name, Elman::identity())),
        ("lstm", |name| two(name, Lstm, |gate, candidate| Lstm { gate, candidate })),
        ("gru", |name| two(name, Gru, |gate, candidate| Gru { gate, candidate })),
        ("lstm-peephole", |name| two(name, PeepholeLstm, |gate, candidate| PeepholeLstm { gate, candidate })),
        ("gru-reset-before", |name| two(name, GruResetBefore, |gate, candidate| GruResetBefore { gate, candidate })),
        ("minimal-gated", |name| two(name, MinimalGated, |gate, candidate| MinimalGated { gate, candidate })),
        ("lstm-coupled", |name| two(name, CoupledLstm, |gate, candidate| CoupledLstm { gate, candidate })),
        ("leaky(alpha=0.5, activation=tanh)", |name| {
            let alpha = within(name, "alpha", |alpha| alpha > 0.0 && alpha <= 1.0, "above 0 and at most 1")?;
            one(name, &["alpha"], |activation| Leaky { alpha, activation }.into())
        }),
        ("indrnn(activation=relu)", |name| one(name, &[], |activation| IndRnn(activation).into())),
        ("min-gru", |name| plain(name, MinGru)),
        ("min-lstm", |name| plain(name, MinLstm)),
        ("linear-unit", |name| plain(name, LinearUnit)),
        ("slstm", |name| plain(name, SLstm)),
        ("residual(activation=tanh)", |name| one(name, &[], |activation| Residual(activation).into())),
        ("antisymmetric(epsilon=0.1, gamma=0.01, activation=tanh)", |name| {
            let (epsilon, gamma) = (name.number("epsilon")?, name.number("gamma")?);
            one(name, &["epsilon", "gamma"], |activation| Antisymmetric { epsilon, gamma, activation }.into())
        }),
    ]
}

/// Every cell with its usual settings.
pub(super) fn all<F: Real>() -> Vec<Cell<F>> {
    let usual = |(text, make): (&str, Make<F>)| make(&text.parse()?);
    table().into_iter().map(|entry| usual(entry).expect("the names of the table are right")).collect()
}

/// The cell of this name.
pub(super) fn find<F: Real>(name: &Name) -> Result<Cell<F>, NameError> {
    let base = |text: &'static str| text.split('(').next().unwrap_or(text);
    let table = table::<F>();
    if let Some((_, make)) = table.iter().find(|(text, _)| base(text) == name.base()) {
        return make(name);
    }
    if name.base() == elman::BASE {
        return one(name, &[], |activation| Elman(activation).into());
    }
    let known = table.iter().map(|(text, _)| base(text).to_owned()).collect();
    Err(NameError::Unknown { name: name.base().to_owned(), known })
}

/// A unit without settings.
fn plain<F: Real>(name: &Name, unit: impl Into<Cell<F>>) -> Result<Cell<F>, NameError> {
    name.expect_settings(&[]).map(|()| unit.into())
}

/// A unit with one activation, and these settings beside it.
fn one<F: Real>(
    name: &Name,
    others: &[&str],
    make: impl FnOnce(MaybeClipped) -> Cell<F>,
) -> Result<Cell<F>, NameError> {
    name.expect_settings(&[others, &["activation"]].concat())?;
    Ok(make(AnySquash::find(name, "activation")?))
}

/// A unit with two activations, `gate` and `candidate`; `usual` where the name has none of them.
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

/// A setting that is a number for which `valid` holds.
fn within(
    name: &Name,
    key: &str,
    valid: impl Fn(f64) -> bool,
    must: &'static str,
) -> Result<f64, NameError> {
    let number = name.number(key)?;
    if valid(number) { Ok(number) } else { Err(name.wrong(key, must)) }
}
