//! Files that lie: every one is an error, none a panic, and no model is half overwritten.

use std::path::PathBuf;
use std::sync::LazyLock;

use proptest::prelude::*;
use rnn_core::{Adam, Bias, Gru, Mse, Optimizer, Trainer, Training};
use rnn_data::PortableRng;
use rnn_io::{
    LoadOptions, Progress, load, load_checkpoint, load_into, load_stack, load_state, load_state_dict, save,
    save_checkpoint,
};
use tempfile::{TempDir, tempdir};

use crate::{assert_names, file, flat, model, noise};

/// A checkpoint, so that there is something of everything.
static VALID: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let folder = tempdir().unwrap();
    let path = folder.path().join("valid");
    let mut model = model::<f32>(Gru, Bias::Double);
    let (x, y) = (noise(1, (2, 3, 2)), noise(2, (2, 3, 2)));
    let (mut adam, mut trainer) = (Adam::new(0.1), Trainer::new(&model, Training::new(Mse).stateful(true)));
    trainer.step(&mut model, x.view(), y.view(), &mut adam).unwrap();
    let generators = [("data".to_owned(), PortableRng::new(3))].into();
    let (optimizer, state) = (Some(adam.snapshot()), trainer.state().cloned());
    let progress = Progress { step: 1, optimizer, state, generators, ..Progress::default() };
    save_checkpoint(&path, &model, &progress).unwrap();
    std::fs::read(path).unwrap()
});

/// Reads these bytes in every way. An error leaves the model as it was.
fn read(bytes: &[u8]) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("hostile");
    std::fs::write(&path, bytes).unwrap();
    let mut model = model::<f32>(Gru, Bias::Double);
    let before = flat(&model);
    let options = LoadOptions::default();
    if let Err(error) = load_into(&path, &mut model, &options) {
        assert!(error.to_string().contains("hostile: "));
        assert_eq!(flat(&model), before);
    }
    for model in [load::<f32>(&path), load_state_dict(&path, Gru, &options)].into_iter().flatten() {
        assert!(flat(&model).iter().all(|x| x.is_finite()));
    }
    let _ = load_stack::<f32>(&path);
    let _ = load_state::<f32>(&path);
    if let Ok((model, progress)) = load_checkpoint::<f32>(&path) {
        assert!(flat(&model).iter().all(|x| x.is_finite()));
        let _ = progress.optimizer.map(|state| Adam::<f32>::new(0.1).restore(state));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_never_panic(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = VALID.clone();
        for (at, with) in flips {
            let at = at.index(bytes.len());
            bytes[at] ^= with;
        }
        read(&bytes);
    }

    /// The header is where damage matters: it is hit in every case.
    #[test]
    fn damaged_headers_never_panic(flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..3)) {
        let mut bytes = VALID.clone();
        let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        for (at, with) in flips {
            let at = at.index(header);
            bytes[at] = with;
        }
        read(&bytes);
    }

    #[test]
    fn whatever_is_cut_short_is_an_error(at in any::<prop::sample::Index>()) {
        let bytes = &VALID[..at.index(VALID.len())];
        read(bytes);
        let (folder, path) = written(bytes);
        prop_assert!(load::<f32>(&path).is_err());
        drop(folder);
    }

    #[test]
    fn noise_is_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read(&bytes);
    }
}

