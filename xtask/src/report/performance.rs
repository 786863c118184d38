//! What a training step costs, and how that grows with the sizes of the network and its batch.
//!
//! The only numbers of the report that differ from run to run: they go to the page and to `metrics.json`, never to a file
//! that is the same for the same settings.

mod sentence;

use anyhow::Result;

use super::Settings;
use crate::measure::network::{Kind, Network};
use crate::measure::products;
use crate::measure::sampler::Sampler;
use crate::measure::samples::Samples;
use crate::measure::subject::training_step;
use crate::progress::Progress;

/// The notebook's network and batch, from which every size grows.
pub(super) const BASE: Network =
    Network { cell: Kind::Rnn, input: 1, hidden: 32, layers: 1, head: true, batch: 32, time: 10 };

/// The networks in the table: those of the trainings.
const TABLE: [(Kind, usize); 4] = [(Kind::Rnn, 1), (Kind::Rnn, 2), (Kind::Lstm, 1), (Kind::Gru, 1)];

/// The cells compared.
const CELLS: [Kind; 3] = [Kind::Rnn, Kind::Lstm, Kind::Gru];

/// Seconds of samples for each row of the table.
const ROW: f64 = 0.025;
/// And for each point of a curve.
const POINT: f64 = 0.005;

/// About how many microseconds the study takes.
pub(super) const WORK: u64 = 500_000;

/// A size that grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    Time,
    Hidden,
    Batch,
    Layers,
}

/// All measured times.
#[derive(Clone, Debug)]
pub(super) struct Performance {
    /// How many threads the library may use.
    pub(super) threads: usize,
    /// The trained networks at the notebook's sizes.
    pub(super) steps: Vec<(Network, Samples)>,
    pub(super) growths: [Growth; 4],
}

/// One size grows, all others stay.
#[derive(Clone, Debug)]
pub(super) struct Growth {
    pub(super) variable: Variable,
    /// One for each cell.
    pub(super) curves: Vec<Curve>,
    /// What one sees.
    pub(super) sentence: String,
}

/// Of one cell.
#[derive(Clone, Debug)]
pub(super) struct Curve {
    pub(super) cell: Kind,
    pub(super) sizes: Vec<f64>,
    /// The fastest step at each size: what else the machine does only adds to it.
    pub(super) seconds: Vec<f64>,
}

impl Variable {
    pub(super) fn symbol(self) -> &'static str {
        match self {
            Self::Time => "T",
            Self::Hidden => "H",
            Self::Batch => "B",
            Self::Layers => "L",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Time => "timesteps",
            Self::Hidden => "hidden units",
            Self::Batch => "sequences in a batch",
            Self::Layers => "layers",
        }
    }

    /// The notebook's network with this size so many times as large.
    fn grown(self, cell: Kind, factor: usize) -> Network {
        let base = Network { cell, ..BASE };
        match self {
            Self::Time => Network { time: factor * base.time, ..base },
            Self::Hidden => Network { hidden: factor * base.hidden, ..base },
            Self::Batch => Network { batch: factor * base.batch, ..base },
            Self::Layers => Network { layers: factor * base.layers, ..base },
        }
    }

    fn of(self, network: &Network) -> usize {
        match self {
            Self::Time => network.time,
            Self::Hidden => network.hidden,
            Self::Batch => network.batch,
            Self::Layers => network.layers,
        }
    }

    /// Every doubling, or every second one.
    fn factors(self, quick: bool) -> Vec<usize> {
        let doublings = if self == Self::Hidden { 3 } else { 4 };
        let step = if quick { 2 } else { 1 };
        (0..=doublings).step_by(step).map(|k| 1 << k).collect()
    }
}

