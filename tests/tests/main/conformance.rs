//! The conformance check itself: the fixtures of this workspace agree, and what is wrong is found.

#[expect(clippy::unwrap_used, reason = "a test whose files cannot be written has to stop")]
mod file;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use self::file::{File, Folder, check_one, golden};
use serde_json::{Value, json};
use xtask::conformance::{Args, CaseReport, Status, check_folder, run};

#[test]
fn the_fixtures_agree() {
    let reports = check_folder(&golden()).unwrap();
    assert!(reports.is_sorted_by_key(|report| &report.name));
    assert_eq!(reports.len(), fs::read_dir(golden()).unwrap().count());
    for report in &reports {
        let CaseReport { name, status, reason, compared, error, tolerance, .. } = report;
        assert_eq!(*status, Status::Pass, "{name}: {reason:?}");
        assert!(*compared > 0 && error.unwrap() <= tolerance.unwrap(), "{report:?}");
        assert!(reason.is_none() && report.worst_tensor.is_some());
    }
}

#[test]
fn everything_in_a_file_is_compared() {
    let compared = |name: &str| {
        let mut folder = Folder::default();
        folder.add(name, &File::open(name));
        folder.check()[0].compared
    };
    // 3 layers, 2 sequences, 6 steps, 5 units, 3 inputs; Σ of: output, h_n and loss; grad.h_t, grad.h0, grad.x, parameters.
    let parameters = 5 * 3 + 2 * 25 + 3 * (25 + 5 + 5);
    assert_eq!(compared("rnn_tanh_3x_state"), (60 + 30 + 1) + (180 + 30 + 36) + parameters);
    // 12 scales, 10 steps: two norms at each step, the loss and the spectral radius.
    assert_eq!(compared("flow_rnn_tanh_all"), 12 * (10 + 10 + 1 + 1));
    assert_eq!(compared("losses"), 6 * (1 + 60));
    assert_eq!(compared("jacobian_tanh"), 20 * (16 * 16 + 16));
    assert_eq!(compared("lyapunov_chaotic"), 16);
}

#[test]
fn a_single_wrong_number_fails_in_every_tensor_of_every_family() {
    // Eigenvalues of a defective matrix may be off by more than 1e-6, and singular values by less than the entries are.
    // Classes are whole numbers: the next test changes one.
    let exempt = ["jordan_4.eig", "nilpotent_3.eig", "nilpotent_3.matrix", "classes"];
    for name in [
        "rnn_tanh_3x_state",
        "lstm_2x_state",
        "regression_gru_1x_all",
        "regression_rnn_2x_last",
        "optimiser_adam_clip",
        "optimiser_sgd_nesterov_wd",
        "optimiser_rmsprop_momentum",
        "flow_rnn_identity_all",
        "flow_lstm_last",
        "spectra",
        "jacobian_tanh",
        "losses",
    ] {
        let mut folder = Folder::default();
        for tensor in File::open(name).tensors() {
            if exempt.iter().any(|prefix| tensor.starts_with(prefix)) {
                continue;
            }
            // Relative to the norm of the matrix, where that is tiny.
            let by = if tensor.starts_with("tiny_3") { 1e-166 } else { 1e-6 };
            folder.add(&tensor, File::open(name).change(&tensor, |x, largest| x + by * largest));
        }
        for report in folder.check() {
            assert_eq!(report.status, Status::Fail, "{name}, {}: {report:?}", report.name);
        }
    }
}

/// A network that forgets has exponents that do not depend on where it began, so only the other tensors count.
#[test]
fn a_wrong_exponent_or_weight_fails() {
    for (name, by) in [("lyapunov_stable", 1e-5), ("lyapunov_chaotic", 0.1)] {
        let report = check_one(File::open(name).change("exponents", |x, largest| x + by * largest));
        assert_eq!(report.status, Status::Fail, "{report:?}");
    }
    let report = check_one(File::open("lyapunov_stable").change("weight_hh_l0", |x, _| x + 1e-3));
    assert_eq!(report.status, Status::Fail, "{report:?}");
}

