//! The sentences of a view, computed from its numbers.

mod fan;
mod gradient;
mod inside;
pub(crate) mod number;
mod plane;
mod remedies;
mod sequence;
mod spectrum;
mod steps;
pub(crate) mod transport;

use crate::network::BATCH;
use crate::settings::Settings;
use crate::view::{Sentences, View};

use number::{number, windows};

/// The summary, and the caption of each chart.
pub(crate) fn write(view: &View) -> (String, Sentences) {
    let mut sentences = Sentences { training: training(view), ..Sentences::default() };
    if let Some(overflow) = &view.overflow {
        let what =
            format!("The first number out of range is in {overflow}. What depends on it cannot be shown.");
        let finite = view.layers[view.layer].hidden.iter().all(|norm| norm.is_finite());
        sentences.hidden = if finite { inside::hidden(view) } else { what.clone() };
        sentences.gradient = what;
    } else {
        sentences.hidden = inside::hidden(view);
        sentences.gradient = gradient::gradient(view);
        sentences.reach = gradient::reach(view);
        sentences.terms = inside::terms(view);
        sentences.gates = inside::gates(view);
        sentences.fan = fan::fan(view);
        sentences.clipping = remedies::clipping(view);
        sentences.truncation = remedies::truncation(view);
        sentences.band = remedies::band(view);
        sentences.plane = plane::plane(view);
        sentences.sequence = sequence::sequence(view);
        sentences.steps = steps::steps(view);
        sentences.highway = steps::highway(view);
        sentences.units = sequence::units(view);
    }
    sentences.clamp = remedies::clamp(view);
    sentences.spectrum = spectrum::spectrum(view);
    sentences.singular = spectrum::singular(view);
    (format!("{} {}", network(&view.settings), loss(view)) + " " + &sentences.gradient, sentences)
}

/// "RNN with tanh, 16 units, 10 timesteps."
fn network(settings: &Settings) -> String {
    let Settings { hidden, time, layers, .. } = *settings;
    let cell = if settings.cell.has_nonlinearity() {
        format!("{} with {}", settings.cell.title(), settings.nonlinearity.title())
    } else {
        settings.cell.title().to_owned()
    };
    let layers = if layers == 1 { String::new() } else { format!(", {layers} layers") };
    let units = if hidden == 1 { "1 unit".to_owned() } else { format!("{hidden} units") };
    format!(
        "{cell}{layers}, {units}, {time} timesteps, weights × {}, biases × {}.",
        number(settings.weight_scale),
        number(settings.bias_scale)
    )
}

fn loss(view: &View) -> String {
    if view.overflow.is_some() {
        return "Loss: none, since numbers overflow.".to_owned();
    }
    // Fewer than the settings ask for, if training overflowed.
    let trained = match view.training.losses.len() {
        0 => "untrained".to_owned(),
        1 => "after 1 step of training".to_owned(),
        steps => format!("after {steps} steps of training"),
    };
    format!(
        "Loss {} on this sequence, {trained}; the best guess that ignores the input has a loss of {} on average.",
        number(view.loss),
        number(view.baseline)
    )
}

fn training(view: &View) -> String {
    let (losses, settings) = (&view.training.losses, &view.settings);
    let clip = settings.clip.map_or("gradients not clipped".to_owned(), |limit| {
        format!("gradients clipped to norm {}", number(limit))
    });
    let windows = match settings.truncation {
        0 => String::new(),
        window => format!(", back-propagation truncated to {}", windows(window)),
    };
    let setup = format!(
        "{}, learning rate {}, batches of {BATCH}, {clip}{windows}",
        settings.optimizer.title(),
        settings.rate
    );
    if let Some(overflow) = &view.training.overflow {
        return format!(
            "Training ended at step {}: the first number out of range is in {overflow}. {setup}.",
            losses.len() + 1
        );
    }
    let (Some(first), Some(last)) = (losses.first(), losses.last()) else { return String::new() };
    let scaled = if settings.weight_scale == 1.0 && settings.bias_scale == 1.0 {
        ""
    } else {
        " Training runs at scales of 1; the sliders scale the trained weights and biases."
    };
    format!(
        "The loss of a batch went from {} to {}; the best guess that ignores the input has {} on average. {setup}.{scaled}",
        number(*first),
        number(*last),
        number(view.baseline)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explorer::explore;

    /// Would catch: a training that overflowed early, said to have run to its end.
    #[test]
    fn a_training_that_overflowed_is_said_to_have_ended() {
        let settings = Settings { hidden: 1, time: 2, trained: 2, ..Settings::default() };
        let mut view = explore(&settings).unwrap();
        view.settings.trained = 50;
        view.training.overflow = Some("the loss".to_owned());
        let (summary, sentences) = write(&view);
        assert!(summary.contains("on this sequence, after 2 steps of training;"), "{summary}");
        let text = sentences.training;
        assert!(
            text.starts_with("Training ended at step 3: the first number out of range is in the loss."),
            "{text}"
        );
    }
}
