//! Which rows train, which say when to stop, and which are only looked at in the end.

use std::ops::Range;

/// The rows of a series in three parts, one after the other in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Split {
    pub(crate) training: Range<usize>,
    pub(crate) validation: Range<usize>,
    pub(crate) test: Range<usize>,
}

impl Split {
    /// The last `share` of the rows for the test, as many before them for validation, the rest for training.
    pub(crate) fn new(rows: usize, share: f64) -> Self {
        let held_out = (rows as f64 * share).round() as usize;
        let test = rows.saturating_sub(held_out);
        let validation = test.saturating_sub(held_out);
        Self { training: 0..validation, validation: validation..test, test: test..rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_are_everything() {
        let split = Split::new(101, 0.15);
        assert_eq!((split.training, split.validation, split.test), (0..71, 71..86, 86..101));
    }
}
