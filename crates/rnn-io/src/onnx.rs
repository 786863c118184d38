//! Networks as ONNX files, for other runtimes.

mod graph;
mod operator;
mod proto;
#[cfg(test)]
mod reference;
mod states;

use std::path::Path;

use ndarray::ArrayViewD;
use prost::Message;
use rnn_core::cell::Name;
use rnn_core::{Cell, Readout, Zoneout};
use safetensors::Dtype;

use crate::architecture::is_builtin;
use crate::element::Element;
use crate::error::{Fault, Result};
use crate::model::{Network, check_finite};
use graph::{GraphBuilder, Size};
use operator::{Kind, Operator};
use proto::Attribute;
use states::States;

/// The operator set, which `Shape` with `start` needs to be at least 15, and the version of the format that goes with it.
const OPERATOR_SET: i64 = 17;
const IR_VERSION: i64 = 8;

/// What an ONNX file holds.
///
/// ```
/// use rnn_core::{Bias, Gru, Model};
/// use rnn_data::PortableRng;
/// use rnn_io::{OnnxOptions, export_onnx_with};
///
/// // For onnxruntime, one timestep or a few at a time.
/// let model = Model::<f64>::new(Gru, 2, &[8], 1, Bias::Double, &mut PortableRng::new(0))?;
/// let folder = tempfile::tempdir()?;
/// let options = OnnxOptions::default().single_precision(true).states(true);
/// export_onnx_with(folder.path().join("model.onnx"), &model, &options)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OnnxOptions {
    /// Whether the parameters are rounded to f32 and the graph computes in f32. By default it computes in the float type of
    /// the model. ONNX defines its recurrent operators for f64, but onnxruntime has no kernels for them and refuses such a
    /// file.
    pub single_precision: bool,
    /// Whether the initial states are inputs and the final states are outputs, so that a sequence can be run in pieces: `h_0`
    /// and `h_n`, and for a cell with a state c, `c_0` and `c_n`. Each is (levels · directions, batch, hidden), as in
    /// PyTorch. If the levels have different sizes, each level has its own, `h_0_l0` (directions, batch, hidden) and so on.
    ///
    /// Learned initial states are then not in the file; the caller gives them as `h_0` and `c_0`.
    pub states: bool,
}

/// Each method sets one option and leaves the others as they are.
impl OnnxOptions {
    /// Sets [`single_precision`](Self#structfield.single_precision).
    #[must_use]
    pub fn single_precision(self, single_precision: bool) -> Self {
        Self { single_precision, ..self }
    }

    /// Sets [`states`](Self#structfield.states).
    #[must_use]
    pub fn states(self, states: bool) -> Self {
        Self { states, ..self }
    }
}

/// Writes a model as an ONNX file with default [`OnnxOptions`].
///
/// The file has operator set 17, an `RNN`, `LSTM` or `GRU` node for each level, and for a head `MatMul` and `Add`. It is
/// written whole or not at all.
///
/// The graph has one input, `x`, (batch, time, features), and one output: `prediction`, (batch, time, outputs), or for a
/// stack without a head `output`, (batch, time, hidden). Batch and time are free. The graph computes what a pass without
/// noise computes, from the learned initial state or from zeros.
///
/// ```
/// use rnn_core::{Bias, Gru, Model};
/// use rnn_data::PortableRng;
///
/// let model = Model::<f32>::new(Gru, 2, &[8], 1, Bias::Double, &mut PortableRng::new(0))?;
/// let folder = tempfile::tempdir()?;
/// rnn_io::export_onnx(folder.path().join("model.onnx"), &model)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The cells with a node are [`Elman`](rnn_core::Elman), [`Lstm`](struct@rnn_core::Lstm),
/// [`PeepholeLstm`](struct@rnn_core::PeepholeLstm), [`CoupledLstm`](struct@rnn_core::CoupledLstm),
/// [`Gru`](struct@rnn_core::Gru) and [`GruResetBefore`](struct@rnn_core::GruResetBefore), with the activations `tanh`,
/// `sigmoid`, `relu`, `softsign`, `identity` and `hard-sigmoid`. ONNX has one limit for the arguments of all activations of a
/// level, so `clip` of these must have the same limit everywhere, and `hard-tanh`, which is the identity with a limit of 1,
/// must be the only activation. The LSTMs may have no limit, because by the text of ONNX it also acts on the way from c to h,
/// and in onnxruntime it does not.
///
/// # Errors
/// [`Fault::Unsupported`] for another cell or activation, [`Fault::NotBuiltin`] for a cell with the name of a built-in one that
/// computes something else; [`Fault::Unsupported`] for projections and layer normalization, for zoneout, which acts
/// in passes without noise, too, and for `bf16` without [`OnnxOptions::single_precision`]; [`Fault::NonFinite`] for a
/// parameter that is not finite; [`Fault::NoFile`] if the path names a folder, a pipe or a device; [`Fault::Io`].
pub fn export_onnx<F: Element>(path: impl AsRef<Path>, model: &impl Network<F>) -> Result<()> {
    export_onnx_with(path, model, &OnnxOptions::default())
}

