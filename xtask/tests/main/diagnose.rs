//! The command as a user runs it: models and batches in files, the file that it writes, bad input.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rnn_core::{Bias, Init, Lstm, Model, Parameters, Stack};
use rnn_data::PortableRng;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

fn diagnose(args: &[&str]) -> Output {
    let words = [&["diagnose"], args].concat();
    Command::new(env!("CARGO_BIN_EXE_xtask")).args(words).output().expect("the program starts")
}

fn lstm(folder: &Path, forget: f64) -> PathBuf {
    let mut rng = PortableRng::new(1);
    let mut model = Model::<f32>::new(Lstm, 2, &[6], 3, Bias::Double, &mut rng).unwrap();
    model.initialize(Init::ForgetBias(forget), &mut rng).unwrap();
    let path = folder.join(format!("lstm{forget}.safetensors"));
    rnn_io::save(&path, &model).unwrap();
    path
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_model_that_forgets_is_told_from_one_that_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let good = diagnose(&[lstm(folder.path(), 2.0).to_str().unwrap()]);
    assert!(good.status.success() && stdout(&good).contains("healthy"), "{}", stdout(&good));

    let json = folder.path().join("found.json");
    let bad = lstm(folder.path(), -5.0);
    let output = diagnose(&[bad.to_str().unwrap(), "--json", json.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = stdout(&output);
    assert!(text.contains("forgetting (layer 0)") && text.contains("Set the bias of the gate"), "{text}");
    let found: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert_eq!((&found["schema"], &found["condition"]), (&1.into(), &"forgetting".into()));
    let change = &found["symptoms"][0]["change"];
    assert_eq!(change["kind"], "keep_bias");
    assert!(change["value"].as_f64().unwrap() >= 1.0, "{found}");
    assert_eq!(stdout(&diagnose(&[bad.to_str().unwrap()])), text, "the same inputs are drawn every time");
}

fn tensors(path: &Path, all: &[(&str, Dtype, Vec<usize>, Vec<u8>)]) {
    let views = all.iter().map(|(name, dtype, shape, bytes)| {
        ((*name).to_owned(), TensorView::new(*dtype, shape.clone(), bytes).unwrap())
    });
    fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

fn floats(count: usize, value: f32) -> Vec<u8> {
    (0..count).flat_map(|_| value.to_le_bytes()).collect()
}

#[test]
fn a_batch_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let model = lstm(folder.path(), 2.0);
    let data = folder.path().join("data.safetensors");
    let run = || diagnose(&[model.to_str().unwrap(), "--data", data.to_str().unwrap(), "--rate", "1e-3"]);
    let x = ("x", Dtype::F32, vec![2, 9, 2], floats(36, 0.5));
    let classes: Vec<u8> = (0..18i64).flat_map(|k| (k % 3).to_le_bytes()).collect();
    let values = ("y", Dtype::F32, vec![2, 9, 3], floats(54, 0.5));
    let whole = ("y", Dtype::I64, vec![2, 9], classes);
    for all in [vec![x.clone()], vec![x.clone(), values.clone()], vec![x.clone(), whole.clone()]] {
        tensors(&data, &all);
        assert!(run().status.success(), "{}", stdout(&run()));
    }
    let bad = |all: &[(&str, Dtype, Vec<usize>, Vec<u8>)], word: &str| {
        tensors(&data, all);
        let output = run();
        let text = stdout(&output);
        assert!(
            output.status.code() == Some(1) && text.contains(word) && text.contains("data.safetensors"),
            "{text}"
        );
    };
    bad(std::slice::from_ref(&values), "there is no tensor `x`");
    bad(&[("x", Dtype::F32, vec![2, 9, 1], floats(18, 0.5))], "the model reads 2 features");
    bad(&[("x", Dtype::F32, vec![18], floats(18, 0.5))], "three sizes");
    bad(&[("x", Dtype::F32, vec![2, 9, 2], floats(36, f32::NAN))], "number 0 of `x` is NaN");
    bad(&[("x", Dtype::U8, vec![2, 9, 2], vec![0; 36])], "U8");
    bad(&[x.clone(), ("y", Dtype::F32, vec![2, 9, 2], floats(36, 0.5))], "(batch, predictions, outputs)");
    bad(
        &[x.clone(), ("y", Dtype::I64, vec![2, 9], (0..18).flat_map(|_| 3i64.to_le_bytes()).collect())],
        "from 0 to 2",
    );
    bad(&[x, ("z", Dtype::F32, vec![1], floats(1, 0.5))], "neither `x` nor `y`");
    fs::write(&data, "not one").unwrap();
    assert!(stdout(&run()).contains("not a safetensors file"));
}

#[test]
fn other_models() {
    let folder = tempfile::tempdir().unwrap();
    // Recurrent layers alone.
    let path = folder.path().join("stack.safetensors");
    let mut rnn = Stack::<f64>::new(Lstm, 1, &[4, 4], Bias::Double, &mut PortableRng::new(2)).unwrap();
    rnn.fill(0.1);
    rnn_io::save(&path, &rnn).unwrap();
    let output = diagnose(&[path.to_str().unwrap(), "--time", "10"]);
    assert!(output.status.success(), "{}", stdout(&output));
    // A file of PyTorch's, which does not say what the cell is.
    let torch = folder.path().join("torch.safetensors");
    let floats = |count| floats(count, 0.1);
    tensors(
        &torch,
        &[
            ("rnn.weight_ih_l0", Dtype::F32, vec![12, 1], floats(12)),
            ("rnn.weight_hh_l0", Dtype::F32, vec![12, 3], floats(36)),
            ("rnn.bias_ih_l0", Dtype::F32, vec![12], floats(12)),
            ("rnn.bias_hh_l0", Dtype::F32, vec![12], floats(12)),
            ("head.weight", Dtype::F32, vec![1, 3], floats(3)),
            ("head.bias", Dtype::F32, vec![1], floats(1)),
        ],
    );
    let torch = torch.to_str().unwrap();
    let output = diagnose(&[torch, "--cell", "lstm", "--time", "10"]);
    assert!(output.status.success(), "{}", stdout(&output));
    for (args, word) in [
        (vec![torch], "--cell lstm"),
        (vec![torch, "--cell", "lstmm"], "lstmm"),
        (vec!["nowhere.safetensors"], "nowhere.safetensors"),
        (vec![path.to_str().unwrap(), "--rate", "0"], "the learning rate is 0"),
    ] {
        let output = diagnose(&args);
        assert!(output.status.code() == Some(1) && stdout(&output).contains(word), "{}", stdout(&output));
    }
    assert_eq!(diagnose(&[]).status.code(), Some(2));
    assert_eq!(diagnose(&[torch, "--time", "1"]).status.code(), Some(2));
}
