//! A recurrent network as a dynamical system: growth and decay of small perturbations of its state.
//!
//! With J_t = ∂s_t/∂s_{t−1} the [step Jacobian](rnn_core::StepJacobians) of a layer, a small perturbation of s_0 is multiplied
//! by J_t … J_1 up to s_t, and a gradient with respect to s_t is multiplied by the transpose of that product back to s_0. The
//! singular values of the product are the factors by direction, and their long-run rates are the Lyapunov exponents. The
//! factors soon leave the range of every float type, so all computations keep logarithms.

mod affine;
mod certificate;
mod columns;
mod cycles;
mod fan;
mod feasible;
mod fixed_points;
mod interval_arithmetic;
mod lyapunov;
mod product;
mod trajectory;

pub use certificate::{Certificate, certify};
pub use cycles::{Cycle, cycles, cycles_within};
pub use fan::{Fan, fan};
pub use fixed_points::{FixedPoint, fixed_points};
pub use lyapunov::{
    Blocks, BurnIn, LyapunovBlocks, LyapunovSpectrum, driven_lyapunov_blocks, driven_lyapunov_exponents,
    entropy_rate, kaplan_yorke_dimension, lyapunov_blocks, lyapunov_exponents,
};
pub use product::{JacobianProduct, ln_singular_values};
