//! Text drawn from a network, one character at a time.

use rnn_core::{Model, Random};
use rnn_data::PortableRng;

/// `length` characters after those of `prompt`, which is not empty, each drawn with probability ∝ exp(logit / temperature);
/// the most likely one if the temperature is 0.
pub(crate) fn sample(
    model: &Model<f32>,
    prompt: &[usize],
    length: usize,
    temperature: f64,
    rng: &mut PortableRng,
) -> rnn_core::Result<Vec<usize>> {
    let stream = model.stream()?;
    let (mut state, mut x) = (stream.state(1), vec![0.0_f32; stream.input()]);
    let mut text = prompt.to_vec();
    let mut read = 0;
    while text.len() < prompt.len() + length {
        x[text[read]] = 1.0;
        let logits = stream.step(&x, &mut state)?;
        x[text[read]] = 0.0;
        read += 1;
        if read == text.len() {
            let mut uniform = [0.0_f64];
            rng.fill_uniform(0.0, 1.0, &mut uniform);
            text.push(draw(logits, temperature, uniform[0]));
        }
    }
    Ok(text.split_off(prompt.len()))
}

/// The class at which the sum of probabilities passes `uniform`, from [0, 1).
fn draw(logits: &[f32], temperature: f64, uniform: f64) -> usize {
    let likeliest = (0..logits.len()).fold(0, |best, k| if logits[k] > logits[best] { k } else { best });
    let weight = |k: usize| ((f64::from(logits[k]) - f64::from(logits[likeliest])) / temperature).exp();
    if temperature == 0.0 {
        return likeliest;
    }
    let mut left = uniform * (0..logits.len()).map(weight).sum::<f64>();
    for k in 0..logits.len() {
        left -= weight(k);
        if left < 0.0 {
            return k;
        }
    }
    likeliest // rounding ate the last class
}

#[cfg(test)]
mod tests {
    use rnn_core::{Bias, Gru};

    use super::*;

    #[test]
    fn draws_follow_the_temperature() {
        let logits = [0.0, 3.0_f32.ln()]; // 1/4, 3/4
        assert_eq!([0.0, 0.249, 0.251, 0.999].map(|u| draw(&logits, 1.0, u)), [0, 0, 1, 1]);
        // Half the temperature squares the odds: 1/10, 9/10.
        assert_eq!([0.099, 0.101].map(|u| draw(&logits, 0.5, u)), [0, 1]);
        assert_eq!([0.0, 0.9].map(|u| draw(&logits, 0.0, u)), [1, 1]);
        assert_eq!([0.0, 0.9].map(|u| draw(&[50.0, -900.0], 1e-3, u)), [0, 0], "nothing overflows");
    }

    #[test]
    fn a_prompt_is_read_and_not_returned() {
        let model = Model::new(Gru, 5, &[7], 5, Bias::Double, &mut PortableRng::new(1)).unwrap();
        let run =
            |prompt: &[usize], n, seed| sample(&model, prompt, n, 1.0, &mut PortableRng::new(seed)).unwrap();
        let long = run(&[1, 2], 20, 4);
        assert_eq!((long.len(), run(&[1, 2], 20, 4), run(&[1, 2], 0, 4).len()), (20, long.clone(), 0));
        assert_ne!(long, run(&[1, 2], 20, 5));
        // What was drawn is read like a prompt.
        let mut rng = PortableRng::new(4);
        let first = sample(&model, &[1, 2], 6, 1.0, &mut rng).unwrap();
        let rest = sample(&model, &[&[1, 2], &first[..]].concat(), 14, 1.0, &mut rng).unwrap();
        assert_eq!(long, [first, rest].concat());
    }
}
