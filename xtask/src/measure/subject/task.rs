//! What the measured networks learn.

use rnn_core::{Batch, Random, Real, Timesteps};
use rnn_data::Task;

/// The cumulative average of the mean over features: with one feature, that of the notebook.
///
/// x is (batch, time, features) of standard normal noise, and y_t = (1/t) Σ_{s ≤ t} mean x_s.
#[derive(Clone, Copy, Debug)]
pub(super) struct MeanSoFar {
    pub(super) time: usize,
    pub(super) features: usize,
}

impl Task for MeanSoFar {
    fn time(&self) -> usize {
        self.time
    }

    fn features(&self) -> usize {
        self.features
    }

    fn outputs(&self) -> usize {
        1
    }

    fn fill<F: Real>(&self, rng: &mut (impl Random<F> + ?Sized), batch: &mut Batch<F>) {
        let x = batch.x.as_slice_mut().expect("standard layout");
        let y = batch.y.values_mut().and_then(|y| y.as_slice_mut()).expect("values in standard layout");
        rng.fill_normal(x);
        let sequences = x.chunks_exact(self.time * self.features).zip(y.chunks_exact_mut(self.time));
        for (x, y) in sequences {
            let mut sum = F::zero();
            for (t, (x, y)) in x.chunks_exact(self.features).zip(y).enumerate() {
                sum += x.iter().fold(F::zero(), |sum, &x| sum + x);
                *y = sum / F::of(((t + 1) * self.features) as f64);
            }
        }
    }

    fn baseline(&self, over: Timesteps) -> f64 {
        let variance = |t: usize| 1.0 / (t * self.features) as f64;
        match over {
            Timesteps::All => (1..=self.time).map(variance).sum::<f64>() / self.time as f64,
            Timesteps::Last => variance(self.time),
        }
    }
}

#[cfg(test)]
mod tests {
    use rnn_data::{CumulativeAverage, PortableRng};

    use super::*;

    #[test]
    fn one_feature_is_the_cumulative_average() -> anyhow::Result<()> {
        let (mine, theirs) = (MeanSoFar { time: 10, features: 1 }, CumulativeAverage::new(10)?);
        let a: Batch<f64> = mine.sample(3, &mut PortableRng::new(1))?;
        let b: Batch<f64> = theirs.sample(3, &mut PortableRng::new(1))?;
        assert_eq!(a.x, b.x);
        let (a, b) = (a.y.values().expect("values"), b.y.values().expect("values"));
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-14));
        assert_eq!(mine.baseline(Timesteps::All), theirs.baseline(Timesteps::All));
        Ok(())
    }

    #[test]
    fn features_are_averaged_before_time() -> anyhow::Result<()> {
        let Batch { x, y, .. } =
            MeanSoFar { time: 3, features: 4 }.sample::<f64>(2, &mut PortableRng::new(1))?;
        let y = y.values().expect("values");
        for sequence in 0..2 {
            let mean = |t: usize| (0..4).map(|f| x[[sequence, t, f]]).sum::<f64>() / 4.0;
            for t in 0..3 {
                let expected = (0..=t).map(mean).sum::<f64>() / (t + 1) as f64;
                assert!((y[[sequence, t, 0]] - expected).abs() < 1e-14);
            }
        }
        Ok(())
    }
}
