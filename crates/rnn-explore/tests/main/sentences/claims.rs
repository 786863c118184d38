//! The claims of [`rnn_explore::transport`].

use super::reading::{after, close, geometric_mean, read, same};

/// Holds the text against the norms that it was written for.
pub(super) fn check_transport(text: &str, row: &[f64]) {
    let time = row.len();
    if text.contains("sends no gradient to") {
        assert_eq!(row[time - 1], 0.0);
        return;
    }
    let vanished = text.strip_prefix("At timestep ").filter(|rest| !rest.contains("; at timestep 1, "));
    if let Some(rest) = vanished {
        let until = read(rest) as usize;
        assert_eq!(rest.contains("is below 10⁻³⁰⁰"), row[until] < 1e-290, "{text}");
        assert_eq!(rest.contains("is 0."), row[until] >= 1e-290, "{text}");
        assert_eq!(rest.contains(" and before"), until > 1, "{text}");
        assert!(row[..until].iter().all(|&norm| norm == 0.0) && row[until] > 0.0, "{text} {row:?}");
        return;
    }
    assert!(row[0] > 0.0, "nothing arrives at timestep 1: {text}");
    let ratio = row[0] / row[time - 1];
    // The factor of each step back, the first one first.
    let factors: Vec<f64> = row.windows(2).rev().map(|pair| pair[0] / pair[1]).collect();
    let count = factors.len();
    let (main, rest) = text.split_once("; at timestep 1, ").unwrap();
    if main.starts_with("At timestep ") {
        let zero = after(main, "At timestep ").unwrap() as usize;
        assert!(main.ends_with(" is 0") && row[zero - 1] == 0.0, "{text}");
    } else if main.contains("keeps the length") {
        assert!(factors.iter().all(|factor| (factor - 1.0).abs() < 5.1e-4), "{text} {factors:?}");
    } else if main.contains("to within 1%") {
        let kept = read(main) as usize;
        let listed: Vec<(usize, f64)> = main
            .match_indices("from timestep ")
            .map(|(at, phrase)| {
                let said = &main[at + phrase.len()..];
                assert_eq!(after(said, " to ").unwrap() as usize, read(said) as usize - 1);
                (read(said) as usize, after(said, "multiplied by ").unwrap())
            })
            .collect();
        assert_eq!(kept + listed.len(), count);
        for (step, &factor) in factors.iter().enumerate() {
            match listed.iter().find(|&&(from, _)| from == time - step) {
                Some(&(_, said)) => same(said, factor, text),
                None => assert!((factor - 1.0).abs() <= 0.0101, "{text} {factors:?}"),
            }
        }
    } else if main.starts_with("The first ") {
        let first = main
            .strip_prefix("The first of")
            .map_or_else(|| read(&main["The first ".len()..]) as usize, |_| 1);
        same(after(main, " by ").unwrap(), geometric_mean(&factors[..first]), text);
        let (_, other) = main.rsplit_once(" by ").unwrap();
        same(read(other), geometric_mean(&factors[first..]), text);
        if let Some(said) = after(main, "the other ") {
            assert_eq!(said as usize, count - first);
        } else {
            assert_eq!(count - first, 1);
        }
        assert_eq!(after(main, "of the ").unwrap() as usize, count);
    } else {
        same(after(main, " by ").unwrap(), geometric_mean(&factors), text);
        assert_eq!(main.contains("(geometric mean)"), count > 1, "a mean is called one: {text}");
        let (low, high) = factors.iter().fold((f64::INFINITY, 0f64), |(l, h), &x| (l.min(x), h.max(x)));
        match main.split_once("single steps by ").map(|(_, range)| range) {
            Some(range) => {
                same(read(range), low, text);
                same(after(range, " to ").unwrap(), high, text);
            }
            None => assert!(high / low < 1.106, "one factor stands for {low} to {high}: {text}"),
        }
        if count > 1 {
            assert_eq!(after(main, "Each of the ").unwrap() as usize, count);
        }
    }
    if rest.starts_with("it is as long as ") {
        assert!((ratio - 1.0).abs() < 5.1e-4, "{text}");
    } else if rest.starts_with("it is ") {
        assert!(ratio > 1.0);
        if ratio.is_finite() {
            same(after(rest, "it is ").unwrap(), ratio, text);
        }
    } else if rest.starts_with("less than") {
        assert!(ratio < 1e-300);
    } else {
        assert!(ratio < 1.0 && ratio > 0.0);
        close(read(rest), ratio, "%");
        assert!(read(rest) > 0.0 && read(rest) < 1.0, "{text}");
    }
    let longest = row.iter().copied().fold(0.0, f64::max);
    if let Some(steps) = after(rest, "It is longest ") {
        assert_eq!(row[time - 1 - steps as usize], longest);
        same(after(rest, " back, ").unwrap(), longest / row[time - 1], text);
    } else {
        assert!(longest <= 1.51 * row[0].max(row[time - 1]), "it is longer on the way: {text} {row:?}");
    }
}
