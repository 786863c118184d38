//! What an experiment finds.

/// The number that a check expects.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expected {
    /// This number, but for a tolerance.
    Near {
        /// The closed-form or published number.
        value: f64,
        /// The largest difference that passes.
        tolerance: f64,
    },
    /// This number or more.
    AtLeast(f64),
    /// This number or less.
    AtMost(f64),
}

/// A number that was computed, and what it is held against.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// A number that can be derived or was published. It passes or fails.
    Check {
        /// What the number is, as `‖W^k‖ at k = 10`.
        what: String,
        /// What it should be.
        expected: Expected,
        /// What it is.
        got: f64,
        /// Why this tolerance, in a sentence. Where our number and a published one differ, it says why.
        reason: String,
    },
    /// An effect with its spread over seeds, and no verdict.
    Observation {
        /// What the numbers are.
        what: String,
        /// One for each seed.
        values: Vec<f64>,
        /// What the literature leads one to expect, in a sentence.
        remark: String,
    },
}

impl Finding {
    /// `got` should be `value` up to `tolerance`.
    pub fn near(
        what: impl Into<String>,
        got: f64,
        value: f64,
        tolerance: f64,
        reason: impl Into<String>,
    ) -> Self {
        Self::Check {
            what: what.into(),
            expected: Expected::Near { value, tolerance },
            got,
            reason: reason.into(),
        }
    }

    /// `got` should be at least `bound`.
    pub fn at_least(what: impl Into<String>, got: f64, bound: f64, reason: impl Into<String>) -> Self {
        Self::Check { what: what.into(), expected: Expected::AtLeast(bound), got, reason: reason.into() }
    }

    /// `got` should be at most `bound`.
    pub fn at_most(what: impl Into<String>, got: f64, bound: f64, reason: impl Into<String>) -> Self {
        Self::Check { what: what.into(), expected: Expected::AtMost(bound), got, reason: reason.into() }
    }

    /// `values`, one for each seed, without a verdict.
    pub fn observation(
        what: impl Into<String>,
        values: impl Into<Vec<f64>>,
        remark: impl Into<String>,
    ) -> Self {
        Self::Observation { what: what.into(), values: values.into(), remark: remark.into() }
    }

    /// What the number is.
    pub fn what(&self) -> &str {
        let (Self::Check { what, .. } | Self::Observation { what, .. }) = self;
        what
    }

    /// Whether a check passes; `None` for an observation. A number that is NaN does not pass.
    pub fn passed(&self) -> Option<bool> {
        let Self::Check { expected, got, .. } = self else { return None };
        Some(match *expected {
            Expected::Near { value, tolerance } => (got - value).abs() <= tolerance,
            Expected::AtLeast(bound) => *got >= bound,
            Expected::AtMost(bound) => *got <= bound,
        })
    }
}

/// One line: the verdict, what the number is, what it was expected to be.
impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Check { what, expected, got, .. } => {
                let verdict = if self.passed() == Some(true) { "pass" } else { "FAIL" };
                let expected = match *expected {
                    Expected::Near { value, tolerance } => format!("{value} ± {tolerance}"),
                    Expected::AtLeast(bound) => format!("at least {bound}"),
                    Expected::AtMost(bound) => format!("at most {bound}"),
                };
                write!(f, "{verdict}  {what}: {got}, expected {expected}")
            }
            Self::Observation { what, values, .. } => write!(f, "seen  {what}: {values:?}"),
        }
    }
}
