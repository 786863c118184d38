//! Our own files: what was saved is loaded, to the last bit, and is as PyTorch would have it.

use half::{bf16, f16};
use rnn_core::{Bias, Cell, Elman, Gru, Linear, Lstm, Model, Options, Parameters, Random, Readout, Stack};
use rnn_data::PortableRng;
use rnn_io::{Element, LoadOptions, SaveOptions, load, load_into, load_stack, save, save_with};
use tempfile::tempdir;

use crate::{assert_names, flat, model};

/// Every option that all cells have, with 0.1, which JSON must give back as it is.
fn all() -> Options {
    Options::from(Bias::Single)
        .bidirectional(true)
        .learned_initial(true)
        .dropout(0.1)
        .recurrent_dropout(0.3)
        .zoneout(0.1, 0.7)
}

/// The options without dropout on the recurrence if the cell has no W_hh.
fn suited(cell: &Cell<f64>, options: Options) -> Options {
    match Stack::zeros(cell.clone(), 2, &[4], options) {
        Err(rnn_core::Error::Unsuited { what, .. }) if what.contains("dropout") => {
            options.recurrent_dropout(0.0)
        }
        _ => options,
    }
}

fn round_trip<F: Element>(cell: Cell<F>, options: impl Into<Options>) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let model = model::<F>(cell, options);
    save(&path, &model).unwrap();
    let same = load::<F>(&path).unwrap();
    assert_eq!(flat(&same), flat(&model));
    assert_eq!(same.rnn.options(), model.rnn.options());
    let shape = |model: &Model<F>| {
        let layers = model.rnn.layers().iter();
        layers.map(|layer| (layer.cell.clone(), layer.input, layer.hidden)).collect::<Vec<_>>()
    };
    assert_eq!(shape(&same), shape(&model));

    save(&path, &model.rnn).unwrap();
    assert_eq!(flat(&load_stack::<F>(&path).unwrap()), flat(&model.rnn));
}

#[test]
fn a_model_is_loaded_as_it_was_saved() {
    for cell in Cell::<f64>::all() {
        let all = suited(&cell, all());
        for options in [Options::from(Bias::None), Bias::Single.into(), Bias::Double.into(), all] {
            round_trip(cell.clone(), options);
        }
        round_trip::<f32>(cell.to_string().parse().unwrap(), all);
    }
    round_trip::<f16>(Gru.into(), all());
    round_trip::<bf16>(Lstm.into(), all());
}

/// Would catch: a projection, a gain or an offset that is not in the file, for any cell that has them.
#[test]
fn projections_and_layer_norms_are_loaded_as_they_were_saved() {
    let (mut projected, mut normalized) = (0, 0);
    for cell in Cell::<f64>::all() {
        for options in [all().projection(2), all().layer_norm(0.1), all().projection(2).layer_norm(1e-5)] {
            let options = suited(&cell, options);
            if Stack::zeros(cell.clone(), 2, &[4, 3], options).is_ok() {
                projected += usize::from(options.projection.is_some());
                normalized += usize::from(options.layer_norm.is_some());
                round_trip(cell.clone(), options);
            }
        }
    }
    assert!(projected > 20 && normalized > 20, "{projected} and {normalized}");
}

/// Would catch: a file that says nothing of the readout, whose model would predict at every timestep.
#[test]
fn a_head_on_the_final_states_stays_one() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let options = Options::default().bidirectional(true);
    let saved = model::<f64>(Lstm, options).with_readout(Readout::FinalStates);
    save(&path, &saved).unwrap();
    let same = load::<f64>(&path).unwrap();
    assert_eq!(same.readout(), Readout::FinalStates);
    let x = crate::noise(1, (3, 5, 2));
    let prediction = same.predict(x.view()).unwrap();
    assert_eq!(prediction.shape(), [3, 1, 2]);
    assert_eq!(prediction, saved.predict(x.view()).unwrap());

    let mut other = model::<f64>(Lstm, options);
    let result = load_into(&path, &mut other, &LoadOptions::default());
    assert_names(result, &["a head on the final states is on in the file and off in the network"]);
    let mut into =
        Model::<f64>::zeros(Lstm, 2, &[4, 3], 2, options).unwrap().with_readout(Readout::FinalStates);
    load_into(&path, &mut into, &LoadOptions::default()).unwrap();
    assert_eq!(flat(&into), flat(&saved));
}