/// Writes a model as an ONNX file.
///
/// # Errors
/// As [`export_onnx`].
pub fn export_onnx_with<F: Element>(
    path: impl AsRef<Path>,
    model: &impl Network<F>,
    options: &OnnxOptions,
) -> Result<()> {
    let path = path.as_ref();
    let bytes = encode(model, *options);
    bytes.and_then(|bytes| Ok(rnn_file::write(path, &bytes)?)).map_err(|fault| fault.at(path))
}

fn unsupported(what: String) -> Fault {
    Fault::Unsupported { format: "the ONNX export", what }
}

fn encode<F: Element, M: Network<F>>(model: &M, options: OnnxOptions) -> std::result::Result<Vec<u8>, Fault> {
    check_finite(model)?;
    let data_type = match F::DTYPE {
        Dtype::F32 => proto::FLOAT,
        _ if options.single_precision => proto::FLOAT,
        Dtype::F64 => proto::DOUBLE,
        Dtype::F16 => proto::FLOAT16,
        _ => return Err(unsupported(format!("{} without `OnnxOptions::single_precision`", F::NAME))),
    };
    let rnn = model.recurrent();
    let built = rnn.options();
    for (used, what) in [
        (built.zoneout != Zoneout::default(), "zoneout"),
        (model.readout() != Readout::EveryTimestep, "a head on the final states"),
        (built.projection.is_some(), "projections"),
        (built.layer_norm.is_some(), "layer normalization"),
    ] {
        if used {
            return Err(unsupported(what.to_owned()));
        }
    }

    let mut graph = GraphBuilder::new(data_type);
    let sequence = |width| [Size::Free("batch"), Size::Free("time"), Size::Fixed(width)];
    let x = graph.value("x", sequence(rnn.input()));
    graph.graph.input.push(x);
    graph.node("Transpose", &["x"], "by_time", vec![Attribute::ints("perm", &[1, 0, 2])]);
    let directions = if built.bidirectional { 2 } else { 1 };
    let levels = rnn.layers().iter().step_by(directions);
    let (hidden, cell): (Vec<_>, Vec<_>) = levels.map(|layer| (layer.hidden, layer.cell_width())).unzip();
    let mut states = Vec::new();
    if options.states {
        states.push(States::enter('h', directions, hidden.clone(), &mut graph));
        if cell[0] > 0 {
            states.push(States::enter('c', directions, cell, &mut graph));
        }
    } else if built.learned_initial {
        let batch = vec![Attribute::int("start", 1), Attribute::int("end", 2)];
        graph.node("Shape", &["by_time"], "batch", batch);
        graph.integers("one", &[1]);
        graph.node("Concat", &["one", "batch", "one"], "states", vec![Attribute::int("axis", 0)]);
    }
    let mut below = "by_time".to_owned();
    for level in 0..hidden.len() {
        below = add_level(&mut graph, model, level, &below, &states)?;
    }
    let (name, width) = if let Some(head) = model.head() {
        below = add_head(&mut graph, model, &below)?;
        ("prediction", head.output())
    } else {
        ("output", rnn.output())
    };
    graph.node("Transpose", &[&below], name, vec![Attribute::ints("perm", &[1, 0, 2])]);
    let y = graph.value(name, sequence(width));
    graph.graph.output.push(y);
    for states in &states {
        states.leave(&mut graph);
    }
    let file = proto::Model {
        ir_version: IR_VERSION,
        producer_name: "rnn-io".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(graph.graph),
        opset_import: vec![proto::OperatorSet { version: OPERATOR_SET }],
    };
    Ok(file.encode_to_vec())
}

/// Adds the head, which reads (time, batch, hidden). Returns the name of its output.
fn add_head<F: Element>(
    graph: &mut GraphBuilder,
    model: &impl Network<F>,
    below: &str,
) -> std::result::Result<String, Fault> {
    let weight = parameter(model, "head.weight");
    let transposed = weight.t();
    graph.tensor("head.weight_t", transposed.shape(), transposed.iter().copied())?;
    let product = "head.product".to_owned();
    graph.node("MatMul", &[below, "head.weight_t"], &product, vec![]);
    let Some(bias) = model.parameter("head.bias") else { return Ok(product) };
    graph.tensor("head.bias", bias.shape(), bias.iter().copied())?;
    let sum = "prediction_by_time".to_owned();
    graph.node("Add", &[&product, "head.bias"], &sum, vec![]);
    Ok(sum)
}

