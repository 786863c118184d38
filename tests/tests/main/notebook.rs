//! The notebook's training, all 20,000 batches of it, against PyTorch's losses.

use std::fs;

use clap::Parser;
use serde_json::Value;
use xtask::report;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    report: report::Args,
}

/// The whole report with its default settings: its draws, its initial weights, its gradients and Adam's arithmetic are
/// PyTorch's, or the losses would part within a few batches.
#[test]
fn every_training_loss_agrees_with_pytorch() {
    let out = tempfile::tempdir().unwrap();
    let args = Cli::parse_from(["report", "--out", out.path().to_str().unwrap()]).report;
    report::run(&args).unwrap();

    let metrics: Value = serde_json::from_slice(&fs::read(out.path().join("metrics.json")).unwrap()).unwrap();
    let agreement = &metrics["pytorch_agreement"];
    assert_eq!(agreement["batches"], 20_000);
    let difference = agreement["max_relative_loss_difference"].as_f64().unwrap();
    assert!(difference < 5e-4, "{difference}");
    assert!(difference > 0.0, "no two libraries round alike");

    // What the notebook shows: both depths learn, the deeper one better, and far below the baselines.
    let final_loss = |cell: &str, target: &str, layers: u64| {
        let runs = metrics["training"].as_array().unwrap();
        let run = runs
            .iter()
            .find(|r| r["cell"] == cell && r["target"] == target && r["layers"] == layers)
            .unwrap();
        run["final_loss"].as_f64().unwrap()
    };
    for (target, limits) in [("all", [0.006, 0.0015]), ("last", [0.0012, 0.0004])] {
        let (one, two) = (final_loss("rnn", target, 1), final_loss("rnn", target, 2));
        assert!(one < limits[0] && two < limits[1] && two < one, "{target}: {one}, {two}");
    }
}