impl Curve {
    /// The exponent p of a power law time ~ size^p fitted to the largest sizes, down to an eighth of the last.
    pub(super) fn exponent(&self) -> f64 {
        let last = self.sizes.last().copied().unwrap_or_default();
        let large = self.sizes.iter().zip(&self.seconds).filter(|(size, _)| **size >= last / 8.0);
        let logs: Vec<(f64, f64)> = large.map(|(size, seconds)| (size.ln(), seconds.ln())).collect();
        let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / logs.len() as f64;
        let (x, y) = (mean(|log| log.0), mean(|log| log.1));
        let covariance: f64 = logs.iter().map(|log| (log.0 - x) * (log.1 - y)).sum();
        covariance / logs.iter().map(|log| (log.0 - x).powi(2)).sum::<f64>()
    }
}

/// Useful operations a second of a training step, if it takes so long.
pub(super) fn flops_per_second(network: &Network, seconds: f64) -> f64 {
    products::flops(&products::training(network)) / seconds
}

/// Measures everything, one thing after the other: nothing else may run meanwhile.
pub(super) fn measure(settings: &Settings, progress: &Progress) -> Result<Performance> {
    let steps = TABLE
        .iter()
        .map(|&(cell, layers)| {
            let network = Network { cell, layers, ..BASE };
            Ok((network, time(&network, ROW)?))
        })
        .collect::<Result<_>>()?;
    let [time, hidden, batch, layers] = [Variable::Time, Variable::Hidden, Variable::Batch, Variable::Layers]
        .map(|variable| {
            let growth = grow(variable, settings.quick);
            progress.advance(WORK / 4);
            growth
        });
    Ok(Performance {
        threads: rayon::current_num_threads(),
        steps,
        growths: [time?, hidden?, batch?, layers?],
    })
}

fn grow(variable: Variable, quick: bool) -> Result<Growth> {
    let curve = |cell: Kind| -> Result<Curve> {
        let networks = variable.factors(quick).into_iter().map(|factor| variable.grown(cell, factor));
        let (mut sizes, mut seconds) = (Vec::new(), Vec::new());
        for network in networks {
            sizes.push(variable.of(&network) as f64);
            seconds.push(time(&network, POINT)?.min());
        }
        Ok(Curve { cell, sizes, seconds })
    };
    let curves = CELLS.into_iter().map(curve).collect::<Result<Vec<_>>>()?;
    let sentence = sentence::describe(variable, &curves);
    Ok(Growth { variable, curves, sentence })
}

/// Training steps for about so many seconds.
fn time(network: &Network, seconds: f64) -> Result<Samples> {
    let mut sampler = Sampler::new(training_step(network)?, seconds);
    sampler.run_to(1.0)?;
    sampler.samples()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_those_of_the_largest_sizes() {
        let curve = |sizes: &[f64], time: fn(f64) -> f64| {
            let seconds = sizes.iter().map(|&size| time(size)).collect();
            Curve { cell: Kind::Rnn, sizes: sizes.to_vec(), seconds }.exponent()
        };
        assert!((curve(&[10.0, 20.0, 40.0], |t| 3e-6 * t) - 1.0).abs() < 1e-12);
        assert!((curve(&[32.0, 128.0], |h| 1e-9 * h * h) - 2.0).abs() < 1e-12);
        // A fixed cost, which only the first point shows, is left out.
        let late = curve(&[1.0, 16.0, 32.0, 64.0, 128.0], |b| if b < 2.0 { 100.0 } else { b });
        assert!((late - 1.0).abs() < 1e-12, "{late}");
    }

    #[test]
    fn sizes_double_from_the_notebooks() {
        let sizes = |variable: Variable, quick| -> Vec<usize> {
            let grown = variable.factors(quick).into_iter().map(|factor| variable.grown(Kind::Lstm, factor));
            grown.map(|network| variable.of(&network)).collect()
        };
        assert_eq!(sizes(Variable::Time, false), [10, 20, 40, 80, 160]);
        assert_eq!(sizes(Variable::Hidden, false), [32, 64, 128, 256]);
        assert_eq!(sizes(Variable::Batch, true), [32, 128, 512]);
        assert_eq!(sizes(Variable::Layers, true), [1, 4, 16]);
    }
}
