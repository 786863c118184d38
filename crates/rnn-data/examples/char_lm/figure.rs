//! Bits per character on the way.

use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

/// Training and validation over steps, and what counting gives.
pub(crate) fn figure(training: &[f64], validation: &[(u64, f64)], unigram: f64, bigram: f64) -> Figure {
    // Means over so many steps, shown in their middle: single batches jump.
    let group = (training.len() / 60).max(1);
    let means = training.chunks(group).map(|part| part.iter().sum::<f64>() / part.len() as f64);
    let (steps, means): (Vec<f64>, Vec<f64>) =
        means.enumerate().map(|(k, mean)| ((k as f64 + 0.5) * group as f64, mean)).unzip();
    let (looks, bits): (Vec<f64>, Vec<f64>) =
        validation.iter().map(|&(step, bits)| (step as f64, bits)).unzip();
    let plot = LinePlot::new("", Axis::linear("training step"), Axis::linear("bits per character"))
        .line(Line::new("training", &steps, &means))
        .line(Line::new("validation", &looks, &bits).marker(Marker::Circle))
        .horizontal("counting characters", unigram)
        .horizontal("counting pairs", bigram);
    Figure::new("How well the next character is foreseen").panel_size(860, 480).panel(plot)
}
