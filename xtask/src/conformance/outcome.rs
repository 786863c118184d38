//! What became of a case.

use serde::Serialize;

use crate::conformance::checks::Checks;

/// What became of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Every tensor agrees.
    Pass,
    /// A number is wrong, or the file is broken.
    Fail,
    /// The libraries lack something that the case needs; what could be checked agrees.
    Unsupported,
}

/// One fixture's result.
#[derive(Clone, Debug, Serialize)]
pub struct CaseReport {
    /// The file's name without its extension.
    pub name: String,
    /// The family of the case, if the file could be read.
    pub family: Option<String>,
    /// What became of it.
    pub status: Status,
    /// The tensor that is furthest off, as a multiple of what it may be off.
    pub worst_tensor: Option<String>,
    /// The error of that tensor.
    pub error: Option<f64>,
    /// What the error may be: that of the worst tensor, or of the case where nothing was compared.
    pub tolerance: Option<f64>,
    /// Why it is not a pass.
    pub reason: Option<String>,
    /// How many numbers were compared.
    #[serde(skip)]
    pub compared: usize,
}

impl CaseReport {
    /// A case of which nothing is known yet.
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            family: None,
            status: Status::Pass,
            worst_tensor: None,
            error: None,
            tolerance: None,
            reason: None,
            compared: 0,
        }
    }

    /// What the comparisons gave.
    pub(super) fn take(&mut self, checks: Checks) {
        self.compared = checks.compared;
        let Some(worst) = checks.worst else { return };
        if !worst.holds() {
            self.status = Status::Fail;
            self.reason = Some(worst.detail);
        }
        self.worst_tensor = Some(worst.tensor);
        self.error = Some(worst.error);
        self.tolerance = Some(worst.tolerance);
    }

    /// The status and its reason, if the check of `file` stopped early. A wrong number weighs more than a missing
    /// feature: what is supported has to be right.
    pub(super) fn conclude(&mut self, file: &str, stop: Option<Stop>) {
        match stop {
            Some(Stop::Broken(reason)) => {
                self.status = Status::Fail;
                self.reason = Some(format!("{file}: {reason}"));
            }
            Some(Stop::Unsupported(reason)) if self.status == Status::Pass => {
                self.status = Status::Unsupported;
                self.reason = Some(reason);
            }
            Some(Stop::Unsupported(_)) | None => {}
        }
    }
}

/// Why the check of a case ends before its end.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Stop {
    /// The libraries lack this.
    Unsupported(String),
    /// The file is not what it should be, or a library refuses what it holds.
    Broken(String),
}

impl Stop {
    pub(super) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }

    pub(super) fn broken(why: impl Into<String>) -> Self {
        Self::Broken(why.into())
    }
}

impl From<rnn_core::Error> for Stop {
    fn from(error: rnn_core::Error) -> Self {
        Self::Broken(format!("rnn-core cannot run it: {error}"))
    }
}

impl From<rnn_analysis::Error> for Stop {
    fn from(error: rnn_analysis::Error) -> Self {
        Self::Broken(format!("rnn-analysis cannot run it: {error}"))
    }
}
