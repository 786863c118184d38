//! A small interpreter of ONNX graphs, written after the text of the operators, which holds the export to account.

use std::collections::BTreeMap;
use std::ops::Range;

use ndarray::{Array, Array2, Array3, ArrayD, ArrayView, Axis, Ix2, Ix3, IxDyn, RemoveAxis, concatenate};
use prost::Message;
use rnn_core::{Bias, Cell, LayerState, Linear, Model, Options, Parameters, Random, Run, State};
use rnn_data::PortableRng;

use super::proto::{self, Attribute, Node};
use super::{OnnxOptions, encode};

type Values = BTreeMap<String, ArrayD<f64>>;

/// The values of a graph for these inputs.
fn run(bytes: &[u8], inputs: &[(&str, ArrayD<f64>)]) -> Values {
    let file = proto::Model::decode(bytes).expect("a model");
    let graph = file.graph.expect("a graph");
    let mut values: Values = inputs.iter().map(|(name, x)| ((*name).to_owned(), x.clone())).collect();
    let names: Vec<_> = graph.input.iter().map(|input| input.name.as_str()).collect();
    assert_eq!(names, inputs.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for tensor in graph.initializer {
        let shape: Vec<_> = tensor.dims.iter().map(|&size| size as usize).collect();
        let eight = |b: &[u8]| b.try_into().expect("eight bytes");
        let number = |b: &[u8]| match tensor.data_type {
            proto::DOUBLE => f64::from_le_bytes(eight(b)),
            proto::INT64 => i64::from_le_bytes(eight(b)) as f64,
            other => panic!("the type {other}"),
        };
        let numbers = tensor.raw_data.chunks(8).map(number).collect();
        values.insert(tensor.name, ArrayD::from_shape_vec(shape, numbers).expect("a shape"));
    }
    for node in &graph.node {
        for (name, value) in node.output.iter().zip(apply(node, &values)) {
            assert!(values.insert(name.clone(), value).is_none(), "{name} is set twice");
        }
    }
    graph.output.iter().for_each(|output| assert!(values.contains_key(&output.name)));
    values
}

/// A part of an array along one axis.
fn part<D: RemoveAxis>(of: &ArrayView<'_, f64, D>, axis: usize, range: Range<usize>) -> Array<f64, D> {
    let (_, rest) = of.view().split_at(Axis(axis), range.start);
    rest.split_at(Axis(axis), range.len()).0.to_owned()
}

fn attribute<'n>(node: &'n Node, name: &str) -> Option<&'n Attribute> {
    node.attribute.iter().find(|attribute| attribute.name == name)
}

fn int(node: &Node, name: &str) -> Option<i64> {
    attribute(node, name).and_then(|attribute| attribute.i)
}

fn sizes(x: &ArrayD<f64>) -> Vec<usize> {
    x.iter().map(|&size| size as usize).collect()
}

/// The outputs of a node.
fn apply(node: &Node, values: &Values) -> Vec<ArrayD<f64>> {
    let input = |k: usize| node.input.get(k).filter(|name| !name.is_empty()).map(|name| values[name].clone());
    let x = input(0).expect("an input");
    let second = || input(1).expect("a second input");
    match node.op_type.as_str() {
        "Transpose" => {
            let axes: Vec<_> =
                attribute(node, "perm").expect("perm").ints.iter().map(|&a| a as usize).collect();
            vec![x.permuted_axes(axes)]
        }
        "Reshape" => {
            let sizes = sizes(&second()).into_iter().enumerate();
            let shape: Vec<_> = sizes.map(|(k, size)| if size == 0 { x.shape()[k] } else { size }).collect();
            let rows = x.iter().copied().collect();
            vec![ArrayD::from_shape_vec(shape, rows).expect("as many numbers")]
        }
        "Shape" => {
            let [start, end] = ["start", "end"].map(|name| int(node, name).expect(name) as usize);
            vec![ArrayD::from_shape_fn(IxDyn(&[end - start]), |k| x.shape()[start + k[0]] as f64)]
        }
        "Concat" => {
            let parts: Vec<_> = node.input.iter().map(|name| values[name].view()).collect();
            let axis = Axis(int(node, "axis").expect("an axis") as usize);
            vec![concatenate(axis, &parts).expect("shapes that fit")]
        }
        "Split" => {
            let mut rest = x.view();
            let part = |size| {
                let (part, after) = rest.clone().split_at(Axis(0), size);
                rest = after;
                part.to_owned()
            };
            sizes(&second()).into_iter().map(part).collect()
        }
        "Expand" => {
            // Both ways, as `numpy.broadcast`.
            let wanted = sizes(&second());
            let shape: Vec<_> = x.shape().iter().zip(&wanted).map(|(&a, &b)| a.max(b)).collect();
            vec![x.broadcast(shape).expect("a shape").to_owned()]
        }
        "MatMul" => {
            let w = second().into_dimensionality::<Ix2>().expect("a matrix");
            let x = x.into_dimensionality::<Ix3>().expect("three axes");
            let rows: Vec<_> = x.outer_iter().map(|x| x.dot(&w)).collect();
            let rows: Vec<_> = rows.iter().map(|row| row.view()).collect();
            vec![ndarray::stack(Axis(0), &rows).expect("shapes that fit").into_dyn()]
        }
        "Add" => vec![x + second()],
        "RNN" | "GRU" | "LSTM" => recurrent(node, &x, &input),
        other => panic!("the operator {other}"),
    }
}

