//! Training, epoch after epoch, with a look at the held-out text now and then.

use std::f64::consts::LN_2;
use std::ops::ControlFlow;

use rnn_core::{
    Adam, Batch, Cell, Cosine, CrossEntropy, Model, Options, Random, Result, Schedule, Trainer, Training,
};
use rnn_data::PortableRng;

use crate::batches::Epoch;
use crate::held_out;
use crate::progress::Progress;

/// What training needs beside a text.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) hidden: Vec<usize>,
    pub(crate) options: Options,
    pub(crate) batch: usize,
    pub(crate) unroll: usize,
    pub(crate) steps: u64,
    pub(crate) lr: f64,
    pub(crate) seed: u64,
    /// Steps between two looks.
    pub(crate) look: u64,
}

/// So many held-out characters are looked at on the way.
const LOOKED_AT: usize = 20_000;

/// A network, and bits per character on the way to it.
#[derive(Clone, Debug)]
pub(crate) struct Fit {
    pub(crate) model: Model<f32>,
    /// Of each step's batch.
    pub(crate) training: Vec<f64>,
    /// After so many steps, of the beginning of the held-out text.
    pub(crate) validation: Vec<(u64, f64)>,
    /// In the end, of all of it.
    pub(crate) held_out: f64,
}

/// Trains on the characters before `split`: Adam under a cosine with a warm-up, gradients clipped to norm 1, truncated
/// back-propagation. The state is kept from batch to batch, and is zero at the start of an epoch.
pub(crate) fn fit(
    cell: impl Into<Cell<f32>>,
    (codes, split, alphabet): (&[usize], usize, usize),
    settings: &Settings,
    progress: &Progress,
) -> Result<Fit> {
    let Settings { hidden, options, batch, unroll, steps, lr, seed, look } = settings;
    let rng = PortableRng::new(*seed);
    let mut model = Model::new(cell, alphabet, hidden, alphabet, *options, &mut rng.stream(0))?;
    let schedule = Schedule::cosine(Cosine { warm_up: steps / 20, ..Cosine::new(*lr, *steps) })?;
    let training = Training::new(CrossEntropy).clip(1.0).schedule(schedule).stateful(true).noise(*seed);
    let mut trainer = Trainer::new(&model, training);
    let mut adam = Adam::new(*lr);

    // A look takes the same time, however long the text is.
    let shown = codes.len().min(split + LOOKED_AT);
    let validate = |model: &Model<f32>| held_out::bits(model, codes, split, shown);
    let mut curves = (Vec::new(), vec![(0, validate(&model)?)]);
    let mut starts = rng.stream(1);
    while trainer.steps() < *steps {
        // Each epoch starts a little later, so that its batches end elsewhere.
        let mut late = [0.0_f64];
        starts.fill_uniform(0.0, *unroll as f64, &mut late);
        let mut epoch = Epoch::new(&codes[late[0] as usize..split], alphabet, *batch, *unroll);
        let source = |next: &mut Batch<f32>| epoch.fill(next);
        trainer.forget_state();
        trainer.train(&mut model, source, &mut adam, |report, model| -> Result<ControlFlow<()>> {
            let done = report.step + 1;
            curves.0.push(bits(report.loss));
            if done % look == 0 || done == *steps {
                let bits = validate(model)?;
                progress.say(format!("{bits:.3} bits per character"));
                curves.1.push((done, bits));
            }
            progress.done(done);
            Ok(if done < *steps { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
    }
    let (training, validation) = curves;
    let held_out = match validation.last() {
        Some(&(_, bits)) if shown == codes.len() => bits,
        _ => held_out::bits(&model, codes, split, codes.len())?,
    };
    Ok(Fit { model, training, validation, held_out })
}

/// Bits from nats.
fn bits(loss: f32) -> f64 {
    f64::from(loss) / LN_2
}

#[cfg(test)]
mod tests {
    use rnn_core::Elman;

    use super::*;

    #[test]
    fn a_text_that_repeats_is_learned_and_a_seed_repeats_the_numbers() {
        let codes: Vec<usize> = (0..900).map(|i| [0, 1, 2, 1][i % 4]).collect();
        let settings = Settings {
            hidden: vec![12],
            options: Options::default().recurrent_dropout(0.1),
            batch: 4,
            unroll: 8,
            steps: 120,
            lr: 0.02,
            seed: 3,
            look: 50,
        };
        let run = || fit(Elman::tanh(), (&codes, 810, 3), &settings, &Progress::hidden()).unwrap();
        let (first, second) = (run(), run());
        assert_eq!(first.training, second.training);
        assert_eq!((&first.validation, first.held_out), (&second.validation, second.held_out));
        assert_eq!(first.held_out, first.validation[3].1, "a short text is looked at as a whole");
        let steps: Vec<u64> = first.validation.iter().map(|look| look.0).collect();
        assert_eq!((first.training.len(), steps), (120, vec![0, 50, 100, 120]));
        assert!(first.validation[0].1 > 1.0 && first.validation[3].1 < 0.1, "{:?}", first.validation);
    }
}
