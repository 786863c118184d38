//! What ONNX cannot hold. What it can is held against onnxruntime by `tests/python`.

use half::bf16;
use rnn_core::{Bias, Cell, Gru, Lstm, Options, Readout};
use rnn_io::{OnnxOptions, export_onnx, export_onnx_with};
use tempfile::tempdir;

use crate::{assert_names, model};

#[test]
fn what_onnx_has_no_way_to_say_is_named() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    assert_names(export_onnx(&path, &model::<bf16>(Lstm, Bias::Double)), &["model.onnx", "ONNX", "bf16"]);
    let zoneout = Options::default().zoneout(0.1, 0.0);
    assert_names(
        export_onnx(&path, &model::<f32>(Gru, zoneout)),
        &["the ONNX export does not support zoneout"],
    );
    let mut bad = model::<f32>(Gru, Bias::Double);
    bad.rnn.params_mut().get_mut("weight_ih_l0").unwrap()[[1, 1]] = f32::INFINITY;
    assert_names(export_onnx(&path, &bad), &["inf in tensor weight_ih_l0, at [1, 1]"]);
    assert!(!path.exists());
}

/// Would catch: an operator or an attribute without which the file computes another cell.
#[test]
fn each_cell_with_a_node_has_its_operator() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    for (name, operator, flag) in [
        ("rnn-tanh", "RNN", None),
        ("rnn(activation=hard-tanh)", "RNN", None),
        ("rnn(activation=clip(of=relu, limit=2))", "RNN", None),
        ("gru(gate=hard-sigmoid, candidate=softsign)", "GRU", Some("linear_before_reset")),
        ("lstm", "LSTM", None),
        ("lstm-peephole", "LSTM", None),
        ("lstm-coupled", "LSTM", Some("input_forget")),
        ("gru", "GRU", Some("linear_before_reset")),
        ("gru-reset-before", "GRU", None),
    ] {
        for options in [Options::from(Bias::Single), Options::default().bidirectional(true)] {
            export_onnx(&path, &model::<f32>(name.parse::<Cell<f32>>().unwrap(), options)).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            assert!(has(operator), "{name}");
            for known in ["input_forget", "linear_before_reset"] {
                assert_eq!(has(known), flag == Some(known), "{name}: {known}");
            }
            // Peepholes are the eighth input, and an initializer of (directions, 3 · hidden).
            assert_eq!(has("P_l0"), name == "lstm-peephole", "{name}");
        }
    }
}

/// Would catch: a cell, a projection or a readout that is left out without a word.
#[test]
fn every_other_cell_and_option_is_refused_by_its_name() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    for cell in Cell::<f32>::all() {
        let name = cell.to_string();
        let known = ["lstm", "lstm-peephole", "lstm-coupled", "gru", "gru-reset-before"];
        if !name.starts_with("rnn-") && !known.contains(&name.as_str()) {
            assert_names(export_onnx(&path, &model::<f32>(cell, Bias::Double)), &["the cell ", &name]);
        }
    }
    let final_states = model::<f32>(Gru, Bias::Double).with_readout(Readout::FinalStates);
    assert_names(export_onnx(&path, &final_states), &["a head on the final states"]);
    for (options, what) in [
        (Options::default().projection(2), "projections"),
        (Options::default().layer_norm(1e-5), "layer normalization"),
    ] {
        assert_names(export_onnx(&path, &model::<f32>(Lstm, options)), &[what]);
    }
    assert!(!path.exists());
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let folder = tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    let model = model::<f32>(Gru, Options::default().bidirectional(true).learned_initial(true));
    for path in [&a, &b] {
        export_onnx(path, &model).unwrap();
    }
    assert_eq!(std::fs::read(a).unwrap(), std::fs::read(b).unwrap());
}

/// A head without a bias, an f64 model in f32, states of levels of one size and of two: every graph must be built.
#[test]
fn options_are_written() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    let states = OnnxOptions::default().states(true).single_precision(true);
    let bytes = |model: &rnn_core::Model<f64>| {
        export_onnx_with(&path, model, &states).unwrap();
        String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned()
    };
    let mut uneven = model::<f64>(Lstm, Options::default().learned_initial(true));
    let text = bytes(&uneven);
    for name in ["h_0_l0", "c_0_l1", "h_n_l1", "c_n_l0"] {
        assert!(text.contains(name), "{name}");
    }
    assert!(!text.contains("initial_h"), "the caller gives the states");
    uneven.head = rnn_core::Linear::zeros_without_bias(3, 2).unwrap();
    assert!(!bytes(&uneven).contains("head.bias"));
    let even = rnn_core::Model::<f64>::zeros(Gru, 2, &[4, 4], 2, Bias::Double).unwrap();
    let text = bytes(&even);
    assert!(text.contains("Split") && text.contains("h_n"));
    assert!(!text.contains("c_0"), "a GRU has no c");
    export_onnx_with(&path, &model::<bf16>(Lstm, Bias::Double), &states).unwrap();
    let mut large = model::<f64>(Gru, Bias::Double);
    large.rnn.params_mut().get_mut("weight_ih_l0").unwrap()[[1, 1]] = 1e39;
    assert_names(export_onnx_with(&path, &large, &states), &["tensor W_l0", "not finite in f32"]);
}
