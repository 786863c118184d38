//! What is left of the gradient at other positions of the two sliders.

use rnn_analysis::{Pass, pass, scale_recurrent};
use rnn_core::Timesteps;
use serde::Serialize;

use crate::error::Error;
use crate::look::remedies::hold;
use crate::network::Network;
use crate::sentence::number::{number, percent};
use crate::settings::{Settings, limits};
use crate::task::edited;

/// Positions of each slider.
const POSITIONS: usize = 21;

/// ‖dL_T/dh_1‖ / ‖dL_T/dh_T‖ of the layer that is shown, over positions of both sliders, all else being as in the settings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GradientMap {
    /// The weight scales, ascending over their whole range.
    pub weights: Vec<f64>,
    /// The bias scales, ascending over their whole range.
    pub biases: Vec<f64>,
    /// The ratio at `weights[i]` and `biases[j]` in row i and column j; NaN after an overflow, and where h_T has no
    /// gradient.
    pub ratio: Vec<Vec<f64>>,
    /// A sentence about it.
    pub sentence: String,
}

/// The map of these settings, which are within their limits, and of their network.
pub(crate) fn map(settings: &Settings, network: &Network) -> Result<GradientMap, Error> {
    let [low, high] = [limits::SCALE.start(), limits::SCALE.end()];
    let step = (high - low) / (POSITIONS - 1) as f64;
    let scales: Vec<f64> = (0..POSITIONS).map(|k| low + step * k as f64).collect();
    let layer = settings.shown_layer();
    let sequence = edited(settings, network.sequence.clone()).counting(Timesteps::Last);
    let loss = network.task.loss();
    let (mut scaled, mut ws) = (network.model.clone(), network.model.workspace());
    let mut one = |weight: f64, bias: f64| -> Result<f64, Error> {
        scale_recurrent(&network.model, &mut scaled, weight, bias);
        hold(&mut scaled, settings);
        let Pass { flow, overflow, .. } = pass(&scaled, sequence.run(), sequence.target(), &loss, &mut ws)?;
        let row = flow.grad_norm.row(layer);
        Ok(if overflow.is_some() { f64::NAN } else { row[0] / row[row.len() - 1] })
    };
    let ratio: Vec<Vec<f64>> = scales
        .iter()
        .map(|&weight| scales.iter().map(|&bias| one(weight, bias)).collect())
        .collect::<Result<_, Error>>()?;
    let sentence = sentence(&ratio);
    Ok(GradientMap { weights: scales.clone(), biases: scales, ratio, sentence })
}

fn sentence(ratio: &[Vec<f64>]) -> String {
    let all: Vec<f64> = ratio.iter().flatten().copied().collect();
    let longer = all.iter().filter(|&&ratio| ratio > 1.0).count();
    let finite = || all.iter().copied().filter(|ratio| ratio.is_finite());
    let (least, most) = finite().fold((f64::INFINITY, 0f64), |(l, m), ratio| (l.min(ratio), m.max(ratio)));
    if least > most {
        return "At none of these positions of the sliders does a gradient come back.".to_owned();
    }
    let share = percent(longer as f64 / all.len() as f64);
    let undefined = all.len() - finite().count();
    let rest = match undefined {
        0 => String::new(),
        1 => " At one of them it is not defined.".to_owned(),
        some => format!(" At {some} of them it is not defined."),
    };
    format!(
        "‖dL_T/dh_1‖ / ‖dL_T/dh_T‖ is above 1 at {share} of the {} positions of the two sliders; it lies between {} and {}.{rest}",
        all.len(),
        number(least),
        number(most)
    )
}
