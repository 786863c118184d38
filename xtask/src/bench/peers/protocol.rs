//! What a peer and this program say to each other: lines of JSON.
//!
//! ```text
//! peer    {"peer": "PyTorch", "version": "2.15.0", "threads": 2, "details": {…}}
//! bench   {"workload": "W1", "seconds": 1.0}
//! peer    {"workload": "W1", "variants": [{"name": "nn.RNN", "samples_us": [310.2, …], "calls_per_sample": 1}]}
//! bench   {"workload": "I4", "seconds": 1.0}
//! peer    {"workload": "I4", "unsupported": "why"}          or {"workload": "I4", "error": "what went wrong"}
//! ```
//!
//! A sample is microseconds a call. Warming up is the peer's affair. A variant may have the word `unsupported` and a reason
//! instead of samples.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::measure::samples::Samples;

/// The first line.
#[derive(Debug, Deserialize)]
pub(super) struct Hello {
    pub(super) peer: String,
    pub(super) version: String,
    pub(super) threads: Option<u64>,
    #[serde(default)]
    pub(super) details: Value,
}

/// A question.
#[derive(Debug, Serialize)]
pub(super) struct Request<'a> {
    pub(super) workload: &'a str,
    pub(super) seconds: f64,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// Ways to compute the workload; at least one.
    Variants(Vec<Variant>),
    /// Why the peer does not have it.
    Unsupported(String),
    /// What went wrong.
    Failed(String),
}

/// One way to compute a workload.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Variant {
    pub(crate) name: String,
    /// Seconds a call, at least one; or why this way is closed.
    pub(crate) samples: Result<Vec<f64>, String>,
}

#[derive(Deserialize)]
struct Reply {
    workload: String,
    variants: Option<Vec<Measured>>,
    unsupported: Option<String>,
    error: Option<String>,
}

#[derive(Deserialize)]
struct Measured {
    name: String,
    samples_us: Option<Vec<f64>>,
    unsupported: Option<String>,
}

impl Hello {
    pub(super) fn parse(line: &str) -> Result<Self, String> {
        serde_json::from_str(line).map_err(|_| format!("it does not say who it is but {}", quoted(line)))
    }
}

impl Request<'_> {
    pub(super) fn line(&self) -> String {
        serde_json::json!(self).to_string()
    }
}

impl Answer {
    /// An answer to a question about `workload`.
    pub(super) fn parse(line: &str, workload: &str) -> Result<Self, String> {
        let garbage = || format!("it answers {workload} with {}", quoted(line));
        let reply: Reply = serde_json::from_str(line).map_err(|_| garbage())?;
        match reply {
            _ if reply.workload != workload => Err(garbage()),
            Reply { unsupported: Some(why), .. } => Ok(Self::Unsupported(why)),
            Reply { error: Some(what), .. } => Ok(Self::Failed(what)),
            Reply { variants: Some(variants), .. } if !variants.is_empty() => Ok(Self::Variants(
                variants.into_iter().map(Measured::variant).collect::<Option<_>>().ok_or_else(garbage)?,
            )),
            _ => Err(garbage()),
        }
    }
}

impl Measured {
    /// `None` if there are no times and no reason for that.
    fn variant(self) -> Option<Variant> {
        let Self { name, samples_us, unsupported } = self;
        let samples = match (samples_us, unsupported) {
            (Some(samples_us), _) => {
                let seconds: Vec<f64> = samples_us.iter().map(|us| us * 1e-6).collect();
                Samples::new(seconds.clone())?;
                Ok(seconds)
            }
            (None, Some(why)) => Err(why),
            (None, None) => return None,
        };
        Some(Variant { name, samples })
    }
}

/// The beginning of a line, in quotes.
fn quoted(line: &str) -> String {
    const SHOWN: usize = 80;
    let start: String = line.chars().take(SHOWN).collect();
    let more = if line.chars().count() > SHOWN { "…" } else { "" };
    format!("{start:?}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_variants_reasons_or_errors() {
        let answer = |line: &str| Answer::parse(line, "W1");
        let fine =
            r#"{"workload":"W1","variants":[{"name":"a","samples_us":[2.0,4.0],"calls_per_sample":3}]}"#;
        let Ok(Answer::Variants(variants)) = answer(fine) else { panic!("{:?}", answer(fine)) };
        assert_eq!(variants[0].name, "a");
        assert_eq!(variants[0].samples, Ok(vec![2.0 * 1e-6, 4.0 * 1e-6]));
        let half = r#"{"workload":"W1","variants":[{"name":"a","samples_us":[2.0]},{"name":"b","unsupported":"no"}]}"#;
        let Ok(Answer::Variants(variants)) = answer(half) else { panic!("{:?}", answer(half)) };
        assert_eq!(variants[1].samples, Err("no".to_owned()));
        let unsupported = answer(r#"{"workload":"W1","unsupported":"no cell"}"#);
        assert_eq!(unsupported, Ok(Answer::Unsupported("no cell".to_owned())));
        let failed = answer(r#"{"workload":"W1","error":"no memory"}"#);
        assert_eq!(failed, Ok(Answer::Failed("no memory".to_owned())));
    }

    #[test]
    fn garbage_is_shown_and_never_read_as_an_answer() {
        for line in [
            "loading...",
            "[]",
            "{}",
            r#"{"workload":"W2","unsupported":"another question"}"#,
            r#"{"workload":"W1"}"#,
            r#"{"workload":"W1","variants":[]}"#,
            r#"{"workload":"W1","variants":[{"name":"a","samples_us":[]}]}"#,
            r#"{"workload":"W1","variants":[{"name":"a"}]}"#,
            r#"{"workload":"W1","variants":[{"name":"a","samples_us":[-1.0]}]}"#,
            r#"{"workload":"W1","variants":[{"name":"a","samples_us":[null]}]}"#,
        ] {
            let error = Answer::parse(line, "W1").unwrap_err();
            assert!(error.contains("W1") && error.contains(&line[..1]), "{error}");
        }
        assert!(Hello::parse(r#"{"peer":"x"}"#).is_err());
        assert!(quoted(&"ä".repeat(100)).ends_with('…'));
    }

    #[test]
    fn questions_are_one_line() {
        let line = Request { workload: "I5", seconds: 0.5 }.line();
        assert_eq!(line, r#"{"seconds":0.5,"workload":"I5"}"#);
    }
}
