//! Confidence intervals of long-run means, from blocks.

use ndarray::{ArrayView2, Axis};
use rnn_core::Random;

use crate::error::{Error, Result};

/// Resamples of a bootstrap.
const RESAMPLES: usize = 2000;

/// The fewest blocks that a spread can be told from.
const BLOCKS: usize = 8;

/// A number with a confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The estimate: the mean over all blocks.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether the number lies within, ends included.
    pub fn covers(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}

/// The mean of each column of `blocks`, (blocks, quantities), with a confidence interval of this level, as 0.95, by the studentized
/// bootstrap.
///
/// Each row holds the means of some quantities over one block of a long run, such as the exponents of
/// [`LyapunovBlocks`](crate::LyapunovBlocks). The intervals hold if the blocks are so much longer than the memory of the process that
/// their means are independent. Blocks, and not single steps, are drawn again because steps that follow each other are not.
///
/// A resample draws as many rows as there are, with replacement; with m its mean and s the standard deviation over its rows, the
/// quantiles of (m* − m) / s* over 2000 resamples tell how far off m may be, in units of s. Compared with the plain percentiles of
/// m*, that takes into account that s is itself uncertain with few blocks.
///
/// A column that holds −∞, as that of a direction that vanishes, has −∞ as its mean and as both ends. A column without any spread
/// has an interval of length 0.
///
/// # Errors
/// [`Error::TooFew`] for fewer than 8 blocks, [`Error::OutOfRange`] for a level that is not between 0 and 1, and
/// [`Error::NonFinite`] for NaN or +∞.
///
/// # Reference
/// Efron and Tibshirani 1993, *An introduction to the bootstrap*, section 12.5; blocks: Künsch 1989, *The jackknife and the bootstrap
/// for general stationary observations*, Annals of Statistics 17.
///
/// ```
/// use ndarray::Array2;
/// use rand::SeedableRng;
///
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
/// let blocks = Array2::from_shape_fn((20, 1), |(k, _)| f64::from(k as u32 % 5));
/// let interval = rnn_analysis::block_bootstrap(blocks.view(), 0.95, &mut rng)?[0];
/// assert_eq!(interval.mean, 2.0);
/// assert!(interval.covers(2.0) && interval.high - interval.low < 2.0);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn block_bootstrap(
    blocks: ArrayView2<'_, f64>,
    level: f64,
    rng: &mut (impl Random<f64> + ?Sized),
) -> Result<Vec<Interval>> {
    let (rows, columns) = blocks.dim();
    if rows < BLOCKS {
        return Err(Error::TooFew { what: "blocks", count: rows, least: BLOCKS });
    }
    if !(level > 0.0 && level < 1.0) {
        return Err(Error::OutOfRange { what: "the level", value: level, range: "between 0 and 1" });
    }
    if let Some(((row, column), &value)) =
        blocks.indexed_iter().find(|(_, x)| x.is_nan() || **x == f64::INFINITY)
    {
        return Err(Error::NonFinite { row, column, value });
    }
    // All columns see the same resamples.
    let mut ratios = vec![Vec::with_capacity(RESAMPLES); columns];
    let whole: Vec<Moments> =
        blocks.axis_iter(Axis(1)).map(|column| Moments::of(column.iter().copied())).collect();
    let mut drawn = vec![0.0; rows];
    for _ in 0..RESAMPLES {
        rng.fill_uniform(0.0, 1.0, &mut drawn);
        // 1 itself may be drawn.
        let row = |u: f64| ((u * rows as f64) as usize).min(rows - 1);
        for ((column, ratios), whole) in blocks.axis_iter(Axis(1)).zip(&mut ratios).zip(&whole) {
            if whole.deviation > 0.0 {
                let again = Moments::of(drawn.iter().map(|&u| column[row(u)]));
                ratios.push((again.mean - whole.mean) / again.deviation);
            }
        }
    }
    let tail = (1.0 - level) / 2.0;
    let interval = |(ratios, whole): (&mut Vec<f64>, &Moments)| {
        let &Moments { mean, deviation } = whole;
        if ratios.is_empty() {
            return Interval { mean, low: mean, high: mean };
        }
        // A resample of equal rows has no spread: it counts as far off, or not at all if it is right.
        ratios.iter_mut().filter(|x| x.is_nan()).for_each(|x| *x = 0.0);
        ratios.sort_by(f64::total_cmp);
        let at = |share: f64| ratios[((share * RESAMPLES as f64) as usize).min(RESAMPLES - 1)];
        Interval { mean, low: mean - at(1.0 - tail) * deviation, high: mean - at(tail) * deviation }
    };
    Ok(ratios.iter_mut().zip(&whole).map(interval).collect())
}

/// Mean and standard deviation of a list; the latter is 0 if there are infinite numbers.
struct Moments {
    mean: f64,
    deviation: f64,
}

impl Moments {
    fn of(values: impl ExactSizeIterator<Item = f64> + Clone) -> Self {
        let count = values.len() as f64;
        let mean = values.clone().sum::<f64>() / count;
        let squares: f64 = values.map(|x| (x - mean) * (x - mean)).sum();
        let deviation = (squares / count).sqrt();
        // Equal numbers have a mean that may differ from them by rounding.
        let varies = deviation > 4.0 * f64::EPSILON * mean.abs();
        Self { mean, deviation: if varies { deviation } else { 0.0 } }
    }
}
