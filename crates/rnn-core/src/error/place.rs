//! Where a number stands that is not finite.

use std::fmt;

/// Where a number stands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// An array that was given: its name and the index, as `(batch, time, feature)`, or `(layer, batch, unit)` in a
    /// state.
    Given {
        /// The array's name.
        array: &'static str,
        /// The index.
        index: Vec<usize>,
    },
    /// A parameter.
    Parameter {
        /// The parameter's name.
        name: String,
        /// The index.
        index: Vec<usize>,
    },
    /// A hidden state.
    HiddenState {
        /// The layer, from 0.
        layer: usize,
        /// The timestep, from 1; 0 is the initial state.
        timestep: usize,
        /// The sequence within the batch.
        batch: usize,
        /// The unit.
        unit: usize,
    },
    /// A cell state c.
    CellState {
        /// The layer, from 0.
        layer: usize,
        /// The timestep, from 1; 0 is the initial state.
        timestep: usize,
        /// The sequence within the batch.
        batch: usize,
        /// The unit.
        unit: usize,
    },
    /// A prediction.
    Prediction {
        /// The index as (batch, time, output).
        index: Vec<usize>,
    },
    /// The loss itself, all predictions and targets being finite.
    Loss,
    /// The loss on the validation data.
    ValidationLoss,
    /// A parameter, or a moment that an optimizer keeps of it, after a step that was not taken.
    Update {
        /// The parameter's name.
        name: String,
        /// The index.
        index: Vec<usize>,
    },
    /// The gradient of a parameter.
    Gradient {
        /// The parameter's name.
        name: String,
        /// The index.
        index: Vec<usize>,
    },
    /// The gradient of a hidden state h or of a cell state c.
    StateGradient {
        /// The layer, from 0.
        layer: usize,
        /// The timestep, from 1; 0 is the initial state.
        timestep: usize,
        /// The sequence within the batch.
        batch: usize,
        /// The unit.
        unit: usize,
        /// Whether it is that of c.
        cell: bool,
    },
    /// The gradient of the input.
    InputGradient {
        /// The index as (batch, time, feature).
        index: Vec<usize>,
    },
    /// The value of a gate, or the gradient at it.
    Gate {
        /// The layer, from 0, of those of both directions.
        layer: usize,
        /// The name of the gate.
        gate: &'static str,
        /// The timestep, from 1, in the order in which the layer reads.
        timestep: usize,
        /// The sequence within the batch.
        batch: usize,
        /// The unit.
        unit: usize,
    },
    /// An element of a [step Jacobian](crate::StepJacobians).
    StepJacobian {
        /// The layer, from 0.
        layer: usize,
        /// The timestep, from 1.
        timestep: usize,
        /// The sequence within the batch.
        batch: usize,
        /// The row: an entry of the state after the step.
        row: usize,
        /// The column: an entry of the state before the step.
        column: usize,
    },
    /// The global norm of a gradient whose entries are all finite: the float type cannot hold it.
    GradientNorm,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given { array, index } => write!(f, "{array}{index:?}"),
            Self::Parameter { name, index } => write!(f, "parameter {name}{index:?}"),
            Self::HiddenState { layer, timestep, batch, unit } => {
                write!(
                    f,
                    "the hidden state of layer {layer} at timestep {timestep}, sequence {batch}, unit {unit}"
                )
            }
            Self::CellState { layer, timestep, batch, unit } => {
                write!(
                    f,
                    "the cell state of layer {layer} at timestep {timestep}, sequence {batch}, unit {unit}"
                )
            }
            Self::Prediction { index } => write!(f, "prediction{index:?}"),
            Self::Loss => write!(f, "the loss"),
            Self::ValidationLoss => write!(f, "the validation loss"),
            Self::Update { name, index } => {
                write!(f, "the update of {name}{index:?}; a smaller learning rate or a larger ε may help")
            }
            Self::Gradient { name, index } => write!(f, "the gradient of {name}{index:?}"),
            Self::StateGradient { layer, timestep, batch, unit, cell } => {
                let state = if *cell { "cell" } else { "hidden" };
                write!(
                    f,
                    "the gradient of the {state} state of layer {layer} at timestep {timestep}, sequence {batch}, unit {unit}"
                )
            }
            Self::InputGradient { index } => write!(f, "the gradient of x{index:?}"),
            Self::Gate { layer, gate, timestep, batch, unit } => write!(
                f,
                "gate {gate} of layer {layer} or the gradient at it, at timestep {timestep}, sequence {batch}, unit {unit}"
            ),
            Self::StepJacobian { layer, timestep, batch, row, column } => write!(
                f,
                "element ({row}, {column}) of the step Jacobian of layer {layer} at timestep {timestep}, sequence {batch}"
            ),
            Self::GradientNorm => write!(f, "the norm of the gradient"),
        }
    }
}
