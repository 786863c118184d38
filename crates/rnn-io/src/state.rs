//! The state of a network in a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ndarray::Array2;
use rnn_core::{LayerState, State};

use crate::architecture::{AboutState, StateLayers};
use crate::archive::{self, Archive, Tensor};
use crate::element::Element;
use crate::error::{Fault, Result};

/// Saves the state of a network, for instance a [snapshot](rnn_core::StreamState::snapshot) of a stream, as a safetensors
/// file: the tensors `0.h` and `0.c` of the lowest layer, and so on, each (batch, width).
///
/// ```
/// use rnn_core::{Bias, Gru, Model};
/// use rnn_data::PortableRng;
///
/// let stream = Model::<f32>::new(Gru, 1, &[4], 1, Bias::Double, &mut PortableRng::new(0))?.stream()?;
/// let mut state = stream.state(1);
/// stream.step(&[0.5], &mut state)?;
/// let path = tempfile::tempdir()?.keep().join("state.safetensors");
/// rnn_io::save_state(&path, &state.snapshot())?;
///
/// let mut resumed = stream.state_from(&rnn_io::load_state(&path)?)?;
/// assert_eq!(stream.step(&[0.25], &mut resumed)?, stream.step(&[0.25], &mut state)?);
/// # std::fs::remove_dir_all(path.parent().unwrap())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`Fault::NonFinite`] for a number that is not finite, [`Fault::NoFile`] if the path names a folder, a pipe or a device,
/// and [`Fault::Io`].
pub fn save_state<F: Element>(path: impl AsRef<Path>, state: &State<F>) -> Result<()> {
    let path = path.as_ref();
    let save = || -> std::result::Result<_, Fault> {
        let mut tensors = BTreeMap::new();
        let about = AboutState::new(write(state, "", &mut tensors)?);
        archive::write(path, &tensors, about.to_json()?)
    };
    save().map_err(|fault| fault.at(path))
}

/// Loads what [`save_state`] wrote. Whether the state fits a network is checked where it is used, as in
/// [`Stream::state_from`](rnn_core::Stream::state_from).
///
/// Another float type than `F` is converted, as [`Element`] describes.
///
/// # Errors
/// As [`load`](crate::load).
pub fn load_state<F: Element>(path: impl AsRef<Path>) -> Result<State<F>> {
    let path = path.as_ref();
    let load = || -> std::result::Result<_, Fault> {
        let mut archive = Archive::open(path)?;
        let about = AboutState::of(&archive)?;
        let mut used = BTreeSet::new();
        let state = read(&mut archive, &about.state, "", &mut used)?;
        let unused = archive.names().filter(|name| !used.contains(*name));
        let tensors: Vec<_> = unused.map(str::to_owned).collect();
        if tensors.is_empty() { Ok(state) } else { Err(Fault::Unexpected { tensors }) }
    };
    load().map_err(|fault| fault.at(path))
}

/// Adds the tensors of a state, under names with this prefix.
pub(crate) fn write<F: Element>(
    state: &State<F>,
    prefix: &str,
    tensors: &mut BTreeMap<String, Tensor>,
) -> std::result::Result<StateLayers, Fault> {
    let batch = state.layers.first().map_or(0, |layer| layer.h.nrows());
    let mut layers = Vec::new();
    for (k, LayerState { h, c }) in state.layers.iter().enumerate() {
        for (name, array) in [("h", Some(h)), ("c", c.as_ref())] {
            let Some(array) = array else { continue };
            let tensor = format!("{prefix}{k}.{name}");
            if array.nrows() != batch {
                let (expected, found) = (format!("({batch}, width)"), array.shape().to_vec());
                return Err(Fault::Shape { tensor, expected, found });
            }
            if let Some(((b, j), value)) = array.indexed_iter().find(|(_, x)| !x.is_finite()) {
                let (index, value) = (vec![b, j], value.to_string());
                return Err(Fault::NonFinite { tensor, index, value, dtype: F::NAME });
            }
            tensors.insert(tensor, Tensor::new(array.shape(), array.iter().copied()));
        }
        layers.push((h.ncols(), c.as_ref().map(Array2::ncols)));
    }
    Ok(StateLayers { batch, layers })
}

/// Reads the tensors of a state, and notes their names.
pub(crate) fn read<F: Element>(
    archive: &mut Archive,
    StateLayers { batch, layers }: &StateLayers,
    prefix: &str,
    used: &mut BTreeSet<String>,
) -> std::result::Result<State<F>, Fault> {
    let mut array = |name: String, width: usize| -> std::result::Result<Array2<F>, Fault> {
        let numbers = archive.read(&name, &[*batch, width])?;
        // The other size may still be too large where one is 0.
        let array = Array2::from_shape_vec((*batch, width), numbers).map_err(|_| Fault::Shape {
            tensor: name.clone(),
            expected: "sizes that fit into memory".to_owned(),
            found: vec![*batch, width],
        })?;
        used.insert(name);
        Ok(array)
    };
    let mut read = Vec::new();
    for (k, &(hidden, cell)) in layers.iter().enumerate() {
        let h = array(format!("{prefix}{k}.h"), hidden)?;
        let c = cell.map(|cell| array(format!("{prefix}{k}.c"), cell)).transpose()?;
        read.push(LayerState { h, c });
    }
    Ok(State { layers: read })
}
