//! The results for other programs: seconds, operations, operations a second.

use serde::Serialize;

use super::machine::{Machine, Program};
use super::peers::Identity;
use super::results::{Outcome, Results, Row, Timing};
use super::turns::Plan;
use crate::measure::samples::Samples;

/// Raised when a field changes its meaning.
const SCHEMA: u32 = 1;

/// The file.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    schema: u32,
    program: Program,
    machine: &'a Machine,
    /// Fused multiply-adds on registers, on all threads.
    peak_flops_per_second_f32: f64,
    seconds_per_workload: f64,
    rounds: u16,
    peers: &'a [Identity],
    workloads: Vec<Workload<'a>>,
}

#[derive(Serialize)]
struct Workload<'a> {
    id: &'static str,
    description: String,
    float: String,
    seconds: Seconds,
    calls_per_sample: usize,
    /// Of the matrix products of one call.
    flops: Option<f64>,
    flops_per_second: Option<f64>,
    fraction_of_peak: Option<f64>,
    /// The same matrix products with nothing between them.
    products_seconds: Option<Seconds>,
    products_fraction: Option<f64>,
    peers: Vec<Peer<'a>>,
}

/// Seconds a call, over all samples.
#[derive(Serialize)]
struct Seconds {
    median: f64,
    min: f64,
    p10: f64,
    p90: f64,
    max: f64,
    samples: usize,
}

#[derive(Serialize)]
struct Peer<'a> {
    name: &'a str,
    /// The fastest first.
    variants: Vec<Variant<'a>>,
    /// Its best median over ours.
    ratio: Option<f64>,
    unsupported: Option<&'a str>,
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct Variant<'a> {
    name: &'a str,
    seconds: Seconds,
}

/// The results of a run.
pub(super) fn document(plan: Plan, results: &Results) -> Document<'_> {
    Document {
        schema: SCHEMA,
        program: Program::this(),
        machine: &results.machine,
        peak_flops_per_second_f32: results.peak.flops(32),
        seconds_per_workload: plan.seconds,
        rounds: plan.rounds,
        peers: &results.peers,
        workloads: results.rows.iter().map(|row| workload(row, results)).collect(),
    }
}

fn workload<'a>(row: &'a Row, results: &'a Results) -> Workload<'a> {
    let Row { workload, ours: Timing { samples, calls_per_sample }, bound, peers } = row;
    let peer = |(identity, outcome): (&'a Identity, &'a Outcome)| Peer {
        name: &identity.name,
        variants: match outcome {
            Outcome::Variants(variants) => {
                let variant = |(name, samples)| Variant { name, seconds: seconds(samples) };
                variants.iter().map(|(name, samples): &(String, Samples)| variant((name, samples))).collect()
            }
            _ => Vec::new(),
        },
        ratio: outcome.best().map(|(_, best)| best.median() / samples.median()),
        unsupported: if let Outcome::Unsupported(why) = outcome { Some(why) } else { None },
        error: if let Outcome::Failed(what) = outcome { Some(what) } else { None },
    };
    Workload {
        id: workload.id,
        description: workload.work.to_string(),
        float: format!("f{}", workload.work.bits()),
        seconds: seconds(samples),
        calls_per_sample: *calls_per_sample,
        flops: workload.work.flops(),
        flops_per_second: row.flops(),
        fraction_of_peak: row.of_peak(results.peak),
        products_seconds: bound.as_ref().map(|bound| seconds(&bound.samples)),
        products_fraction: row.of_bound(),
        peers: results.peers.iter().zip(peers).map(peer).collect(),
    }
}

fn seconds(samples: &Samples) -> Seconds {
    Seconds {
        median: samples.median(),
        min: samples.min(),
        p10: samples.quantile(0.1),
        p90: samples.quantile(0.9),
        max: samples.quantile(1.0),
        samples: samples.count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::results::example;

    #[test]
    fn numbers_are_in_base_units_and_what_is_not_known_is_null() {
        let results = example();
        let json = serde_json::json!(document(Plan { seconds: 1.0, rounds: 5 }, &results));
        assert_eq!((&json["schema"], &json["rounds"]), (&1.into(), &5.into()));
        assert_eq!(json["peak_flops_per_second_f32"], 1e12);
        assert_eq!(json["peers"][1]["name"], "Two");
        let [w1, r1] = &json["workloads"].as_array().unwrap()[..] else { panic!("{json}") };
        assert_eq!((&w1["seconds"]["median"], &w1["seconds"]["samples"]), (&4e-5.into(), &3.into()));
        assert_eq!((&w1["products_seconds"]["min"], &w1["calls_per_sample"]), (&1e-5.into(), &2.into()));
        assert_eq!((&w1["products_fraction"], &w1["float"]), (&0.5.into(), &"f32".into()));
        let [one, two] = &w1["peers"].as_array().unwrap()[..] else { panic!("{json}") };
        assert_eq!((&one["name"], &one["variants"][0]["name"]), (&"One".into(), &"fused".into()));
        assert!((one["ratio"].as_f64().unwrap() - 25.0).abs() < 1e-9 && one["error"].is_null());
        assert!(two["error"].as_str().unwrap().contains("no memory") && two["ratio"].is_null());
        assert!(r1["flops"].is_null() && r1["products_seconds"].is_null());
        assert_eq!(r1["peers"][0]["unsupported"], "not compared");
    }
}
