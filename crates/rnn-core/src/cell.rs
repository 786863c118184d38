//! What a recurrent cell is.
//!
//! A layer computes a_t = W_ih x_t + b_ih and u_t = W_hh h_{t−1} + b_hh and owns the loop over time
//! ([`Layer`](crate::Layer)). A cell is what it does with them: the scalar mathematics of one hidden unit, a [`Unit`]. A new
//! cell is one file that implements [`Unit`], with a line for its module and a line for its name below.
//!
//! | cell | gates, in PyTorch's order | state | kept for backward |
//! |---|---|---|---|
//! | [`Elman`] | one | h | φ′ |
//! | [`Lstm`](struct@crate::Lstm) | i, f, g, o | h, c | i, f, g, o, φ(c) |
//! | [`Gru`](struct@crate::Gru) | r, z, n | h | r, z, n, u_n |
//!
//! A [`Cell`] is a cell of any kind, whose type does not say which.

pub(crate) mod activation;
mod any;
mod elman;
mod form;
mod gru;
mod loops;
mod lstm;
mod name;
mod registry;
pub(crate) mod single;
mod unit;
pub(crate) mod units;

pub use activation::{Activation, AnySquash, Clip, HardSigmoid, HardTanh, Identity, Relu, Sigmoid, Softsign, Squash, Tanh};
pub use any::Cell;
pub use elman::Elman;
pub use form::{Form, Gate, GateRole, InputProduct, OwnParameter, OwnStart, Recurrence, StateKind};
pub use gru::Gru;
pub use lstm::Lstm;
pub use name::{Name, NameError};
pub use unit::{GateLook, Gradient, Seen, Unit};