/// Writes the file as version 1 would have, with this name of the cell, which then said what options say now.
fn make_version_1(path: &std::path::Path, cell: &str) {
    let bytes = std::fs::read(path).unwrap();
    let (_, metadata) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let mut texts = metadata.metadata().clone().unwrap();
    let mut about: serde_json::Value = serde_json::from_str(&texts["rnn"]).unwrap();
    about["version"] = 1.into();
    let model = about["model"].as_object_mut().unwrap();
    model.insert("cell".to_owned(), cell.into());
    model.remove("projection");
    model.remove("layer_norm");
    texts.insert("rnn".to_owned(), about.to_string());
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    std::fs::write(path, safetensors::serialize(tensors.tensors(), Some(texts)).unwrap()).unwrap();
}

/// Would catch: a file of the first release that can no longer be read, or that loses its projection or its norms.
#[test]
fn files_of_version_1_are_loaded() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    for (cell, options, name) in [
        ("lstm", Options::default().projection(2), "lstm-projected:2"),
        ("lstm", Options::from(Bias::None).layer_norm(1e-5), "lstm-layer-norm"),
        ("gru", Options::default().layer_norm(0.001), "gru-layer-norm:0.001"),
        ("rnn-tanh", Options::from(Bias::Single).bidirectional(true).layer_norm(1e-5), "rnn-tanh-layer-norm"),
        ("lstm-peephole", all(), "lstm-peephole"),
        ("gru-reset-before", Options::default(), "gru-reset-before"),
        ("minimal-gated", Options::default(), "minimal-gated"),
    ] {
        let saved = model::<f64>(cell.parse::<Cell<f64>>().unwrap(), options);
        save(&path, &saved).unwrap();
        make_version_1(&path, name);
        let same = load::<f64>(&path).unwrap();
        assert_eq!(flat(&same), flat(&saved), "{name}");
        assert_eq!(*same.rnn.options(), options, "{name}");
        let x = crate::noise(1, (2, 5, 2));
        assert_eq!(same.predict(x.view()).unwrap(), saved.predict(x.view()).unwrap(), "{name}");
    }
}

/// A file that says nothing of the head's bias would load with one.
#[test]
fn a_head_without_a_bias_stays_without_one() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut saved = model::<f64>(Gru, Bias::Double);
    saved.head = Linear::zeros_without_bias(3, 2).unwrap();
    PortableRng::new(3).fill_uniform(-1.0, 1.0, saved.head.blocks_mut().next().unwrap().as_mut_slice());
    save(&path, &saved).unwrap();
    let same = load::<f64>(&path).unwrap();
    assert!(!same.head.has_bias());
    assert_eq!(flat(&same), flat(&saved));
    let mut other = model::<f64>(Gru, Bias::Double);
    let result = load_into(&path, &mut other, &LoadOptions::default());
    assert_names(result, &["the bias of the head is off in the file and on in the network"]);
}

/// `load_into` compares what a network computes, of which a projection and a layer normalization are a part.
#[test]
fn options_that_change_the_function_must_agree() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    save(&path, &model::<f64>(Lstm, Options::default().layer_norm(1e-5))).unwrap();
    assert_eq!(load::<f64>(&path).unwrap().rnn.options().layer_norm, Some(1e-5));
    let mut plain = model::<f64>(Lstm, Bias::Double);
    let result = load_into(&path, &mut plain, &LoadOptions::default());
    assert_names(result, &["the ε of layer normalization is 0.00001 in the file and off in the network"]);
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let folder = tempdir().unwrap();
    let [first, second] = ["a", "b"].map(|name| folder.path().join(name));
    let model = model::<f32>(Lstm, all());
    for path in [&first, &second] {
        save(path, &model).unwrap();
    }
    assert_eq!(std::fs::read(first).unwrap(), std::fs::read(second).unwrap());
}

#[test]
fn other_float_types_are_rounded_once_or_exact() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let double = model::<f64>(Gru, Bias::Double);
    save(&path, &double).unwrap();
    let rounded: Vec<f32> = flat(&double).iter().map(|&x| x as f32).collect();
    assert_eq!(flat(&load::<f32>(&path).unwrap()), rounded);
    let half: Vec<f16> = flat(&double).iter().map(|&x| f16::from_f64(x)).collect();
    assert_eq!(flat(&load::<f16>(&path).unwrap()), half);

    let single = model::<f32>(Gru, Bias::Double);
    save(&path, &single).unwrap();
    let exact: Vec<f64> = flat(&single).iter().map(|&x| f64::from(x)).collect();
    assert_eq!(flat(&load::<f64>(&path).unwrap()), exact);

    let mut large = double;
    large.rnn.params_mut().get_mut("weight_hh_l1").unwrap()[[2, 1]] = 1e39;
    save(&path, &large).unwrap();
    assert_eq!(flat(&load::<f64>(&path).unwrap()), flat(&large));
    assert_names(load::<f32>(&path), &["model.safetensors", "rnn.weight_hh_l1", "[2, 1]", "f32"]);
}

