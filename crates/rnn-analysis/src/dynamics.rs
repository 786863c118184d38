//! A recurrent network as a dynamical system: how small differences of its state grow or fade.
//!
//! With J_t = ∂s_t/∂s_{t−1} the [step Jacobian](rnn_core::StepJacobians) of a layer, a small difference of s_0 is
//! multiplied by J_t … J_1 on its way to s_t, and a gradient with respect to s_t by its transpose on the way back. The
//! singular values of the product say how much, in each direction; their rates in the long run are the Lyapunov
//! exponents. As numbers they leave the range of every float type soon, so logarithms are kept throughout.

mod columns;
mod lyapunov;
mod product;
mod trajectory;

pub use lyapunov::{
    BurnIn, LyapunovSpectrum, driven_lyapunov_exponents, entropy_rate, kaplan_yorke_dimension,
    lyapunov_exponents,
};
pub use product::{JacobianProduct, ln_singular_values};