/// An activation, whose argument is cut off at ± clip.
struct Activation {
    name: String,
    alpha: f64,
    beta: f64,
    clip: f64,
}

impl Activation {
    fn of(&self, z: &Array2<f64>) -> Array2<f64> {
        let Self { alpha, beta, clip, .. } = *self;
        z.mapv(|z| z.clamp(-clip, clip)).mapv(|z| match self.name.as_str() {
            "Tanh" => z.tanh(),
            "Sigmoid" => 1.0 / (1.0 + (-z).exp()),
            "Relu" => z.max(0.0),
            "Softsign" => z / (1.0 + z.abs()),
            "HardSigmoid" => (alpha * z + beta).clamp(0.0, 1.0),
            "Affine" => alpha * z + beta,
            other => panic!("the activation {other}"),
        })
    }
}

fn activations(node: &Node) -> Vec<Activation> {
    let numbers = |name| attribute(node, name).map_or(Vec::new(), |attribute| attribute.floats.clone());
    let (mut alphas, mut betas) =
        (numbers("activation_alpha").into_iter(), numbers("activation_beta").into_iter());
    let clip = attribute(node, "clip").and_then(|attribute| attribute.f).map_or(f64::INFINITY, f64::from);
    let names = &attribute(node, "activations").expect("activations").strings;
    let made: Vec<_> = names
        .iter()
        .map(|name| {
            let name = String::from_utf8(name.clone()).expect("text");
            let takes = name == "Affine" || name == "HardSigmoid";
            let next = |numbers: &mut std::vec::IntoIter<f32>| {
                if takes { f64::from(numbers.next().expect("a number for each")) } else { 0.0 }
            };
            Activation { alpha: next(&mut alphas), beta: next(&mut betas), clip, name }
        })
        .collect();
    assert!(alphas.next().is_none() && betas.next().is_none());
    made
}

