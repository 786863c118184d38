//! Training that stops where the validation part is said best.

use std::ops::{ControlFlow, Range};

use indicatif::ProgressBar;
use rnn_core::{
    Adam, Batch, Bias, Cell, Cosine, EarlyStopping, Model, Mse, Random, Schedule, Training, Verdict, train,
};
use rnn_data::PortableRng;

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
pub(crate) struct Fit<C> {
    pub(crate) model: Model<f32>,
    pub(crate) best_step: u64,
    pub(crate) steps: u64,
}

/// Trains on windows of the training part: Adam under a cosine with a warm-up, gradients clipped to norm 1.
pub(crate) fn fit(
    cell: C,
    windows: &Windows,
    validation: &Range<usize>,
    settings: &Settings,
    bar: &ProgressBar,
) -> rnn_core::Result<Fit<C>> {
    let &Settings { hidden, history, batch, steps, lr, look, patience, seed } = settings;
    let rng = PortableRng::new(seed);
    let mut model = Model::new(cell, windows.features(), &[hidden], 1, Bias::Double, &mut rng.stream(0))?;
    let schedule = Schedule::cosine(Cosine { warm_up: steps / 20, ..Cosine::new(lr, steps) })?;
    let training = Training { clip: Some(1.0), schedule: Some(schedule), ..Training::new(Mse::all()) };

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

    let held_out = windows.about(validation);
    let mut ws = model.workspace();
    let mut stopping = EarlyStopping::new(patience, 0.0)?;
    let mut best = (model.clone(), 0);
    let mut failure = None;
    let taken = train(&mut model, source, &training, &mut Adam::new(lr), |report, model| {
        bar.inc(1);
        let done = report.step + 1;
        if done % look != 0 && done != steps {
            return ControlFlow::Continue(());
        }
        let seen = model.loss(held_out.run(), held_out.target(), &training.loss, &mut ws);
        match seen.and_then(|loss| stopping.observe(done, loss.into())) {
            Ok(Verdict::Improved) => best = (model.clone(), done),
            Ok(Verdict::Waiting) => {}
            Ok(Verdict::Stop) => return ControlFlow::Break(()),
            Err(error) => {
                failure = Some(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    failure.map_or(Ok(()), Err)?;
    let (model, best_step) = best;
    Ok(Fit { model, best_step, steps: taken })
}
