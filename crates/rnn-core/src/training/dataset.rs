//! Sequences of the caller's, and mini-batches of them.

mod mini_batches;

pub use mini_batches::MiniBatches;

use ndarray::{Array1, Array2, Array3, s};
use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Dxsm;

use crate::Real;
use crate::error::{Result, check_option, check_shape, check_size};
use crate::training::target::Targets;
use crate::training::train::Batch;

/// Sequences, of any lengths, and the answer to each.
///
/// ```
/// use ndarray::Array2;
/// use rnn_core::Dataset;
///
/// let sequences: Vec<Array2<f32>> = (3..13).map(|time| Array2::ones((time, 2))).collect();
/// let labels: Vec<usize> = (0..10).map(|k| k % 2).collect();
/// let (training, validation) = Dataset::new(sequences, labels)?.split(0.8, 1)?;
/// assert_eq!((training.len(), validation.len()), (8, 2));
/// let batches = training.batches(4)?.shuffled(2).epochs(10);
/// assert_eq!(batches.steps_per_epoch(), 2);
/// # Ok::<(), rnn_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset<F> {
    /// (time, features) each.
    sequences: Vec<Array2<F>>,
    answers: Answers<F>,
}

/// The answer to each sequence of a [`Dataset`]. Vectors of these convert.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Answers<F> {
    /// Values at every timestep, (time, outputs).
    Values(Vec<Array2<F>>),
    /// A class at every timestep, counted from 0.
    Classes(Vec<Vec<usize>>),
    /// Values for the sequence as a whole.
    SequenceValues(Vec<Array1<F>>),
    /// A class of the sequence as a whole, counted from 0.
    SequenceClasses(Vec<usize>),
}

impl<F: Real> Dataset<F> {
    /// Sequences, (time, features) each, with an answer to each.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize) without sequences or if one has no timestep; [`Error::Shape`](crate::Error::Shape) if there are more or fewer answers
    /// than sequences, or features, outputs or timesteps differ where they must not.
    pub fn new(sequences: Vec<Array2<F>>, answers: impl Into<Answers<F>>) -> Result<Self> {
        let answers = answers.into();
        check_size("the number of sequences", sequences.len())?;
        check_shape("the answers (sequences)", &[sequences.len()], &[answers.len()])?;
        let features = sequences[0].ncols();
        let outputs = answers.width(0);
        for (k, sequence) in sequences.iter().enumerate() {
            check_size("the number of timesteps of a sequence", sequence.nrows())?;
            check_shape(
                format_args!("sequence {k} (time, features)"),
                &[sequence.nrows(), features],
                sequence.shape(),
            )?;
            let time = answers.timesteps(k).map(|_| sequence.nrows());
            let expected: Vec<usize> = time.into_iter().chain(outputs).collect();
            let found: Vec<usize> = answers.timesteps(k).into_iter().chain(answers.width(k)).collect();
            check_shape(format_args!("the answer to sequence {k}"), &expected, &found)?;
        }
        Ok(Self { sequences, answers })
    }

    /// How many sequences there are.
    pub fn len(&self) -> usize {
        self.sequences.len()
    }

    /// Always `false`: a data set has a sequence.
    pub fn is_empty(&self) -> bool {
        self.sequences.is_empty()
    }

    /// Two data sets, the first of which gets this share of the sequences, rounded, drawn at random. The same seed gives the
    /// same ones.
    ///
    /// # Errors
    /// [`Error::InvalidOption`](crate::Error::InvalidOption) for a share that leaves either without a sequence.
    pub fn split(self, share: f64, seed: u64) -> Result<(Self, Self)> {
        let first = (share * self.len() as f64).round();
        let fits = first >= 1.0 && first < self.len() as f64;
        check_option("share", share, fits, "both parts need a sequence")?;
        let order = permutation(self.len(), seed, 0);
        let (first, second) = order.split_at(first as usize);
        Ok((self.subset(first), self.subset(second)))
    }

    fn subset(&self, which: &[usize]) -> Self {
        fn pick<T: Clone>(all: &[T], which: &[usize]) -> Vec<T> {
            which.iter().map(|&k| all[k].clone()).collect()
        }
        let answers = match &self.answers {
            Answers::Values(all) => Answers::Values(pick(all, which)),
            Answers::Classes(all) => Answers::Classes(pick(all, which)),
            Answers::SequenceValues(all) => Answers::SequenceValues(pick(all, which)),
            Answers::SequenceClasses(all) => Answers::SequenceClasses(pick(all, which)),
        };
        Self { sequences: pick(&self.sequences, which), answers }
    }

