//! What the words on the page mean.

/// Terms and what they mean here, in the order of the page.
///
/// ```
/// let (term, meaning) = rnn_explore::glossary()[0];
/// assert_eq!(term, "rho");
/// assert!(meaning.starts_with("ρ, the spectral radius"));
/// ```
pub fn glossary() -> &'static [(&'static str, &'static str)] {
    &[
        (
            "rho",
            "ρ, the spectral radius of a matrix, is the largest magnitude of its eigenvalues. In the long run a product with W_hh, or with its transpose, multiplies lengths by ρ.",
        ),
        (
            "sigma",
            "σ is the largest singular value of a matrix: the most by which one product with it multiplies the length of a vector. It is never below ρ.",
        ),
        (
            "step Jacobian",
            "The matrix of the derivatives of a state with respect to the state one timestep before; the state is h, and of an LSTM h and c. Its transpose takes a gradient one step back. For an RNN it is diag(φ′(z_t)) W_hh.",
        ),
        (
            "saturated",
            "A unit is saturated where its activation is nearly flat, so that little gradient passes: here where the slope is below 0.05. A relu unit that is off has a slope of 0.",
        ),
        (
            "non-normal",
            "A matrix W is normal if W Wᵀ = Wᵀ W; its σ is then its ρ. A non-normal one can multiply a length by more than ρ for many steps, even where ρ is below 1.",
        ),
        (
            "critical",
            "At the border between vanishing and exploding: for a linear network, ρ = 1. The initialization of that name draws a Gaussian W_hh and scales it so that ρ is the gain.",
        ),
        (
            "vanishing",
            "A gradient vanishes if it shrinks exponentially with the number of steps back: by a factor below 1 each, on average.",
        ),
        (
            "exploding",
            "A gradient explodes if it grows exponentially with the number of steps back: by a factor above 1 each, on average.",
        ),
        (
            "highway",
            "The path on which a state passes from one step to the next multiplied by a gate and nothing else: c_t of an LSTM by f_t, h_t of a GRU by z_t. A gradient comes back along it multiplied by the same gates.",
        ),
        (
            "transport",
            "What the steps back do to the gradient of one loss: ‖dL_T/dh_t‖ as a share of ‖dL_T/dh_T‖. The sum over the losses of many timesteps does not show it.",
        ),
        (
            "lag",
            "The number of timesteps between a loss and the state that its gradient arrives at: t − k for dL_t/dh_k.",
        ),
        (
            "Lyapunov exponent",
            "The mean logarithm of the factor by which a small difference between two states grows each step, one for each direction. Over a finite run it is the logarithm of a singular value of the product of its step Jacobians, divided by the number of steps.",
        ),
    ]
}
