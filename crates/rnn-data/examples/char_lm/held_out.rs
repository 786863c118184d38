//! What a network says about the held-out text.

use std::f64::consts::LN_2;

use rnn_core::{Model, Result};

/// Parts of the text that are read side by side.
const LANES: usize = 16;

/// So many characters are read before the first one that counts, if there are as many.
const WARM_UP: usize = 100;

/// Bits per character that the text from `from` to `to` costs a network: −log₂ p of each character, given those before it. The
/// text is cut into parts, each of which is read from a little before it. Memory is that of one timestep.
pub(crate) fn bits(model: &Model<f32>, codes: &[usize], from: usize, to: usize) -> Result<f64> {
    bits_in_lanes(model, &codes[..to], from, LANES, WARM_UP)
}

fn bits_in_lanes(
    model: &Model<f32>,
    codes: &[usize],
    from: usize,
    lanes: usize,
    warm_up: usize,
) -> Result<f64> {
    let stream = model.stream()?;
    let (alphabet, counted) = (stream.input(), codes.len() - from);
    let length = counted.div_ceil(lanes);
    let warm_up = warm_up.min(from).max(1);
    let (mut state, mut x) = (stream.state(lanes), vec![0.0_f32; lanes * alphabet]);
    let mut nats = 0.0;
    for t in 0..warm_up + length - 1 {
        // What comes after the end is not counted, and may be anything.
        let at = |lane: usize| from - warm_up + lane * length + t;
        let hot = |lane: usize| lane * alphabet + codes[at(lane).min(codes.len() - 1)];
        (0..lanes).for_each(|lane| x[hot(lane)] = 1.0);
        let logits = stream.step(&x, &mut state)?;
        for lane in 0..lanes {
            let next = at(lane) + 1;
            if t + 1 >= warm_up && next < codes.len() {
                nats += surprise(&logits[lane * alphabet..][..alphabet], codes[next]);
            }
        }
        (0..lanes).for_each(|lane| x[hot(lane)] = 0.0);
    }
    Ok(nats / counted as f64 / LN_2)
}

/// −ln p of a class whose probability is ∝ exp(logit).
fn surprise(logits: &[f32], class: usize) -> f64 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let sum: f64 = logits.iter().map(|&logit| f64::from(logit - most).exp()).sum();
    sum.ln() - f64::from(logits[class] - most)
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, Array3};
    use rnn_core::{Bias, CrossEntropy, Elman, Gru, Target};
    use rnn_data::PortableRng;

    use super::*;

    fn codes(n: usize, alphabet: usize) -> Vec<usize> {
        (0..n).map(|i| i * i % alphabet).collect()
    }

    /// A network of zeros gives each of 8 characters the same probability: 3 bits.
    #[test]
    fn bits_per_character_of_a_known_case() {
        let model = Model::<f32>::zeros(Elman::tanh(), 8, &[3], 8, Bias::Single).unwrap();
        assert!((bits(&model, &codes(100, 8), 60, 100).unwrap() - 3.0).abs() < 1e-6);
    }

    /// In a single part that is read from the beginning, it is the cross-entropy of a whole forward pass.
    #[test]
    fn every_held_out_character_counts_once_and_none_before() {
        let model = Model::new(Gru, 11, &[7], 11, Bias::Double, &mut PortableRng::new(1)).unwrap();
        let codes = codes(61, 11);
        let x = Array3::from_shape_fn((1, 60, 11), |(_, t, k)| if codes[t] == k { 1.0_f32 } else { 0.0 });
        let y = Array2::from_shape_fn((1, 60), |(_, t)| codes[t + 1]);
        let mask = Array2::from_shape_fn((1, 60), |(_, t)| t + 1 >= 40);
        let target = Target::classes(y.view()).mask(mask.view());
        let want = model.loss(x.view(), target, &CrossEntropy, &mut model.workspace()).unwrap();
        let found = bits_in_lanes(&model, &codes, 40, 1, 100).unwrap();
        assert!((found * LN_2 - f64::from(want)).abs() < 1e-5);
        // In parts with as much before them as there is, all but the same: a network forgets.
        let parts = bits_in_lanes(&model, &codes, 40, 4, 40).unwrap();
        assert!((found - parts).abs() < 1e-3, "{found} {parts}");
        assert!(bits_in_lanes(&model, &codes[..9], 3, 4, 7).unwrap().is_finite());
    }
}
