//! Training that stops where the validation part is said best.

use std::ops::Range;

use rnn_core::{
    Adam, Batch, Bias, Cell, Cosine, EarlyStopping, Model, Mse, Random, Schedule, Training, Validation, train,
};
use rnn_data::PortableRng;

use crate::progress::Progress;
use crate::windows::Windows;

/// What training needs beside the windows.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) hidden: usize,
    pub(crate) history: usize,
    pub(crate) batch: usize,
    pub(crate) steps: u64,
    pub(crate) lr: f64,
    /// Steps between two looks at the validation part.
    pub(crate) look: u64,
    /// Looks without a better loss before training stops.
    pub(crate) patience: u64,
    pub(crate) seed: u64,
}

/// The best network, and when it was found.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    pub(crate) model: Model<f32>,
    pub(crate) best_step: u64,
    pub(crate) steps: u64,
}

/// Trains on windows of the training part: Adam under a cosine with a warm-up, gradients clipped to norm 1.
pub(crate) fn fit(
    cell: impl Into<Cell<f32>>,
    windows: &Windows,
    validation: &Range<usize>,
    settings: &Settings,
    progress: &Progress,
) -> rnn_core::Result<Fit> {
    let &Settings { hidden, history, batch, steps, lr, look, patience, seed } = settings;
    let rng = PortableRng::new(seed);
    let mut model = Model::new(cell, windows.features(), &[hidden], 1, Bias::Double, &mut rng.stream(0))?;
    let schedule = Schedule::cosine(Cosine { warm_up: steps / 20, ..Cosine::new(lr, steps) })?;
    let training = Training::new(Mse).clip(1.0).schedule(schedule);

    let (mut draws, mut left) = (rng.stream(1), steps);
    let mut uniform = vec![0.0_f64; batch];
    let places = windows.places(history) as f64;
    let source = |next: &mut Batch<f32>| {
        if left == 0 {
            return false;
        }
        left -= 1;
        draws.fill_uniform(0.0, places, &mut uniform);
        let chosen: Vec<usize> = uniform.iter().map(|&place| place as usize).collect();
        windows.cut(&chosen, history, next);
        true
    };

    let mut validation =
        Validation::new([windows.about(validation)], Mse, look)?.stopping(EarlyStopping::new(patience, 0.0)?);
    let steps = train(&mut model, source, &training, &mut Adam::new(lr), |report, model| {
        let go_on = validation.look(&report, model);
        if (report.step + 1) % look == 0 {
            progress.say(
                validation
                    .best()
                    .map(|(step, best)| format!("best at step {step}: validation loss {:.4}", best.loss))
                    .unwrap_or_default(),
            );
        }
        progress.done(report.step + 1);
        go_on
    })?;
    if steps % look != 0 {
        validation.observe(steps, &model)?;
    }
    let best_step = validation.restore_best(&mut model)?.map_or(0, |(step, _)| step);
    Ok(Fit { model, best_step, steps })
}
