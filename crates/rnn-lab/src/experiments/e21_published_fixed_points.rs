//! E21: fixed points that others have published.

use ndarray::{Array1, Array2};
use rnn_analysis::{FixedPoint, certify, fixed_points};
use rnn_core::Elman;
use rnn_plot::{Axis, Figure, Line, LinePlot, Marker};

use super::random_networks::autonomous;
use crate::error::Result;
use crate::experiment::{About, Conclusion, Experiment, Results, Scope, Source};
use crate::finding::Finding;
use crate::job::Job;
use crate::numbers::Numbers;

/// The fixed points of `test/ground-truth/*.fps` of FixedPointFinder by number of units, one of each pair ±h and without 0: numbers
/// in single precision.
const PUBLISHED: [&[&[f64]]; 3] = [
    &[&[0.957_504_03, -0.957_504_03]],
    &[&[-0.949_795_72, 0.425_502_3, 0.879_894_02]],
    &[
        &[-0.962_891_88, -0.525_235_3, 0.962_891_88, 0.525_235_18],
        &[-0.877_263_13, 0.569_696_19, -0.339_744_99, 0.789_647_7],
        &[-0.775_516_39, 0.775_516_39, -0.775_516_33, 0.775_516_39],
        &[-0.339_744_99, 0.789_647_7, -0.877_263_13, 0.569_696_19],
    ],
];

/// The experiment.
#[derive(Debug)]
pub(super) struct PublishedFixedPoints;

impl Experiment for PublishedFixedPoints {
    fn about(&self) -> About {
        About {
            id: "E21",
            name: "published-fixed-points",
            question: "Do we find the fixed points that others have published?",
            why: "Trained networks are understood by their fixed points: where they rest, and what happens near there. FixedPointFinder, the tool \
                  that most of that literature uses, minimizes ‖F(h) − h‖² by gradient descent in single precision; we use Newton's method. Its tests have \
                  networks with known weights and stored results, against which another method can be held.",
            setting: "Networks h ← tanh(W h) of 2, 3 and 4 units without bias or input, with the weights of its tests: row i of W is the row of n numbers evenly spaced from \
                      −1 to 1, negated and rotated by i places to the left. Newton's method starts from the 3ⁿ states with entries −1, 0 and 1. Each point that is \
                      found is then proved to exist, by interval arithmetic.",
            formula: r"W_{ij} = 1 - \frac{2\,((i + j) \bmod n)}{n - 1}, \qquad n = 2:\; h = \tanh 2h",
            sources: &[Source {
                text: "M. D. Golub, D. Sussillo 2018, FixedPointFinder: a Tensorflow toolbox for identifying and characterizing fixed points in recurrent neural networks, \
                       Journal of Open Source Software 3; the files test/test_utils.py and test/ground-truth of its repository",
                url: "https://doi.org/10.21105/joss.01003",
            }],
        }
    }

    fn jobs(&self, _: &Scope) -> Vec<Job> {
        (2..=4).map(|n| Job::new("E21", "points").with("n", f64::from(n)).cost(0.05)).collect()
    }

    fn run(&self, job: &Job) -> Result<Numbers> {
        let n = job.count("n");
        let w = Array2::from_shape_fn((n, n), |(i, j)| 1.0 - 2.0 * ((i + j) % n) as f64 / (n - 1) as f64);
        let rnn = autonomous(Elman::tanh(), w.view())?;
        let starts = Array2::from_shape_fn((3usize.pow(n as u32), n), |(k, j)| {
            (k / 3usize.pow(j as u32) % 3) as f64 - 1.0
        });
        let x = Array1::zeros(1);
        let found = fixed_points(&rnn, x.view(), starts.view())?;
        let mut widths = Vec::new();
        for point in &found {
            // A point without a proof has no width, and the count shows it.
            if let Some(proof) = certify(&rnn, x.view(), point.state.view())? {
                widths.push((&proof.high - &proof.low).fold(0.0, |most: f64, x| most.max(*x)));
            }
        }
        let published = PUBLISHED[n - 2];
        let far = |known: &[f64], sign: f64| {
            let off = |point: &FixedPoint| {
                let apart = point.state.iter().zip(known).map(|(a, b)| (a - sign * b).abs());
                apart.fold(0.0, f64::max)
            };
            found.iter().map(off).fold(f64::INFINITY, f64::min)
        };
        let zero = vec![0.0; n];
        let worst = published
            .iter()
            .flat_map(|known| [far(known, 1.0), far(known, -1.0)])
            .chain([far(&zero, 1.0)])
            .fold(0.0, f64::max);
        Ok(Numbers::new()
            .value("found", found.len() as f64)
            .value("published", 1.0 + 2.0 * published.len() as f64)
            .value("worst", worst)
            .value("proved", widths.len() as f64)
            .value("widest", widths.iter().copied().fold(0.0, f64::max))
            .value("stable", found.iter().filter(|point| point.is_stable()).count() as f64)
            .with("points", found.iter().flat_map(|point| point.state.to_vec()).collect::<Vec<f64>>()))
    }

    fn conclude(&self, results: &Results) -> Result<Conclusion> {
        let mut findings = Vec::new();
        let mut told = Vec::new();
        let mut panel = LinePlot::new("Fixed points", Axis::linear("unit"), Axis::linear("h"));
        for (color, (job, numbers)) in results.part("points").enumerate() {
            let n = job.get("n");
            let (found, published) = (numbers.get("found")?, numbers.get("published")?);
            findings.push(Finding::near(
                format!("fixed points of {n} units"),
                found,
                published,
                0.0,
                "A count.",
            ));
            findings.push(Finding::at_most(
                format!("largest distance from a published point to ours, {n} units"),
                numbers.get("worst")?,
                1e-6,
                "The published numbers are in single precision, and were iterated until they moved by less than about 1e-7.",
            ));
            findings.push(Finding::near(
                format!("of these, proved by interval arithmetic, {n} units"),
                numbers.get("proved")?,
                found,
                0.0,
                "A count.",
            ));
            told.push(format!("{found} with {n} units, {} of them stable", numbers.get("stable")?));
            let units: Vec<f64> = (1..=n as usize).map(|unit| unit as f64).collect();
            for (k, point) in numbers.list("points")?.chunks(n as usize).enumerate() {
                let line = Line::new(format!("{n} units"), &units, point).color(color).marker(Marker::Circle);
                panel = panel.line(if k == 0 { line } else { line.unlabelled() });
            }
        }
        let widest = results.values("points", "widest")?.into_iter().fold(0.0, f64::max);
        Ok(Conclusion {
            findings,
            figure: Some((
                Figure::new("Fixed points of three small networks").panel(panel),
                "Each line is one fixed point, its entries by unit. They come in pairs ±h, as tanh is odd."
                    .to_owned(),
            )),
            text: vec![
                format!(
                    "We find {}: those that are published, and no others. With two units both are h = tanh 2h in disguise, h = (a, −a) with a = 0.957504.",
                    told.join("; ")
                ),
                format!(
                    "Krawczyk's operator proves each of them to exist, in boxes at most {widest:.0e} wide, and to be the only one nearby. That no further points \
                     exist elsewhere is not proved."
                ),
            ],
        })
    }
}
