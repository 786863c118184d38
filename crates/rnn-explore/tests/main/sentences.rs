//! Every sentence of the page is a claim: here claims are read back from the text and held against the numbers of the view.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod claims;
mod paths;
mod reading;
mod remedies;

use proptest::prelude::*;
use rnn_explore::{CellKind, LossOver, Nonlinearity, Query, Settings, View, explore, transport};

use self::claims::check_transport;
use self::paths::check_paths;
use self::reading::{after, between, close, read, same};
use super::positions::{any_settings, cases};

fn check_gradient(view: &View) {
    let text = &view.sentences.gradient;
    for wrong in ["grows", "shrinks", "by a factor", " 1 steps", " 0%", " 100%"] {
        assert!(!text.contains(wrong), "{text}");
    }
    let row = view.reach.norms.last().unwrap();
    let time = row.len();
    let norms = &view.layers[view.layer];
    let (text, total) = text.split_once(" The total gradient").unwrap_or((text, ""));
    assert_eq!(total.is_empty(), view.settings.loss == LossOver::Last, "{text}");
    if !total.is_empty() {
        assert!(row[time - 1] == 0.0 || text.contains("the gradient of the last loss"), "{text}");
        same(after(total, "its norm is ").unwrap(), norms.gradient[0], total);
        same(after(total, "at timestep 1 and ").unwrap(), norms.gradient[time - 1], total);
    }
    check_transport(text, row);
    let Settings { weight_scale, layers, cell, .. } = view.settings;
    if weight_scale == 0.0 && layers == 1 && cell == CellKind::Rnn {
        assert!(!text.contains("multipl") && !text.contains("keep"), "nothing flows back: {text}");
    }
    if let Some(said) = between(text, "The mean factor is ", " = ") {
        let product: f64 = said.split(" × ").map(read).product();
        let rate = norms.rate.unwrap();
        let parts = said.split(" × ").count() as f64;
        assert!((product / rate - 1.0).abs() < 5.1e-3 * (parts + 1.0), "{product} is not {rate}: {text}");
        let logs = view.steps.parts.iter().flat_map(|part| part.values.iter().flatten()).sum::<f64>();
        let exact = (logs / (time - 1) as f64).exp();
        assert!((exact / rate - 1.0).abs() < 1e-9, "{exact} {rate}");
        if let Some(factors) = norms.factors {
            assert!((factors.slopes * factors.weights * factors.others / rate - 1.0).abs() < 1e-9);
        }
        same(after(&text[text.find("The mean factor is").unwrap()..], " = ").unwrap(), rate, text);
        let measured = (row[0].ln() - row[time - 1].ln()) / (time - 1) as f64;
        assert!((rate / measured.exp() - 1.0).abs() < 1e-9);
    }
    let size = |z: &[f64; 2]| z[0].hypot(z[1]);
    if let Some(radius) = after(text, "ρ = ") {
        same(radius, size(&view.spectrum.weights[0].eigenvalues[0]), text);
        assert_eq!((view.settings.cell, view.layer + 1), (CellKind::Rnn, layers));
    }
    if let Some(radius) = after(text, "would in the long run be ") {
        let radii = view.layers[view.layer..].iter().map(|norms| norms.predicted.as_ref().unwrap().radius);
        same(radius, radii.fold(0.0, f64::max), text);
        assert!(view.layer + 1 < layers);
    }
}