    /// Batches of `size` sequences, the last one smaller if they do not divide evenly: one epoch in the order of the data
    /// set, unless the methods of [`MiniBatches`] say otherwise.
    ///
    /// # Errors
    /// [`Error::ZeroSize`](crate::Error::ZeroSize) for a size of 0.
    pub fn batches(&self, size: usize) -> Result<MiniBatches<'_, F>> {
        check_size("the batch size", size)?;
        Ok(MiniBatches::new(self, size))
    }

    /// Overwrites `batch` with these sequences, padded with zeros to the longest of them, which has to come first.
    fn fill(&self, which: &[usize], batch: &mut Batch<F>) {
        let lengths = || which.iter().map(|&k| self.sequences[k].nrows());
        let time = lengths().max().unwrap_or(0);
        let shape = (which.len(), time, self.sequences[0].ncols());
        if batch.x.dim() != shape {
            batch.x = Array3::zeros(shape);
        }
        for (mut x, &k) in batch.x.outer_iter_mut().zip(which) {
            let sequence = &self.sequences[k];
            x.slice_mut(s![..sequence.nrows(), ..]).assign(sequence);
            x.slice_mut(s![sequence.nrows().., ..]).fill(F::zero());
        }
        batch.lengths = lengths().any(|length| length < time).then(|| lengths().collect());
        batch.y = match &self.answers {
            Answers::Values(all) => {
                let mut y = Array3::zeros((which.len(), time, all[0].ncols()));
                for (mut y, &k) in y.outer_iter_mut().zip(which) {
                    y.slice_mut(s![..all[k].nrows(), ..]).assign(&all[k]);
                }
                Targets::Values(y)
            }
            Answers::Classes(all) => {
                Targets::Classes(Array2::from_shape_fn((which.len(), time), |(b, t)| {
                    all[which[b]].get(t).copied().unwrap_or(0)
                }))
            }
            Answers::SequenceValues(all) => {
                let shape = (which.len(), all[0].len());
                Targets::SequenceValues(Array2::from_shape_fn(shape, |(b, i)| all[which[b]][i]))
            }
            Answers::SequenceClasses(all) => {
                Targets::SequenceClasses(which.iter().map(|&k| all[k]).collect())
            }
        };
    }
}

impl<F> Answers<F> {
    fn len(&self) -> usize {
        match self {
            Self::Values(all) => all.len(),
            Self::Classes(all) => all.len(),
            Self::SequenceValues(all) => all.len(),
            Self::SequenceClasses(all) => all.len(),
        }
    }

    /// How many timesteps answer `k` has, if it is one for each timestep.
    fn timesteps(&self, k: usize) -> Option<usize> {
        match self {
            Self::Values(all) => Some(all[k].nrows()),
            Self::Classes(all) => Some(all[k].len()),
            Self::SequenceValues(_) | Self::SequenceClasses(_) => None,
        }
    }

    /// How many outputs answer `k` is for, if it is values.
    fn width(&self, k: usize) -> Option<usize> {
        match self {
            Self::Values(all) => Some(all[k].ncols()),
            Self::SequenceValues(all) => Some(all[k].len()),
            Self::Classes(_) | Self::SequenceClasses(_) => None,
        }
    }
}

impl<F> From<Vec<Array2<F>>> for Answers<F> {
    fn from(values: Vec<Array2<F>>) -> Self {
        Self::Values(values)
    }
}

impl<F> From<Vec<Vec<usize>>> for Answers<F> {
    fn from(classes: Vec<Vec<usize>>) -> Self {
        Self::Classes(classes)
    }
}

impl<F> From<Vec<Array1<F>>> for Answers<F> {
    fn from(values: Vec<Array1<F>>) -> Self {
        Self::SequenceValues(values)
    }
}

impl<F> From<Vec<usize>> for Answers<F> {
    fn from(classes: Vec<usize>) -> Self {
        Self::SequenceClasses(classes)
    }
}

/// 0 .. n in the order number `epoch` of this seed.
///
/// # Reference
/// Fisher and Yates 1938, in Durstenfeld's form, Communications of the ACM 7 (1964), algorithm 235.
fn permutation(n: usize, seed: u64, epoch: u64) -> Vec<usize> {
    let root = Pcg64Dxsm::seed_from_u64(seed).next_u64();
    let mut generator = Pcg64Dxsm::seed_from_u64(root ^ epoch);
    let mut order: Vec<usize> = (0..n).collect();
    for last in (1..n).rev() {
        // The high word of a product with 64 random bits: each of last + 1 numbers is as likely, to within (last + 1) / 2⁶⁴.
        let drawn = (u128::from(generator.next_u64()) * (last as u128 + 1)) >> 64;
        order.swap(last, drawn as usize);
    }
    order
}
