//! Numbers are read back from the answers and held against the explorer, which computes the same networks on its own.

use rnn_explore::{LossOver, Settings as Positions, explore};

use super::super::read::{after, positions, same};
use super::super::study_all;
use super::*;
use crate::progress::Progress;
use crate::report::Settings;

/// The number after the last place of `phrase` before `name`.
fn said(text: &str, phrase: &str, name: &str) -> f64 {
    let end = text.find(name).unwrap_or_else(|| panic!("no {name}: {text}"));
    let start = text[..end].rfind(phrase).unwrap_or_else(|| panic!("no {phrase} before {name}: {text}"));
    after(&text[start..], phrase).unwrap()
}

/// Would catch: an answer with the numbers of another network, scale or loss.
#[test]
fn every_answer_is_true() {
    for seed in [0, 1] {
        let mut settings = Settings::default_in(std::path::Path::new("nowhere")).unwrap();
        (settings.seed, settings.map_side) = (seed, 11);
        let studies = study_all(&settings, &Progress::hidden()).unwrap();
        let [scales, radius, bias, nonlinearities, losses, gates] =
            <[Question; 6]>::try_from(all(&studies)).unwrap().map(|question| question.answer);
        let ratio = |study: &FlowStudy, weight_scale, bias_scale| {
            let base = positions(study, seed);
            explore(&Positions { weight_scale, bias_scale, ..base }).unwrap().layers[0].ratio
        };
        let mut largest = 0.0_f64;
        for study in &studies {
            let name = Network(study).name();
            largest = largest.max(ratio(study, 0.25, 1.0));
            if scales[scales.find("As s grows").unwrap()..]
                .split(" It is so at no scale")
                .next()
                .unwrap()
                .contains(&name)
            {
                let crossing = said(&scales, "at s = ", &name);
                assert!(ratio(study, crossing, 1.0) > 1.0, "{name}: {scales}");
                for k in 1..(100.0 * crossing).round() as u32 {
                    let before = ratio(study, f64::from(k) / 100.0, 1.0);
                    assert!(before.is_nan() || before <= 1.0, "{name} at {k}/100: {scales}");
                }
            } else {
                assert!(
                    scales.contains("It is so at no scale")
                        && study.line.iter().all(|(_, ratio)| ratio.is_nan() || *ratio <= 1.0)
                );
            }
            let over = [-5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
                .map(|bias| ratio(study, 1.0, bias));
            let (least, most) = over.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), &r| (a.min(r), b.max(r)));
            if study.nonlinearity == Some("identity") {
                same(after(&bias, "last gradient is ").unwrap(), most, &bias);
                assert!(
                    bias.contains("throughout for the RNN with identity") && most / least < 1.0 + 1e-9,
                    "{bias}"
                );
            } else {
                same(said(&bias, "from ", &name), least, &bias);
                same(said(&bias, " to ", &name), most, &bias);
            }
            let of_gates = gates.find("from the largest down, ").unwrap();
            let entry = gates[of_gates..].replace("from the largest down, ", " and ").replace(", ", " and ");
            same(said(&entry, " and ", &format!(" for {name}")), ratio(study, 1.0, 1.0), &gates);
        }
        same(after(&scales, "at most ").unwrap(), largest, &scales);

        let [identity, relu, tanh, ..] = &studies[..] else { panic!("five studies") };
        let border = after(&radius, "has the radius 1 at s = ").unwrap();
        assert!((border - 1.0 / identity.radius.unwrap()).abs() <= 0.0051, "{radius}");
        for study in [identity, relu, tanh] {
            let name = Network(study).name();
            let part = &radius[radius.find(&format!("for {name} it is ")).unwrap()..];
            same(after(part, " it is ").unwrap(), ratio(study, border, 1.0), &radius);
        }
        same(after(&nonlinearities, "timestep 1 is ").unwrap(), ratio(relu, 3.0, 1.0), &nonlinearities);
        same(after(&nonlinearities, "with relu and ").unwrap(), ratio(tanh, 3.0, 1.0), &nonlinearities);

        let all = explore(&Positions { loss: LossOver::All, ..positions(tanh, seed) }).unwrap();
        let gradient = &all.layers[0].gradient;
        same(after(&losses, "‖dL/dh_1‖ is ").unwrap(), gradient[0] / gradient[9], &losses);
        same(after(&losses, "a loss, and ").unwrap(), ratio(tanh, 1.0, 1.0), &losses);
        assert_eq!(losses.starts_with("It hides it"), gradient[0] / gradient[9] > ratio(tanh, 1.0, 1.0));
        let by_lag = &all.reach.by_lag;
        let share = (by_lag[9] / by_lag[0]) * 10.0;
        let claim = after(&losses, "sends on average ").unwrap();
        assert!((claim - share).abs() <= 0.051 * share, "{claim} is not {share}: {losses}");
    }
}