fn check_reach(view: &View) {
    let text = &view.sentences.reach;
    let row = view.reach.norms.last().unwrap();
    let last = row.len() - 1;
    let own = row[last];
    let share = |back: usize| row[last - back] / own;
    if text.contains("does not reach the states") {
        assert_eq!(own, 0.0);
    } else if text.contains("reaches no state before") {
        assert!(row[..last].iter().all(|&norm| norm == 0.0));
    } else if text.starts_with("One step back") {
        assert!(share(1) < 0.01, "{text}");
    } else if let Some(steps) = between(text, " reaches ", " back before") {
        let steps = read(steps) as usize;
        assert!((1..=steps).all(|back| share(back) >= 0.01) && share(steps + 1) < 0.01, "{text} {row:?}");
        assert!(!text.contains(" 1 steps"));
    } else {
        assert!((1..=last).all(|back| share(back) >= 0.01), "{text} {row:?}");
        if text.contains("its gradient is as long as ") {
            assert!((share(last) - 1.0).abs() < 5.1e-4, "{text}");
        } else {
            same(after(text, "its gradient is ").unwrap(), share(last), text);
        }
    }
    let lags = &view.reach.by_lag;
    let total: f64 = view.reach.norms.iter().flatten().sum();
    assert!((lags.iter().sum::<f64>() - total).abs() <= 1e-12 * total);
    if let Some(at) = text.find("at least 90% ") {
        assert_eq!(view.settings.loss, LossOver::All);
        let within = after(&text[at..], "arrive within ").unwrap_or(0.0) as usize;
        let near: f64 = lags[..=within].iter().sum();
        let nearer: f64 = lags[..within].iter().sum();
        assert!(near >= 0.9 * total * (1.0 - 1e-12) && nearer < 0.9 * total, "{text}");
    }
}

fn check_states(view: &View) {
    let Settings { cell, hidden, time, .. } = view.settings;
    let norms = &view.layers[view.layer];
    let text = &view.sentences.hidden;
    let last = norms.hidden[time - 1];
    let first = text.split('.').next().unwrap();
    assert!(text.starts_with("‖h_T‖ is ") && !first.is_empty(), "{text}");
    same(after(text, "‖h_T‖ is ").unwrap(), last, text);
    if text.contains("of at most √") {
        assert!(norms.hidden.iter().all(|&h| h <= (hidden as f64).sqrt() * (1.0 + 1e-12)), "{text}");
    }
    if let Some(said) = after(text, "‖c_T‖ is ") {
        let c = norms.cell.as_ref().unwrap()[time - 1];
        same(said, c, text);
        assert!(!text.contains("of at most T") || c <= time as f64 * (hidden as f64).sqrt() * (1.0 + 1e-12));
    }
    if let Some(said) = after(text, " On average ") {
        let share = norms.saturated.iter().sum::<f64>() / time as f64;
        close(said, share, "%");
        assert_eq!(said == 0.0, share == 0.0, "{text}");
        assert_eq!(said == 1.0, share == 1.0, "{text}");
    } else if text.contains("Linear units") {
        assert_eq!(view.settings.nonlinearity, Nonlinearity::Identity);
        assert!(norms.saturated.iter().all(|&share| share == 0.0));
    }
    let text = &view.sentences.gates;
    assert_eq!(text.is_empty(), view.gates.is_empty());
    if let Some(gate) = view.gates.iter().find(|gate| gate.kept.is_some()) {
        let [least, median, most] = gate.kept.unwrap();
        assert!(least <= median && median <= most);
        let keeps = gate.keeps.as_ref().unwrap();
        let named = match keeps.what.as_str() {
            "f" => text.starts_with("The forget gate is "),
            "z" => text.starts_with("The update gate is "),
            other => text.starts_with(&format!("A step keeps {other} of the old state, which is ")),
        };
        assert!(named, "{text}");
        same(
            after(text, if text.starts_with("The ") { "gate is " } else { "which is " }).unwrap(),
            keeps.mean,
            text,
        );
        let mean = gate.mean.iter().sum::<f64>() / time as f64;
        let one_minus = keeps.what.starts_with("1 − ");
        if keeps.what == gate.name || one_minus {
            let expected = if one_minus { 1.0 - mean } else { mean };
            assert!((keeps.mean - expected).abs() < 1e-12, "{text}");
        }
        if median > 0.0 {
            same(after(text, "along this gate alone, is ").unwrap(), median, text);
        }
        // Bounds of the product by the least and the greatest gate of each timestep.
        let bound = |of: &[f64]| of.iter().skip(1).product::<f64>();
        if keeps.what == gate.name {
            assert!(
                least >= bound(&gate.least) * (1.0 - 1e-9) && most <= bound(&gate.most) * (1.0 + 1e-9),
                "{text}"
            );
        }
        // It is what the path that the highway shows is made of, but for what peepholes add.
        if cell != CellKind::Peephole {
            let kept = view.highway.as_ref().unwrap().kept.iter().map(|unit| unit[0]);
            assert!(kept.clone().all(|kept| kept >= least * (1.0 - 1e-9) && kept <= most * (1.0 + 1e-9)));
        }
    }
}

