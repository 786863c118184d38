//! A trained network in one file, and what else is needed to use it in another beside it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use rnn_core::{Model, Parameters};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::places;

/// The file of the settings.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File<S> {
    settings: S,
    /// A number made from all parameters: it says whether the two files belong together.
    parameters: String,
}

/// Where the settings are: beside the network.
pub(crate) fn beside(model: &Path) -> PathBuf {
    let mut name = model.as_os_str().to_owned();
    name.push(".json");
    name.into()
}

/// Saves a network and its settings.
pub(crate) fn save(path: &Path, model: &Model<f32>, settings: &impl Serialize) -> Result<()> {
    let file = File { settings, parameters: mark(model) };
    let text = serde_json::to_string_pretty(&file).context("the settings cannot be written")?;
    rnn_io::save(path, model).context("the network cannot be saved")?;
    places::write(&beside(path), text.as_bytes())
}

/// Loads what [`save`] saved.
pub(crate) fn load<S: DeserializeOwned>(path: &Path) -> Result<(Model<f32>, S)> {
    let model = rnn_io::load::<f32>(path).context("the network cannot be loaded")?;
    let beside = beside(path);
    let name = beside.display();
    let text = std::fs::read_to_string(&beside)
        .with_context(|| format!("{name} cannot be read; --save writes it beside the network"))?;
    let file: File<S> = serde_json::from_str(&text)
        .with_context(|| format!("{name} does not have the settings of such a network"))?;
    ensure!(
        file.parameters == mark(&model),
        "{name} has the settings of another network than {}",
        path.display()
    );
    Ok((model, file.settings))
}

/// FNV-1a of the bits of all parameters.
fn mark(model: &Model<f32>) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for (_, array) in model.named() {
        for byte in array.iter().flat_map(|x| x.to_le_bytes()) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}
