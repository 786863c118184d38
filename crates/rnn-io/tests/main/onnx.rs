//! What ONNX cannot hold. What it can is held against onnxruntime by `tests/python`.

use half::bf16;
use rnn_core::{Bias, Gru, Lstm, Options, Zoneout};
use rnn_io::export_onnx;
use tempfile::tempdir;

use crate::{assert_names, model};

#[test]
fn what_onnx_has_no_way_to_say_is_named() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    assert_names(export_onnx(&path, &model::<bf16, _>(Lstm, Bias::Double)), &["model.onnx", "ONNX", "bf16"]);
    let zoneout = Options { zoneout: Zoneout { hidden: 0.1, cell: 0.0 }, ..Options::default() };
    assert_names(export_onnx(&path, &model::<f32, _>(Gru, zoneout)), &["ONNX cannot hold zoneout"]);
    let mut bad = model::<f32, _>(Gru, Bias::Double);
    bad.rnn.params_mut().get_mut("weight_ih_l0").unwrap()[[1, 1]] = f32::INFINITY;
    assert_names(export_onnx(&path, &bad), &["inf in tensor weight_ih_l0, at [1, 1]"]);
    assert!(!path.exists());
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let folder = tempdir().unwrap();
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    let model =
        model::<f32, _>(Gru, Options { bidirectional: true, learned_initial: true, ..Options::default() });
    for path in [&a, &b] {
        export_onnx(path, &model).unwrap();
    }
    assert_eq!(std::fs::read(a).unwrap(), std::fs::read(b).unwrap());
}