#[test]
fn a_wrong_class_fails() {
    let class = |change: &dyn Fn(i64) -> i64| {
        let mut file = File::open("losses");
        let end = file.header["classes"]["data_offsets"][1].as_u64().unwrap() as usize;
        let bytes: &mut [u8; 8] = (&mut file.data[end - 8..end]).try_into().unwrap();
        *bytes = change(i64::from_le_bytes(*bytes)).to_le_bytes();
        check_one(&file)
    };
    assert_eq!(class(&|c| c).status, Status::Pass);
    let other = class(&|c| (c + 1) % 5);
    assert_eq!((other.status, other.worst_tensor.as_deref()), (Status::Fail, Some("cross_entropy.grad")));
    for (impossible, expected) in [
        (5, "y[2, 3] = 5: it must be a class, from 0 to 4"),
        (-1, "tensor \"classes\" holds -1 at [2, 3]: it must be a class"),
    ] {
        let reason = class(&|_| impossible).reason.unwrap();
        assert!(reason.contains(expected), "{reason}");
    }
    // The names of the same losses with other settings are understood; what is not is named.
    let mut file = File::open("losses");
    for part in ["loss", "grad"] {
        let tensor = file.header.remove(&format!("huber_delta1.{part}")).unwrap();
        file.header.insert(format!("huber_delta0.5.{part}"), tensor);
    }
    let report = check_one(file.set("losses", json!(["huber_delta0.5"])));
    assert_eq!((report.status, report.compared), (Status::Fail, 61), "{report:?}");
    let report = check_one(File::open("losses").set("losses", json!(["mse", "hinge_last"])));
    assert_eq!(report.reason.unwrap(), "losses hinge_last");
}

