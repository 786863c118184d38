//! E5: growth in spite of eigenvalues below 1.

use ndarray::array;
use rnn_analysis::{singular_values, spectral_radius};
use rnn_plot::{Axis, Figure, Line, LinePlot};

use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// The highest power of W.
const POWERS: usize = 60;

/// The experiment.
#[derive(Debug)]
pub(super) struct NonNormal;

impl Experiment for NonNormal {
    fn about(&self) -> About {
        About {
            id: "E5",
            name: "non-normal-growth",
            question: "Does a spectral radius below 1 mean that gradients vanish?",
            why: "In the long run it does. On the way there a gradient may grow first, if the eigenvectors of W are far from \
                  orthogonal, and a sequence may end before the long run has begun. Pascanu, Mikolov and Bengio prove that \
                  gradients vanish if the largest singular value is below the inverse of the largest slope; the same is not \
                  true of the largest eigenvalue.",
            setting: "W has the rows (0.9, 5) and (0, 0.9), and the network is linear, so that the gradient k steps back is \
                      multiplied by the transpose of the k-th power of W. Its norm is that power's largest singular value.",
            formula: r"W^k = \begin{pmatrix} \lambda^k & 5 k \lambda^{k-1} \\ 0 & \lambda^k \end{pmatrix}, \qquad \lambda = 0.9",
            sources: &[Source {
                text: "R. Pascanu, T. Mikolov, Y. Bengio 2013, On the difficulty of training recurrent neural networks, ICML",
                url: "https://arxiv.org/abs/1211.5063",
            }],
        }
    }

    fn jobs(&self, _: &Scope) -> Vec<Job> {
        vec![Job::new("E5", "powers").cost(0.01)]
    }

    fn run(&self, _: &Job) -> Result<Numbers> {
        let w = array![[0.9, 5.0], [0.0, 0.9]];
        let mut power = w.clone();
        let mut norms = Vec::with_capacity(POWERS);
        for _ in 0..POWERS {
            norms.push(singular_values(power.view())?[0]);
            power = power.dot(&w);
        }
        Ok(Numbers::new().with("norms", norms).value("radius", spectral_radius(w.view())?))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let numbers = results.one("powers")?;
        let (norms, radius) = (numbers.list("norms")?, numbers.get("radius")?);
        let exact = |k: i32| {
            let (power, off) = (0.9f64.powi(k), 5.0 * f64::from(k) * 0.9f64.powi(k - 1));
            // The largest singular value of [[a, b], [0, a]] is (b + √(b² + 4a²)) / 2.
            f64::midpoint(off, off.hypot(2.0 * power))
        };
        let rounding =
            "The closed form of the largest singular value of a triangular 2 x 2 matrix, up to rounding.";
        let mut findings = vec![Finding::near(
            "spectral radius of W",
            radius,
            0.9,
            1e-7,
            "The eigenvalue is double, and its \
            error is the square root of the rounding error.",
        )];
        for k in [1, 5, 10, 20, 50] {
            findings.push(Finding::near(
                format!("‖W^k‖ at k = {k}"),
                norms[k - 1],
                exact(k as i32),
                1e-9,
                rounding,
            ));
        }
        let peak = (1..=POWERS).max_by(|&a, &b| norms[a - 1].total_cmp(&norms[b - 1])).unwrap_or(1);
        let below = (1..=POWERS).find(|&k| norms[k - 1] < 1.0).unwrap_or(POWERS + 1);
        // 5 k λ^{k−1} is largest at k = −1 / ln λ = 9.49.
        findings.push(Finding::near("the k with the largest norm", peak as f64, 9.0, 0.0, "A count."));
        findings.push(Finding::near("the first k with a norm below 1", below as f64, 55.0, 0.0, "A count."));
        let k: Vec<f64> = (1..=POWERS).map(|k| k as f64).collect();
        let bound: Vec<f64> = k.iter().map(|k| radius.powf(*k)).collect();
        let panel = LinePlot::new("Powers of W", Axis::linear("k"), Axis::log("‖W^k‖"))
            .line(Line::new("‖W^k‖", &k, norms))
            .line(Line::new("ρ^k", &k, &bound).dashed())
            .horizontal("1", 1.0);
        let text = format!(
            "The spectral radius is {radius:.1}, yet the norm of the k-th power grows up to {:.1} at k = {peak}, and is below 1 \
             only from k = {below} on. A sequence of 20 timesteps sees an exploding gradient.",
            norms[peak - 1]
        );
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Transient growth").panel(panel),
                "The norm of the k-th power of W, and the k-th power of its spectral radius.".to_owned(),
            )),
            text: vec![text],
        })
    }
}
