//! How far what was computed is from what PyTorch computed.

use ndarray::{ArrayD, ArrayViewD, Axis, Dimension};
use rnn_core::Real;

use crate::conformance::fixture::{Fixture, check_shape};
use crate::conformance::outcome::Stop;

/// The comparisons of one case so far.
#[derive(Debug)]
pub(super) struct Checks {
    /// What the error of a tensor may be.
    pub(super) tolerance: f64,
    /// The comparison that is worst in terms of what it may be off.
    pub(super) worst: Option<Comparison>,
    /// How many numbers were compared.
    pub(super) compared: usize,
}

/// One tensor against its reference.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Comparison {
    /// The tensor, or a row of it.
    pub(super) tensor: String,
    /// max |got − want| / max(1, max |want|).
    pub(super) error: f64,
    /// What the error may be.
    pub(super) tolerance: f64,
    /// Where the largest difference is, in words.
    pub(super) detail: String,
}

impl Comparison {
    /// Whether the error is small enough. NaN is not.
    pub(super) fn holds(&self) -> bool {
        self.error <= self.tolerance
    }

    /// The error as a multiple of what it may be.
    fn excess(&self) -> f64 {
        match self.error {
            error if error.is_nan() => f64::INFINITY,
            0.0 => 0.0,
            error => error / self.tolerance,
        }
    }
}

impl Checks {
    pub(super) fn new(tolerance: f64) -> Self {
        Self { tolerance, worst: None, compared: 0 }
    }

    /// Compares the tensor `name` with what was computed in its place.
    pub(super) fn compare<F: Real>(
        &mut self,
        fixture: &Fixture<'_>,
        name: &str,
        got: ArrayViewD<'_, F>,
    ) -> Result<(), Stop> {
        let (got, want) = pair(fixture, name, got)?;
        self.add(name, got.view(), want.view());
        Ok(())
    }

    /// Compares the tensor `name`, if the file has it.
    pub(super) fn compare_if_there<F: Real>(
        &mut self,
        fixture: &Fixture<'_>,
        name: &str,
        got: ArrayViewD<'_, F>,
    ) -> Result<(), Stop> {
        if fixture.has(name) { self.compare(fixture, name, got) } else { Ok(()) }
    }

    /// Compares each row of the tensor `name` as a tensor of its own: one in which numbers explode must not hide the
    /// errors of the others.
    pub(super) fn compare_rows<F: Real>(
        &mut self,
        fixture: &Fixture<'_>,
        name: &str,
        got: ArrayViewD<'_, F>,
    ) -> Result<(), Stop> {
        let (got, want) = pair(fixture, name, got)?;
        for (row, (got, want)) in got.axis_iter(Axis(0)).zip(want.axis_iter(Axis(0))).enumerate() {
            self.add(&format!("{name}[{row}]"), got, want);
        }
        Ok(())
    }

    /// Compares a loss, a tensor of one number.
    pub(super) fn compare_number(&mut self, fixture: &Fixture<'_>, name: &str, got: f64) -> Result<(), Stop> {
        self.compare(fixture, name, ndarray::arr1(&[got]).into_dyn().view())
    }

    /// Takes a comparison of `count` numbers into account.
    pub(super) fn record(&mut self, comparison: Comparison, count: usize) {
        self.compared += count;
        let worse = self.worst.as_ref().is_none_or(|worst| comparison.excess() > worst.excess());
        if worse {
            self.worst = Some(comparison);
        }
    }

    /// Two arrays of the same shape.
    fn add(&mut self, name: &str, got: ArrayViewD<'_, f64>, want: ArrayViewD<'_, f64>) {
        let scale = scale(want.iter().copied());
        let mut error = 0.0;
        let mut detail = String::new();
        for ((index, &want), &got) in want.indexed_iter().zip(&got) {
            let off = (got - want).abs() / scale;
            if off > error || off.is_nan() {
                error = off;
                detail = format!("{name}{:?} is {got:e}, in PyTorch {want:e}", index.slice());
            }
            if off.is_nan() {
                break;
            }
        }
        let comparison = Comparison { tensor: name.to_owned(), error, tolerance: self.tolerance, detail };
        self.record(comparison, want.len());
    }
}

/// What errors are measured by: the largest magnitude, but at least 1.
pub(super) fn scale(want: impl Iterator<Item = f64>) -> f64 {
    want.fold(1.0, |scale, want| scale.max(want.abs()))
}

/// What was computed, in double precision, and the reference, which has the same shape.
fn pair<F: Real>(
    fixture: &Fixture<'_>,
    name: &str,
    got: ArrayViewD<'_, F>,
) -> Result<(ArrayD<f64>, ArrayD<f64>), Stop> {
    let want = fixture.numbers(name)?;
    check_shape(name, want.shape(), got.shape())?;
    Ok((got.mapv(|x| x.to_f64().unwrap_or(f64::NAN)), want))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(checks: &mut Checks, got: &[f64], want: &[f64]) {
        let view = |x| ArrayViewD::from_shape(ndarray::IxDyn(&[want.len()]), x).unwrap();
        checks.add("t", view(got), view(want));
    }

    #[test]
    fn errors_are_relative_to_the_largest_number_but_at_least_to_one() {
        let mut checks = Checks::new(0.1);
        add(&mut checks, &[0.0, 0.03], &[0.0, 0.02]);
        assert!((checks.worst.as_ref().unwrap().error - 0.01).abs() < 1e-15);
        add(&mut checks, &[90.0, 110.0], &[100.0, 90.0]);
        let worst = checks.worst.unwrap();
        assert!((worst.error - 0.2).abs() < 1e-15 && !worst.holds());
        assert_eq!(worst.detail, "t[1] is 1.1e2, in PyTorch 9e1");
        assert_eq!(checks.compared, 4);
    }

    #[test]
    fn nan_is_worse_than_anything() {
        let mut checks = Checks::new(0.1);
        add(&mut checks, &[1.0, f64::NAN, 9.0], &[1.0, 2.0, 3.0]);
        add(&mut checks, &[9.0], &[1.0]);
        let worst = checks.worst.unwrap();
        assert!(worst.error.is_nan() && !worst.holds());
        assert_eq!(worst.detail, "t[1] is NaN, in PyTorch 2e0");
    }

    #[test]
    fn a_tolerance_of_zero_asks_for_equality() {
        let mut checks = Checks::new(0.0);
        add(&mut checks, &[1.0], &[1.0]);
        assert!(checks.worst.as_ref().unwrap().holds());
        add(&mut checks, &[1.0], &[1.0 + f64::EPSILON]);
        assert!(!checks.worst.unwrap().holds());
    }
}
