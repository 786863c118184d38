//! Many sequences instead of one.

use ndarray::Axis;
use rnn_analysis::{norms_by_sequence, pass};
use rnn_core::{Batch, Timesteps};
use rnn_data::{PortableRng, Task};

use super::scene::Scene;
use crate::error::Error;
use crate::network::stream;
use crate::quantiles::quantiles;
use crate::settings::limits;
use crate::task::timesteps;
use crate::view::{Band, Range};

pub(super) fn band(scene: &Scene<'_>) -> Result<Option<Band>, Error> {
    let sequences = scene.settings.batch;
    if sequences != limits::BAND {
        return Ok(None);
    }
    let settings = scene.settings;
    let mut rng = PortableRng::new(settings.seed).stream(stream::BAND);
    let task = &scene.network.task;
    let others: Batch<f64> = task.sample(sequences - 1, &mut rng)?.counting(timesteps(settings.loss));
    let mut ws = scene.model.workspace();
    let seen = pass(&scene.model, others.run(), others.target(), &task.loss(), &mut ws)?;
    let hidden = norms_by_sequence(ws.rnn.hidden(scene.layer));
    let mut gradient = norms_by_sequence(ws.rnn.d_hidden(scene.layer));
    if seen.overflow.is_some() || gradient.dim() != hidden.dim() {
        gradient = hidden.mapv(|_| f64::NAN);
    }
    // The loss of the batch is the mean over all that counts in it.
    for (mut row, factor) in gradient.rows_mut().into_iter().zip(factors(&others)) {
        row.mapv_inplace(|norm| norm * factor);
    }
    let range = |shown: ndarray::ArrayView1<'_, f64>, others: ndarray::ArrayView2<'_, f64>| {
        let mut range = Range { least: Vec::new(), median: Vec::new(), most: Vec::new() };
        for (&shown, others) in shown.iter().zip(others.axis_iter(Axis(1))) {
            let [least, median, most] = quantiles(others.iter().copied().chain([shown]).collect());
            range.least.push(least);
            range.median.push(median);
            range.most.push(most);
        }
        range
    };
    let flow = &scene.flow;
    Ok(Some(Band {
        sequences,
        hidden: range(flow.hidden_norm.row(scene.layer), hidden.view()),
        gradient: range(flow.grad_norm.row(scene.layer), gradient.view()),
    }))
}

/// What each sequence's share of the gradient of the loss is multiplied by to be the gradient of its own loss.
fn factors(batch: &Batch<f64>) -> Vec<f64> {
    let counted: Vec<usize> = match (&batch.mask, batch.over) {
        (Some(mask), Timesteps::All) => {
            mask.rows().into_iter().map(|row| row.iter().filter(|&&counts| counts).count()).collect()
        }
        _ => vec![1; batch.x.len_of(Axis(0))],
    };
    let all: usize = counted.iter().sum();
    counted.into_iter().map(|own| if own == 0 { 0.0 } else { all as f64 / own as f64 }).collect()
}
