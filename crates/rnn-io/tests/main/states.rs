//! The state of a stream in a file.

use ndarray::Array2;
use rnn_core::{Bias, Gru, LayerState, Lstm, Options, State};
use rnn_io::{load, load_state, save, save_state};
use tempfile::tempdir;

use crate::{assert_names, model};

/// A stream that is saved and goes on must not differ from one that was never saved.
#[test]
fn a_stream_goes_on_with_the_same_bits() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("state");
    for cell in crate::built_in() {
        let cell: rnn_core::Cell<f64> = cell.parse().unwrap();
        let stream = model::<f64>(cell, Options::default().learned_initial(true)).stream().unwrap();
        let mut state = stream.state(2);
        for x in [[0.1, 0.2, 0.3, 0.4], [-0.5, 0.6, 0.7, -0.8]] {
            stream.step(&x, &mut state).unwrap();
        }
        save_state(&path, &state.snapshot()).unwrap();
        let loaded: State<f64> = load_state(&path).unwrap();
        assert_eq!(loaded, state.snapshot());
        let mut resumed = stream.state_from(&loaded).unwrap();
        let x = [0.9, -1.0, 0.0, 0.2];
        assert_eq!(stream.step(&x, &mut resumed).unwrap(), stream.step(&x, &mut state).unwrap());
    }
}

#[test]
fn other_files_and_other_states_are_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("file");
    let lstm = model::<f32>(Lstm, Bias::Double);
    save(&path, &lstm).unwrap();
    assert_names(load_state::<f32>(&path), &["the file holds a network, expected the state of a network"]);
    let mut state = lstm.stream().unwrap().state(1).snapshot();
    save_state(&path, &state).unwrap();
    assert_names(load::<f32>(&path), &["the file holds the state of a network, expected a network"]);
    let gru = model::<f32>(Gru, Bias::Double).stream().unwrap();
    assert!(gru.state_from(&load_state(&path).unwrap()).is_err(), "c is one too many");

    state.layers[1].c.as_mut().unwrap()[[0, 2]] = f32::INFINITY;
    assert_names(save_state(&path, &state), &["inf in tensor 1.c, at [0, 2]"]);
    state.layers[1] = LayerState { h: Array2::zeros((3, 3)), c: None };
    assert_names(save_state(&path, &state), &["tensor 1.h has shape [3, 3], expected (1, width)"]);
}

/// The sizes are those of an attack on memory, or of one on arithmetic.
#[test]
fn a_state_that_lies_is_an_error() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("state");
    for (batch, width, shape) in [
        ("18446744073709551615", "1", "[1,1]"),
        ("1", "18446744073709551615", "[1,1]"),
        ("2", "1", "[1,1]"),
        ("0", "18446744073709551615", "[0,18446744073709551615]"),
    ] {
        let text = format!(r#"{{"version":2,"state":{{"batch":{batch},"layers":[[{width},null]]}}}}"#);
        let text = serde_json::to_string(&text).unwrap();
        let bytes = if shape == "[1,1]" { 4 } else { 0 };
        let header = format!(
            r#"{{"__metadata__":{{"rnn":{text}}},"0.h":{{"dtype":"F32","shape":{shape},"data_offsets":[0,{bytes}]}}}}"#
        );
        std::fs::write(&path, crate::file(&header, bytes)).unwrap();
        assert_names(load_state::<f32>(&path), &["0.h has shape"]);
    }
}
