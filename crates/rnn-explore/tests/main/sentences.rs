//! Every sentence of the page is a claim: here claims are read back from the text and held against the numbers of the view.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use proptest::sample::select;
use rnn_explore::{
    CellKind, InitKind, LossOver, Nonlinearity, Query, Settings, TaskKind, View, explore, limits,
};

/// Any position of every control; sizes are kept small enough to run many. Zero weights and identical scales are as likely as
/// others.
fn any_settings() -> impl Strategy<Value = Settings> {
    let kinds = (
        select(CellKind::ALL),
        select(Nonlinearity::ALL),
        select(InitKind::ALL),
        select(LossOver::ALL),
        select(TaskKind::ALL),
    );
    let weight = prop_oneof![6 => limits::SCALE, 1 => Just(0.0), 2 => Just(1.0)];
    let scales = (weight, limits::SCALE, limits::GAIN, proptest::option::of(limits::FORGET_BIAS));
    let sizes = (1..=9usize, 2..=40usize, limits::LAYERS, any::<u64>(), 0..=3usize, 0..=3usize);
    (kinds, scales, sizes).prop_map(|(kinds, scales, sizes)| {
        let (cell, nonlinearity, init, loss, task) = kinds;
        let (weight_scale, bias_scale, gain, forget_bias) = scales;
        let (hidden, time, layers, seed, trained, layer) = sizes;
        Settings {
            cell,
            nonlinearity,
            weight_scale,
            bias_scale,
            hidden,
            time,
            layers,
            init,
            gain,
            forget_bias,
            loss,
            task,
            seed,
            trained,
            layer,
            timestep: 0,
        }
    })
}

/// A number as the page writes it at the start of `text`: 0.622, −5, 1.23 · 10⁻⁴, 62%, 2.1 · 10⁻⁹ of it.
fn read(text: &str) -> f64 {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '−').unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    let digits = digits.trim_end_matches('.').replace('−', "-");
    let mut exponent = 0;
    if let Some(power) = rest.strip_prefix(" · 10") {
        let superscripts = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
        let negative = power.starts_with('⁻');
        for c in power.trim_start_matches('⁻').chars() {
            let Some(digit) = superscripts.iter().position(|&s| s == c) else { break };
            exponent = 10 * exponent + i32::try_from(digit).unwrap();
        }
        exponent *= if negative { -1 } else { 1 };
    }
    let scientific = format!("{digits}e{exponent}");
    let value: f64 = scientific.parse().unwrap_or_else(|_| panic!("no number at the start of {text:?}"));
    if rest.starts_with('%') { value / 100.0 } else { value }
}

/// The number right after the first `phrase`, if the text has it.
fn after(text: &str, phrase: &str) -> Option<f64> {
    text.find(phrase).map(|at| read(&text[at + phrase.len()..]))
}

/// What stands between two phrases.
fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let rest = &text[text.find(from)? + from.len()..];
    Some(&rest[..rest.find(to)?])
}

fn close(claimed: f64, actual: f64, text: &str) {
    // Three digits, or two in percentages.
    let tolerance = if text.contains('%') { 0.051 } else { 5.1e-3 };
    let near = (claimed - actual).abs() <= tolerance * actual.abs().max(1e-300);
    assert!(near || claimed == actual, "{claimed} is not {actual}: {text}");
}

fn geometric_mean(factors: &[f64]) -> f64 {
    (factors.iter().map(|factor| factor.ln()).sum::<f64>() / factors.len() as f64).exp()
}

/// Three significant digits of numbers that are not percentages.
fn same(claimed: f64, actual: f64, text: &str) {
    assert!((claimed - actual).abs() <= 5.1e-3 * actual.abs(), "{claimed} is not {actual}: {text}");
}

