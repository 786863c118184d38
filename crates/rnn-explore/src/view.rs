//! The content of the page: numbers and sentences.

mod band;
mod fan;
mod gates;
mod highway;
mod layers;
mod plane;
mod reach;
mod remedies;
mod sentences;
mod sequence;
mod spectrum;
mod steps;
mod terms;
mod training;
mod units;

use serde::Serialize;

use crate::settings::Settings;

pub use band::{Band, Range};
pub use fan::Fan;
pub use gates::{Gate, Keeps};
pub use highway::Highway;
pub use layers::{Factors, LayerNorms, Prediction};
pub use plane::{Fixed, Plane};
pub use reach::Reach;
pub use remedies::{Clipping, Truncation};
pub use sentences::Sentences;
pub use sequence::{Classes, Sequence};
pub(crate) use spectrum::radius;
pub use spectrum::{Jacobian, Matrix, Spectrum};
pub use steps::{StepPart, Steps};
pub use terms::Terms;
pub use training::Training;
pub use units::Units;

/// Everything that the page shows for some [`Settings`].
///
/// Timesteps are t = 1 .. T from the left. A number that is NaN or infinite, as after an overflow, is `null` in JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// The settings that were used.
    pub settings: Settings,
    /// The query of these settings, as in the address of the page.
    pub query: String,
    /// A paragraph about the network, its loss and the gradient.
    pub summary: String,
    /// The loss on the sequence that is shown, with scaled weights.
    pub loss: f64,
    /// The expected loss of the best prediction that ignores the input.
    pub baseline: f64,
    /// The training so far.
    pub training: Training,
    /// Norms by timestep, the lowest layer first.
    pub layers: Vec<LayerNorms>,
    /// The index of the layer that all other fields are about, from 0.
    pub layer: usize,
    /// The weight scale at which the spectral radius of W_hh is 1; `None` for other cells than an RNN, and if W_hh has no eigenvalue
    /// other than 0.
    pub critical_scale: Option<f64>,
    /// The gradient that the loss of each timestep alone sends to each state.
    pub reach: Reach,
    /// The gradients of the weights, timestep by timestep.
    pub terms: Vec<Terms>,
    /// Eigenvalues and singular values.
    pub spectrum: Spectrum,
    /// The gates, and the candidate among them; empty for a cell without gates, as an RNN.
    pub gates: Vec<Gate>,
    /// Where the run first overflowed, if it did.
    pub overflow: Option<String>,
    /// The sequence that is shown.
    pub sequence: Sequence,
    /// The layer that is shown, unit by unit.
    pub units: Units,
    /// Each step back of the gradient of the loss at the last timestep, split into its factors.
    pub steps: Steps,
    /// The gradient by path; `None` for a cell whose state has no path but that through its recurrent weights.
    pub highway: Option<Highway>,
    /// Norms over several sequences, if the settings ask for them; `None` after an overflow.
    pub band: Option<Band>,
    /// The singular values of the way back from the last state.
    pub fan: Fan,
    /// What clipping does to the gradient of all parameters.
    pub clipping: Clipping,
    /// What truncated back-propagation leaves out of it, if the settings have a window.
    pub truncation: Option<Truncation>,
    /// The plane of the state, for one layer whose state is two numbers; `None` after an overflow.
    pub plane: Option<Plane>,
    /// A sentence under each chart.
    pub sentences: Sentences,
    /// A Rust program that computes the same norms.
    pub snippet: String,
    /// A PyTorch program that computes them too.
    pub torch: String,
}
