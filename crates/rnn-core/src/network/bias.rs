//! Which biases a layer has.

/// The biases of a recurrent layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Bias {
    /// No bias: PyTorch's `bias=False`.
    None,
    /// One vector `bias_l{k}`, added to W_ih x_t: the layer as textbooks write it. 2 inputs and 3 units have
    /// 6 + 9 + 3 = 18 parameters.
    Single,
    /// PyTorch's two vectors `bias_ih_l{k}` and `bias_hh_l{k}`, trained separately. Their sum is what counts in an Elman
    /// cell or an LSTM, but an optimizer moves each, so that the sum moves twice as far: only so do training
    /// trajectories match PyTorch's.
    #[default]
    Double,
}
