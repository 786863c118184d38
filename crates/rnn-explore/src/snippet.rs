//! A Rust program that computes what a view shows with the crates below this one.

mod remedies;
pub(crate) mod torch;

use std::collections::BTreeSet;

use crate::network::stream;
use crate::settings::{CellKind, Edit, InitKind, LossOver, Settings, TaskKind, limits};

/// The program of these settings. It prints the loss, and ‖h_t‖ and ‖dL/dh_t‖ of every layer and timestep; then what truncated
/// back-propagation loses and the band of sequences, if the settings have them.
pub(crate) fn write(settings: &Settings) -> String {
    let Settings { hidden, layers, weight_scale, bias_scale, seed, .. } = *settings;
    let mut core: BTreeSet<&str> = ["Bias", "Init", "Model"].into();
    let (bias, start) = match settings.cell {
        CellKind::Rnn => ("Single", "Linear"),
        _ => ("Double", "PyTorch"),
    };
    let (unit, activation, cell) = settings.cell.program(settings.nonlinearity);
    core.insert(unit);
    let (task_type, task) = task(settings);
    let (loss, over) = (loss(settings), over(settings));
    core.extend([loss, "Timesteps"]);
    let mut body = init(settings, &mut core);
    body += &remedies::training(settings, loss, over, &mut core);
    let hold = remedies::hold(settings);
    let mut analysis: BTreeSet<&str> = ["pass", "scale_recurrent"].into();
    let more =
        remedies::truncation(settings, &mut analysis) + &remedies::band(settings, loss, over, &mut analysis);
    let arrays = [
        ("Array2", settings.init == InitKind::NonNormal && settings.cell.has_recurrent_weights()),
        ("ArrayView1", settings.batch == limits::BAND),
        ("Axis", !hold.is_empty()),
    ];
    let activation = activation.map_or(String::new(), |phi| format!("use rnn_core::cell::{phi};\n"));
    let list = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
    let ndarray = match arrays.iter().filter(|(_, used)| *used).map(|(name, _)| *name).collect::<Vec<_>>()[..]
    {
        [] => String::new(),
        [one] => format!("use ndarray::{one};\n"),
        ref several => format!("use ndarray::{{{}}};\n", several.join(", ")),
    };
    let analysis = list(analysis);
    let (core, data) = (list(core), list(["PortableRng", "Task", task_type].into()));
    format!(
        "\
{ndarray}use rnn_analysis::{{{analysis}}};
{activation}use rnn_core::{{{core}}};
use rnn_data::{{{data}}};

fn main() -> Result<(), Box<dyn std::error::Error>> {{
    let seed = PortableRng::new({seed});
    let task = {task_type}::{task};
    let {mutable}sequence = task.sample::<f64>(1, &mut seed.stream({sequence}))?.counting(Timesteps::{over});
{edits}
    let mut rng = seed.stream({parameters});
    let (input, output) = (task.features(), task.outputs());
    let mut model = Model::<f64>::zeros({cell}, input, &[{hidden}; {layers}], output, Bias::{bias})?;
    model.initialize(Init::{start}, &mut rng)?;
{body}
    let mut scaled = model.clone();
    scale_recurrent(&model, &mut scaled, {weight_scale:?}, {bias_scale:?});
{hold}    let mut ws = scaled.workspace();
    let seen = pass(&scaled, sequence.run(), sequence.target(), &{loss}, &mut ws)?;
    println!(\"loss {{}}\", seen.loss);
    for ((layer, t), gradient) in seen.flow.grad_norm.indexed_iter() {{
        let h = seen.flow.hidden_norm[[layer, t]];
        println!(\"layer {{}}, t = {{}}: |h| {{h}}, |dL/dh| {{gradient}}\", layer + 1, t + 1);
    }}
{more}    Ok(())
}}
",
        sequence = stream::SEQUENCE,
        mutable = if settings.edits.is_empty() { "" } else { "mut " },
        edits = edits(settings),
        parameters = stream::PARAMETERS,
    )
}

/// The statements that change inputs and compute the targets again.
fn edits(settings: &Settings) -> String {
    if settings.edits.is_empty() {
        return String::new();
    }
    let set =
        |&Edit { timestep, value }: &Edit| format!("    sequence.x[[0, {}, 0]] = {value:?};\n", timestep - 1);
    let text = settings.edits.iter().map(set).collect::<Vec<_>>().concat();
    let answer = match settings.task {
        TaskKind::AddingProblem => {
            "(0..task.time()).filter(|&t| x[[0, t, 1]] == 1.0).map(|t| x[[0, t, 0]]).sum()".to_owned()
        }
        TaskKind::DelayedRecall => {
            let delay = settings.time / 2;
            format!("if t < {delay} {{ 0.0 }} else {{ x[[0, t - {delay}, 0]] }}")
        }
        _ => "(0..=t).map(|t| x[[0, t, 0]]).sum::<f64>() / (t + 1) as f64".to_owned(),
    };
    text + &format!(
        "    let (x, y) = (&sequence.x, sequence.y.values_mut().expect(\"the targets are values\"));
    for t in 0..task.time() {{
        y[[0, t, 0]] = {answer};
    }}\n"
    )
}

/// The type of the task, and the call of its constructor.
fn task(settings: &Settings) -> (&'static str, String) {
    let time = settings.time;
    match settings.task {
        TaskKind::CumulativeAverage => ("CumulativeAverage", format!("new({time})?")),
        TaskKind::AddingProblem => ("AddingProblem", format!("new({time})?")),
        TaskKind::CopyMemory => ("CopyMemory", format!("new({})?", time.saturating_sub(20))),
        TaskKind::TemporalOrder => ("TemporalOrder", format!("new({time})?")),
        TaskKind::DelayedRecall => ("DelayedRecall", format!("new({time}, {})?.masked()", time / 2)),
        TaskKind::FlipFlop => ("FlipFlop", format!("new({time}, 3, 0.25)?")),
        TaskKind::SineMixture => ("SineMixture", format!("new({time}, 2, 0.2..=0.7)?")),
    }
}

/// The loss.
fn loss(settings: &Settings) -> &'static str {
    let classes = matches!(settings.task, TaskKind::CopyMemory | TaskKind::TemporalOrder);
    if classes { "CrossEntropy" } else { "Mse" }
}

/// The timesteps that the loss counts.
fn over(settings: &Settings) -> &'static str {
    match settings.loss {
        LossOver::All => "All",
        LossOver::Last => "Last",
    }
}

