//! Claims are read back from the sentences and held against the numbers.

use proptest::prelude::*;
use rnn_explore::{LossOver, Settings as Positions, explore};

use super::super::read::{after, positions, read, same};
use super::super::{grad_norm, study_all};
use super::*;
use crate::progress::Progress;
use crate::report::Settings;

/// The side of every span, with its ends.
fn read_spans(text: &str) -> Vec<(Side, f64, f64)> {
    let said = text.split(';').next().unwrap().trim_end_matches('.');
    let list = said.split_once("the gradient at timestep 1 is ").unwrap().1;
    let span = |part: &str| {
        let sides = [Side::Shorter, Side::AsLong, Side::Longer, Side::Unknown];
        let side = sides.into_iter().find(|side| part.starts_with(side.said())).unwrap();
        let range = &part[side.said().len()..];
        let from = range.strip_prefix(" at ").or(range.strip_prefix(" from ")).map(read).unwrap();
        (side, from, after(range, " to ").unwrap_or(from))
    };
    list.split(", ").map(span).collect()
}

fn check_spans(radius: Option<f64>, line: &[(f64, f64)]) {
    let text = spans(radius, 10, line).unwrap();
    let said = read_spans(&text);
    let side_at =
        |scale: f64| said.iter().filter(|&&(_, from, to)| from <= scale && scale <= to).collect::<Vec<_>>();
    for &(scale, ratio) in line {
        let [(side, ..)] = side_at(scale)[..] else { panic!("{scale} is in none or in several: {text}") };
        assert_eq!(*side, Side::of(ratio), "at {scale}: {text}");
    }
    let (high, end) = line[line.len() - 1];
    let claim = after(&text, &format!("; at {high} it is "));
    assert_eq!(claim.is_some(), !end.is_nan());
    if let Some(claim) = claim {
        same(claim, end, &text);
    }
}

fn check_share(map: &[f64]) {
    let text = share(10, map);
    let count = |holds: fn(f64) -> bool| map.iter().filter(|&&ratio| holds(ratio)).count();
    let known = count(|ratio| !ratio.is_nan());
    let holds = |said: f64, part: usize, all: usize| {
        let actual = part as f64 / all as f64;
        // Two digits below ten per cent, none after the point above.
        assert!((said - actual).abs() <= 0.0051_f64.min(0.051 * actual), "{said} is not {actual}: {text}");
        assert_eq!((said == 0.0, said == 1.0), (part == 0, part == all), "{text}");
    };
    if known == 0 {
        assert!(text.ends_with("cannot be compared in any setting."));
        return;
    }
    holds(after(&text, "timestep 10 in ").unwrap(), count(|ratio| ratio > 1.0), known);
    holds(after(&text, "as long in ").unwrap(), count(|ratio| ratio < 1e-3), known);
    let unknown = after(&text, "(not in ");
    assert_eq!(unknown.is_some(), known < map.len());
    if let Some(said) = unknown {
        holds(said, map.len() - known, map.len());
    }
    same(after(&text, "at most it is ").unwrap(), map.iter().copied().fold(0.0, f64::max), &text);
}

fn any_ratio() -> impl Strategy<Value = f64> {
    prop_oneof![
        6 => (-9.0..9.0f64).prop_map(f64::exp),
        2 => 0.99..1.01,
        1 => Just(0.0),
        1 => Just(1.0),
        1 => Just(f64::NAN),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Would catch: a crossing that is dropped, and sides that are exchanged.
    #[test]
    fn every_side_is_the_one_that_is_said(
        ratios in prop::collection::vec(any_ratio(), 1..60),
        radius in prop::option::of(0.1..3.0),
    ) {
        let scale = |k: usize| (k + 1) as f64 / 100.0;
        let line: Vec<(f64, f64)> = ratios.iter().enumerate().map(|(k, &ratio)| (scale(k), ratio)).collect();
        check_spans(radius, &line);
    }

    /// Would catch: 14 of 10,201 settings said to be 0%, and settings without a ratio counted among those with a small one.
    #[test]
    fn every_share_is_the_one_that_is_said(map in prop::collection::vec(any_ratio(), 1..400)) {
        check_share(&map);
    }
}

#[test]
fn a_share_that_is_not_0_is_not_said_to_be() {
    let mut map = vec![0.5; 10_201];
    map[..14].fill(1.36);
    check_share(&map);
    assert!(share(10, &map).contains("longer than that at timestep 10 in 0.14% of the settings"));
}

/// The explorer computes the same networks on its own: every claim of the page is held against its numbers. Would catch: the
/// gradient of a loss at all timesteps taken for transport.
#[test]
fn every_sentence_of_a_study_is_true() {
    for seed in [0, 1] {
        let mut settings = Settings::default_in(std::path::Path::new("nowhere")).unwrap();
        (settings.seed, settings.map_side) = (seed, 11);
        for study in study_all(&settings, &Progress::hidden()).unwrap() {
            let base = positions(&study, seed);
            let [text, of_all] = &study.sentences;
            let view = explore(&base).unwrap();
            let row = view.reach.norms.last().unwrap();
            let said = lower_first(&transport(row, "the gradient"));
            assert!(text.contains(&said), "{text} does not say {said}");
            if let Some(radius) = after(text, "unscaled weights (ρ = ") {
                same(radius, view.layers[0].predicted.as_ref().unwrap().radius, text);
            }
            let ratio_at = |weight_scale, bias_scale| {
                explore(&Positions { weight_scale, bias_scale, ..base.clone() }).unwrap().layers[0].ratio
            };
            let line = text.find("Along the weight scales").unwrap();
            for (side, from, to) in read_spans(&text[line..]) {
                for scale in [from, to, ((from + to) * 50.0).round() / 100.0] {
                    assert_eq!(Side::of(ratio_at(scale, 1.0)), side, "at {scale}: {text}");
                }
            }
            same(after(text, "; at 5 it is ").unwrap(), ratio_at(5.0, 1.0), text);
            check_share(&study.map);
            assert!(text.ends_with(&share(10, &study.map)));
            for (k, &ratio) in study.map.iter().enumerate().step_by(40) {
                let (bias, weight) = ((k / 11) as f64 - 5.0, (k % 11) as f64 - 5.0);
                assert!((ratio - ratio_at(weight, bias)).abs() <= 1e-9 * ratio, "{weight} {bias}");
            }

            let all = explore(&Positions { loss: LossOver::All, ..base }).unwrap();
            let gradient = &all.layers[0].gradient;
            same(after(of_all, "its norm is ").unwrap(), gradient[0], of_all);
            same(after(of_all, "at timestep 1 and ").unwrap(), gradient[9], of_all);
            assert!(of_all.ends_with(&lags(&all.reach.by_lag)), "{of_all}");
            assert!(!of_all.contains("multipl"), "a sum over losses has no factor: {of_all}");
            assert_eq!(grad_norm(&study.losses[0].family[3]), *gradient);
        }
    }
}
