//! How many bits a character costs those who only count.

use std::collections::HashMap;

/// What −log₂ p of each character of `validation` is on average, p being its share of `training`; every character of the
/// alphabet counts once more than it is there.
pub(crate) fn unigram(training: &[usize], validation: &[usize], alphabet: usize) -> f64 {
    let shares = shares(training, alphabet);
    mean(validation.iter().map(|&next| -shares[next].log2()))
}

/// The same with p(b | a) = (n_ab + v_a p(b)) / (n_a + v_a): after a, which is there n_a times, came b n_ab times, and v_a
/// different characters in all. The first character of `validation` comes after the last of `training`.
///
/// I. H. Witten, T. C. Bell, *The zero-frequency problem: estimating the probabilities of novel events in adaptive text
/// compression*, IEEE Trans. Inf. Theory 37(4), 1991, doi:10.1109/18.87000, method C, mixed with the shares.
pub(crate) fn bigram(training: &[usize], validation: &[usize], alphabet: usize) -> f64 {
    let shares = shares(training, alphabet);
    // Only pairs that occur take memory: there are fewer of them than characters.
    let mut pairs: HashMap<(usize, usize), f64> = HashMap::new();
    training.windows(2).for_each(|pair| *pairs.entry((pair[0], pair[1])).or_default() += 1.0);
    let mut after = vec![(0.0, 0.0); alphabet]; // n_a and v_a
    for (&(before, _), n) in &pairs {
        after[before].0 += n;
        after[before].1 += 1.0;
    }
    let surprise = |(before, next): (usize, usize)| {
        let ((count, kinds), share) = (after[before], shares[next]);
        let n = pairs.get(&(before, next)).copied().unwrap_or_default();
        if kinds == 0.0 { -share.log2() } else { -((n + kinds * share) / (count + kinds)).log2() }
    };
    let before = training.last().into_iter().chain(validation);
    mean(before.zip(validation).map(|(&before, &next)| surprise((before, next))))
}

fn shares(training: &[usize], alphabet: usize) -> Vec<f64> {
    let mut counts = vec![1.0; alphabet];
    for &code in training {
        counts[code] += 1.0;
    }
    let all = (training.len() + alphabet) as f64;
    counts.iter().map(|n| n / all).collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unigrams_of_a_case_by_hand() {
        // Counts 5, 1, 0 and one more each: shares 6/9, 2/9, 1/9.
        let bits = unigram(&[0, 0, 1, 0, 0, 0], &[0, 1, 2], 3);
        let by_hand = -((6.0_f64 / 9.0).log2() + (2.0_f64 / 9.0).log2() + (1.0_f64 / 9.0).log2()) / 3.0;
        assert!((bits - by_hand).abs() < 1e-12);
    }

    #[test]
    fn bigrams_of_a_case_by_hand() {
        // Shares 4/8, 3/8, 1/8. After 0: twice 1. After 1: 0 and 0. After 2: nothing.
        let bits = bigram(&[0, 1, 0, 1, 0], &[1, 2, 0], 3);
        let after_0 = (2.0 + 3.0 / 8.0) / 3.0_f64; // 1
        let after_1 = (0.0 + 1.0 / 8.0) / 3.0_f64; // 2
        let after_2 = 4.0 / 8.0_f64;
        let by_hand = -(after_0.log2() + after_1.log2() + after_2.log2()) / 3.0;
        assert!((bits - by_hand).abs() < 1e-12);
    }

    /// A table of all pairs of characters would have 10¹² entries.
    #[test]
    fn pairs_take_memory_only_where_they_occur() {
        let bits = bigram(&[0, 999_999, 0, 999_999], &[0], 1_000_000);
        assert!((bits - 1.0_f64).abs() < 1e-3, "{bits}");
    }

    #[test]
    fn probabilities_add_up() {
        let training = [0, 1, 0, 2, 0, 1, 3, 3];
        for last in 0..4 {
            let mut training = training.to_vec();
            training.push(last);
            let p = |next| (-bigram(&training, &[next], 5)).exp2();
            assert!(((0..5).map(p).sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }
}
