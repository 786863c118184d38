//! Whatever the sliders say, there is a view, and it makes sense.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use rnn_explore::{
    CellKind, InitKind, LossOver, Nonlinearity, Query, Settings, TaskKind, View, explore, limits, presets,
};

use super::positions::{any_settings, cases};

fn sentences(view: &View) -> Vec<&str> {
    let s = &view.sentences;
    vec![
        &view.summary,
        &s.hidden,
        &s.gradient,
        &s.reach,
        &s.terms,
        &s.spectrum,
        &s.singular,
        &s.gates,
        &s.sequence,
        &s.steps,
        &s.highway,
        &s.units,
        &s.training,
        &s.fan,
        &s.clipping,
        &s.truncation,
        &s.clamp,
        &s.band,
        &s.plane,
    ]
}

fn is_sound(view: &View) {
    let Settings { time, layers, layer, timestep, .. } = view.settings;
    assert!(layer <= layers && timestep <= time);
    assert_eq!(view.layers.len(), layers);
    for norms in &view.layers {
        for values in [&norms.hidden, &norms.gradient, &norms.saturated, &norms.slope] {
            assert_eq!(values.len(), time);
        }
    }
    for values in view.sequence.inputs.iter().chain(&view.units.hidden).chain(&view.units.gradient) {
        assert_eq!(values.len(), time);
    }
    if view.overflow.is_none() {
        assert!(view.loss.is_finite());
        assert!(view.sequence.input_gradient.iter().all(|norm| norm.is_finite()));
        assert_eq!(view.steps.total.len(), time - 1);
        assert_eq!(view.reach.norms.len(), time);
        assert!(view.layers.iter().flat_map(|norms| &norms.gradient).all(|norm| norm.is_finite()));
        let shown = view.settings.shown_timestep();
        assert!(view.spectrum.jacobians.iter().any(|jacobian| jacobian.timestep == shown));
        assert!(view.spectrum.jacobians.is_sorted_by_key(|jacobian| jacobian.timestep));
    }
    for text in sentences(view) {
        for bad in ["NaN", "inf", "no number", "  "] {
            assert!(!text.contains(bad), "{text:?}");
        }
        assert!(text.is_empty() || text.ends_with('.'), "{text:?}");
    }
    let json = serde_json::to_string(view).unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(&json).is_ok());
}

proptest! {
    #![proptest_config(cases(96))]

    /// Would catch: a combination of controls without a view, lengths that do not fit, NaN in a sentence.
    #[test]
    fn every_position_has_a_view(settings in any_settings()) {
        is_sound(&explore(&settings).unwrap());
    }

    /// Would catch: a control that is not in the address, or digits that get lost there.
    #[test]
    fn settings_survive_the_address(settings in any_settings()) {
        let (settings, _) = settings.fitted();
        let text = Query::write(&settings);
        prop_assert_eq!(text.parse::<Query>().unwrap(), Query { settings, notices: vec![] });
        prop_assert!(text.len() < limits::QUERY_BYTES / 2);
    }

    /// Would catch: a panic on what strangers write.
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,60}|([a-z]{1,4}=[-0-9a-z.%+]{0,8}&?){0,6}") {
        if let Err(error) = text.parse::<Query>() {
            prop_assert!(error.to_string().len() < 300);
        }
    }
}

#[test]
fn the_corners_of_all_ranges_have_views() {
    for query in [
        "a=identity&w=5&b=5&n=64&t=200&l=3&i=gaussian&g=3",
        "a=relu&w=-5&n=1&t=2&l=1",
        "c=lstm&w=5&b=-5&n=64&t=200&l=3&o=all",
        "c=gru&w=0&b=0&n=1&t=200&l=3",
        "a=sigmoid&w=0&b=0",
        "w=-0.05&n=64&t=200",
    ] {
        let view = explore(&query.parse::<Query>().unwrap().settings).unwrap();
        is_sound(&view);
        assert_eq!(view.overflow.is_some(), query.contains("g=3"), "{query}");
    }
}

/// A network that overflows shows its states up to there, and says where it was.
#[test]
fn an_overflow_is_told_and_located() {
    let view =
        explore(&"a=identity&w=5&n=64&t=200&l=3&i=gaussian&g=3".parse::<Query>().unwrap().settings).unwrap();
    let place = view.overflow.as_ref().unwrap();
    assert!(place.contains("layer") || place.contains("loss") || place.contains("gradient"), "{place}");
    assert!(view.sentences.gradient.contains(place.as_str()));
    assert!(view.layers[0].hidden[0].is_finite());
    let json: serde_json::Value = serde_json::to_value(&view).unwrap();
    assert!(json["loss"].is_null(), "no NaN in JSON");
}

