//! Files as PyTorch writes them: names and shapes, and nothing of ours.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rnn_core::{Bias, Cell, Elman, Gru, Linear, Lstm, Model, Options, Parameters};
use rnn_io::{LoadOptions, load_into, load_stack_state_dict, load_state_dict};
use safetensors::tensor::{Dtype, TensorView};
use tempfile::tempdir;

use crate::{assert_names, flat, model};

/// Writes arrays without metadata.
fn write(path: &Path, arrays: &BTreeMap<String, (Vec<usize>, Vec<f64>)>) {
    let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = arrays
        .iter()
        .map(|(name, (shape, x))| {
            (name.clone(), shape.clone(), x.iter().flat_map(|x| x.to_le_bytes()).collect())
        })
        .collect();
    let views = bytes
        .iter()
        .map(|(name, shape, bytes)| (name, TensorView::new(Dtype::F64, shape.clone(), bytes).unwrap()));
    std::fs::write(path, safetensors::serialize(views, None).unwrap()).unwrap();
}

/// The arrays of a model, under these prefixes.
fn arrays(model: &impl Parameters<f64>, rnn: &str, head: &str) -> BTreeMap<String, (Vec<usize>, Vec<f64>)> {
    let named = model.named().map(|(name, array)| {
        let name = match name.strip_prefix("head.") {
            Some(rest) => format!("{head}{rest}"),
            None => format!("{rnn}{name}"),
        };
        (name, (array.shape().to_vec(), array.iter().copied().collect()))
    });
    named.collect()
}

fn path(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("net.safetensors")
}

#[test]
fn sizes_layers_directions_and_biases_are_read_off_the_shapes() {
    let folder = tempdir().unwrap();
    let path = path(&folder);
    let options = LoadOptions::default().ignore(["encoder.embedding."]);
    let stack_options = LoadOptions::default().ignore(["encoder.embedding.", "decoder."]);
    for cell in crate::built_in() {
        let cell: Cell<f64> = cell.parse().unwrap();
        for bias in [Bias::None, Bias::Double] {
            for bidirectional in [false, true] {
                let built = Options::from(bias).bidirectional(bidirectional);
                let model = model::<f64>(cell.clone(), built);
                let mut all = arrays(&model, "encoder.rnn.", "decoder.fc.");
                all.insert("encoder.embedding.weight".to_owned(), (vec![7, 9], vec![0.5; 63]));
                write(&path, &all);
                let found = load_state_dict::<f64>(&path, cell.clone(), &options).unwrap();
                assert_eq!(flat(&found), flat(&model));
                assert_eq!(found.rnn.options(), model.rnn.options());
                let stack = load_stack_state_dict::<f64>(&path, cell.clone(), &stack_options).unwrap();
                assert_eq!(flat(&stack), flat(&model.rnn));
            }
        }
    }
}

#[test]
fn folded_biases_are_sums() {
    let folder = tempdir().unwrap();
    let path = path(&folder);
    let fold = LoadOptions::default().fold_bias(true);
    let model = model::<f64>(Lstm, Bias::Double);
    write(&path, &arrays(&model, "", "head."));
    let folded = load_state_dict::<f64>(&path, Lstm, &fold).unwrap();
    assert_eq!(folded.rnn.options().bias, Bias::Single);
    let [ih, hh] = ["bias_ih_l1", "bias_hh_l1"].map(|name| model.parameter(name).unwrap().to_owned());
    assert_eq!(folded.parameter("bias_l1").unwrap(), ih + hh);
    write(&path, &arrays(&crate::model::<f64>(Gru, Bias::Double), "", "head."));
    assert_names(load_state_dict::<f64>(&path, Gru, &fold), &["bias_hh_l0", "gru"]);
}