fn check_terms(view: &View) {
    let text = &view.sentences.terms;
    let start = match view.settings.cell {
        CellKind::IndRnn => "weight_h_",
        CellKind::Lru => "nu_",
        CellKind::MinGru | CellKind::MinLstm => "weight_ih",
        _ => "weight_hh",
    };
    let terms = view.terms.iter().find(|terms| terms.name.starts_with(start)).unwrap();
    if text.ends_with(" is 0.") {
        assert_eq!(terms.total, 0.0);
        return;
    }
    same(after(text, "has norm ").unwrap(), terms.total, text);
    let time = terms.along.len();
    let latest = |count: usize| terms.along.iter().rev().take(count).sum::<f64>();
    let enough = match after(text, "The last ") {
        Some(count) => count as usize,
        None if text.contains("alone contributes") => 1,
        None => time,
    };
    let slack = 1e-9 * terms.norm.iter().sum::<f64>();
    assert!(latest(enough) >= 0.5 * terms.total - slack, "{text}");
    assert!((1..enough).all(|fewer| latest(fewer) < 0.5 * terms.total + slack), "{text}");
    let sizes: f64 = terms.norm.iter().sum();
    if let Some(said) = after(text, "their norms add up to ") {
        same(said, sizes, text);
        close(after(text, "and ").unwrap(), terms.total / sizes, "%");
        assert!(terms.total < 0.5 * sizes);
    }
}

fn check_spectra(view: &View) {
    let text = &view.sentences.spectrum;
    let size = |z: &[f64; 2]| z[0].hypot(z[1]);
    if let [w_hh] = view.spectrum.weights.as_slice() {
        let radius = size(&w_hh.eigenvalues[0]);
        same(after(text, "ρ = ").unwrap(), radius, text);
        let near = (radius - 1.0).abs() < 5e-4;
        let plain = view.settings.cell == CellKind::Rnn;
        assert_eq!(text.contains("on the unit circle"), plain && near);
        assert_eq!(text.contains("inside the unit circle"), plain && !near && radius < 1.0);
        assert_eq!(text.contains("outside the unit circle"), plain && !near && radius > 1.0);
        if text.contains("imaginary") {
            assert!(w_hh.eigenvalues.iter().all(|z| z[0].abs() <= 1e-9 * (1.0 + radius)), "{text}");
        }
        let sigma = w_hh.singular_values[0];
        let text = &view.sentences.singular;
        same(after(text, "a vector by at most σ = ").unwrap(), sigma, text);
        assert_eq!(text.contains("not normal"), sigma > 1.05 * radius);
    } else {
        for weights in &view.spectrum.weights {
            same(after(text, &format!("{} ", weights.name)).unwrap(), size(&weights.eigenvalues[0]), text);
        }
    }
    if view.overflow.is_none() {
        let shown = view.settings.shown_timestep();
        let jacobian = view.spectrum.jacobians.iter().find(|of| of.timestep == shown).unwrap();
        same(after(text, "of the step Jacobian is ").unwrap(), size(&jacobian.eigenvalues[0]), text);
        let text = &view.sentences.singular;
        same(after(text, "the length of a gradient by at most ").unwrap(), jacobian.singular_values[0], text);
        let n = jacobian.singular_values.len();
        assert_eq!(jacobian.rank, jacobian.singular_values.iter().filter(|&&sigma| sigma > 0.0).count());
        assert_eq!(text.contains("Its rank is"), jacobian.rank < n);
        if jacobian.rank < n {
            let said = format!("Its rank is {} of {n}:", jacobian.rank);
            assert!(text.contains(&said), "{text}");
        }
    }
}

