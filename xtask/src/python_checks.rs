//! `cargo xtask python-checks`: what rnn-io writes, read by PyTorch and onnxruntime, and what PyTorch writes, read by rnn-io.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail, ensure};
use ndarray::{Array3, ArrayView3};
use rnn_core::{Bias, Cell, Model, Options, Parameters, Random};
use rnn_data::PortableRng;
use rnn_io::{Element, LoadOptions, OnnxOptions, SaveOptions, export_onnx_with, load_state_dict, save_with};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde::Serialize;

use crate::output;

/// The command line of `cargo xtask python-checks`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Args {
    /// Fail if there is no Python to run
    #[arg(long)]
    pub required: bool,
}

/// What became of the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// They passed.
    Passed,
    /// Nothing was run, for this reason.
    NotRun(String),
}

/// A network for PyTorch; `check_safetensors.py` builds the same.
#[derive(Serialize)]
struct Case {
    name: String,
    cell: String,
    dtype: &'static str,
    input: usize,
    hidden: usize,
    layers: usize,
    output: usize,
    bias: bool,
    bidirectional: bool,
}

/// A network for onnxruntime, with inputs `x0`, `x1`, … and outputs `y0`, `y1`, ….
#[derive(Serialize)]
struct OnnxCase {
    name: String,
    dtype: &'static str,
    runs: usize,
}

