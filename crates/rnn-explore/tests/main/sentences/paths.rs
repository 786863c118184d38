//! The claims about the steps back, the paths, the sequence and single units.

use rnn_explore::{LossOver, View};

use super::reading::{after, between, close, read, same};

pub(super) fn check_paths(view: &View) {
    check_split(view);
    check_steps(view);
    check_highway(view);
    check_sequence(view);
    check_units(view);
}

/// The numbers themselves: parts add up to the step, and the steps of h to what is left.
fn check_split(view: &View) {
    let steps = &view.steps;
    for (step, &total) in steps.total.iter().enumerate() {
        let parts: Vec<f64> = steps.parts.iter().filter_map(|part| part.values[step]).collect();
        assert!(parts.is_empty() || parts.len() == steps.parts.len(), "{parts:?}");
        let sum: f64 = parts.iter().sum();
        assert!(
            parts.is_empty() || (sum - total.unwrap()).abs() < 1e-9,
            "{parts:?} add up to {sum}, not {total:?}"
        );
    }
    let row = view.reach.norms.last().unwrap();
    if steps.state == "h" {
        for (pair, &total) in row.windows(2).zip(&steps.total) {
            let measured = (pair[0] / pair[1]).ln();
            assert_eq!(measured.is_finite(), total.is_some());
            assert!(total.is_none_or(|total| (measured - total).abs() < 1e-9), "{measured}, not {total:?}");
        }
    } else if view.settings.loss == LossOver::Last {
        let cell = view.layers[view.layer].cell_gradient.as_ref().unwrap();
        for (pair, &total) in cell.windows(2).zip(&steps.total) {
            let measured = (pair[0] / pair[1]).ln();
            assert_eq!(measured.is_finite(), total.is_some());
            assert!(total.is_none_or(|total| (measured - total).abs() < 1e-9), "{measured}, not {total:?}");
        }
    }
}

fn check_steps(view: &View) {
    let (text, steps) = (&view.sentences.steps, &view.steps);
    let defined: Vec<usize> = (0..steps.total.len())
        .filter(|&step| steps.parts.iter().all(|part| part.values[step].is_some()))
        .collect();
    assert!(text.contains(&format!("‖dL_T/d{}_t‖", steps.state)), "{text}");
    if text.starts_with("No step back") {
        assert!(defined.is_empty());
        return;
    }
    if let Some(said) = between(&view.sentences.gradient, "in the mean step multiplied by ", " = ") {
        assert_eq!(steps.state, "c");
        assert!(text.contains(said), "{said} is not in {text}");
    }
    let (main, least) = text.split_once(" The step from ").unwrap_or((text, ""));
    let mean = |values: &[Option<f64>]| {
        (defined.iter().map(|&step| values[step].unwrap()).sum::<f64>() / defined.len() as f64).exp()
    };
    let total = mean(&steps.total);
    let said = match main.split_once(": ") {
        Some((_, split)) if split.contains(" = ") => {
            let (parts, total) = split.split_once(" = ").unwrap();
            for part in parts.split(" × ") {
                let found = steps.parts.iter().any(|of| (read(part) / mean(&of.values) - 1.0).abs() < 5.1e-3);
                assert!(found, "{part}: {text}");
            }
            read(total)
        }
        Some((_, total)) => read(total),
        None => panic!("{text}"),
    };
    same(said, total, text);
    let count = steps.total.len();
    if let Some(words) = between(main, "Each of the ", " multiplies") {
        assert_eq!(read(words) as usize, defined.len(), "{text}");
        assert_eq!(words.contains(", of "), defined.len() < count, "{text}");
    }
    if !least.is_empty() {
        let from = after(least, "timestep ").unwrap() as usize;
        let step = steps.total[from - 2].unwrap();
        same(after(least, "leaves least of it: ").unwrap(), step.exp(), text);
        assert!(steps.total.iter().flatten().all(|&total| total >= step), "{text}");
    }
}

