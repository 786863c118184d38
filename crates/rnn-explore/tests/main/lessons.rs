//! Lessons: every number in their texts, every link, and what each says that is no number.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::LazyLock;

use rnn_explore::{Ask, Explorer, Lesson, Number, Piece, Query, Text, View, confusions, glossary, lessons};

/// Trained networks are shared by the tests.
static EXPLORER: LazyLock<Explorer> = LazyLock::new(Explorer::new);

pub(crate) fn view(query: &str) -> View {
    let Query { settings, notices } = query.parse().unwrap();
    assert_eq!(notices, Vec::<String>::new(), "{query}");
    EXPLORER.view(&settings, &|| true).unwrap()
}

fn lesson(id: &str) -> Lesson {
    lessons().into_iter().find(|lesson| lesson.id == id).unwrap()
}

/// What is left of the gradient of the last loss, at timestep 1.
pub(crate) fn left(query: &str) -> f64 {
    let view = view(query);
    view.layers[view.layer].ratio
}

/// `query` with the seeds 0 to 19.
pub(crate) fn seeds(query: &str) -> impl Iterator<Item = String> {
    (0..20).map(move |seed| format!("{query}&s={seed}"))
}

/// The answer that the numbers give is the one that the lesson takes for right.
fn right(id: &str, answer: usize) {
    let Ask::Choice { options, right } = lesson(id).prediction else { panic!("{id} has no choice") };
    assert!(answer < options.len());
    assert_eq!(right, answer, "{id}");
}

/// The numbers of a lesson or a confusion whose text says something else.
pub(crate) fn wrong(id: &str, numbers: &[Number]) -> Vec<String> {
    let compare = |number: &Number| {
        let text = (number.of)(&EXPLORER).unwrap();
        (text != number.said).then(|| format!("{id}.{} = {text}, not {}", number.name, number.said))
    };
    numbers.iter().filter_map(compare).collect()
}

