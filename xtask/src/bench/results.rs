//! What was measured.

use super::machine::Machine;
use super::peak::Peak;
use super::peers::{Answer, Identity, Variant};
use super::workloads::Workload;
use crate::measure::samples::Samples;

/// Everything, before it is printed and written.
pub(super) struct Results {
    pub(super) machine: Machine,
    pub(super) peak: Peak,
    /// Who was compared with.
    pub(super) peers: Vec<Identity>,
    pub(super) rows: Vec<Row>,
}

/// One workload.
pub(super) struct Row {
    pub(super) workload: Workload,
    pub(super) ours: Timing,
    /// Its products alone.
    pub(super) bound: Option<Timing>,
    /// Of each peer.
    pub(super) peers: Vec<Outcome>,
}

/// How long a call took.
pub(super) struct Timing {
    pub(super) samples: Samples,
    /// Calls that the clock cannot tell apart.
    pub(super) calls_per_sample: usize,
}

/// What came of a peer's attempt.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    /// Its ways to do it, the fastest first; at least one.
    Variants(Vec<(String, Samples)>),
    /// It cannot, and says why.
    Unsupported(String),
    /// It broke down, with these words.
    Failed(String),
}

impl Row {
    /// Useful operations a second.
    pub(super) fn flops(&self) -> Option<f64> {
        Some(self.workload.work.flops()? / self.ours.samples.median())
    }

    /// That as a share of the peak.
    pub(super) fn of_peak(&self, peak: Peak) -> Option<f64> {
        Some(self.flops()? / peak.flops(self.workload.work.bits()))
    }

    /// The share of the time that the products alone would take, both at their fastest: that is what a bound is about.
    pub(super) fn of_bound(&self) -> Option<f64> {
        Some(self.bound.as_ref()?.samples.min() / self.ours.samples.min())
    }
}

impl Outcome {
    /// Joins the samples of variants of the same name.
    pub(super) fn of(answer: Answer) -> Self {
        let variants = match answer {
            Answer::Variants(variants) => variants,
            Answer::Unsupported(why) => return Self::Unsupported(why),
            Answer::Failed(what) => return Self::Failed(what),
        };
        let mut joined: Vec<(String, Vec<f64>)> = Vec::new();
        let mut closed = None;
        for Variant { name, samples } in variants {
            match (samples, joined.iter_mut().find(|(known, _)| *known == name)) {
                (Ok(seconds), Some((_, all))) => all.extend(seconds),
                (Ok(seconds), None) => joined.push((name, seconds)),
                (Err(why), _) => closed = Some(format!("{name}: {why}")),
            }
        }
        let sampled = joined.into_iter().filter_map(|(name, seconds)| Some((name, Samples::new(seconds)?)));
        let mut variants: Vec<(String, Samples)> = sampled.collect();
        variants.sort_by(|a, b| a.1.median().total_cmp(&b.1.median()));
        if variants.is_empty() {
            return Self::Unsupported(closed.unwrap_or_else(|| "it has measured nothing".to_owned()));
        }
        Self::Variants(variants)
    }

    /// Name and samples of the fastest variant.
    pub(super) fn best(&self) -> Option<&(String, Samples)> {
        if let Self::Variants(variants) = self { variants.first() } else { None }
    }
}

/// Two workloads and two peers, of which one breaks down.
#[cfg(test)]
pub(super) fn example() -> Results {
    use super::workloads::WORKLOADS;

    let samples = |seconds: &[f64]| Samples::new(seconds.to_vec()).expect("times");
    let timing = |seconds: &[f64]| Timing { samples: samples(seconds), calls_per_sample: 2 };
    let identity = |name: &str| Identity {
        name: name.into(),
        version: "1.0".into(),
        threads: Some(2),
        details: serde_json::Value::Null,
    };
    let rows = WORKLOADS.iter().filter(|workload| matches!(workload.id, "W1" | "R1")).map(|&workload| {
        let peers = if workload.id == "W1" {
            let variants =
                vec![("fused".to_owned(), samples(&[1e-3])), ("loop".to_owned(), samples(&[2e-3]))];
            vec![Outcome::Variants(variants), Outcome::Failed("it has ended: \u{1b}[31mno memory".to_owned())]
        } else {
            vec![Outcome::Unsupported("not compared".to_owned()), Outcome::Failed("it has ended".to_owned())]
        };
        let bound = (workload.id == "W1").then(|| timing(&[1e-5, 3e-5]));
        Row { workload, ours: timing(&[2e-5, 5e-5, 4e-5]), bound, peers }
    });
    let machine =
        Machine { processor: "a processor".into(), cores: 4, instruction_set: "wide".into(), threads: 2 };
    let peers = vec![identity("One"), identity("Two")];
    Results { machine, peak: Peak::of(1e12), peers, rows: rows.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_of_a_variant_are_joined_and_the_lowest_median_counts() {
        let variant =
            |name: &str, seconds: &[f64]| Variant { name: name.into(), samples: Ok(seconds.to_vec()) };
        let closed = Variant { name: "other".into(), samples: Err("no compiler".into()) };
        let rounds = [
            closed.clone(),
            variant("eager", &[4.0, 4.0]),
            variant("compiled", &[9.0]),
            variant("eager", &[5.0]),
            variant("compiled", &[1.0, 2.0]),
        ];
        let outcome = Outcome::of(Answer::Variants(rounds.to_vec()));
        let (name, samples) = outcome.best().unwrap();
        assert_eq!((name.as_str(), samples.median(), samples.count()), ("compiled", 2.0, 3));
        let Outcome::Variants(variants) = &outcome else { panic!() };
        assert_eq!((variants.len(), variants[1].1.median()), (2, 4.0));
        let none = Outcome::of(Answer::Variants(vec![closed]));
        assert_eq!(none, Outcome::Unsupported("other: no compiler".to_owned()));
        assert_eq!(Outcome::of(Answer::Failed("x".into())).best(), None);
    }
}
