//! The built-in cells by their names: a line for each.

use crate::Real;
use crate::cell::activation::MaybeClipped;
use crate::cell::{
    Antisymmetric, AnySquash, Cell, CoupledLstm, Elman, Gru, GruResetBefore, Identity, IndRnn, Leaky,
    LinearUnit, Lstm, MinGru, MinLstm, MinimalGated, Name, NameError, PeepholeLstm, Relu, Residual, SLstm,
    Sigmoid, Tanh, Unit, elman,
};

/// A unit with one activation, made with its usual types of activations or, for any other one, with one that is chosen at run
/// time.
macro_rules! one {
    ($name:expr, [$($other:literal),*], [$($usual:ident),*], $activation:ident => $unit:expr) => {{
        $name.expect_settings(&[$($other,)* "activation"])?;
        let found = AnySquash::find($name, "activation")?;
        $(if found == MaybeClipped::from(AnySquash::$usual) {
            let $activation = $usual;
            return Ok(make::<F, _, HERE>($unit));
        })*
        let $activation = found;
        Ok(make::<F, _, HERE>($unit))
    }};
}

/// A unit with two activations, `gate` and `candidate`, made as [`one`].
macro_rules! two {
    ($name:expr, $unit:ident) => {{
        $name.expect_settings(&["gate", "candidate"])?;
        let of = |key: &str, usual: AnySquash| match $name.get(key) {
            None => Ok(MaybeClipped::from(usual)),
            Some(_) => AnySquash::find($name, key),
        };
        let (gate, candidate) = (of("gate", AnySquash::Sigmoid)?, of("candidate", AnySquash::Tanh)?);
        let usual = (gate, candidate) == (AnySquash::Sigmoid.into(), AnySquash::Tanh.into());
        Ok(if usual { make::<F, _, HERE>($unit) } else { make::<F, _, HERE>($unit { gate, candidate }) })
    }};
}

/// Makes a cell from its name and settings.
type Make<F> = fn(&Name) -> Result<Cell<F>, NameError>;

/// The name of each cell with its usual settings, and how it is made from any settings.
fn table<F: Real, const HERE: bool>() -> Vec<(&'static str, Make<F>)> {
    vec![
        ("rnn-tanh", |name| plain::<F, _, HERE>(name, Elman(Tanh))),
        ("rnn-relu", |name| plain::<F, _, HERE>(name, Elman(Relu))),
        ("rnn-sigmoid", |name| plain::<F, _, HERE>(name, Elman(Sigmoid))),
        ("rnn-identity", |name| plain::<F, _, HERE>(name, Elman(Identity))),
        ("lstm", |name| two!(name, Lstm)),
        ("gru", |name| two!(name, Gru)),
        ("lstm-peephole", |name| two!(name, PeepholeLstm)),
        ("gru-reset-before", |name| two!(name, GruResetBefore)),
        ("minimal-gated", |name| two!(name, MinimalGated)),
        ("lstm-coupled", |name| two!(name, CoupledLstm)),
        ("leaky(alpha=0.5, activation=tanh)", |name| {
            let alpha = within(name, "alpha", |alpha| alpha > 0.0 && alpha <= 1.0, "above 0 and at most 1")?;
            one!(name, ["alpha"], [Tanh, Relu], activation => Leaky { alpha, activation })
        }),
        ("indrnn(activation=relu)", |name| one!(name, [], [Relu], activation => IndRnn(activation))),
        ("min-gru", |name| plain::<F, _, HERE>(name, MinGru)),
        ("min-lstm", |name| plain::<F, _, HERE>(name, MinLstm)),
        ("linear-unit", |name| plain::<F, _, HERE>(name, LinearUnit)),
        ("slstm", |name| plain::<F, _, HERE>(name, SLstm)),
        ("residual(activation=tanh)", |name| one!(name, [], [Tanh], activation => Residual(activation))),
        ("antisymmetric(epsilon=0.1, gamma=0.01, activation=tanh)", |name| {
            let (epsilon, gamma) = (name.number("epsilon")?, name.number("gamma")?);
            one!(name, ["epsilon", "gamma"], [Tanh], activation => Antisymmetric { epsilon, gamma, activation })
        }),
    ]
}

/// Every cell with its usual settings.
pub(super) fn all<F: Real, const HERE: bool>() -> Vec<Cell<F>> {
    let usual = |(text, make): (&str, Make<F>)| make(&text.parse()?);
    table::<F, HERE>()
        .into_iter()
        .map(|entry| usual(entry).expect("the names of the table are right"))
        .collect()
}

/// The cell of this name.
pub(super) fn find<F: Real, const HERE: bool>(name: &Name) -> Result<Cell<F>, NameError> {
    let base = |text: &'static str| text.split('(').next().unwrap_or(text);
    let table = table::<F, HERE>();
    if let Some((_, make)) = table.iter().find(|(text, _)| base(text) == name.base()) {
        return make(name);
    }
    if name.base() == elman::BASE {
        return one!(name, [], [], activation => Elman(activation));
    }
    let known = table.iter().map(|(text, _)| base(text).to_owned()).collect();
    Err(NameError::Unknown { name: name.base().to_owned(), known })
}

/// A unit without settings.
fn plain<F: Real, U: Unit<F>, const HERE: bool>(name: &Name, unit: U) -> Result<Cell<F>, NameError> {
    name.expect_settings(&[]).map(|()| make::<F, _, HERE>(unit))
}

/// The cell, compiled `HERE`, with this crate, or found among those that are.
fn make<F: Real, U: Unit<F>, const HERE: bool>(unit: U) -> Cell<F> {
    if const { HERE } { Cell::compiled::<U, true>(unit) } else { unit.into() }
}

/// A setting that is a number for which `valid` holds.
fn within(name: &Name, key: &str, valid: impl Fn(f64) -> bool, must: &'static str) -> Result<f64, NameError> {
    let number = name.number(key)?;
    if valid(number) { Ok(number) } else { Err(name.wrong(key, must)) }
}