/// Would catch: a number in a text that is not that of the network, and one that has become wrong since.
#[test]
fn every_number_is_what_the_network_has() {
    let wrong: Vec<String> = lessons().iter().flat_map(|lesson| wrong(lesson.id, lesson.numbers)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Every text of a lesson, by its place.
fn texts(lesson: &Lesson) -> Vec<&Text> {
    let options: &[Text] = match &lesson.prediction {
        Ask::Choice { options, .. } => options,
        Ask::Curve { .. } => &[],
    };
    let all = [lesson.question.as_slice(), options, &lesson.explanation, &lesson.tries];
    all.into_iter().flatten().chain([&lesson.reveal]).collect()
}

fn check_text(id: &str, text: &Text) {
    for piece in text {
        match piece {
            Piece::Plain { text } => {
                assert!(!text.contains(['[', ']']), "{id}: {text}");
                assert!(!text.contains("{}"), "{id}: {text}");
            }
            Piece::Link { query, link } => {
                assert!(!link.is_empty());
                check_query(id, query);
            }
            Piece::Term { entry, .. } => {
                assert!(
                    glossary().iter().any(|(term, _)| term == entry),
                    "{id}: {entry} is not in the glossary"
                );
            }
        }
    }
}

/// The query is as the page writes it, so that the page knows when it shows these settings.
fn check_query(id: &str, query: &str) {
    let Query { settings, notices } = query.parse().unwrap_or_else(|error| panic!("{id}: {error}"));
    assert_eq!(notices, Vec::<String>::new(), "{id}: {query}");
    assert_eq!(Query::write(&settings), format!("v=1&{query}"), "{id}");
}

/// Would catch: a link that cannot be read, or leads elsewhere; a term without an entry; a number that no text cites, or that
/// is cited by a wrong name.
#[test]
fn texts_are_whole() {
    let mut ids = Vec::new();
    for lesson in lessons() {
        let id = lesson.id;
        assert!(!ids.contains(&id), "{id}");
        ids.push(id);
        check_query(id, lesson.query);
        assert!(
            !lesson.question.is_empty() && !lesson.explanation.is_empty() && !lesson.tries.is_empty(),
            "{id}"
        );
        for text in texts(&lesson) {
            check_text(id, text);
        }
        let all = serde_json::to_string(&lesson).unwrap();
        for number in lesson.numbers {
            assert!(all.contains(number.said), "{id}: {} is not cited", number.name);
            assert!(!all.contains(&format!("{{{}}}", number.name)), "{id}: {}", number.name);
        }
        for (at, _) in all.match_indices('{') {
            let name: String = all[at + 1..].chars().take_while(char::is_ascii_alphanumeric).collect();
            // A subscript or an exponent.
            let raised = all[..at].ends_with(['_', '^']);
            assert!(raised || name.is_empty(), "{id}: {{{name}}} is no number");
        }
    }
    for confusion in confusions() {
        check_query(confusion.id, confusion.query);
        check_text(confusion.id, &confusion.answer);
        let link = |piece: &Piece| matches!(piece, Piece::Link { query, .. } if query == confusion.query);
        assert!(confusion.answer.iter().any(link), "{}: no link to what it is about", confusion.id);
    }
}

/// Would catch: a curve that leaves the plot on which the reader draws.
#[test]
fn drawn_curves_fit_their_plots() {
    let mut curves = 0;
    for lesson in lessons() {
        let Ask::Curve { least, most } = lesson.prediction else { continue };
        curves += 1;
        let view = view(lesson.query);
        let row = view.reach.norms.last().unwrap();
        for norm in row {
            let power = (norm / row[row.len() - 1]).log10();
            assert!(power > f64::from(least) && power < f64::from(most), "{}: {power}", lesson.id);
        }
    }
    assert_eq!(curves, 3);
}

#[test]
fn by_hand() {
    right("by-hand", 2);
    // The three terms at w = 1/2 and inputs of 1: 1, 2 w and 3 w².
    let table = lesson("by-hand").table.unwrap();
    assert_eq!(table.rows[3][1..], ["1", "1", "0.75"]);
    // dL/dh_t is a power of w and nothing else.
    for w in [0.1, 0.5, 2.0] {
        let gradient = view(&format!("a=identity&w={w}&b=0&n=1&t=3&i=identity")).layers[0].gradient.clone();
        assert!((gradient[0] / gradient[2] - w * w).abs() < 1e-14);
        assert!((gradient[1] / gradient[2] - w).abs() < 1e-14);
    }
}

#[test]
fn eigenvalue() {
    // "Nothing else matters": biases, and the scale of inputs, change no step back.
    let row = |query: &str| {
        let gradient = view(query).layers[0].gradient.clone();
        gradient.iter().map(|norm| norm / gradient[59]).collect::<Vec<f64>>()
    };
    let base = row("a=identity&b=0&t=60&i=critical&g=0.8");
    let biased = row("a=identity&b=3&t=60&i=critical&g=0.8");
    assert!(base.iter().zip(&biased).all(|(a, b)| (a / b - 1.0).abs() < 1e-9));
    // In the long run ρ is the factor, also where the mark below the slider is.
    for seed in 0..20 {
        for gain in [0.8, 1.0, 1.25] {
            let gradient = view(&format!("a=identity&b=0&t=200&i=critical&g={gain}&s={seed}")).layers[0]
                .gradient
                .clone();
            let late = (gradient[0] / gradient[100]).powf(0.01);
            assert!((late / gain - 1.0).abs() < 0.03, "seed {seed}: {late}, not {gain}");
        }
    }
}

#[test]
fn non_normal() {
    let gradient = view("a=identity&b=0&n=2&t=100&i=nonnormal").layers[0].gradient.clone();
    let longest = gradient.iter().copied().fold(0.0, f64::max);
    assert!(longest > gradient[99] && gradient[0] < 0.01 * gradient[99]);
    right("non-normal", 1);
    // k λ^{k−1} is largest after nine and after ten steps.
    let size = |k: i32| f64::from(k) * 0.9f64.powi(k - 1);
    assert!((size(9) / size(10) - 1.0).abs() < 1e-12 && size(8) < size(9) && size(11) < size(10));
    // The normal network with the same eigenvalues.
    let normal = view("a=identity&b=0&n=2&t=100&i=identity&g=0.9");
    let w_hh = &normal.spectrum.weights[0];
    assert!((w_hh.singular_values[0] - 0.9).abs() < 1e-12);
    assert!(normal.layers[0].gradient.windows(2).all(|pair| (pair[0] / pair[1] - 0.9).abs() < 1e-12));
}

#[test]
fn relu() {
    let grows = seeds("a=relu&w=4&t=60").filter(|query| left(query) > 1.0).count();
    let vanishes = seeds("w=4&t=60").filter(|query| left(query) < 0.01).count();
    assert!(grows > 10 && vanishes > 10, "{grows} {vanishes}");
    right("relu", 1);
}

#[test]
fn every_loss() {
    for query in seeds("t=60&o=all") {
        let all = view(&query);
        let last = view(&query.replace("&o=all", ""));
        // The gradient of the last loss is the same line.
        let (one, other) = (all.reach.norms.last().unwrap(), last.reach.norms.last().unwrap());
        for (a, b) in one.iter().zip(other) {
            assert!((a / one[59] / (b / other[59]) - 1.0).abs() < 1e-9);
        }
        let near: f64 = all.reach.by_lag[..10].iter().sum();
        assert!(near > 0.9 * all.reach.by_lag.iter().sum::<f64>(), "{query}");
    }
    right("every-loss", 2);
    // Without recurrence nothing flows back.
    let none = view("w=0&t=60&o=all");
    assert!(none.reach.by_lag[1..].iter().all(|&norm| norm == 0.0));
    // Of the orthogonal network every row keeps its length.
    let kept = view("a=identity&b=0&t=60&i=orthogonal&o=all");
    assert!(
        kept.reach
            .norms
            .iter()
            .all(|row| row.iter().all(|norm| (norm / row[row.len() - 1] - 1.0).abs() < 1e-9))
    );
}

#[test]
fn lstm() {
    // It vanishes, and slower than tanh.
    for query in seeds("c=lstm&t=60") {
        let (lstm, tanh) = (left(&query), left(&query.replace("c=lstm&", "")));
        assert!(lstm < 1e-6 && lstm > tanh, "{query}: {lstm} {tanh}");
    }
    // The forget bias makes it slower still.
    let median = |bias: i32| {
        let mut all: Vec<f64> = seeds(&format!("c=lstm&t=60&f={bias}")).map(|query| left(&query)).collect();
        all.sort_by(f64::total_cmp);
        all[10]
    };
    let medians = [-3, 0, 1, 3, 5].map(median);
    assert!(medians.windows(2).all(|pair| pair[0] < pair[1]), "{medians:?}");
}

#[test]
fn skip() {
    assert!(seeds("c=residual&t=60").all(|query| left(&query) > 1.0));
    right("skip", 2);
}

#[test]
fn gru() {
    for query in seeds("c=gru&t=60") {
        let held = |gate: &str| view(&format!("{query}&z={gate}"));
        let kept = held("z1");
        // The state is only copied, and nothing comes in.
        assert!(kept.layers[0].hidden.iter().all(|&norm| norm == 0.0), "{query}");
        assert!((kept.layers[0].ratio - 1.0).abs() < 1e-12, "{query}");
        assert!(["r0", "r1", "z0"].iter().all(|gate| held(gate).layers[0].ratio < 1e-3), "{query}");
    }
    right("gru", 2);
}

#[test]
fn clip() {
    let carried = view("a=identity&b=0&t=60&i=orthogonal&r=10");
    let truncated = carried.truncation.unwrap();
    assert!(truncated.cosine < 0.999 && carried.clipping.clipped < 1.0 + 1e-12);
    right("clip", 1);
    // A window of the whole sequence loses nothing, and wider windows lose less.
    let lost = |window: usize| view(&format!("c=lstm&t=60&f=5&r={window}")).truncation.unwrap().lost;
    assert!(lost(60) < 1e-12 && lost(30) < lost(10) && lost(10) < lost(5));
    // The better a network carries, the more a window takes away.
    for seed in 0..20 {
        let of = |query: &str| view(&format!("{query}&s={seed}&r=10")).truncation.unwrap().lost;
        assert!(of("t=60") < 0.1 * of("c=lstm&t=60&f=5"), "seed {seed}");
    }
}

#[test]
fn start() {
    for query in seeds("a=identity&b=0&t=100&i=orthogonal").chain(seeds("a=identity&b=0&t=100&i=identity")) {
        assert!((left(&query) - 1.0).abs() < 1e-12, "{query}");
    }
    assert!(seeds("a=identity&b=0&t=100&i=critical").all(|query| (left(&query) - 1.0).abs() > 1e-3));
    right("start", 1);
    for query in seeds("b=0&t=100&i=orthogonal") {
        assert!(left(&query) < 0.5, "{query}");
    }
}

#[test]
fn edge() {
    let (before, after) = (view("t=30"), view("t=30&k=500"));
    assert!(before.layers[0].ratio < 1e-9 && after.layers[0].ratio > 0.5);
    let rho = |view: &View| view.layers[0].predicted.as_ref().unwrap().radius;
    assert!(rho(&before) < 1.0 && rho(&after) > 1.0);
    assert!(after.loss < after.baseline);
    // First ρ falls, then it rises.
    let course = ["t=30", "t=30&k=50", "t=30&k=150", "t=30&k=500"].map(view);
    let [start, fallen, rising, end] = course.each_ref().map(rho);
    assert!(fallen < start && start < rising && rising < end);
    let lasts: Vec<f64> = course.iter().skip(1).map(|view| view.layers[0].ratio).collect();
    assert!(lasts.windows(2).all(|pair| pair[0] < pair[1]), "{lasts:?}");
    // Twice as long, it does not get there in 500 steps.
    assert!(left("t=60&k=500") < 1e-10);
    // Either way from a scale of 1 it is worse.
    let loss = |query: &str| view(query).loss;
    assert!(after.loss < loss("w=0.8&t=30&k=500") && after.loss < loss("w=1.2&t=30&k=500"));
}
