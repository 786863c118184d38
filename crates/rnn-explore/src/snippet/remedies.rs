//! What a program says of training, of a gate that is held, of truncation and of a band of sequences.

use std::collections::BTreeSet;

use crate::network::{BATCH, stream};
use crate::settings::{OptimizerKind, Settings, limits};

/// The statements that train the model.
pub(super) fn training(settings: &Settings, loss: &str, over: &str, core: &mut BTreeSet<&str>) -> String {
    let steps = settings.trained;
    if steps == 0 {
        return String::new();
    }
    core.extend(["Training", "train"]);
    let rate = settings.rate;
    let optimizer = match settings.optimizer {
        OptimizerKind::Adam => "Adam",
        OptimizerKind::Sgd => "Sgd",
    };
    core.insert(optimizer);
    let clip = settings.clip.map_or(String::new(), |limit| format!(".clip({limit:?})"));
    let truncated = match settings.truncation {
        0 => String::new(),
        window => {
            core.insert("Tbptt");
            format!(".truncated(Tbptt::every({window}))")
        }
    };
    format!(
        "
    let mut rng = seed.stream({stream});
    let batches = task.batches({BATCH}, {steps}, &mut rng)?.counting(Timesteps::{over});
    let training = Training::new({loss}){clip}{truncated};
    train(&mut model, batches, &training, &mut {optimizer}::new({rate:?}), |_, _| std::ops::ControlFlow::Continue(()))?;\n",
        stream = stream::TRAINING,
    )
}

/// The statements that hold a gate, after the scales.
pub(super) fn hold(settings: &Settings) -> String {
    let Some(clamp) = settings.clamp else { return String::new() };
    let Some((gate, gates)) = clamp.place(settings.cell) else { return String::new() };
    let (hidden, bias) = (settings.hidden, clamp.bias());
    let (first, end, rows) = (gate * hidden, (gate + 1) * hidden, gates * hidden);
    format!(
        "    // The {title} is held at {value}: no weights, and a bias of {bias}.
    for (name, mut array) in scaled.rnn.params_mut().iter_mut() {{
        if array.len_of(Axis(0)) == {rows} {{
            let value = if name.starts_with(\"bias_ih\") {{ {bias:?} }} else {{ 0.0 }};
            array.slice_axis_mut(Axis(0), ({first}..{end}).into()).fill(value);
        }}{own}
    }}\n",
        title = clamp.title(),
        value = u8::from(clamp.open),
        own = own(settings, &clamp.gate.to_string()),
    )
}

/// The weight from the cell state to a gate.
fn own(settings: &Settings, suffix: &str) -> String {
    if settings.cell.name() == "peephole" {
        format!(
            " else if name.starts_with(\"weight_c{suffix}\") {{
            array.fill(0.0);
        }}"
        )
    } else {
        String::new()
    }
}

/// The statements that print what truncated back-propagation loses.
pub(super) fn truncation(settings: &Settings, analysis: &mut BTreeSet<&str>) -> String {
    let window = settings.truncation;
    if window == 0 {
        return String::new();
    }
    analysis.insert("truncation");
    format!(
        "    let of = truncation(&scaled, &ws, sequence.x.view(), {window})?;
    println!(\"windows of {window}: lost {{}}, cosine {{}}\", of.lost / of.whole, of.cosine);\n"
    )
}

/// The statements that print the least, the median and the greatest norm over many sequences.
pub(super) fn band(settings: &Settings, loss: &str, over: &str, analysis: &mut BTreeSet<&str>) -> String {
    if settings.batch != limits::BAND {
        return String::new();
    }
    analysis.insert("norms_by_sequence");
    let (layer, others) = (settings.shown_layer(), settings.batch - 1);
    format!(
        "    // {others} other sequences, each with its own loss, of which the loss of the batch is the mean.
    let others = task.sample::<f64>({others}, &mut seed.stream({stream}))?.counting(Timesteps::{over});
    pass(&scaled, others.run(), others.target(), &{loss}, &mut ws)?;
    let hidden = norms_by_sequence(ws.rnn.hidden({layer}));
    let gradient = norms_by_sequence(ws.rnn.d_hidden({layer})) * {others}.0;
    let range = |shown: f64, others: ArrayView1<'_, f64>| {{
        let mut all: Vec<f64> = others.iter().copied().chain([shown]).collect();
        all.sort_by(f64::total_cmp);
        format!(\"{{}} {{}} {{}}\", all[0], f64::midpoint(all[{low}], all[{high}]), all[{others}])
    }};
    for t in 0..{time} {{
        let h = range(seen.flow.hidden_norm[[{layer}, t]], hidden.column(t));
        let d = range(seen.flow.grad_norm[[{layer}, t]], gradient.column(t));
        println!(\"t = {{}}: |h| from {{h}}, |dL/dh| from {{d}}\", t + 1);
    }}\n",
        stream = stream::BAND,
        time = settings.time,
        low = others / 2,
        high = settings.batch / 2,
    )
}