fn check(settings: &Settings) {
    let view = explore(settings).unwrap();
    check_spectra(&view);
    if view.overflow.is_some() {
        return;
    }
    check_gradient(&view);
    check_reach(&view);
    check_states(&view);
    check_terms(&view);
    remedies::check(&view);
    check_paths(&view);
    same(after(&view.summary, "Loss ").unwrap(), view.loss, &view.summary);
    let steps = view.training.losses.len();
    assert_eq!(after(&view.summary, " sequence, after ").unwrap_or(0.0) as usize, steps, "{}", view.summary);
    assert_eq!(view.summary.contains("untrained"), steps == 0);
    let baseline = after(&view.summary, "ignores the input has a loss of ").unwrap();
    same(baseline, view.baseline, &view.summary);
    let losses = &view.training.losses;
    if let (Some(first), Some(last), None) = (losses.first(), losses.last(), &view.training.overflow) {
        let text = &view.sentences.training;
        same(after(text, "went from ").unwrap(), *first, text);
        same(after(text, " to ").unwrap(), *last, text);
    }
}

proptest! {
    #![proptest_config(cases(200))]

    /// Would catch: any claim that the numbers of its own view do not bear out.
    #[test]
    fn every_sentence_is_true_in_every_setting(settings in any_settings()) {
        check(&settings);
    }
}

fn view(query: &str) -> View {
    let settings = query.parse::<Query>().unwrap().settings;
    check(&settings);
    explore(&settings).unwrap()
}

/// Would catch: ‖dL/dh_1‖ / ‖dL/dh_T‖ taken for transport where every timestep has a loss of its own.
#[test]
fn without_recurrent_weights_nothing_flows_back() {
    for query in ["w=0&o=all", "w=0&o=last", "a=identity&w=0&o=all"] {
        let view = view(query);
        assert!(view.sentences.gradient.starts_with("At timestep 9 and before, the gradient"), "{query}");
        assert_eq!(
            view.sentences.reach.split('.').next(),
            Some("The loss at timestep 10 reaches no state before h_10")
        );
        assert_eq!(view.layers[0].rate, None);
    }
}

/// Would catch: a gradient of many losses that looks as if it kept its length, while each fades (the copy task), and a mean
/// that is on the other side of 1 than the gradient.
#[test]
fn the_loss_at_all_timesteps_does_not_make_a_gradient_last() {
    for query in ["task=copy&t=60&o=all", "w=5&t=60&o=all", "o=all", "task=sines&t=100&o=all"] {
        let of_all = view(query);
        let row = of_all.reach.norms.last().unwrap();
        assert!((of_all.layers[0].ratio - row[0] / row[row.len() - 1]).abs() < 1e-15);
        assert!(of_all.layers[0].rate.unwrap() < 0.97, "{query}: {}", of_all.sentences.gradient);
    }
}

/// Would catch: one mean for the step into the cell state of an LSTM and for the steps along it.
#[test]
fn an_lstm_has_two_regimes_and_says_so() {
    let view = view("c=lstm&t=60&f=5");
    let text = &view.sentences.gradient;
    assert!(text.starts_with("The first ") && text.contains("the other "), "{text}");
}

/// A forget bias of 5 and 60 steps: the forget gate keeps most, the gradient of c grows, and a ninth of that of h is left.
///
/// Would catch: three numbers that contradict each other, with no word on how they go together.
#[test]
fn the_numbers_of_an_lstm_with_a_long_memory_are_reconciled() {
    let view = view("c=lstm&t=60&f=5");
    let text = &view.sentences.highway;
    let norms = &view.layers[0];
    let cell = norms.cell_gradient.as_ref().unwrap();
    let left = after(text, "The product of the three is ").unwrap();
    same(left, norms.ratio, text);
    assert!(left < 0.2 && cell[0] > 0.5 * cell[59], "h lets go of what c keeps: {text}");
    let alone = after(text, "would make the factor ").unwrap();
    assert!(alone > 0.5 && alone < 1.0, "{text}");
}