#[test]
fn presets_show_what_they_say() {
    for preset in presets() {
        let view = explore(&preset.settings).unwrap();
        is_sound(&view);
        let rate = view.layers[0].rate;
        match preset.title {
            "Vanishing" => assert!((rate.unwrap() - 0.8).abs() < 0.02),
            "Exploding" => assert!((rate.unwrap() - 1.25).abs() < 0.02),
            "Critical" => assert!((rate.unwrap() - 1.0).abs() < 1e-12),
            "LSTM, forget bias 3" => assert!(view.gates[1].mean.iter().all(|&f| f > 0.9)),
            "Saturated tanh" => {
                assert!(view.layers[0].predicted.as_ref().unwrap().radius > 2.0);
                let factors = view.layers[0].factors.unwrap();
                assert!(factors.weights > 1.0 && factors.slopes * factors.weights < 1.0, "{factors:?}");
                assert!(view.layers[0].saturated.iter().sum::<f64>() > 0.3 * 60.0);
            }
            "Non-normal" => {
                let gradient = &view.layers[0].gradient;
                let longest = gradient.iter().copied().fold(0.0, f64::max);
                assert_eq!(gradient.iter().position(|&norm| norm == longest), Some(100 - 1 - 9));
                assert!(gradient[0] < 0.1 * gradient[99]);
            }
            "IRNN" => assert!(rate.unwrap() > 0.9, "it keeps what it holds: {rate:?}"),
            _ => {}
        }
    }
}

/// Would catch: a limit on the page that the program does not have, or a choice that is missing there.
#[test]
fn the_page_has_the_limits_and_the_choices_of_the_settings() {
    let page = rnn_explore::page::page(rnn_explore::page::Source::Server);
    let control = |name: &str| {
        let at = page.find(&format!("name=\"{name}\"")).unwrap_or_else(|| panic!("no control {name}"));
        let start = page[..at].rfind('<').unwrap();
        let ends = if page[start..].starts_with("<select") { "</select>" } else { ">" };
        page[start..start + page[start..].find(ends).unwrap()].to_owned()
    };
    let has = |name: &str, low: String, high: String| {
        let tag = control(name);
        assert!(tag.contains(&format!("min=\"{low}\"")) && tag.contains(&format!("max=\"{high}\"")), "{tag}");
    };
    has("w", limits::SCALE.start().to_string(), limits::SCALE.end().to_string());
    has("b", limits::SCALE.start().to_string(), limits::SCALE.end().to_string());
    has("n", limits::HIDDEN.start().to_string(), limits::HIDDEN.end().to_string());
    has("t", limits::TIME.start().to_string(), limits::TIME.end().to_string());
    has("g", limits::GAIN.start().to_string(), limits::GAIN.end().to_string());
    has("f", limits::FORGET_BIAS.start().to_string(), limits::FORGET_BIAS.end().to_string());
    has("k", limits::TRAINED.start().to_string(), limits::TRAINED.end().to_string());
    // What a script can count to; an address may say more.
    has("s", "0".into(), ((1u64 << 53) - 1).to_string());
    let chooses = |name: &str, choices: Vec<&str>| {
        let tag = control(name);
        for choice in &choices {
            assert!(tag.contains(&format!("value=\"{choice}\"")), "{choice} in {tag}");
        }
        assert_eq!(tag.matches("<option").count(), choices.len(), "{tag}");
    };
    chooses("c", CellKind::ALL.iter().map(|one| one.name()).collect());
    chooses("a", Nonlinearity::ALL.iter().map(|one| one.name()).collect());
    chooses("i", InitKind::ALL.iter().map(|one| one.name()).collect());
    chooses("o", LossOver::ALL.iter().map(|one| one.name()).collect());
    chooses("task", TaskKind::ALL.iter().map(|one| one.name()).collect());
    assert!(
        !page.contains("http://www")
            || page.matches("http://").count() == page.matches("http://www.w3.org/").count()
    );
    assert!(!page.contains("https://"), "the page needs nothing from elsewhere");
}
