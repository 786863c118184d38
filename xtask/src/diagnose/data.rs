//! The batch that a diagnosis is made on.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail};
use ndarray::{Array2, Array3};
use rnn_core::{Batch, Model, Random, Readout};
use rnn_data::PortableRng;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

/// The largest file that is read, in bytes.
const MOST: u64 = 1 << 30;

/// Sequences that are drawn.
const DRAWN: usize = 4;

/// A batch, and whether its targets are classes.
pub(super) struct Data {
    pub(super) batch: Batch<f64>,
    pub(super) classes: bool,
}

/// Normal inputs and targets.
pub(super) fn drawn(model: &Model<f64>, time: usize) -> Result<Data> {
    let mut rng = PortableRng::new(0);
    let mut x = Array3::zeros((DRAWN, time, model.rnn.input()));
    rng.stream(0).fill_normal(x.as_slice_mut().context("an array of zeros is in one block")?);
    let mut y = Array3::zeros((DRAWN, predictions(model, time), model.head.output()));
    rng = rng.stream(1);
    rng.fill_normal(y.as_slice_mut().context("an array of zeros is in one block")?);
    Ok(Data { batch: Batch::new(x, y), classes: false })
}

fn predictions(model: &Model<f64>, time: usize) -> usize {
    if model.readout() == Readout::FinalStates { 1 } else { time }
}

/// What a file holds.
pub(super) fn read(file: &Path, model: &Model<f64>) -> Result<Data> {
    of_file(file, model).with_context(|| format!("--data {}", file.display()))
}

fn of_file(file: &Path, model: &Model<f64>) -> Result<Data> {
    let open = File::open(file)?;
    if !open.metadata()?.is_file() {
        bail!("this is not a regular file");
    }
    let mut bytes = Vec::new();
    open.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        bail!("the file is larger than 1 GiB; take fewer sequences");
    }
    let tensors =
        SafeTensors::deserialize(&bytes).context("this is not a safetensors file, or it is damaged")?;
    let known = || tensors.names().into_iter().map(crate::output::printable).collect::<Vec<_>>().join(", ");
    let Ok(x) = tensors.tensor("x") else {
        bail!("there is no tensor `x`, (batch, time, features); the file has {}", known());
    };
    if let Some(other) = tensors.names().into_iter().find(|name| !["x", "y"].contains(name)) {
        bail!("the tensor {:?} is neither `x` nor `y`", crate::output::printable(other));
    }
    let features = model.rnn.input();
    let &[batch, time, found] = x.shape() else {
        bail!("`x` has the shape {:?}; it must be (batch, time, features), three sizes", x.shape());
    };
    if found != features || batch == 0 || time < 2 {
        bail!(
            "`x` has the shape {:?}; the model reads {features} features, and there must be a sequence and two timesteps",
            x.shape()
        );
    }
    let x = Array3::from_shape_vec((batch, time, features), floats("x", &x)?)?;
    let shape = (batch, predictions(model, time), model.head.output());
    let Ok(y) = tensors.tensor("y") else {
        let drawn = drawn(model, time)?;
        let drawn = drawn.batch.y.values().cloned().context("drawn targets are values")?;
        // As many of the drawn targets as there are sequences, again and again.
        let y = Array3::from_shape_fn(shape, |(b, t, o)| drawn[[b % DRAWN, t, o]]);
        return Ok(Data { batch: Batch::new(x, y), classes: false });
    };
    if y.dtype() == Dtype::I64 {
        let want = [shape.0, shape.1];
        if y.shape() != want {
            bail!("`y` has classes of the shape {:?}; it must be {want:?}, (batch, predictions)", y.shape());
        }
        let y = Array2::from_shape_vec((shape.0, shape.1), classes(&y, shape.2)?)?;
        return Ok(Data { batch: Batch::new(x, y), classes: true });
    }
    let want = [shape.0, shape.1, shape.2];
    if y.shape() != want {
        bail!("`y` has the shape {:?}; it must be {want:?}, (batch, predictions, outputs)", y.shape());
    }
    let y = Array3::from_shape_vec(shape, floats("y", &y)?)?;
    Ok(Data { batch: Batch::new(x, y), classes: false })
}

/// The numbers of a tensor, all finite.
fn floats(name: &str, tensor: &TensorView<'_>) -> Result<Vec<f64>> {
    let bytes = tensor.data();
    let numbers: Vec<f64> = match tensor.dtype() {
        Dtype::F32 => {
            bytes.chunks_exact(4).map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]]))).collect()
        }
        Dtype::F64 => bytes
            .chunks_exact(8)
            .map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]))
            .collect(),
        other => bail!("`{name}` has the type {other:?}; it must be F32 or F64"),
    };
    match numbers.iter().position(|x| !x.is_finite()) {
        Some(at) => bail!("number {at} of `{name}` is {}; all must be finite", numbers[at]),
        None => Ok(numbers),
    }
}

/// Classes below `outputs`.
fn classes(tensor: &TensorView<'_>, outputs: usize) -> Result<Vec<usize>> {
    let bytes = tensor.data().chunks_exact(8);
    let all = bytes.map(|b| i64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]));
    all.enumerate()
        .map(|(at, class)| match usize::try_from(class) {
            Ok(class) if class < outputs => Ok(class),
            _ => bail!("class {at} of `y` is {class}; it must be from 0 to {}", outputs - 1),
        })
        .collect()
}