/// Y, Y_h and Y_c of a recurrent operator.
fn recurrent(
    node: &Node,
    x: &ArrayD<f64>,
    input: &impl Fn(usize) -> Option<ArrayD<f64>>,
) -> Vec<ArrayD<f64>> {
    let x = x.view().into_dimensionality::<Ix3>().expect("(time, batch, features)");
    let (time, batch, _) = x.dim();
    let hidden = int(node, "hidden_size").expect("a size") as usize;
    let three = |k| input(k).map(|x| x.into_dimensionality::<Ix3>().expect("three axes"));
    let two = |k| input(k).map(|x| x.into_dimensionality::<Ix2>().expect("two axes"));
    let (w, r) = (three(1).expect("W"), three(2).expect("R"));
    let (directions, rows, _) = w.dim();
    let named = attribute(node, "direction").and_then(|a| a.s.clone()).unwrap_or(b"forward".to_vec());
    assert_eq!(directions, if named == b"bidirectional" { 2 } else { 1 });
    let b = two(3).unwrap_or(Array2::zeros((directions, 2 * rows)));
    assert!(input(4).is_none(), "no lengths");
    let zeros = || Array3::zeros((directions, batch, hidden));
    let (h_0, c_0) = (three(5).unwrap_or_else(zeros), three(6).unwrap_or_else(zeros));
    let p = two(7).unwrap_or(Array2::zeros((directions, 3 * hidden)));
    let all = activations(node);
    let each = all.len() / directions;
    let flag = |name| int(node, name).unwrap_or(0) != 0;

    let mut y = ArrayD::zeros(IxDyn(&[time, directions, batch, hidden]));
    let (mut h_n, mut c_n) = (zeros(), zeros());
    for d in 0..directions {
        let act = &all[d * each..][..each];
        let own = |of: ndarray::ArrayView1<'_, f64>, k: usize| part(&of, 0, k * hidden..(k + 1) * hidden);
        let (w, r, b, p) = (w.index_axis(Axis(0), d), r.index_axis(Axis(0), d), b.row(d), p.row(d));
        let weight = |of: &ndarray::ArrayView2<'_, f64>, k: usize| {
            part(of, 0, k * hidden..(k + 1) * hidden).reversed_axes()
        };
        let gates = rows / hidden;
        let mut h = h_0.index_axis(Axis(0), d).to_owned();
        let mut c = c_0.index_axis(Axis(0), d).to_owned();
        for step in 0..time {
            let t = if d == 0 { step } else { time - 1 - step };
            let x_t = x.index_axis(Axis(0), t);
            let a = |k: usize| x_t.dot(&weight(&w, k)) + own(b, k);
            let u = |h: &Array2<f64>, k: usize| h.dot(&weight(&r, k)) + own(b, gates + k);
            let peep = |k: usize, c: &Array2<f64>| c * &own(p, k);
            match node.op_type.as_str() {
                "RNN" => h = act[0].of(&(a(0) + u(&h, 0))),
                "GRU" => {
                    let z = act[0].of(&(a(0) + u(&h, 0)));
                    let reset = act[0].of(&(a(1) + u(&h, 1)));
                    let new = if flag("linear_before_reset") {
                        a(2) + &reset * &u(&h, 2)
                    } else {
                        a(2) + u(&(&reset * &h), 2)
                    };
                    h = (1.0 - &z) * act[1].of(&new) + &z * &h;
                }
                _ => {
                    let i = act[0].of(&(a(0) + u(&h, 0) + peep(0, &c)));
                    let f = if flag("input_forget") {
                        1.0 - &i
                    } else {
                        act[0].of(&(a(2) + u(&h, 2) + peep(2, &c)))
                    };
                    c = f * &c + i * act[1].of(&(a(3) + u(&h, 3)));
                    let o = act[0].of(&(a(1) + u(&h, 1) + peep(1, &c)));
                    h = o * act[2].of(&c);
                }
            }
            y.index_axis_mut(Axis(0), t).index_axis_mut(Axis(0), d).assign(&h);
        }
        h_n.index_axis_mut(Axis(0), d).assign(&h);
        c_n.index_axis_mut(Axis(0), d).assign(&c);
    }
    vec![y, h_n.into_dyn(), c_n.into_dyn()]
}

fn model(cell: &str, sizes: &[usize], options: Options) -> Model<f64> {
    let cell: Cell<f64> = cell.parse().expect("a built-in cell");
    let mut model = Model::zeros(cell, 2, sizes, 3, options).expect("a model");
    for block in model.blocks_mut() {
        PortableRng::new(4).fill_uniform(-1.0, 1.0, block.as_mut_slice());
    }
    model
}

fn noise(shape: (usize, usize, usize)) -> Array3<f64> {
    let mut x = Array3::zeros(shape);
    PortableRng::new(5).fill_uniform(-3.0, 3.0, x.as_slice_mut().expect("it is contiguous"));
    x
}

#[track_caller]
fn near(found: &ArrayD<f64>, expected: &ArrayD<f64>, what: &str) {
    assert_eq!(found.shape(), expected.shape(), "{what}");
    // Numbers of activations are `f32` in ONNX.
    let close = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(close, "{what}: {found} is not {expected}");
}

const CELLS: [&str; 17] = [
    "rnn-tanh",
    "rnn-relu",
    "rnn-sigmoid",
    "rnn-identity",
    "rnn(activation=softsign)",
    "rnn(activation=hard-sigmoid)",
    "rnn(activation=hard-tanh)",
    "rnn(activation=clip(of=tanh, limit=0.5))",
    "lstm",
    "lstm(gate=hard-sigmoid, candidate=softsign)",
    "lstm-peephole",
    "lstm-coupled",
    "lstm-coupled(gate=hard-sigmoid, candidate=relu)",
    "gru",
    "gru(gate=hard-sigmoid, candidate=identity)",
    "gru(gate=clip(of=sigmoid, limit=0.5), candidate=clip(of=tanh, limit=0.5))",
    "gru-reset-before",
];

