//! State dicts as people have them. The expected numbers were computed with NumPy from the same files.

use std::path::PathBuf;

use ndarray::{Array3, s};
use rnn_core::{Lstm, Model};
use rnn_io::{LoadOptions, load_stack_state_dict, load_state_dict};

use crate::assert_names;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/field").join(name)
}

fn load(name: &str, options: &LoadOptions) -> rnn_io::Result<Model<f32>> {
    load_state_dict(path(name), Lstm, options)
}

/// The last prediction for x[t, i] = sin(0.3 (t + 1) + i) over 4 timesteps.
#[track_caller]
fn predicts(model: &Model<f32>, expected: &[f64]) {
    let x = Array3::from_shape_fn((1, 4, 3), |(_, t, i)| (0.3 * (t + 1) as f64 + i as f64).sin() as f32);
    let y = model.predict(x.view()).unwrap();
    let y: Vec<f64> = y.slice(s![0, -1, ..]).iter().map(|&y| f64::from(y)).collect();
    assert_eq!(y.len(), expected.len());
    for (y, expected) in y.iter().zip(expected) {
        assert!((y - expected).abs() < 1e-6, "{y} is not {expected}");
    }
}

#[test]
fn wrapped_modules_and_bf16_are_found_by_default() {
    let options = LoadOptions::default();
    predicts(&load("compiled_ddp.safetensors", &options).unwrap(), &[-0.290_237, 0.223_151_6]);
    predicts(&load("bf16.safetensors", &options).unwrap(), &[-0.309_939_98, 0.051_206_917]);
}

/// `torch.nn.LSTMCell` has no levels in its names.
#[test]
fn an_lstm_cell_is_one_level() {
    let model = load("lstmcell.safetensors", &LoadOptions::default()).unwrap();
    predicts(&model, &[-0.672_190_77, 0.373_169_27]);
}

#[test]
fn several_modules_become_one_stack_in_the_given_order() {
    let file = "two_modules.safetensors";
    assert_names(load(file, &LoadOptions::default()), &["\"lstm1.\", \"lstm2.\"", "LoadOptions::recurrent"]);
    let model = load(file, &LoadOptions::default().recurrent(["lstm1.", "lstm2."])).unwrap();
    assert_eq!(model.rnn.layers().iter().map(|layer| layer.hidden).collect::<Vec<_>>(), [8, 6]);
    predicts(&model, &[-0.089_221_69, -0.255_506_97]);
    let turned = LoadOptions::default().recurrent(["lstm2.", "lstm1."]);
    assert_names(load(file, &turned), &["lstm1.weight_ih_l0 has shape [32, 3], expected [32, 6]"]);
    let mut rnn = model;
    rnn_io::load_into(path(file), &mut rnn, &LoadOptions::default().recurrent(["lstm1.", "lstm2."])).unwrap();
    predicts(&rnn, &[-0.089_221_69, -0.255_506_97]);
    let one = LoadOptions::default().recurrent(["lstm1."]).ignore(["lstm2."]);
    assert_names(
        rnn_io::load_into(path(file), &mut rnn, &one),
        &["the number of levels is 1 in the file and 2"],
    );
}

#[test]
fn weight_normalization_is_applied() {
    let model = load("weight_norm_new.safetensors", &LoadOptions::default()).unwrap();
    predicts(&model, &[0.338_132_79, -0.104_191_29]);
}

/// A model without these parts computes another function than the network that was saved.
#[test]
fn what_is_not_loaded_is_an_error_unless_the_caller_names_it() {
    let options = LoadOptions::default();
    assert_names(load("mlp_head.safetensors", &options), &["fc2.bias, fc2.weight", "LoadOptions::ignore"]);
    assert_names(load("batchnorm.safetensors", &options), &["bn.num_batches_tracked", "bn.running_mean"]);
    assert_names(load("learned_h0.safetensors", &options), &["nothing that is loaded uses c0, h0;"]);

    let model = load("mlp_head.safetensors", &LoadOptions::default().ignore(["fc2."])).unwrap();
    predicts(&model, &[-0.446_153_63, 0.208_550_89, -0.453_748_52, 0.287_333_33]);
    load("learned_h0.safetensors", &LoadOptions::default().ignore(["h0", "c0"])).unwrap();
    let head_only = LoadOptions::default().recurrent(["lstm."]).head("fc.").ignore([""]);
    load("batchnorm.safetensors", &head_only).unwrap();
    let stack = |options: LoadOptions| load_stack_state_dict::<f32>(path("bf16.safetensors"), Lstm, &options);
    assert_names(stack(LoadOptions::default()), &["fc.bias, fc.weight"]);
    stack(LoadOptions::default().ignore(["fc."])).unwrap();
}

#[test]
fn a_file_of_torch_save_is_recognized() {
    let names = ["a zip archive", "torch.save", "torch.load(", "safetensors.torch.save_file"];
    assert_names(load("net.pth", &LoadOptions::default()), &names);
    assert_names(rnn_io::load::<f32>(path("net.pth")), &names);
}

/// What else people have under the name of a model.
#[test]
fn other_formats_are_recognized() {
    let path = tempfile::tempdir().unwrap().keep().join("model");
    for (bytes, says) in [
        (b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.".as_slice(), "a Python pickle"),
        (b"\x89HDF\r\n\x1a\n\0\0", "an HDF5 file"),
        (b"\x93NUMPY\x01\0v\0", "a NumPy array"),
        (b"\x08\x08\x12\x06rnn-io", "an ONNX file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        (b"<!DOCTYPE html><html>", "a page of a web site"),
        (b"{\"weight_map\": {}}", "a sharded model"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        assert_names(rnn_io::load::<f32>(&path), &[says, "not a safetensors file"]);
    }
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
}