#[test]
fn broken_files_fail_with_a_reason() {
    let good = || File::open("lstm_2x_state");
    let whole = good().bytes();
    let mut folder = Folder::default();
    for length in [0, 1, 7, 8, 9, 100, whole.len() / 2, whole.len() - 1] {
        folder.0.insert(format!("cut_{length}"), whole[..length].to_vec());
    }
    folder.0.insert("longer".to_owned(), [&whole[..], b"x"].concat());
    folder.0.insert("endless_header".to_owned(), [&[0xff; 8], &whole[8..]].concat());
    folder.0.insert("noise".to_owned(), (0..10_000_u32).map(|i| (i * i % 251) as u8).collect());
    for report in folder.check() {
        assert_eq!((report.status, report.compared), (Status::Fail, 0), "{report:?}");
        let reason = report.reason.unwrap();
        assert!(reason.starts_with(&format!("{}.safetensors: is not a safetensors file", report.name)));
    }

    let why = |change: &dyn Fn(&mut File)| {
        let mut file = good();
        change(&mut file);
        let report = check_one(&file);
        assert_eq!(report.status, Status::Fail, "{report:?}");
        report.reason.unwrap()
    };
    let without = |key: &str| {
        why(&|file| {
            file.header.remove(key);
        })
    };
    // Without its entry in the header, the bytes of a tensor belong to nothing.
    assert!(without("output").contains("is not a safetensors file"));
    assert!(without("__metadata__").contains("has no metadata entry \"case\""));
    assert!(why(&|f| f.header["__metadata__"]["case"] = json!("{")).contains("is not a JSON object"));
    let renamed = |from: &str| {
        why(&|file| {
            let tensor = file.header.remove(from).unwrap();
            file.header.insert("elsewhere".to_owned(), tensor);
        })
    };
    for tensor in ["output", "loss", "c_n", "x", "c0", "w_c_n", "weight_hh_l1", "bias_ih_l0"] {
        assert!(renamed(tensor).contains(&format!("tensor {tensor:?} is missing")), "{tensor}");
    }
    for tensor in ["x", "weight_ih_l0", "h_n", "grad.h_t", "w_output"] {
        for bad in [f64::NAN, f64::INFINITY] {
            let reason = why(&|file| {
                file.change(tensor, |_, _| bad);
            });
            assert!(reason.contains(&format!("tensor {tensor:?} holds {bad} at [")), "{reason}");
        }
    }
    for (tensor, shape) in [("x", json!([6, 3, 3])), ("grad.h0", json!([30])), ("h_n", json!([1, 2, 3, 5]))] {
        let reason = why(&|file| file.header[tensor]["shape"] = shape.clone());
        assert!(reason.contains(&format!("tensor {tensor:?} has the shape")), "{reason}");
    }
    assert!(why(&|f| f.header["loss"]["dtype"] = json!("I64")).contains("tensor \"loss\" is I64"));
    for (key, value, expected) in [
        ("hidden_size", json!(1_000_000_000_000_u64), "hidden_size = 1000000000000, which must be a whole"),
        ("hidden_size", json!(1_000_000), "tensor \"weight_ih_l0\" has the shape"),
        ("num_layers", json!(1_000_000), "tensor \"weight_hh_l2\" is missing"),
        ("batch", json!(-1), "batch = -1, which must be"),
        ("seq_len", json!(1_000_000), "more than 33554432"),
        ("seq_len", json!(7), "tensor \"x\" has the shape [3, 6, 3], expected [3, 7, 3]"),
        ("tolerance", json!("tight"), "tolerance = \"tight\", which must be a number"),
        ("tolerance", json!(1e9), "tolerance = 1000000000, which must be at least 0 and below 1"),
        ("bidirectional", json!("no"), "bidirectional = \"no\", which must be true or false"),
        ("dtype", json!("float32"), "is F64, but the case says F32"),
        ("family", json!(null), "has no family"),
        ("cell", json!(3), "cell = 3, which must be a text"),
    ] {
        let reason = why(&|file| {
            file.set(key, value.clone());
        });
        assert!(reason.contains(expected), "{key}: {reason}");
    }
}

#[test]
fn what_is_not_understood_is_unsupported_by_name() {
    let layer = "gru_2x_state";
    for (name, key, value, expected) in [
        (layer, "family", json!("diffusion"), "unknown family \"diffusion\""),
        (layer, "cell", json!("mgu"), "cell \"mgu\""),
        (layer, "nonlinearity", json!("relu"), "nonlinearity \"relu\" of cell \"gru\""),
        ("rnn_tanh_1x", "nonlinearity", json!("softsign"), "nonlinearity \"softsign\" of cell \"rnn\""),
        (layer, "bias", json!("triple"), "bias \"triple\""),
        (layer, "dtype", json!("bfloat16"), "dtype \"bfloat16\""),
        (layer, "loss", json!("sum(output)"), "loss \"sum(output)\""),
        (layer, "dropout", json!(0.5), "unknown key of the case: dropout = 0.5"),
        ("regression_rnn_1x_all", "loss", json!("huber"), "loss \"huber\""),
        ("optimiser_sgd", "optimiser", json!("LBFGS"), "optimizer LBFGS"),
        ("optimiser_sgd", "options", json!({"lr": 0.05, "maximize": true}), "option maximize of SGD"),
        ("optimiser_adam", "options", json!({"lr": 0.01, "warmup": 3}), "unknown option of Adam: warmup = 3"),
        ("flow_rnn_tanh_all", "num_layers", json!(2), "gradient_flow of 2 layers"),
        ("jacobian_tanh", "num_layers", json!(2), "jacobian of 2 layers"),
        ("jacobian_identity", "batch", json!(3), "jacobian of 3 sequences"),
        ("jacobian_identity", "nonlinearity", json!("softsign"), "nonlinearity \"softsign\" of cell \"rnn\""),
        ("lyapunov_stable", "noise", json!(0.1), "unknown key of the case: noise = 0.1"),
        ("losses", "reduction", json!("sum"), "reduction \"sum\""),
    ] {
        let report = check_one(File::open(name).set(key, value));
        assert_eq!((report.status, report.compared), (Status::Unsupported, 0), "{name}, {key}: {report:?}");
        assert_eq!(report.reason.unwrap(), expected);
    }
    // What is left out says the same as what is off.
    let options = json!({"lr": 0.05, "momentum": 0, "maximize": false, "foreach": null});
    assert_eq!(check_one(File::open("optimiser_sgd").set("options", options)).status, Status::Pass);
}