/// Would catch: gates in another order, a bias at the wrong place, a direction that is not turned round.
#[test]
fn a_graph_computes_what_the_model_does() {
    let x = noise((3, 5, 2));
    for cell in CELLS {
        for bias in [Bias::None, Bias::Single, Bias::Double] {
            for (bidirectional, learned) in [(false, false), (false, true), (true, false), (true, true)] {
                let options = Options::from(bias).bidirectional(bidirectional).learned_initial(learned);
                let mut model = model(cell, &[4, 3], options);
                let what = format!("{cell} {options:?}");
                let bytes = encode(&model, OnnxOptions::default()).expect(&what);
                let values = run(&bytes, &[("x", x.clone().into_dyn())]);
                near(&values["prediction"], &model.predict(x.view()).expect("finite").into_dyn(), &what);
                model.head = Linear::zeros_without_bias(model.rnn.output(), 3).expect("a head");
                let bytes = encode(&model.rnn, OnnxOptions::default()).expect(&what);
                let mut ws = model.workspace();
                model.forward(x.view(), &mut ws).expect("finite");
                let top = ws.rnn.output().to_owned().into_dyn();
                near(&run(&bytes, &[("x", x.clone().into_dyn())])["output"], &top, &what);
            }
        }
    }
}

/// A sequence in two pieces, the second from the states that the first ended in.
#[test]
fn a_graph_with_states_goes_on_where_it_stopped() {
    let x = noise((2, 6, 2));
    for cell in ["rnn-tanh", "lstm", "gru", "lstm-peephole"] {
        for (sizes, bidirectional) in [(&[4, 4][..], false), (&[4, 4], true), (&[4, 3], true), (&[4], false)]
        {
            let what = format!("{cell} {sizes:?} {bidirectional}");
            let options = Options::default().bidirectional(bidirectional).learned_initial(true);
            let model = model(cell, sizes, options);
            let bytes = encode(&model, OnnxOptions::default().states(true)).expect(&what);
            let joined = sizes.iter().all(|size| *size == sizes[0]);
            let directions = if bidirectional { 2 } else { 1 };

            let mut ws = model.workspace();
            model.forward(part(&x.view(), 1, 0..4).view(), &mut ws).expect("finite");
            let first = ws.rnn.final_state();
            let names = |letter: &str, when: &str| -> Vec<String> {
                let one = format!("{letter}_{when}");
                if joined { vec![one] } else { (0..sizes.len()).map(|l| format!("{one}_l{l}")).collect() }
            };
            // (levels · directions, batch, hidden), or a level at a time
            let arrays = |state: &State<f64>, of: fn(&LayerState<f64>) -> Option<&Array2<f64>>| {
                let layers: Vec<_> = state.layers.iter().filter_map(of).map(|x| x.view()).collect();
                let chunk = if joined { layers.len().max(1) } else { directions };
                let stack = |some: &[_]| ndarray::stack(Axis(0), some).expect("one size").into_dyn();
                layers.chunks(chunk).map(stack).collect::<Vec<_>>()
            };
            let of = |state: &State<f64>, when: &str| -> Vec<(String, ArrayD<f64>)> {
                let h = names("h", when).into_iter().zip(arrays(state, |layer| Some(&layer.h)));
                h.chain(names("c", when).into_iter().zip(arrays(state, |layer| layer.c.as_ref()))).collect()
            };
            let second = part(&x.view(), 1, 4..6);
            let state = of(&first, "0");
            let mut inputs = vec![("x", second.clone().into_dyn())];
            inputs.extend(state.iter().map(|(name, x)| (name.as_str(), x.clone())));
            let values = run(&bytes, &inputs);
            model.forward(Run::over(second.view()).from_state(&first), &mut ws).expect("finite");
            near(&values["prediction"], &ws.prediction().to_owned().into_dyn(), &what);
            for (name, expected) in of(&ws.rnn.final_state(), "n") {
                near(&values[&name], &expected, &format!("{what} {name}"));
            }
        }
    }
}