fn check_gradient(view: &View) {
    let text = &view.sentences.gradient;
    for wrong in ["grows", "shrinks", "by a factor", " 1 steps", " 0% "] {
        assert!(!text.contains(wrong), "{text}");
    }
    let row = view.reach.norms.last().unwrap();
    let time = row.len();
    let norms = &view.layers[view.layer];
    if let Some(total) = text.find(" The total gradient") {
        assert_eq!(view.settings.loss, LossOver::All);
        let said = &text[total..];
        same(after(said, "its norm is ").unwrap(), norms.gradient[0], text);
        same(after(said, "at timestep 1 and ").unwrap(), norms.gradient[time - 1], text);
    }
    if text.contains("sends no gradient to") {
        assert_eq!(row[time - 1], 0.0);
        return;
    }
    if text.contains("is exactly 0.") || text.contains("is below 10⁻³⁰⁰") {
        let until = after(text, "At timestep ").unwrap() as usize;
        assert_eq!(text.contains("exactly"), row[until] >= 1e-290);
        assert!(row[..until].iter().all(|&norm| norm == 0.0) && row[until] > 0.0, "{text} {row:?}");
        return;
    }
    let Settings { weight_scale, layers, cell, .. } = view.settings;
    let nothing_flows = weight_scale == 0.0 && layers == 1 && cell == CellKind::Rnn;
    assert!(!nothing_flows, "without W_hh nothing flows back: {text}");
    let ratio = row[0] / row[time - 1];
    // The factor of each step back, the first one first.
    let factors: Vec<f64> = row.windows(2).rev().map(|pair| pair[0] / pair[1]).collect();
    let count = factors.len();
    let (main, rest) = text.split_once("; at timestep 1, ").unwrap();
    if main.contains("keeps the length") {
        assert!(factors.iter().all(|factor| (factor - 1.0).abs() < 5.1e-4), "{text} {factors:?}");
    } else if main.contains("to within 1%") {
        let kept = read(main) as usize;
        let listed: Vec<(usize, f64)> = main
            .match_indices("from timestep ")
            .map(|(at, phrase)| {
                let said = &main[at + phrase.len()..];
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
    } else {
        let mean = (ratio.ln() / count as f64).exp();
        if ratio > 0.0 && ratio.is_finite() {
            same(after(main, " by ").unwrap(), mean, text);
            close(norms.rate.unwrap(), mean, "");
        }
        if let Some(range) = main.split_once("single steps by ").map(|(_, range)| range) {
            same(read(range), factors.iter().copied().fold(f64::INFINITY, f64::min), text);
            same(after(range, " to ").unwrap(), factors.iter().copied().fold(0.0, f64::max), text);
        }
        if count > 1 {
            assert_eq!(after(main, "Each of the ").unwrap() as usize, count);
        }
    }
    if rest.starts_with("it is ") {
        assert!(ratio >= 1.0);
        if ratio.is_finite() {
            same(after(rest, "it is ").unwrap(), ratio, text);
        }
    } else if !rest.starts_with("less than") {
        assert!(ratio < 1.0 && ratio > 0.0);
        close(read(rest), ratio, "%");
        assert!(read(rest) > 0.0 && read(rest) < 1.0, "{text}");
    }
    if let Some(steps) = after(rest, "It is longest ") {
        let longest = row.iter().copied().fold(0.0, f64::max);
        assert_eq!(row[time - 1 - steps as usize], longest);
        same(after(rest, " back, ").unwrap(), longest / row[time - 1], text);
    }
    if let Some(said) = between(rest, "The mean factor is ", " = ") {
        let product: f64 = said.split(" × ").map(read).product();
        let (rate, product_of_means) = (norms.rate.unwrap(), norms.factors.unwrap());
        let parts = said.split(" × ").count() as f64;
        assert!((product / rate - 1.0).abs() < 5.1e-3 * (parts + 1.0), "{product} is not {rate}: {text}");
        let exact = product_of_means.slopes * product_of_means.weights * product_of_means.others;
        assert!((exact / rate - 1.0).abs() < 1e-9, "{exact} {rate}");
        same(after(rest, " = ").unwrap(), rate, text);
    }
    if let Some(radius) = after(rest, "ρ = ") {
        let [re, im] = view.spectrum.weights[0].eigenvalues[0];
        same(radius, re.hypot(im), text);
        assert_eq!(view.settings.cell, CellKind::Rnn);
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
        same(after(text, "its gradient is ").unwrap(), share(last), text);
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
        assert!(last <= (hidden as f64).sqrt() * (1.0 + 1e-12), "{text}");
    }
    if let Some(said) = after(text, "‖c_T‖ is ") {
        let c = norms.cell.as_ref().unwrap()[time - 1];
        same(said, c, text);
        assert!(c <= time as f64 * (hidden as f64).sqrt());
    }
    if let Some(said) = after(text, " On average ") {
        let share = norms.saturated.iter().sum::<f64>() / time as f64;
        close(said, share, "%");
        assert_eq!(said == 0.0, share == 0.0, "{text}");
        assert_eq!(said == 1.0, share == 1.0, "{text}");
    } else {
        assert_eq!(view.settings.nonlinearity, Nonlinearity::Identity);
        assert!(norms.saturated.iter().all(|&share| share == 0.0));
    }
    let text = &view.sentences.gates;
    assert_eq!(text.is_empty(), cell == CellKind::Rnn);
    if let Some(gate) = view.gates.iter().find(|gate| gate.kept.is_some()) {
        let [least, median, most] = gate.kept.unwrap();
        assert!(least <= median && median <= most);
        let name = text.strip_prefix("The ").unwrap();
        assert!(name.starts_with(if cell == CellKind::Lstm { "forget" } else { "update" }));
        same(after(text, "gate is ").unwrap(), gate.mean.iter().sum::<f64>() / time as f64, text);
        if median > 0.0 {
            same(after(text, "along this gate alone, is ").unwrap(), median, text);
        }
        // Bounds of the product by the least and the greatest gate of each timestep.
        let bound = |of: &[f64]| of.iter().skip(1).product::<f64>();
        assert!(
            least >= bound(&gate.least) * (1.0 - 1e-9) && most <= bound(&gate.most) * (1.0 + 1e-9),
            "{text}"
        );
    }
}

fn check_terms(view: &View) {
    let text = &view.sentences.terms;
    let terms = view.terms.iter().find(|terms| terms.name.starts_with("weight_hh")).unwrap();
    if text == "The gradient of W_hh is 0." {
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
        assert_eq!(text.contains("on the unit circle"), near);
        assert_eq!(text.contains("inside the unit circle"), !near && radius < 1.0);
        assert_eq!(text.contains("outside the unit circle"), !near && radius > 1.0);
        let sigma = w_hh.singular_values[0];
        let text = &view.sentences.singular;
        same(after(text, "σ = ").unwrap(), sigma, text);
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
        same(after(text, "stretches a gradient by at most ").unwrap(), jacobian.singular_values[0], text);
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
    same(after(&view.summary, "Loss ").unwrap(), view.loss, &view.summary);
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
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

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