#[test]
fn a_tensor_that_nothing_was_compared_with_is_named() {
    let mut file = File::open("gru_2x_state");
    let tensor = file.header.remove("grad.h_t").unwrap();
    file.header.insert("grad.r_t".to_owned(), tensor);
    let report = check_one(&file);
    assert_eq!(report.status, Status::Unsupported);
    assert_eq!(report.reason.unwrap(), "tensor grad.r_t not compared");
    assert!(report.compared > 0);
    // What was compared has to be right even so.
    assert_eq!(check_one(file.change("h_n", |x, _| x + 1e-6)).status, Status::Fail);
}

#[test]
fn exit_codes_and_json() {
    let text = |code: ExitCode| format!("{code:?}");
    let exit = |dir: &Path, json: Option<PathBuf>| run(&Args { dir: Some(dir.to_owned()), json }).map(text);
    let (success, failure) = (text(ExitCode::SUCCESS), text(ExitCode::FAILURE));

    let mut folder = Folder::default();
    folder.add("b", &File::open("lstm_1x"));
    let dir = folder.write();
    assert_eq!(exit(dir.path(), None).unwrap(), success);
    folder.add("c", File::open("lstm_1x").set("cell", json!("mgu")));
    assert_eq!(exit(folder.write().path(), None).unwrap(), failure, "not everything is supported");
    folder.add("a", File::open("lstm_1x").change("loss", |_, _| 3.0));

    let dir = folder.write();
    fs::write(dir.path().join("README.md"), "no fixture").unwrap();
    fs::create_dir(dir.path().join("cases")).unwrap();
    fs::write(dir.path().join("cases/d.safetensors"), "").unwrap();
    let file = dir.path().join("results.json");
    assert_eq!(exit(dir.path(), Some(file.clone())).unwrap(), failure);
    let results: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(results["schema"], 1);
    assert_eq!(results["dir"].as_str(), dir.path().to_str());
    assert_eq!([&results["passed"], &results["failed"], &results["unsupported"]], [1, 2, 1]);
    let cases = results["cases"].as_array().unwrap();
    let column = |key: &str| cases.iter().map(|case| case[key].clone()).collect::<Value>();
    assert_eq!(column("name"), json!(["a", "b", "c", "d"]));
    assert_eq!(column("status"), json!(["fail", "pass", "unsupported", "fail"]));
    assert_eq!(column("family"), json!(["layer", "layer", "layer", null]));
    assert_eq!(cases[0]["worst_tensor"], "loss");
    assert!(cases[0]["error"].as_f64() > cases[0]["tolerance"].as_f64());
    assert_eq!((&cases[1]["reason"], &cases[2]["reason"]), (&Value::Null, &json!("cell \"mgu\"")));

    let empty = tempfile::tempdir().unwrap();
    for missing in [empty.path(), &empty.path().join("nowhere"), &file] {
        let error = format!("{:#}", exit(missing, None).unwrap_err());
        assert!(error.contains(missing.to_str().unwrap()), "{error}");
    }
    let nowhere = empty.path().join("nowhere/results.json");
    let error = format!("{:#}", exit(dir.path(), Some(nowhere.clone())).unwrap_err());
    assert!(error.contains(nowhere.to_str().unwrap()), "{error}");
}
