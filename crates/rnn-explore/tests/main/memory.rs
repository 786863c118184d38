//! What an `Explorer` remembers never shows in the numbers.

use std::cell::Cell;

use rnn_explore::{CellKind, Error, Explorer, Settings, TaskKind, explore};

fn trained(steps: usize) -> Settings {
    Settings { trained: steps, hidden: 8, ..Settings::default() }
}

/// Would catch: a network that was trained too far, or with other batches, because it was in memory.
#[test]
fn a_view_does_not_depend_on_the_views_before() {
    let explorer = Explorer::new();
    for steps in [0, 7, 3, 20, 3, 0, 7] {
        for task in [TaskKind::CumulativeAverage, TaskKind::DelayedRecall, TaskKind::TemporalOrder] {
            for weight_scale in [1.0, 0.5] {
                let settings = Settings { weight_scale, task, ..trained(steps) };
                let view = explorer.view(&settings, &|| true).unwrap();
                assert_eq!(view.training.losses.len(), steps);
                assert_eq!(view, explore(&settings).unwrap());
            }
        }
    }
}

/// Would catch: a batch that is drawn but not trained on when training is interrupted.
#[test]
fn an_interrupted_training_goes_on_to_the_same_bits() {
    let explorer = Explorer::new();
    let settings = Settings { cell: CellKind::Gru, ..trained(25) };
    let left = Cell::new(0usize);
    let go_on = || {
        left.set(left.get().wrapping_sub(1));
        left.get() != 0
    };
    for expected in [4, 8, 12] {
        left.set(5);
        match explorer.view(&settings, &go_on) {
            Err(Error::Interrupted { steps, wanted }) => assert_eq!((steps, wanted), (expected, 25)),
            other => panic!("{other:?}"),
        }
    }
    left.set(100);
    // Missing numbers are NaN, which is not equal to itself.
    let [resumed, whole] = [explorer.view(&settings, &go_on), explore(&settings)].map(Result::unwrap);
    assert_eq!(format!("{resumed:?}"), format!("{whole:?}"));
}

#[test]
fn training_learns() {
    let view = explore(&trained(500)).unwrap();
    let losses = &view.training.losses;
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    assert!(mean(&losses[450..]) < 0.3 * mean(&losses[..5]), "{} from {}", losses[499], losses[0]);
    assert!(mean(&losses[450..]) < view.baseline);
}

/// Settings that do not come from an address are held to the same limits.
#[test]
fn settings_out_of_range_are_refused() {
    for (settings, word) in [
        (Settings { hidden: 65, ..Settings::default() }, "hidden size"),
        (Settings { time: 201, ..Settings::default() }, "timesteps"),
        (Settings { weight_scale: f64::NAN, ..Settings::default() }, "weight scale"),
        (Settings { gain: f64::INFINITY, ..Settings::default() }, "gain"),
        (Settings { trained: 2001, ..Settings::default() }, "training steps"),
        (Settings { layers: 0, ..Settings::default() }, "layers"),
    ] {
        let error = explore(&settings).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}