/// Adds both directions of a level, from (time, batch, input) to (time, batch, hidden). Returns the name of its output.
fn add_level<F: Element, M: Network<F>>(
    graph: &mut GraphBuilder,
    model: &M,
    level: usize,
    x: &str,
    states: &[States],
) -> std::result::Result<String, Fault> {
    let rnn = model.recurrent();
    let suffixes: &[&str] = if rnn.options().bidirectional { &["", "_reverse"] } else { &[""] };
    let directions = suffixes.len();
    let layers = &rnn.layers()[level * directions..][..directions];
    let (first, hidden, cell) = (&layers[0], layers[0].hidden, layers[0].cell_width());
    let Operator { kind, mut attributes } = Operator::of(
        &layers.iter().map(|layer| builtin(&layer.cell)).collect::<std::result::Result<Vec<_>, _>>()?,
    )?;
    let Kind { name, gates, peepholes, .. } = kind;
    attributes.push(Attribute::int("hidden_size", hidden as i64));
    if directions == 2 {
        attributes.push(Attribute::string("direction", "bidirectional"));
    }

    let named = |what: &str| format!("{what}_l{level}");
    let found = |what: &str, suffix: &str| model.parameter(&format!("{what}_l{level}{suffix}"));
    // The arrays of both directions, one after the other, with gates in ONNX' order. What the cell does not have is 0.
    let gathered = |whats: &[&str], columns: usize| -> Vec<F> {
        let (mut numbers, gate) = (Vec::new(), hidden * columns);
        for suffix in suffixes {
            for what in whats {
                let array: Option<Vec<F>> = found(what, suffix).map(|array| array.iter().copied().collect());
                for k in gates {
                    match (&array, k) {
                        (Some(array), Some(k)) => numbers.extend_from_slice(&array[k * gate..][..gate]),
                        _ => numbers.resize(numbers.len() + gate, F::zero()),
                    }
                }
            }
        }
        numbers
    };
    let rows = gates.len() * hidden;
    // X, W, R, B, the lengths, h_0, c_0, P.
    let mut inputs = vec![String::new(); 8];
    inputs[..3].clone_from_slice(&[x.to_owned(), named("W"), named("R")]);
    graph.tensor(&inputs[1], &[directions, rows, first.input], gathered(&["weight_ih"], first.input))?;
    graph.tensor(&inputs[2], &[directions, rows, hidden], gathered(&["weight_hh"], hidden))?;
    let biases: &[&str] = match first.bias {
        rnn_core::Bias::None => &[],
        rnn_core::Bias::Single => &["bias", "bias_hh"],
        rnn_core::Bias::Double => &["bias_ih", "bias_hh"],
    };
    if !biases.is_empty() {
        inputs[3] = named("B");
        graph.tensor(&inputs[3], &[directions, 2 * rows], gathered(biases, 1))?;
    }
    for (states, input) in states.iter().zip(&mut inputs[5..7]) {
        *input = states.initial(level);
    }
    if states.is_empty() && rnn.options().learned_initial {
        for (at, what, width) in [(5, "initial_h", hidden), (6, "initial_c", cell)] {
            if width > 0 {
                let both: Vec<F> =
                    suffixes.iter().filter_map(|suffix| found(what, suffix)).flatten().copied().collect();
                inputs[at] = named(&format!("{what}_all"));
                graph.tensor(&named(what), &[directions, 1, width], both)?;
                graph.node("Expand", &[&named(what), "states"], &inputs[at], vec![]);
            }
        }
    }
    if !peepholes.is_empty() {
        let both: Vec<F> = suffixes
            .iter()
            .flat_map(|suffix| peepholes.iter().filter_map(|what| found(what, suffix)).flatten().copied())
            .collect();
        inputs[7] = named("P");
        graph.tensor(&inputs[7], &[directions, peepholes.len() * hidden], both)?;
    }
    while inputs.last().is_some_and(String::is_empty) {
        inputs.pop();
    }

    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let mut outputs = vec![named("Y")];
    outputs.extend(states.iter().map(|states| states.last(level)));
    graph.node_of(name, &inputs, &outputs, attributes);
    // (time, direction, batch, hidden) to (time, batch, direction · hidden)
    let (side_by_side, output, shape) = (named("Y_t"), named("h"), named("shape"));
    graph.node("Transpose", &[&outputs[0]], &side_by_side, vec![Attribute::ints("perm", &[0, 2, 1, 3])]);
    graph.integers(&shape, &[0, 0, (directions * hidden) as i64]);
    graph.node("Reshape", &[&side_by_side, &shape], &output, vec![]);
    Ok(output)
}

/// The name of a built-in cell. A cell of the caller's own has no operator.
fn builtin<F: Element>(cell: &Cell<F>) -> std::result::Result<Name, Fault> {
    if is_builtin(cell)? { Ok(cell.name()) } else { Err(unsupported(format!("the cell {cell}"))) }
}

fn parameter<'m, F: Element>(model: &'m impl Network<F>, name: &str) -> ArrayViewD<'m, F> {
    model.parameter(name).expect("a parameter of this model")
}
