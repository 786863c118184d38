//! Options of the command line that both examples have, and how much memory their sizes may take.

use anyhow::{Result, ensure};
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

/// A whole number from `least` to `most`.
pub(crate) fn size(least: usize, most: usize) -> impl Fn(&str) -> Result<usize, String> + Clone {
    move |text| match text.parse() {
        Ok(n) if (least..=most).contains(&n) => Ok(n),
        _ => Err(format!("it must be a whole number from {least} to {most}")),
    }
}

/// A finite number that fits; `must` says which do.
pub(crate) fn number(text: &str, fits: impl Fn(f64) -> bool, must: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(x) if x.is_finite() && fits(x) => Ok(x),
        _ => Err(format!("it must be a number {must}")),
    }
}

/// The most memory that a run may take, in bytes, as far as that follows from its options.
const MEMORY: u128 = 8 << 30;

/// An error if training would take more than 8 GiB: `timesteps` of `width` inputs and outputs through layers of these sizes, and
/// the parameters with what Adam keeps of them.
pub(crate) fn check_memory(hidden: &[usize], timesteps: &[usize], width: usize, options: &str) -> Result<()> {
    let rows: u128 = timesteps.iter().map(|&n| n as u128).product();
    let units: u128 = hidden.iter().map(|&n| n as u128).sum();
    let widest = hidden.iter().copied().max().unwrap_or(0) as u128;
    // Of each unit and timestep: four gates before and after, states, and their gradients.
    let passes = rows * (24 * units + 4 * width as u128);
    let parameters = 4 * units * (widest.max(width as u128) + widest);
    let bytes = 4 * (passes + 5 * parameters);
    ensure!(
        bytes <= MEMORY,
        "{options} need about {:.0} GB of memory, and 8 are allowed; lower them",
        bytes as f64 / f64::from(1 << 30)
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_out_of_range_are_refused_and_the_error_says_what_is_right() {
        let parse = size(1, 4096);
        assert_eq!(parse("32"), Ok(32));
        for text in ["0", "-1", "4097", "18446744073709551615", "99999999999999999999999", "x"] {
            assert_eq!(parse(text), Err("it must be a whole number from 1 to 4096".to_owned()), "{text}");
        }
        assert!(check_memory(&[32], &[16, 60], 3, "").is_ok());
        let said =
            check_memory(&[4096], &[65_536, usize::MAX >> 20], 3, "--batch and --history").unwrap_err();
        assert!(said.to_string().starts_with("--batch and --history need about "), "{said}");
    }
}
