//! A text cut so that each batch goes on where the one before ended.

use ndarray::{Array2, Array3};
use rnn_core::Batch;
use thiserror::Error;

/// The text is too short.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "the text has {characters} characters, and {needed} are needed for --batch {batch} and --unroll {unroll}; bring a longer text, or lower these"
)]
pub(crate) struct TooShort {
    pub(crate) characters: usize,
    pub(crate) needed: usize,
    pub(crate) batch: usize,
    pub(crate) unroll: usize,
}

/// The last tenth of a text is for validation; what comes before trains.
pub(crate) fn training_length(characters: usize, batch: usize, unroll: usize) -> Result<usize, TooShort> {
    // So much that an epoch is one step at least, wherever it starts.
    let epoch = batch.saturating_mul(unroll.saturating_mul(2).saturating_add(1));
    let needed = epoch.saturating_add(epoch.div_ceil(9)).saturating_add(10);
    if characters < needed {
        return Err(TooShort { characters, needed, batch, unroll });
    }
    Ok(characters - characters / 10)
}

/// One pass through a text, in `batch` sequences side by side: the k-th batch has the timesteps k·unroll to (k+1)·unroll of
/// each, and the target is the character that comes next.
#[derive(Clone, Debug)]
pub(crate) struct Epoch<'a> {
    codes: &'a [usize],
    alphabet: usize,
    batch: usize,
    unroll: usize,
    /// Of the next batch, within each sequence.
    at: usize,
}

impl<'a> Epoch<'a> {
    pub(crate) fn new(codes: &'a [usize], alphabet: usize, batch: usize, unroll: usize) -> Self {
        Self { codes, alphabet, batch, unroll, at: 0 }
    }

    /// Writes the next batch; `false` if there is none.
    pub(crate) fn fill(&mut self, to: &mut Batch<f32>) -> bool {
        let Self { codes, alphabet, batch, unroll, at } = *self;
        let length = (codes.len() - 1) / batch; // of a sequence
        if at + unroll > length {
            return false;
        }
        let code = |b: usize, t: usize| codes[b * length + at + t];
        one_hot(&mut to.x, (batch, unroll, alphabet), code);
        to.y = Array2::from_shape_fn((batch, unroll), |(b, t)| code(b, t + 1)).into();
        self.at += unroll;
        true
    }
}

fn one_hot(x: &mut Array3<f32>, shape: (usize, usize, usize), code: impl Fn(usize, usize) -> usize) {
    if x.dim() == shape {
        x.fill(0.0);
    } else {
        *x = Array3::zeros(shape);
    }
    for b in 0..shape.0 {
        for t in 0..shape.1 {
            x[[b, t, code(b, t)]] = 1.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(n: usize) -> Vec<usize> {
        (0..n).map(|i| i * i % 11).collect()
    }

    fn read(x: &Array3<f32>, b: usize, t: usize) -> usize {
        let hot: Vec<usize> = (0..x.dim().2).filter(|&k| x[[b, t, k]] == 1.0).collect();
        assert_eq!(hot.len(), 1);
        hot[0]
    }

    #[test]
    fn a_batch_goes_on_where_the_one_before_ended() {
        let codes = codes(3 * 17 + 2);
        let (mut epoch, mut batch) = (Epoch::new(&codes, 11, 3, 5), Batch::empty());
        let mut batches = 0;
        while epoch.fill(&mut batch) {
            for (b, t) in (0..3).flat_map(|b| (0..5).map(move |t| (b, t))) {
                let at = 17 * b + 5 * batches + t;
                assert_eq!(read(&batch.x, b, t), codes[at]);
                assert_eq!(batch.y.classes().unwrap()[[b, t]], codes[at + 1], "the next character");
            }
            batches += 1;
        }
        assert_eq!(batches, 3, "17 timesteps are 3 times 5");
    }

    #[test]
    fn a_text_long_enough_gives_a_batch_and_a_shorter_one_an_error() {
        let needed = training_length(0, 4, 6).unwrap_err().needed;
        let training = training_length(needed, 4, 6).unwrap();
        let codes = codes(training);
        // An epoch may start up to unroll characters late.
        assert!(Epoch::new(&codes[6..], 11, 4, 6).fill(&mut Batch::empty()));
        let error = training_length(needed - 1, 4, 6).unwrap_err();
        assert!(error.to_string().contains("--batch 4 and --unroll 6"), "{error}");
        assert!(training_length(1000, usize::MAX, usize::MAX).is_err(), "nothing wraps around");
    }
}
