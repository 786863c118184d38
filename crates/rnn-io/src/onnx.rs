//! Networks as ONNX files, for other runtimes.

mod proto;

use std::path::Path;

use ndarray::ArrayViewD;
use prost::Message;
use rnn_core::{Cell, Zoneout};
use safetensors::Dtype;

use crate::archive;
use crate::element::Element;
use crate::error::{Fault, Result};
use crate::model::{Model, check_finite};
use proto::{Attribute, Node, Tensor};

/// The operator set, of which `Shape` with `start` is the latest part (15), and the version of the format that goes with it.
const OPERATOR_SET: i64 = 17;
const IR_VERSION: i64 = 8;

/// Writes a model as an ONNX file of operator set 17, whole or not at all: `RNN`, `LSTM` and `GRU` nodes, and for a head
/// `MatMul` and `Add`.
///
/// The graph has one input, `x`, (batch, time, features), and one output, `prediction`, (batch, time, outputs), or for a
/// stack alone `output`, (batch, time, hidden). Batch and time are free. It computes what a pass without noise computes, from
/// the learned initial state or from zeros; ONNX' gates are in another order than PyTorch's, and are put there.
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
/// # Errors
/// [`Fault::Unsupported`] for a cell that ONNX does not have, for zoneout, which acts in passes without noise, too, and for
/// `bf16`; [`Fault::NonFinite`] for a parameter that is not finite; [`Fault::Io`].
pub fn export_onnx<F: Element>(path: impl AsRef<Path>, model: &impl Model<F>) -> Result<()> {
    let path = path.as_ref();
    encode(model).and_then(|bytes| archive::write_bytes(path, &bytes)).map_err(|fault| fault.at(path))
}

/// An operator of ONNX.
struct Operator {
    name: &'static str,
    /// Which of our gates stands where in ONNX' order.
    gates: &'static [usize],
    attributes: Vec<Attribute>,
}

impl Operator {
    fn of(cell: Cell, directions: usize) -> std::result::Result<Self, Fault> {
        let rnn = |activation: &str| {
            let activations = Attribute::strings("activations", &vec![activation; directions]);
            Self { name: "RNN", gates: &[0], attributes: vec![activations] }
        };
        Ok(match cell {
            Cell::ElmanTanh(_) => rnn("Tanh"),
            Cell::ElmanRelu(_) => rnn("Relu"),
            Cell::ElmanSigmoid(_) => rnn("Sigmoid"),
            Cell::ElmanIdentity(_) => {
                let mut affine = rnn("Affine");
                affine.attributes.push(Attribute::floats("activation_alpha", vec![1.0; directions]));
                affine.attributes.push(Attribute::floats("activation_beta", vec![0.0; directions]));
                affine
            }
            // Ours: i, f, g, o. ONNX': i, o, f, c.
            Cell::Lstm(_) => Self { name: "LSTM", gates: &[0, 3, 1, 2], attributes: Vec::new() },
            // Ours: r, z, n. ONNX': z, r, h.
            Cell::Gru(_) => {
                let after = Attribute::int("linear_before_reset", 1);
                Self { name: "GRU", gates: &[1, 0, 2], attributes: vec![after] }
            }
            other => return Err(unsupported(format!("the cell {other}"))),
        })
    }
}

fn unsupported(what: String) -> Fault {
    Fault::Unsupported { format: "ONNX", what }
}