#[test]
fn one_bias_can_be_saved_as_two() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let unfold = SaveOptions { unfold_bias: true, ..SaveOptions::default() };
    for cell in [Cell::<f64>::from(Elman::tanh()), Lstm.into(), Gru.into()] {
        let single = model::<f64>(cell.clone(), Bias::Single);
        save_with(&path, &single, &unfold).unwrap();
        assert_eq!(flat(&load::<f64>(&path).unwrap()), flat(&single), "{cell}");
        let mut double = Model::<f64>::zeros(cell.clone(), 2, &[4, 3], 2, Bias::Double).unwrap();
        load_into(&path, &mut double, &LoadOptions::default()).unwrap();
        assert_eq!(double.parameter("bias_ih_l1"), single.parameter("bias_l1"));
        assert!(double.parameter("bias_hh_l1").unwrap().iter().all(|&b| b == 0.0));
        save(&path, &single).unwrap();
        double.fill(1.0);
        load_into(&path, &mut double, &LoadOptions::default()).unwrap();
        assert_eq!(double.parameter("bias_ih_l1"), single.parameter("bias_l1"));
        assert!(double.parameter("bias_hh_l1").unwrap().iter().all(|&b| b == 0.0));
    }
}

#[test]
fn two_biases_become_one_where_the_cell_adds_them() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let double = model::<f64>(Lstm, Bias::Double);
    save(&path, &double).unwrap();
    let mut single = Model::<f64>::zeros(Lstm, 2, &[4, 3], 2, Bias::Single).unwrap();
    load_into(&path, &mut single, &LoadOptions::default()).unwrap();
    let [ih, hh] = ["bias_ih_l0", "bias_hh_l0"].map(|name| double.parameter(name).unwrap().to_owned());
    assert_eq!(single.parameter("bias_l0").unwrap(), ih + hh);

    save(&path, &model::<f64>(Gru, Bias::Double)).unwrap();
    let mut single = model::<f64>(Gru, Bias::Single);
    let before = flat(&single);
    let result = load_into(&path, &mut single, &LoadOptions::default());
    assert_names(result, &["rnn.bias_hh_l0", "gru", "Bias::Double"]);
    assert_eq!(flat(&single), before);
}

#[test]
fn a_file_for_another_network_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    save(&path, &model::<f32>(Elman::relu(), Bias::Double)).unwrap();
    let options = LoadOptions::default();
    // The same shapes, but another function.
    let result = load_into(&path, &mut model::<f32>(Elman::tanh(), Bias::Double), &options);
    assert_names(result, &["the cell is rnn-relu in the file and rnn-tanh in the network"]);
    let mut other = Model::<f32>::zeros(Elman::relu(), 3, &[4, 3], 2, Bias::Double).unwrap();
    assert_names(load_into(&path, &mut other, &options), &["the input size is 2 in the file and 3"]);
    let zoneout = Options::default().zoneout(0.1, 0.7);
    let result = load_into(&path, &mut model::<f32>(Elman::relu(), zoneout), &options);
    assert_names(result, &["zoneout is 0 and 0 in the file and 0.1 and 0.7"]);
    assert_names(load_stack::<f32>(&path), &["the file holds recurrent layers with a head"]);
    save(&path, &Stack::<f32>::zeros(Lstm, 1, &[2], Bias::None).unwrap()).unwrap();
    assert_names(load::<f32>(&path), &["the file holds recurrent layers without a head"]);
}

#[test]
fn nothing_that_is_not_finite_is_saved_and_the_old_file_stays() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let mut model = model::<f32>(Gru, Bias::Double);
    save(&path, &model).unwrap();
    let before = std::fs::read(&path).unwrap();
    model.rnn.params_mut().get_mut("bias_hh_l1").unwrap()[[5]] = f32::NAN;
    assert_names(save(&path, &model), &["NaN in tensor bias_hh_l1, at [5]"]);
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_names(save(folder.path().join("no/such/folder"), &model.rnn), &["no/such/folder"]);
}