/// Runs the checks and prints what became of them.
///
/// # Errors
/// If a check fails, or a file cannot be written.
pub fn run(args: &Args) -> Result<ExitCode> {
    match check()? {
        Outcome::Passed => output::print(|_| "python-checks: passed\n".to_owned())?,
        Outcome::NotRun(why) => {
            output::print(|_| format!("python-checks: NOT RUN: {why}\n"))?;
            ensure!(!args.required, "the checks were required");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs the checks, if there is a Python that can.
///
/// # Errors
/// If a check fails, or a file cannot be written.
pub fn check() -> Result<Outcome> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/python");
    let python = match python(&scripts) {
        Ok(python) => python,
        Err(why) => return Ok(Outcome::NotRun(why)),
    };
    let folder = tempfile::tempdir()?;
    let folder = folder.path();
    let mut cases = Vec::new();
    for cell in ["rnn-tanh", "rnn-relu", "lstm", "gru"] {
        for (bias, bidirectional, layers) in [
            (Bias::Double, false, 1),
            (Bias::Single, true, 2),
            (Bias::None, true, 1),
            (Bias::Double, true, 2),
        ] {
            cases.push(write::<f32>(folder, cell, bias, bidirectional, layers, "f32")?);
            cases.push(write::<f64>(folder, cell, bias, bidirectional, layers, "f64")?);
        }
    }
    fs::write(folder.join("cases.json"), serde_json::to_vec(&cases)?)?;
    run_script(&python, &scripts.join("check_safetensors.py"), folder)?;
    for case in &cases {
        let name = &case.name;
        if case.dtype == "f32" { read::<f32>(folder, case, 1e-5) } else { read::<f64>(folder, case, 1e-13) }
            .with_context(|| format!("{name}: what PyTorch wrote"))?;
    }

    let mut cases = Vec::new();
    for cell in [
        "rnn-tanh",
        "rnn-relu",
        "rnn-sigmoid",
        "rnn-identity",
        "rnn(activation=hard-tanh)",
        "lstm",
        "lstm-peephole",
        "lstm-coupled",
        "lstm(gate=hard-sigmoid, candidate=softsign)",
        "gru",
        "gru-reset-before",
        "gru(gate=clip(of=sigmoid, limit=0.5), candidate=clip(of=tanh, limit=0.5))",
    ] {
        for (bias, bidirectional) in
            [(Bias::None, false), (Bias::Single, false), (Bias::Double, false), (Bias::Double, true)]
        {
            for learned_initial in [false, true] {
                let options =
                    Options::from(bias).bidirectional(bidirectional).learned_initial(learned_initial);
                cases.push(write_onnx::<f32>(folder, cell, options, "f32")?);
            }
        }
        cases.push(write_onnx::<f64>(folder, cell, Options::default(), "f64")?);
    }
    fs::write(folder.join("onnx.json"), serde_json::to_vec(&cases)?)?;
    run_script(&python, &scripts.join("check_onnx.py"), folder)?;
    Ok(Outcome::Passed)
}

/// The interpreter, or why there is none that has what is needed.
fn python(scripts: &Path) -> std::result::Result<PathBuf, String> {
    let own = scripts.join(".venv/bin/python");
    let python = match std::env::var_os("RNN_PYTHON") {
        Some(python) => PathBuf::from(python),
        None if own.exists() => own,
        None => return Err("RNN_PYTHON is not set and tests/python/.venv does not exist".to_owned()),
    };
    let packages = "import torch, safetensors, onnx, onnxruntime";
    match Command::new(&python).args(["-c", packages]).output() {
        Ok(output) if output.status.success() => Ok(python),
        Ok(output) => {
            let text = String::from_utf8_lossy(&output.stderr);
            Err(format!("{}: {}", python.display(), text.lines().last().unwrap_or("it fails")))
        }
        Err(error) => Err(format!("{}: {error}", python.display())),
    }
}

fn run_script(python: &Path, script: &Path, folder: &Path) -> Result<()> {
    let status = Command::new(python).arg(script).arg(folder).status()?;
    if !status.success() {
        bail!("{} failed", script.display());
    }
    Ok(())
}

fn random<F: Element>(
    cell: &str,
    hidden: &[usize],
    options: Options,
    rng: &mut PortableRng,
) -> Result<Model<F>> {
    let mut model = Model::zeros(Cell::<F>::builtin_of_any_float(&cell.parse()?)?, 3, hidden, 2, options)?;
    for block in model.blocks_mut() {
        rng.fill_uniform(-0.6, 0.6, block.as_mut_slice());
    }
    Ok(model)
}

fn write<F: Element>(
    folder: &Path,
    cell: &str,
    bias: Bias,
    bidirectional: bool,
    layers: usize,
    dtype: &'static str,
) -> Result<Case> {
    let name = format!("{cell}-{bias:?}-{bidirectional}-{layers}-{dtype}");
    let mut rng = PortableRng::new(7);
    let options = Options::from(bias).bidirectional(bidirectional);
    let model = random::<F>(cell, &vec![5; layers], options, &mut rng)?;
    let unfold = SaveOptions { unfold_bias: true, ..SaveOptions::default() };
    save_with(folder.join(format!("{name}.safetensors")), &model, &unfold)?;
    let mut x = Array3::zeros((4, 6, 3));
    rng.fill_uniform(-1.0, 1.0, x.as_slice_mut().context("contiguous")?);
    let y = model.predict(x.view())?;
    write_arrays(&folder.join(format!("{name}.data.safetensors")), &[("x".into(), x), ("y".into(), y)])?;
    let bias = bias != Bias::None;
    Ok(Case {
        name,
        cell: cell.to_owned(),
        dtype,
        input: 3,
        hidden: 5,
        layers,
        output: 2,
        bias,
        bidirectional,
    })
}

/// Loads what PyTorch wrote and compares outputs with PyTorch's; with folded biases too, where the cell adds them.
fn read<F: Element>(folder: &Path, case: &Case, tolerance: f64) -> Result<()> {
    let data = read_arrays::<F>(&folder.join(format!("{}.torch.data.safetensors", case.name)))?;
    let cell = Cell::<F>::builtin_of_any_float(&case.cell.parse()?)?;
    for fold_bias in [false, true] {
        if fold_bias && case.bias && case.cell == "gru" {
            continue;
        }
        let options = LoadOptions::default().fold_bias(fold_bias);
        let path = folder.join(format!("{}.torch.safetensors", case.name));
        let found = load_state_dict::<F>(path, cell.clone(), &options)?.predict(data["x"].view())?;
        let pairs = found.iter().zip(&data["y"]);
        let worst = pairs.filter_map(|(a, b)| (*a - *b).abs().to_f64()).fold(0.0, f64::max);
        ensure!(worst <= tolerance, "outputs differ by {worst:e} (biases folded: {fold_bias})");
    }
    Ok(())
}

fn write_onnx<F: Element>(
    folder: &Path,
    cell: &str,
    options: Options,
    dtype: &'static str,
) -> Result<OnnxCase> {
    let Options { bias, bidirectional, learned_initial, .. } = options;
    let name = format!("{cell}-{bias:?}-{bidirectional}-{learned_initial}-{dtype}");
    let mut rng = PortableRng::new(8);
    let model = random::<F>(cell, &[5, 4], options, &mut rng)?;
    // ONNX Runtime has the recurrent operators in single precision only.
    let single = OnnxOptions::default().single_precision(dtype == "f64");
    export_onnx_with(folder.join(format!("{name}.onnx")), &model, &single)?;
    let mut arrays = Vec::new();
    let sizes = [(1, 1), (1, 9), (3, 4), (7, 2)];
    for (k, (batch, time)) in sizes.into_iter().enumerate() {
        let mut x = Array3::zeros((batch, time, 3));
        rng.fill_uniform(-1.0, 1.0, x.as_slice_mut().context("contiguous")?);
        let y = model.predict(x.view())?;
        arrays.extend([(format!("x{k}"), x), (format!("y{k}"), y)]);
    }
    write_arrays(&folder.join(format!("{name}.onnx.data.safetensors")), &arrays)?;
    Ok(OnnxCase { name, dtype, runs: sizes.len() })
}

fn write_arrays<F: Element>(path: &Path, arrays: &[(String, Array3<F>)]) -> Result<()> {
    let double = size_of::<F>() == 8;
    let bytes = |array: ArrayView3<'_, F>| -> Vec<u8> {
        let numbers = array.iter().map(|x| x.to_f64().unwrap_or(f64::NAN));
        if double {
            numbers.flat_map(f64::to_le_bytes).collect()
        } else {
            numbers.flat_map(|x| (x as f32).to_le_bytes()).collect()
        }
    };
    let all: Vec<_> = arrays.iter().map(|(name, a)| (name, a.shape().to_vec(), bytes(a.view()))).collect();
    let dtype = if double { Dtype::F64 } else { Dtype::F32 };
    let views = all
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(dtype, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>>>()?;
    fs::write(path, safetensors::serialize(views, None)?)?;
    Ok(())
}

fn read_arrays<F: Element>(path: &Path) -> Result<BTreeMap<String, Array3<F>>> {
    let bytes = fs::read(path)?;
    let mut arrays = BTreeMap::new();
    for (name, tensor) in SafeTensors::deserialize(&bytes)?.iter() {
        let &[batch, time, features] = tensor.shape() else { bail!("{name} has no three axes") };
        let numbers: Vec<F> = match tensor.dtype() {
            Dtype::F64 => {
                let chunks = tensor.data().chunks_exact(8);
                chunks.map(|b| Ok(F::of(f64::from_le_bytes(b.try_into()?)))).collect::<Result<_>>()?
            }
            Dtype::F32 => {
                let chunks = tensor.data().chunks_exact(4);
                chunks.map(|b| Ok(F::of(f32::from_le_bytes(b.try_into()?).into()))).collect::<Result<_>>()?
            }
            other => bail!("{name} has type {other}"),
        };
        arrays.insert(name.to_owned(), Array3::from_shape_vec((batch, time, features), numbers)?);
    }
    Ok(arrays)
}