fn encode<F: Element, M: Model<F>>(model: &M) -> std::result::Result<Vec<u8>, Fault> {
    check_finite(model)?;
    let data_type = match F::DTYPE {
        Dtype::F32 => proto::FLOAT,
        Dtype::F64 => proto::DOUBLE,
        Dtype::F16 => proto::FLOAT16,
        _ => return Err(unsupported(format!("networks of {}", F::NAME))),
    };
    let rnn = model.recurrent();
    if rnn.options().zoneout != Zoneout::default() {
        return Err(unsupported("zoneout".to_owned()));
    }
    let mut graph = GraphBuilder { data_type, nodes: Vec::new(), tensors: Vec::new() };
    graph.node("Transpose", &["x"], "by_time", vec![Attribute::ints("perm", &[1, 0, 2])]);
    let mut below = "by_time".to_owned();
    let levels = rnn.layers().len() / if rnn.options().bidirectional { 2 } else { 1 };
    if rnn.options().learned_initial {
        let batch = vec![Attribute::int("start", 1), Attribute::int("end", 2)];
        graph.node("Shape", &[&below], "batch", batch);
        graph.integers("one", &[1]);
        graph.node("Concat", &["one", "batch", "one"], "states", vec![Attribute::int("axis", 0)]);
    }
    for level in 0..levels {
        below = layer(&mut graph, model, level, &below)?;
    }
    let (name, width) = if let Some(head) = model.head() {
        let [weight, bias] = ["head.weight", "head.bias"].map(|name| parameter(model, name));
        let transposed = weight.t();
        graph.tensor("head.weight_t", transposed.shape(), transposed.iter().copied());
        graph.tensor("head.bias", bias.shape(), bias.iter().copied());
        graph.node("MatMul", &[&below, "head.weight_t"], "scores", vec![]);
        graph.node("Add", &["scores", "head.bias"], "prediction_by_time", vec![]);
        "prediction_by_time".clone_into(&mut below);
        ("prediction", head.output())
    } else {
        ("output", rnn.output())
    };
    graph.node("Transpose", &[&below], name, vec![Attribute::ints("perm", &[1, 0, 2])]);
    let graph = proto::Graph {
        name: "rnn".to_owned(),
        input: vec![sequence("x", data_type, rnn.input())],
        output: vec![sequence(name, data_type, width)],
        node: graph.nodes,
        initializer: graph.tensors,
    };
    let file = proto::Model {
        ir_version: IR_VERSION,
        producer_name: "rnn-io".to_owned(),
        producer_version: env!("CARGO_PKG_VERSION").to_owned(),
        graph: Some(graph),
        opset_import: vec![proto::OperatorSet { version: OPERATOR_SET }],
    };
    Ok(file.encode_to_vec())
}