#[test]
fn several_that_fit_are_listed() {
    let folder = tempdir().unwrap();
    let path = path(&folder);
    let model = model::<f64>(Lstm, Bias::Double);
    let mut all = arrays(&model, "encoder.", "fc.");
    all.extend(arrays(&model.rnn, "decoder.", ""));
    write(&path, &all);
    let load = |options: &LoadOptions| load_state_dict::<f64>(&path, Lstm, options);
    assert_names(load(&LoadOptions::default()), &["LoadOptions::recurrent", "\"decoder.\", \"encoder.\""]);
    let named = LoadOptions::default().recurrent(["encoder."]).ignore(["decoder."]);
    assert_eq!(flat(&load(&named).unwrap()), flat(&model));
    let absent = LoadOptions::default().recurrent(["middle."]);
    assert_names(load(&absent), &["no tensor is called middle.weight_ih_l0", "decoder.weight_ih_l0"]);

    all.insert("other.weight".to_owned(), (vec![5, 3], vec![0.0; 15]));
    write(&path, &all);
    assert_names(load(&named), &["the head", "\"fc.\", \"other.\""]);
    let both = named.clone().head("fc.");
    assert_names(load(&both), &["other.weight", "LoadOptions::ignore"]);
    let both = both.ignore(["decoder.", "other."]);
    assert_eq!(flat(&load(&both).unwrap()), flat(&model));
}

#[test]
fn another_family_or_a_tensor_out_of_place_is_named() {
    let folder = tempdir().unwrap();
    let path = path(&folder);
    let options = LoadOptions::default();
    let model = model::<f64>(Gru, Bias::Double);
    let all = arrays(&model, "rnn.", "head.");
    write(&path, &all);
    // 3 · 4 rows are also 4 · 3, but then W_hh has the wrong number of columns.
    assert_names(load_state_dict::<f64>(&path, Lstm, &options), &["rnn.weight_ih_l1", "[9, 4]", "lstm"]);
    assert_names(load_state_dict::<f64>(&path, Elman::tanh(), &options), &["rnn.weight_hh_l0", "[12, 12]"]);

    let mut odd = all.clone();
    odd.insert("rnn.weight_ih_l3".to_owned(), (vec![9, 3], vec![0.0; 27]));
    write(&path, &odd);
    assert_names(
        load_state_dict::<f64>(&path, Gru, &options),
        &["nothing that is loaded uses rnn.weight_ih_l3"],
    );
    let mut missing = all.clone();
    missing.remove("rnn.bias_hh_l1");
    write(&path, &missing);
    let mut before = crate::model::<f64>(Gru, Bias::Double);
    before.fill(3.0);
    assert_names(load_into(&path, &mut before, &options), &["no tensor rnn.bias_hh_l1"]);
    assert!(flat(&before).iter().all(|&x| x == 3.0));
    write(&path, &all);
    load_into(&path, &mut before, &options).unwrap();
    assert_eq!(flat(&before), flat(&model));
    assert_names(rnn_io::load::<f64>(&path), &["load_state_dict"]);
}

/// Adds the tensors g and v of weight normalization, w = g v / ‖v‖, in place of w.
fn normalize(all: &mut BTreeMap<String, (Vec<usize>, Vec<f64>)>, w: &str, g: String, v: String) {
    let (shape, numbers) = all.remove(w).unwrap();
    let norms = numbers.chunks(shape[1]).map(|row| row.iter().map(|w| w * w).sum::<f64>().sqrt()).collect();
    all.insert(g, (vec![shape[0], 1], norms));
    all.insert(v, (shape, numbers.iter().map(|w| 3.0 * w).collect()));
}

