//! What a recurrent cell is.
//!
//! A layer computes a_t = W_ih x_t + b_ih and u_t = W_hh h_{t−1} + b_hh and owns the loop over time
//! ([`Layer`](crate::Layer)). A cell is what it does with them: the scalar mathematics of one hidden unit, a [`Unit`]. A new
//! cell is one file that implements [`Unit`], with a line for its module below and a line for its name in `registry.rs`.
//!
//! | cell | gates, in the order of their rows | state | kept for backward |
//! |---|---|---|---|
//! | [`Elman`] | h | h | φ′ |
//! | [`Lstm`](struct@crate::Lstm) | i, f, g, o | h, c | i, f, g, o, φ(c) |
//! | [`Gru`](struct@crate::Gru) | r, z, n | h | r, z, n, u_n |
//! | [`PeepholeLstm`](struct@PeepholeLstm) | i, f, g, o | h, c | i, f, g, o, φ(c), c, a_o + u_o |
//! | [`CoupledLstm`](struct@CoupledLstm) | i, g, o | h, c | i, g, o, φ(c) |
//! | [`GruResetBefore`](struct@GruResetBefore) | r, z, n | h | r, z, n |
//! | [`MinimalGated`](struct@MinimalGated) | f, n | h | f, n |
//! | [`Leaky`] | c | c | φ′ |
//! | [`Residual`] | n | h | φ′ |
//! | [`Antisymmetric`] | n | h | φ′ |
//! | [`IndRnn`] | h | h | φ′ |
//! | [`MinGru`] | z, n | h | z, n |
//! | [`MinLstm`] | f, i, n | h | f, i, n |
//! | [`LinearUnit`] | h | h | a |
//! | [`SLstm`] | i, f, z, o | h, c, n, m | i′, f′, z, o, c / n, n |
//!
//! The activations are any [`Activation`], or where the derivative is computed from the value, any [`Squash`]. A [`Cell`] is
//! a cell of any kind, whose type does not say which.

pub(crate) mod activation;
mod antisymmetric;
mod any;
mod coupled;
mod elman;
mod fine;
mod form;
mod gru;
mod indrnn;
mod leaky;
mod linear_unit;
mod loops;
mod lstm;
mod min_gru;
mod min_lstm;
mod minimal_gated;
mod name;
mod peephole;
mod registry;
mod reset_before;
mod residual;
pub(crate) mod single;
mod slstm;
mod unit;
pub(crate) mod units;

pub use activation::{
    Activation, AnySquash, Clip, HardSigmoid, HardTanh, Identity, Relu, Sigmoid, Softsign, Squash, Tanh,
};
pub use antisymmetric::Antisymmetric;
pub use any::Cell;
pub use coupled::CoupledLstm;
pub use elman::Elman;
pub use form::{Form, Gate, GateRole, InputProduct, OwnParameter, OwnStart, Recurrence, StateKind};
pub use gru::Gru;
pub use indrnn::IndRnn;
pub use leaky::Leaky;
pub use linear_unit::LinearUnit;
pub use lstm::Lstm;
pub use min_gru::MinGru;
pub use min_lstm::MinLstm;
pub use minimal_gated::MinimalGated;
pub use name::{Name, NameError};
pub use peephole::PeepholeLstm;
pub use reset_before::GruResetBefore;
pub use residual::Residual;
pub use slstm::SLstm;
pub use unit::{GateLook, Gradient, Loops, Seen, Unit};
