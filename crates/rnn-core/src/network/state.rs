//! Initial and final states of a stack, and their gradients.

use ndarray::Array2;

/// The state of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerState<F> {
    /// h, (batch, hidden).
    pub h: Array2<F>,
    /// c, (batch, cell), for a cell that has one.
    pub c: Option<Array2<F>>,
}

/// The state of every layer of a stack, the first layer first: what carries a sequence on, or the derivative of a loss
/// with respect to it.
#[derive(Clone, Debug, PartialEq)]
pub struct State<F> {
    /// One state a layer.
    pub layers: Vec<LayerState<F>>,
}