/// `torch.nn.utils.weight_norm` and `torch.nn.utils.parametrizations.weight_norm`, of both directions and of the head.
#[test]
fn weight_normalization_has_two_forms() {
    let folder = tempdir().unwrap();
    let path = path(&folder);
    let model = model::<f64>(Gru, Options::default().bidirectional(true));
    let same = |all: &BTreeMap<_, _>| {
        write(&path, all);
        let found = load_state_dict::<f64>(&path, Gru, &LoadOptions::default()).unwrap();
        for (a, b) in flat(&found).iter().zip(flat(&model)) {
            assert!((a - b).abs() < 1e-15, "{a} is not {b}");
        }
    };
    let (mut old, mut new) = (arrays(&model, "rnn.", "fc."), arrays(&model, "rnn.", "fc."));
    for (module, name) in [
        ("rnn.", "weight_hh_l0"),
        ("rnn.", "weight_ih_l1_reverse"),
        ("rnn.", "weight_ih_l0"),
        ("fc.", "weight"),
    ] {
        let w = format!("{module}{name}");
        normalize(&mut old, &w, format!("{w}_g"), format!("{w}_v"));
        let parametrization = format!("{module}parametrizations.{name}.original");
        normalize(&mut new, &w, format!("{parametrization}0"), format!("{parametrization}1"));
    }
    same(&old);
    same(&new);
    // Spectral normalization looks alike and is not understood.
    let mut spectral = arrays(&model, "rnn.", "fc.");
    let w = spectral.remove("fc.weight").unwrap();
    spectral.insert("fc.weight_orig".to_owned(), w.clone());
    spectral.insert("fc.weight_v".to_owned(), w);
    write(&path, &spectral);
    assert_names(
        load_state_dict::<f64>(&path, Gru, &LoadOptions::default()),
        &["fc.weight_orig, fc.weight_v"],
    );
}

/// `torch.nn.LSTMCell`, `GRUCell` and `RNNCell`, alone and one above the other.
#[test]
fn cells_have_no_levels_in_their_names() {
    let folder = tempdir().unwrap();
    let path = path(&folder);
    for cell in [Cell::from(Lstm), Gru.into(), Elman::tanh().into()] {
        for bias in [Bias::None, Bias::Double] {
            let model = model::<f64>(cell.clone(), bias);
            let mut all = BTreeMap::new();
            for (name, array) in arrays(&model, "", "fc.") {
                let name = match (name.strip_suffix("_l0"), name.strip_suffix("_l1")) {
                    (Some(name), _) => format!("cells.0.{name}"),
                    (_, Some(name)) => format!("cells.1.{name}"),
                    _ => name,
                };
                all.insert(name, array);
            }
            write(&path, &all);
            let cells = LoadOptions::default().recurrent(["cells.0.", "cells.1."]);
            assert_eq!(flat(&load_state_dict::<f64>(&path, cell.clone(), &cells).unwrap()), flat(&model));
            let one = LoadOptions::default().recurrent(["cells.0."]);
            let headed = load_state_dict::<f64>(&path, cell.clone(), &one.clone().head("fc."));
            assert_names(headed, &["fc.weight has shape [2, 3]"]);
            let one = one.ignore(["cells.1.", "fc."]);
            let stack = load_stack_state_dict::<f64>(&path, cell.clone(), &one);
            assert_eq!(stack.unwrap().layers().len(), 1);
        }
    }
}

/// Without a bias, an embedding has the form of a head.
#[test]
fn a_head_without_a_bias_is_found_and_an_embedding_is_not_taken_for_it() {
    let folder = tempdir().unwrap();
    let path = path(&folder);
    let options = LoadOptions::default();
    let mut model = model::<f64>(Lstm, Bias::Double);
    model.head = Linear::zeros_without_bias(3, 2).unwrap();
    write(&path, &arrays(&model, "lstm.", "fc."));
    let found = load_state_dict::<f64>(&path, Lstm, &options).unwrap();
    assert!(!found.head.has_bias());
    assert_eq!(flat(&found), flat(&model));

    let square = Model::<f64>::zeros(Lstm, 3, &[3], 7, Bias::Double).unwrap();
    let mut all = arrays(&square.rnn, "lstm.", "");
    all.insert("embedding.weight".to_owned(), (vec![7, 3], vec![0.5; 21]));
    write(&path, &all);
    let load = |options: &LoadOptions| load_state_dict::<f64>(&path, Lstm, options);
    assert_names(load(&options), &["\"embedding.\", or an embedding", "LoadOptions::head"]);
    assert_eq!(load(&options.clone().head("embedding.")).unwrap().head.output(), 7);
    let mut into = square.clone();
    assert_names(load_into(&path, &mut into, &options), &["or an embedding"]);
    // Both names say what it is.
    let array = all.remove("embedding.weight").unwrap();
    all.insert("head.weight".to_owned(), array);
    write(&path, &all);
    load(&options).unwrap();
}