fn written(bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("hostile");
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[track_caller]
fn refused(bytes: &[u8], parts: &[&str]) {
    let (_folder, path) = written(bytes);
    assert_names(load::<f32>(&path), parts);
    read(bytes);
}

#[test]
fn lengths_that_lie() {
    refused(&[], &["the file has 0 bytes, expected 8"]);
    refused(&u64::MAX.to_le_bytes(), &["the header has 18446744073709551615 bytes"]);
    refused(&1000_u64.to_le_bytes(), &["the file has 8 bytes, expected 1008"]);
    refused(&file("{}", 1), &["the file has 11 bytes, expected 10"]);
    refused(&file(r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, 15), &["expected"]);
    let mut longer = VALID.clone();
    longer.push(0);
    refused(&longer, &["expected"]);
    let (folder, _path) = written(&[]);
    assert_names(load::<f32>(folder.path()), &["not a regular file"]);
}

#[test]
fn headers_that_lie() {
    refused(&file("", 0), &["not that of a safetensors file"]);
    refused(&file(&"[".repeat(100_000), 0), &["not that of a safetensors file"]);
    let overlap = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#;
    refused(&file(overlap, 12), &["not that of a safetensors file", "`b`"]);
    let size = r#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#;
    refused(&file(size, 8), &["not that of a safetensors file"]);
    let huge = r#"{"a":{"dtype":"F32","shape":[9223372036854775807,9],"data_offsets":[0,8]}}"#;
    refused(&file(huge, 8), &["not that of a safetensors file"]);
    refused(
        &file(r#"{"weight_ih_l0":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}"#, 4),
        &["does not describe its network"],
    );
}

/// What is said of the network, with tensors that do not go with it. The sizes are those of an attack on memory.
#[test]
fn networks_that_lie() {
    let about = |model: &str| {
        let text = format!(r#"{{"version":1,"model":{model}}}"#);
        let text = serde_json::to_string(&text).unwrap();
        format!(
            r#"{{"__metadata__":{{"rnn":{text}}},"rnn.weight_ih_l0":{{"dtype":"F32","shape":[4,1],"data_offsets":[0,16]}},"rnn.weight_hh_l0":{{"dtype":"F32","shape":[4,0],"data_offsets":[16,16]}}}}"#
        )
    };
    let network = |cell: &str, input: &str, hidden: &str, dropout: &str| {
        about(&format!(
            r#"{{"cell":"{cell}","input":{input},"hidden":{hidden},"output":1,"bias":"none","bidirectional":false,"learned_initial":false,"dropout":{dropout},"recurrent_dropout":0.0,"zoneout_hidden":0.0,"zoneout_cell":0.0,"prefix":"rnn.","head":"head."}}"#
        ))
    };
    let case = |header: String, parts: &[&str]| refused(&file(&header, 16), parts);
    case(
        network("lstm", "1", "[18446744073709551615]", "0.0"),
        &["rnn.weight_ih_l0", "18446744073709551615"],
    );
    case(
        network("lstm", "18446744073709551615", "[1]", "0.0"),
        &["rnn.weight_ih_l0", "18446744073709551615"],
    );
    case(network("lstm", "1", "[1]", "0.0"), &["rnn.weight_hh_l0", "[4, 0]", "[4, 1]"]);
    case(network("lstm", "1", "[]", "0.0"), &["the number of layers is 0"]);
    case(network("lstn", "1", "[1]", "0.0"), &["lstn is not a built-in cell", "Loader::cell"]);
    case(network("lstm", "-1", "[1]", "0.0"), &["cannot be read"]);
    // A parser that calls itself for each would overflow the stack.
    let nested = format!("{}a{}", "a(b=".repeat(100_000), ")".repeat(100_000));
    case(network(&nested, "1", "[1]", "0.0"), &["names of cells of 500001 bytes"]);
    case(network("lstm(", "1", "[1]", "0.0"), &["no name of a cell"]);
    case(network("lstm", "1", "[1]", "1e999"), &["cannot be read"]);
    case(about(r#"{"cell":"lstm"}"#), &["cannot be read"]);
    let later = about("{}").replace(r#"version\":1"#, r#"version\":3"#);
    case(later, &["version 3", "versions 1 to 2"]);
}

#[test]
fn tensors_that_do_not_fit() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model");
    save(&path, &model::<f32>(Gru, Bias::Double)).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let changed = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let mut changed = bytes.clone();
        changed[at..][..to.len()].copy_from_slice(to.as_bytes());
        changed
    };
    refused(&changed("rnn.bias_hh_l1", "rnn.bias_hh_l9"), &["no tensor rnn.bias_hh_l1", "rnn.bias_hh_l9"]);
    // Two of the same size.
    refused(&changed(r#""shape":[12,4]"#, r#""shape":[4,12]"#), &["rnn.weight_hh_l0", "[4, 12]", "[12, 4]"]);
    refused(
        &changed(r#""F32","shape":[12,2]"#, r#""I32","shape":[12,2]"#),
        &["rnn.weight_ih_l0 has type I32"],
    );

    let mut not_a_number = bytes.clone();
    let last = not_a_number.len() - 4;
    not_a_number[last..].copy_from_slice(&f32::NAN.to_le_bytes());
    refused(&not_a_number, &["NaN in tensor rnn.weight_ih_l1, at [8, 3]"]);
}