fn check_highway(view: &View) {
    let text = &view.sentences.highway;
    let Some(highway) = &view.highway else {
        assert!(text.is_empty() && view.steps.parts[1].name == "W_hh");
        return;
    };
    let norms = &view.layers[view.layer];
    let last = highway.gradient.len() - 1;
    assert_eq!(highway.state == "c", norms.cell.is_some());
    let total = norms.cell_gradient.as_ref().unwrap_or(&norms.gradient);
    for t in 0..last {
        assert!((highway.gradient[t] - total[t]).abs() <= 1e-12 * total[t] + 1e-300);
        // The triangle inequality, from all sides.
        let (a, b, c) = (highway.through[t].unwrap(), highway.rest[t].unwrap(), highway.gradient[t]);
        // Subnormal numbers have fewer digits.
        let slack = 1e-12 * (a + b + c) + 1e-300;
        assert!(a <= b + c + slack && b <= a + c + slack && c <= a + b + slack, "{a} {b} {c}");
    }
    assert_eq!((highway.through[last], highway.rest[last]), (None, None));
    assert!(highway.kept.iter().all(|unit| unit[last] == 1.0));
    same(after(text, "a part of norm ").unwrap(), highway.through[0].unwrap(), text);
    same(after(text, "and a part of norm ").unwrap(), highway.rest[0].unwrap(), text);
    same(after(text, "together they have norm ").unwrap(), highway.gradient[0], text);
    if let Some(product) = after(text, "The product of the three is ") {
        let cell = norms.cell_gradient.as_ref().unwrap();
        same(product, norms.gradient[0] / norms.gradient[last], text);
        let mut said = text.split(" times as long as ").map(|before| {
            let number = before.rsplit(" is ").next().unwrap();
            read(number)
        });
        for factor in [cell[last] / norms.gradient[last], cell[0] / cell[last], norms.gradient[0] / cell[0]] {
            same(said.next().unwrap(), factor, text);
        }
        let mut kept: Vec<f64> = highway.kept.iter().map(|unit| unit[0]).collect();
        kept.sort_by(f64::total_cmp);
        let median = f64::midpoint(kept[(kept.len() - 1) / 2], kept[kept.len() / 2]);
        if text.contains("would make the factor less than 10⁻³⁰⁰") {
            assert!(median < 1e-300, "{text}");
        } else if let Some(alone) = after(text, "would make the factor ") {
            same(alone, median, text);
        }
    }
}

fn check_sequence(view: &View) {
    let (text, sequence) = (&view.sentences.sequence, &view.sequence);
    let time = sequence.counted.len();
    if let Some(said) = after(text, "the target is ") {
        same(said, sequence.targets[0][time - 1], text);
        same(after(text, "and the prediction ").unwrap(), sequence.predictions[0][time - 1], text);
    }
    if let Some(classes) = &sequence.classes {
        assert!(sequence.targets.is_empty() && sequence.predictions.is_empty());
        if let Some(target) = after(text, "the right class is ") {
            assert_eq!(Some(target as usize), classes.target[time - 1]);
            close(after(text, "the network gives ").unwrap(), classes.probability[time - 1].unwrap(), "%");
        }
        if let Some(guess) = after(text, "guess is ") {
            assert_eq!(Some(guess as usize), classes.predicted[time - 1]);
        }
        for (t, probability) in classes.probability.iter().enumerate() {
            assert_eq!(probability.is_none(), classes.target[t].is_none());
            assert!(probability.is_none_or(|probability| (0.0..=1.0).contains(&probability)));
        }
    }
    // The loss is that of the predictions that are shown.
    let counted = || (0..time).filter(|&t| sequence.counted[t]);
    let loss = if let Some(classes) = &sequence.classes {
        counted().map(|t| -classes.probability[t].unwrap().ln()).sum::<f64>()
    } else {
        let squares = |t: usize| {
            let pairs = sequence.targets.iter().zip(&sequence.predictions);
            pairs.map(|(y, said)| (y[t] - said[t]).powi(2)).sum::<f64>() / sequence.targets.len() as f64
        };
        counted().map(squares).sum::<f64>()
    } / counted().count() as f64;
    assert!(
        (loss - view.loss).abs() <= 1e-9 * (1.0 + view.loss) || view.loss > 500.0 || loss.is_infinite(),
        "{loss}, not {}",
        view.loss
    );
    let most = sequence.input_gradient.iter().copied().fold(0.0, f64::max);
    match after(text, "most on the input at timestep ") {
        Some(at) => {
            assert_eq!(sequence.input_gradient[at as usize - 1], most);
            same(after(text, "‖dL/dx_t‖ is ").unwrap(), most, text);
        }
        None => assert_eq!(most, 0.0),
    }
}

fn check_units(view: &View) {
    let (text, units) = (&view.sentences.units, &view.units);
    let norms = &view.layers[view.layer];
    for (of, norms) in [(&units.hidden, &norms.hidden), (&units.gradient, &norms.gradient)] {
        for (t, &norm) in norms.iter().enumerate() {
            let sum: f64 = of.iter().map(|unit| unit[t].powi(2)).sum();
            assert!((sum.sqrt() - norm).abs() <= 1e-12 * norm + 1e-150 || norm > 1e150, "{sum} {norm}");
        }
    }
    let share = |unit: &Vec<f64>| unit[0].powi(2) / norms.gradient[0].powi(2);
    if let Some(at) = after(text, "1, unit ") {
        let said = share(&units.gradient[at as usize - 1]);
        close(after(text, "largest gradient: ").unwrap(), said, "%");
        assert!(units.gradient.iter().all(|unit| share(unit) <= said));
    }
}
