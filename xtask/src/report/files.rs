//! The files of a report.

use std::fs;
use std::path::Path;

use crate::folder::Kind;

/// Every file of a report, by its path in the folder.
pub(crate) const FILES: [&str; 20] = [
    "index.html",
    "metrics.json",
    "data/eigenvalues.csv",
    "data/evaluation.csv",
    "data/gradient_by_lag.csv",
    "data/gradient_flow.csv",
    "data/gradient_ratio.csv",
    "data/losses.csv",
    "data/sequences.csv",
    "figures/data_all.png",
    "figures/data_last.png",
    "figures/evaluation_all.png",
    "figures/evaluation_last.png",
    "figures/flow_gru.png",
    "figures/flow_lstm.png",
    "figures/flow_rnn_identity.png",
    "figures/flow_rnn_relu.png",
    "figures/flow_rnn_tanh.png",
    "figures/loss_all.png",
    "figures/loss_last.png",
];

/// A folder with a report.
pub(crate) const REPORT: Kind = Kind {
    what: "report",
    mark: "metrics.json",
    is_mark: is_metrics,
    files: |_| FILES.iter().map(|&name| name.to_owned()).collect(),
};

/// Whether this is the summary of a report.
fn is_metrics(file: &Path) -> bool {
    let json = fs::read(file).ok().and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    json.is_some_and(|json| json["schema"].is_u64() && json["gradient_flow"].is_array())
}