/// Both directions of a layer, from (time, batch, input) to (time, batch, hidden). Returns the name of the latter.
fn layer<F: Element, M: Model<F>>(
    graph: &mut GraphBuilder,
    model: &M,
    level: usize,
    x: &str,
) -> std::result::Result<String, Fault> {
    let rnn = model.recurrent();
    let suffixes: &[&str] = if rnn.options().bidirectional { &["", "_reverse"] } else { &[""] };
    let directions = suffixes.len();
    let first = &rnn.layers()[level * directions];
    let (hidden, cell) = (first.hidden, first.widths().cell);
    let Operator { name, gates, mut attributes } = Operator::of(first.cell.clone().into(), directions)?;
    attributes.push(Attribute::int("hidden_size", hidden as i64));
    if directions == 2 {
        attributes.push(Attribute::string("direction", "bidirectional"));
    }

    let named = |what: &str| format!("{what}_l{level}");
    // The parameters of both directions, one after the other, with gates in ONNX' order.
    let gathered = |whats: &[&str]| -> Vec<F> {
        let mut numbers = Vec::new();
        for suffix in suffixes {
            for what in whats {
                match model.parameter(&format!("{what}_l{level}{suffix}")) {
                    Some(array) => {
                        let gate = array.len() / gates.len();
                        let array: Vec<F> = array.iter().copied().collect();
                        for &k in gates {
                            numbers.extend_from_slice(&array[k * gate..][..gate]);
                        }
                    }
                    // The other bias, where there is one only.
                    None => numbers.resize(numbers.len() + gates.len() * hidden, F::zero()),
                }
            }
        }
        numbers
    };
    let rows = gates.len() * hidden;
    let mut inputs = vec![x.to_owned(), named("W"), named("R"), String::new(), String::new()];
    graph.tensor(&inputs[1], &[directions, rows, first.input], gathered(&["weight_ih"]));
    graph.tensor(&inputs[2], &[directions, rows, hidden], gathered(&["weight_hh"]));
    let biases: &[&str] = match first.bias {
        rnn_core::Bias::None => &[],
        rnn_core::Bias::Single => &["bias", "bias_hh"],
        rnn_core::Bias::Double => &["bias_ih", "bias_hh"],
    };
    if !biases.is_empty() {
        inputs[3] = named("B");
        graph.tensor(&inputs[3], &[directions, 2 * rows], gathered(biases));
    }
    if rnn.options().learned_initial {
        for (what, width) in [("initial_h", hidden), ("initial_c", cell)].into_iter().filter(|(_, w)| *w > 0)
        {
            let both: Vec<F> = suffixes
                .iter()
                .flat_map(|suffix| parameter(model, &format!("{what}_l{level}{suffix}")).to_owned())
                .collect();
            let (one, all) = (named(what), named(&format!("{what}_all")));
            graph.tensor(&one, &[directions, 1, width], both);
            graph.node("Expand", &[&one, "states"], &all, vec![]);
            inputs.push(all);
        }
    }
    while inputs.last().is_some_and(String::is_empty) {
        inputs.pop();
    }
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let (states, side_by_side, output) = (named("Y"), named("Y_t"), named("h"));
    graph.node(name, &inputs, &states, attributes);
    // (time, direction, batch, hidden) to (time, batch, direction · hidden)
    graph.node("Transpose", &[&states], &side_by_side, vec![Attribute::ints("perm", &[0, 2, 1, 3])]);
    let shape = named("shape");
    graph.integers(&shape, &[0, 0, (directions * hidden) as i64]);
    graph.node("Reshape", &[&side_by_side, &shape], &output, vec![]);
    Ok(output)
}

fn parameter<'m, F: Element>(model: &'m impl Model<F>, name: &str) -> ArrayViewD<'m, F> {
    model.parameter(name).expect("a parameter of this model")
}

/// A value of shape (batch, time, `width`), of which batch and time are free.
fn sequence(name: &str, data_type: i32, width: usize) -> proto::ValueInfo {
    let free = |name: &str| proto::Size::Name(name.to_owned());
    let sizes = [free("batch"), free("time"), proto::Size::Value(width as i64)];
    let dim = sizes.map(|size| proto::Dimension { size: Some(size) }).to_vec();
    let tensor = proto::TensorType { data_type, shape: Some(proto::Shape { dim }) };
    proto::ValueInfo { name: name.to_owned(), kind: Some(proto::Type { tensor: Some(tensor) }) }
}

struct GraphBuilder {
    data_type: i32,
    nodes: Vec<Node>,
    tensors: Vec<Tensor>,
}

impl GraphBuilder {
    /// A node with one output, after which it is called.
    fn node(&mut self, operator: &str, inputs: &[&str], output: &str, attribute: Vec<Attribute>) {
        self.nodes.push(Node {
            input: inputs.iter().map(|&name| name.to_owned()).collect(),
            output: vec![output.to_owned()],
            name: format!("{operator}_{output}"),
            op_type: operator.to_owned(),
            attribute,
        });
    }

    fn tensor<F: Element>(&mut self, name: &str, shape: &[usize], numbers: impl IntoIterator<Item = F>) {
        let mut raw_data = Vec::new();
        numbers.into_iter().for_each(|x| x.write(&mut raw_data));
        let dims = shape.iter().map(|&size| size as i64).collect();
        self.tensors.push(Tensor { dims, data_type: self.data_type, name: name.to_owned(), raw_data });
    }

    fn integers(&mut self, name: &str, numbers: &[i64]) {
        let raw_data = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        let dims = vec![numbers.len() as i64];
        self.tensors.push(Tensor { dims, data_type: proto::INT64, name: name.to_owned(), raw_data });
    }
}
