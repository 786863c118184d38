//! E34: what half precision does to a gradient that vanishes.

use half::{bf16, f16};
use ndarray::{Array3, array};
use rnn_core::{Bias, Elman, Parameters, Real, Stack};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Timesteps.
const TIME: usize = 1200;

/// The recurrent weights.
const WEIGHTS: [f64; 3] = [0.5, 0.9, 0.999];

/// A factor of the loss.
const LOSS_SCALE: f64 = 1024.0;

/// The float types: their name, the exponent of the smallest positive number, and the digits of precision.
const TYPES: [(&str, i32, i32); 4] =
    [("f16", -24, 11), ("bf16", -133, 8), ("f32", -149, 24), ("f64", -1074, 53)];

/// The experiment.
#[derive(Debug)]
pub(super) struct HalfPrecision;

impl Experiment for HalfPrecision {
    fn about(&self) -> About {
        About {
            id: "E34",
            name: "half-precision",
            question: "What do 16 bits do to a gradient that vanishes?",
            why: "Large networks are trained in formats of 16 bits: f16 has 11 bits of precision and a small range, bf16 the range of \
                  f32 and 8 bits of precision. A gradient that goes back through many timesteps meets the limits of both. In f16 it \
                  falls below the smallest number, 2⁻²⁴, and in bf16 a factor just below 1, which would make it fade slowly, rounds \
                  to 1 or to 0.996. Neither gives an error message.",
            setting: "One linear unit with the recurrent weight 0.5, 0.9 or 0.999, and a gradient of 1 (or 1024) at the last of 1200 \
                      timesteps, by back-propagation with every number in f16, bf16, f32 and f64.",
            formula: r"\frac{dL}{dh_{T-k}} = w^k; \qquad \text{it is below half of the smallest number } \epsilon_0 \text{ from } k > \frac{\ln(\epsilon_0 / 2)}{\ln w}",
            sources: &[Source {
                text: "P. Micikevicius, S. Narang, J. Alben, G. Diamos, E. Elsen, D. Garcia, B. Ginsburg, M. Houston, O. Kuchaiev, G. \
                       Venkatesh, H. Wu 2018, Mixed precision training, ICLR; for the scaling of the loss",
                url: "https://arxiv.org/abs/1710.03740",
            }],
        }
    }

