//! E2: the Lyapunov exponents of a linear network.

use rnn_analysis::{BurnIn, eigenvalues, gaussian_ln_determinant, lyapunov_exponents};
use rnn_core::Elman;
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use super::random_networks::{autonomous, gaussian};
use super::spread::mean;
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// Units of the networks whose exponents are computed.
const UNITS: usize = 32;

/// Units and number of the matrices whose determinants are.
const LARGE: usize = 256;
const DRAWS: u64 = 20;

/// Sums of exponents are compared where the next one is smaller by this.
const GAP: f64 = 0.02;

/// The experiment.
#[derive(Debug)]
pub(super) struct LinearLyapunov;

impl Experiment for LinearLyapunov {
    fn about(&self) -> About {
        About {
            id: "E2",
            name: "linear-lyapunov",
            question: "What are the Lyapunov exponents of a linear network?",
            why: "Lyapunov exponents are for nonlinear networks what the logarithms of the eigenvalues' moduli are for linear ones: the \
                  rates at which differences of states, and gradients on their way back, grow or fade. For a linear network the two \
                  must be the same, which tests the method by which all later exponents are computed. Their mean has a closed form, \
                  and it is sobering: with g = 1 the largest exponent is about 0, but the mean is −½, so that in the typical \
                  direction a gradient fades by a factor of e^(−½) in each step.",
            setting: "h_t = W h_{t−1} with W of independent normal entries of variance g²/n, g = 1. First n = 32 and 5 seeds: exponents by \
                      repeated QR decomposition, 3000 steps of burn-in and 100 that count, beside the eigenvalues of the same W. Sums \
                      of the k largest are compared wherever the next one is smaller by 0.02, since pairs of complex eigenvalues \
                      share their modulus and only their sum settles. Then the determinants of 20 matrices of size 256: the mean \
                      exponent is ln |det W| / n.",
            formula: r"\lambda_i = \ln|\mathrm{eig}_i(W)|, \qquad \mathbb{E}\,\frac1n \sum_i \lambda_i = \frac{1}{2n}\sum_{k=1}^{n} \psi\!\left(\tfrac{k}{2}\right) + \frac12 \ln\frac{2g^2}{n} \;\to\; \ln g - \frac12",
            sources: &[
                Source {
                    text: "G. Benettin, L. Galgani, A. Giorgilli, J.-M. Strelcyn 1980, Lyapunov characteristic exponents for smooth dynamical \
                       systems and for Hamiltonian systems, Meccanica 15",
                    url: "https://doi.org/10.1007/BF02128236",
                },
                Source {
                    text: "R. J. Muirhead 1982, Aspects of multivariate statistical theory, Wiley, theorem 3.2.15 (the determinant of a Wishart matrix)",
                    url: "",
                },
            ],
        }
    }

    fn jobs(&self, scope: &Scope) -> Vec<Job> {
        let spectra = scope.seeds(5).map(|seed| Job::new("E2", "spectrum").seed(seed).cost(0.7));
        spectra.chain([Job::new("E2", "determinants").cost(5.0)]).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let mut rng = job.rng();
        if job.part == "determinants" {
            let mean_of = |_| {
                let lambda = eigenvalues(gaussian(LARGE, 1.0, &mut rng).view())?;
                Ok(lambda.iter().map(|z| libm::log(z.norm())).sum::<f64>() / LARGE as f64)
            };
            return Ok(Numbers::new().with("means", (0..DRAWS).map(mean_of).collect::<Result<Vec<f64>>>()?));
        }
        let w = gaussian(UNITS, 1.0, &mut rng);
        let rnn = autonomous(Elman::identity(), w.view())?;
        let burn_in = BurnIn { state: 0, directions: 3000 };
        let exponents = lyapunov_exponents(&rnn, None, 100, burn_in)?[0].sorted();
        let logs: Vec<f64> = eigenvalues(w.view())?.iter().map(|z| libm::log(z.norm())).collect();
        Ok(Numbers::new().with("exponents", exponents).with("logs", logs))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let (mut worst, mut sums) = (0.0, 0);
        for (_, numbers) in results.part("spectrum") {
            let (exponents, logs) = (numbers.list("exponents")?, numbers.list("logs")?);
            let (mut got, mut want) = (0.0, 0.0);
            for k in 0..UNITS {
                got += exponents[k];
                want += logs[k];
                if logs.get(k + 1).is_none_or(|next| logs[k] - next > GAP) {
                    worst = f64::max(worst, f64::abs(got - want));
                    sums += 1;
                }
            }
        }
        let means = results.one("determinants")?.list("means")?;
        let [exact, spread] = gaussian_ln_determinant(LARGE, 1.0);
        let error = spread / (means.len() as f64).sqrt();
        let findings = vec![
            Finding::at_most(
                format!("largest difference between {sums} sums of exponents and of ln |eigenvalue|"),
                worst,
                1e-6,
                "After the burn-in the error of a sum is about e^(−3000 · 0.02), and what remains is rounding.",
            ),
            Finding::near(
                "mean exponent of 20 matrices of size 256",
                mean(means),
                exact,
                3.0 * error,
                "Three standard errors; the standard deviation of ln |det W| has a closed form too.",
            ),
        ];
        let numbers = results.one("spectrum")?;
        let index: Vec<f64> = (1..=UNITS).map(|k| k as f64).collect();
        let panel = LinePlot::new("One network of 32 units", Axis::linear("i"), Axis::linear("λ_i"))
            .line(Line::new("QR", &index, numbers.list("exponents")?).marker(Marker::Circle).unconnected())
            .line(Line::new("ln |eigenvalue|", &index, numbers.list("logs")?))
            .horizontal("0", 0.0);
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Lyapunov exponents of a linear network").panel(panel),
                "The exponents by QR decomposition, and the logarithms of the moduli of the eigenvalues."
                    .to_owned(),
            )),
            text: vec![format!(
                "The exponents are those of the eigenvalues up to {worst:.0e} in {sums} sums. The mean exponent at n = {LARGE} is {:.4}, \
                 beside {exact:.4} from the closed form, and −0.5 for n → ∞.",
                mean(means)
            )],
        })
    }
}