/// Would catch: a mean over two steps that let go and 57 that hold.
#[test]
fn an_irnn_is_flat_but_for_two_steps() {
    let view = view("a=relu&b=0&t=60&i=identity&task=adding");
    let text = &view.sentences.gradient;
    assert!(
        text.contains("steps back keep the length of the gradient to within 1%; from timestep"),
        "{text}"
    );
}

/// Would catch: a headline that depends on which timestep is marked.
#[test]
fn marking_a_timestep_changes_no_headline() {
    for query in ["c=lstm&n=64&t=60&f=5&w=2", "c=gru&n=32&t=40", "t=30&o=all"] {
        let base = view(query);
        for marked in [1, 7, 25] {
            let other = view(&format!("{query}&j={marked}"));
            assert_eq!(base.summary, other.summary);
            assert_eq!(base.layers, other.layers);
            assert_eq!(base.sentences.gradient, other.sentences.gradient);
        }
    }
}

/// Would catch: counting the first step back that falls below 1%.
#[test]
fn the_reach_is_the_last_step_that_is_above_one_percent() {
    let view = view("");
    let row = view.reach.norms.last().unwrap();
    let steps = (1..10).take_while(|back| row[9 - back] >= 0.01 * row[9]).count();
    assert!(
        view.sentences.reach.contains(&format!("reaches {steps} steps back before")),
        "{}",
        view.sentences.reach
    );
}

/// A network of one unit and two timesteps: every sentence in the singular.
#[test]
fn one_unit_and_one_step_back_are_said_in_the_singular() {
    for query in ["c=lstm&n=1&t=2", "n=1&t=2", "c=gru&n=1&t=2&o=all"] {
        let view = view(query);
        let all = serde_json::to_string(&view.sentences).unwrap() + &view.summary;
        for wrong in ["1 steps", "1 units", "1 timesteps"] {
            assert!(!all.replace("Timesteps 2", "").contains(&format!(" {wrong}")), "{query}: {all}");
        }
    }
}

/// Would catch: the ρ of a lower layer given as the factor of a gradient that mostly comes from the layer above it.
#[test]
fn in_a_lower_layer_the_largest_radius_from_there_up_wins() {
    let of = |seed: u64| {
        let view = view(&format!("a=identity&b=0&l=2&y=1&n=8&t=200&i=gaussian&s={seed}"));
        let radii: Vec<f64> =
            view.layers.iter().map(|norms| norms.predicted.as_ref().unwrap().radius).collect();
        (radii[1] > 1.2 * radii[0]).then_some((view, radii[1]))
    };
    let (view, above) = (0..40).find_map(of).unwrap();
    let text = &view.sentences.gradient;
    same(after(text, "would in the long run be ").unwrap(), above, text);
    let row = view.reach.norms.last().unwrap();
    let late = (row[0] / row[100]).powf(0.01);
    assert!((late / above - 1.0).abs() < 0.02, "{late} {above}");
}

/// Norms that no view may happen to have: 0 on the way, but not at its end; one step; numbers at the ends of their range.
#[test]
fn transport_is_right_about_any_norms() {
    for row in [
        vec![0.5, 0.0, 1.0],
        vec![0.0, 0.0, 1.0],
        vec![0.0, 1e-310, 1.0],
        vec![1e-200, 1e-100, 1.0, 1e200],
        vec![1e200, 1.0],
        vec![0.999_9, 1.0],
        vec![1.0, 0.0],
        vec![1.0; 60],
        vec![1.0, 2.0, 4.0, 2.0, 1.0],
    ] {
        check_transport(&transport(&row, "the gradient"), &row);
    }
    assert_eq!(transport(&[1.0, f64::INFINITY, 1.0], "it"), "At timestep 2, the norm of it is out of range.");
    assert_eq!(transport(&[], "it"), "");
}