    fn jobs(&self, _: &Scope) -> Vec<Job> {
        let of = |weight| {
            [1.0, LOSS_SCALE]
                .map(|scale| Job::new("E34", "unit").with("w", weight).with("scale", scale).cost(0.05))
        };
        WEIGHTS.into_iter().flat_map(of).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let (w, scale) = (job.get("w"), job.get("scale"));
        Ok(Numbers::new()
            .with("f16", gradients::<f16>(w, scale)?)
            .with("bf16", gradients::<bf16>(w, scale)?)
            .with("f32", gradients::<f32>(w, scale)?)
            .with("f64", gradients::<f64>(w, scale)?))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let find = |w: f64, scale: f64, name: &str| -> Result<Vec<f64>> {
            let mut chosen =
                results.part("unit").filter(|(job, _)| job.get("w") == w && job.get("scale") == scale);
            let (_, numbers) = chosen.next().ok_or_else(|| crate::error::Error::NoResult {
                experiment: "E34",
                part: format!("w = {w}"),
            })?;
            Ok(numbers.list(name)?.to_vec())
        };
        let mut findings = Vec::new();
        let mut first_zeros = Vec::new();
        for (name, smallest, _) in TYPES {
            for scale in [1.0, LOSS_SCALE] {
                let gradients = find(0.5, scale, name)?;
                let zero = gradients.iter().position(|&g| g == 0.0).unwrap_or(gradients.len());
                // 2⁻ᵏ scale is a number of the type down to 2^smallest; half of that is a tie, which goes to 0.
                let exact = f64::from(1 - smallest) + libm::log2(scale);
                findings.push(Finding::near(
                    format!("first lag at which the gradient is 0 in {name}, w = 0.5, loss times {scale}"),
                    zero as f64,
                    exact,
                    0.0,
                    "Halving is exact down to the smallest number; half of that rounds to 0.",
                ));
                if scale == 1.0 {
                    first_zeros.push(format!("{zero} steps in {name}"));
                }
            }
        }
        // w = 0.9 in f16: m units of the smallest number become 0.9 m, rounded.
        let stuck = find(0.9, 1.0, "f16")?[TIME - 1] * libm::exp2(24.0);
        findings.push(Finding::near(
            "gradient that stays for ever in f16 with w = 0.9, in units of the smallest number",
            stuck,
            4.0,
            0.0,
            "m units become w m, rounded to a whole number, which is m again if (1 − w) m is below ½: for w = 0.89990, the f16 next to \
             0.9, that holds for m up to 4.",
        ));
        for (name, _, digits) in TYPES {
            let exact = nearest(0.999, digits);
            let last = find(0.999, 1.0, name)?;
            findings.push(Finding::near(
                format!("factor of the first step back in {name} for w = 0.999"),
                last[1],
                exact,
                0.0,
                format!("The nearest number with {digits} bits."),
            ));
        }
        let steps: Vec<f64> = (0..TIME).map(|k| k as f64).collect();
        let fast = |w: f64, until: usize, title: &str, lowest: f64| -> Result<LinePlot> {
            let mut panel =
                LinePlot::new(title, Axis::linear("steps back"), Axis::log("dL/dh").range(lowest, 2.0));
            for (name, ..) in TYPES.into_iter().rev() {
                let line = Line::new(name, &steps[..until], &find(w, 1.0, name)?[..until]);
                panel = panel.line(if name == "f64" { line.dashed() } else { line });
            }
            Ok(panel)
        };
        let (kept_half, kept_brain, kept) =
            (find(0.999, 1.0, "f16")?[1000], find(0.999, 1.0, "bf16")?[1000], find(0.999, 1.0, "f64")?[1000]);
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("A vanishing gradient in few bits")
                    .panel(fast(0.5, 200, "w = 0.5", 1e-60)?)
                    .panel(fast(0.9, 300, "w = 0.9", 1e-14)?)
                    .panel(fast(0.999, TIME, "w = 0.999", 0.1)?),
                "The gradient of one linear unit k steps back, in four float types.".to_owned(),
            )),
            text: vec![
                format!(
                    "With w = 0.5 the gradient is gone after {}. Multiplying the loss by {LOSS_SCALE} buys ten steps: a factor shifts the \
                     limit by its logarithm, and does not change the rate.",
                    first_zeros.join(", ")
                ),
                format!(
                    "With w = 0.9 the gradient never reaches 0 in f16. Below the smallest normal number all that is left are whole \
                     multiples of 2⁻²⁴, and {stuck} of them times 0.9 round to {stuck} again: the gradient stays there for ever. \
                     After 300 steps it should be {:.1e}, and is {:.1e}.",
                    find(0.9, 1.0, "f64")?[300],
                    find(0.9, 1.0, "f16")?[300]
                ),
                format!(
                    "With w = 0.999 the range does not matter, but the precision does. After 1000 steps {kept:.3} of the gradient is left; \
                     f16 has {kept_half:.3}, and bf16 {kept_brain:.3}, since it has no number between 0.996 and 1 and takes w for 1. \
                     Slow units, whose factors lie close to 1, need their weights and gates in more bits than the rest."
                ),
            ],
        })
    }
}

/// dL/dh_{T−k} for k = 0 .. T − 1, with dL/dh_T = `scale`.
fn gradients<F: Real>(w: f64, scale: f64) -> Result<Vec<f64>> {
    let mut rnn = Stack::<F>::zeros(Elman::identity(), 1, &[1], Bias::None)?;
    rnn.set_parameter("weight_hh_l0", array![[F::of(w)]].view().into_dyn())?;
    let x = Array3::<F>::zeros((1, TIME, 1));
    let mut ws = rnn.workspace();
    rnn.forward(x.view(), &mut ws)?;
    let mut d_output = x.clone();
    d_output[[0, TIME - 1, 0]] = F::of(scale);
    rnn.backward(d_output.view(), None, &mut ws)?;
    let number = |t: usize| ws.d_hidden(0)[[0, t, 0]].to_f64().unwrap_or(f64::NAN);
    Ok((0..TIME).rev().map(number).collect())
}

/// The nearest number to `x`, between ½ and 1, with so many binary digits.
fn nearest(x: f64, digits: i32) -> f64 {
    let scale = libm::exp2(f64::from(digits));
    (x * scale).round() / scale
}