/// The statements that follow the default initialization.
fn init(settings: &Settings, core: &mut BTreeSet<&str>) -> String {
    let gain = settings.gain;
    let recurrent = match settings.init {
        _ if !settings.cell.has_recurrent_weights() => String::new(),
        InitKind::Default => String::new(),
        InitKind::Gaussian => {
            core.extend(["Fan", "Weights"]);
            format!(
                "    let gaussian = Init::KaimingNormal {{ fan: Fan::In, gain: {gain:?} }};
    model.rnn.initialize_weights(Weights::Recurrent, gaussian, &mut rng)?;\n"
            )
        }
        InitKind::Orthogonal => {
            format!("    model.initialize(Init::Orthogonal {{ gain: {gain:?} }}, &mut rng)?;\n")
        }
        InitKind::Identity => {
            format!("    model.initialize(Init::Identity {{ scale: {gain:?} }}, &mut rng)?;\n")
        }
        InitKind::Critical => {
            format!("    model.initialize(Init::Critical {{ radius: {gain:?} }}, &mut rng)?;\n")
        }
        InitKind::NonNormal => {
            core.insert("Parameters");
            let (hidden, layers) = (settings.hidden, settings.layers);
            let rows = settings.cell.form().gates.len() * hidden;
            format!(
                "    let w_hh = Array2::from_shape_fn(({rows}, {hidden}), |(row, column)| match row % {hidden} {{
        i if i == column => 0.9 * {gain:?},
        i if i % 2 == 0 && column == i + 1 => 5.0 * {gain:?},
        _ => 0.0,
    }});
    for layer in 0..{layers} {{
        model.set_parameter(&format!(\"weight_hh_l{{layer}}\"), w_hh.view().into_dyn())?;
    }}\n"
            )
        }
    };
    let forget =
        settings.forget_bias.filter(|_| settings.cell.has_forget_bias()).map_or(String::new(), |bias| {
            format!("    model.initialize(Init::ForgetBias({bias:?}), &mut rng)?;\n")
        });
    recurrent + &forget
}
