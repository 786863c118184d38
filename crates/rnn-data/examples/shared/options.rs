//! Options of the command line that both examples have.

use clap::ValueEnum;

/// Which cell the network is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum CellName {
    /// Gated recurrent units
    Gru,
    /// Long short-term memory
    Lstm,
}

/// A finite number above 0.
pub(crate) fn positive(text: &str) -> Result<f64, String> {
    number(text, |x| x > 0.0, "above 0")
}

/// A whole number of at least 1.
pub(crate) fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(n) if n > 0 => Ok(n),
        _ => Err("it must be a whole number, at least 1".to_owned()),
    }
}

/// A finite number that fits; `must` says which do.
pub(crate) fn number(text: &str, fits: impl Fn(f64) -> bool, must: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x.is_finite() && fits(x) => Ok(x),
        _ => Err(format!("it must be a number {must}")),
    }
}
