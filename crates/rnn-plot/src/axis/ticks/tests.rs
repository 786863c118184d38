use proptest::prelude::*;

use super::*;

fn labels(kind: Kind, lo: f64, hi: f64, limit: usize) -> Vec<String> {
    let scale = Scale::exact(kind, lo, hi).expect("a good range");
    major(&scale, limit).into_iter().map(|tick| tick.label).collect()
}

#[test]
fn linear_ticks_are_round_and_no_more_than_asked_for() {
    assert_eq!(labels(Kind::Linear, 0.0, 100.0, 6), ["0", "20", "40", "60", "80", "100"]);
    assert_eq!(labels(Kind::Linear, -1.0, 1.0, 5), ["−1.0", "−0.5", "0.0", "0.5", "1.0"]);
    assert_eq!(labels(Kind::Linear, 0.0, 1.0, 5), ["0.00", "0.25", "0.50", "0.75", "1.00"]);
    assert_eq!(labels(Kind::Linear, 0.0, 5000.0, 6), ["0", "1000", "2000", "3000", "4000", "5000"]);
}

#[test]
fn narrow_ranges_get_the_digits_that_tell_them_apart() {
    assert_eq!(
        labels(Kind::Linear, 0.2928, 0.2930, 5),
        ["0.29280", "0.29285", "0.29290", "0.29295", "0.29300"]
    );
    assert_eq!(labels(Kind::Log, 0.2928, 0.2930, 5), ["0.29280", "0.29285", "0.29290", "0.29295", "0.29300"]);
}

#[test]
fn very_large_and_very_small_numbers_use_powers_of_ten() {
    let large = labels(Kind::Linear, 0.0, 2e6, 5);
    assert_eq!(large, ["0", "5·10^{5}", "1.0·10^{6}", "1.5·10^{6}", "2.0·10^{6}"]);
    assert_eq!(labels(Kind::Linear, 0.0, 1e-300, 3), ["0", "5·10^{−301}", "1.0·10^{−300}"]);
    assert_eq!(labels(Kind::Linear, -3e-5, 3e-5, 3), ["−2·10^{−5}", "0", "2·10^{−5}"]);
}

#[test]
fn log_ticks_are_powers_of_ten_or_every_few_of_them() {
    assert_eq!(labels(Kind::Log, 1e-2, 10.0, 8), ["10^{−2}", "10^{−1}", "10^{0}", "10^{1}"]);
    assert_eq!(labels(Kind::Log, 1e-12, 1.0, 6), ["10^{−12}", "10^{−9}", "10^{−6}", "10^{−3}", "10^{0}"]);
    assert_eq!(labels(Kind::Log, 1e-300, 1.0, 7).first().map(String::as_str), Some("10^{−300}"));
}

#[test]
fn short_log_axes_use_one_two_five() {
    assert_eq!(labels(Kind::Log, 0.1, 3.0, 8), ["0.1", "0.2", "0.5", "1", "2"]);
    assert_eq!(
        labels(Kind::Log, 1.5e-7, 6e-6, 8),
        ["2·10^{−7}", "5·10^{−7}", "10^{−6}", "2·10^{−6}", "5·10^{−6}"]
    );
}

#[test]
fn minor_ticks_fill_decades_only_where_there_is_room() {
    let scale = |lo, hi| Scale::exact(Kind::Log, lo, hi).expect("a good range");
    assert_eq!(minor(&scale(1.0, 100.0)).len(), 19);
    assert_eq!(minor(&scale(1e-12, 1.0)).len(), 13);
    assert!(minor(&scale(1e-300, 1.0)).is_empty());
    assert!(minor(&Scale::exact(Kind::Linear, 1.0, 100.0).expect("a good range")).is_empty());
}

/// The margins of a range near the ends of the floats reach beyond them; ticks there would be 0 or infinite.
#[test]
fn ticks_stay_within_the_floats() {
    for values in [[8e303, 4e-25], [5e-324, 1.0], [5e-324, f64::MAX], [f64::MAX, f64::MAX], [5e-324, 5e-324]]
    {
        let scale = Scale::around(Kind::Log, values.into_iter(), 0.05).expect("positive values");
        check(&scale, 10).expect("ticks in range");
    }
}

fn check(scale: &Scale, limit: usize) -> Result<(), TestCaseError> {
    let found = major(scale, limit);
    prop_assert!((2..=MAX_TICKS.min(limit.max(MIN_LIMIT))).contains(&found.len()), "{scale:?}: {found:?}");
    prop_assert!(found.windows(2).all(|pair| pair[0].value < pair[1].value), "{scale:?}: {found:?}");
    prop_assert!(found.windows(2).all(|pair| pair[0].label != pair[1].label), "{scale:?}: {found:?}");
    for tick in &found {
        let at = scale.position(tick.value);
        prop_assert!(
            at.is_some_and(|at| (-1e-9..=1.0 + 1e-9).contains(&at)),
            "{scale:?}: {tick:?} at {at:?}"
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn linear_ticks_are_ordered_distinct_and_in_range(
        center in -1e3..1e3_f64, width in 1e-6..1e3_f64, exponent in -290..290_i32, limit in 0..20_usize
    ) {
        let unit = 10_f64.powi(exponent);
        if let Some(scale) = Scale::exact(Kind::Linear, (center - width) * unit, (center + width) * unit) {
            check(&scale, limit)?;
        }
    }

    #[test]
    fn log_ticks_are_ordered_distinct_and_in_range(lo in -300.0..300.0_f64, width in 1e-5..600.0_f64, limit in 0..20_usize) {
        let hi = (lo + width).min(305.0);
        if let Some(scale) = Scale::exact(Kind::Log, 10_f64.powf(lo), 10_f64.powf(hi)) {
            check(&scale, limit)?;
        }
    }

    #[test]
    fn automatic_ranges_always_have_ticks(values in prop::collection::vec(any::<f64>(), 1..5), limit in 3..12_usize) {
        for kind in [Kind::Linear, Kind::Log] {
            if let Some(scale) = Scale::around(kind, values.iter().copied(), 0.05) {
                check(&scale, limit)?;
            }
        }
    }
}
