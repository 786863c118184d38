//! The ranges of the controls. Settings from outside are checked against them.

use std::ops::RangeInclusive;

/// Weight scale and bias scale.
pub const SCALE: RangeInclusive<f64> = -5.0..=5.0;
/// Hidden units in each layer.
pub const HIDDEN: RangeInclusive<usize> = 1..=64;
/// Timesteps.
pub const TIME: RangeInclusive<usize> = 2..=200;
/// Layers.
pub const LAYERS: RangeInclusive<usize> = 1..=3;
/// The gain of an initialization.
pub const GAIN: RangeInclusive<f64> = 0.05..=3.0;
/// The bias of the forget gate.
pub const FORGET_BIAS: RangeInclusive<f64> = -5.0..=5.0;
/// Training steps.
pub const TRAINED: RangeInclusive<usize> = 0..=2000;
/// Sequences of a band.
pub const BAND: usize = 32;
/// The norm that gradients are clipped to.
pub const CLIP: RangeInclusive<f64> = 0.01..=100.0;
/// Timesteps of a window of truncated back-propagation; 0 stands for all.
pub const TRUNCATION: RangeInclusive<usize> = 0..=200;
/// The learning rate.
pub const RATE: RangeInclusive<f64> = 1e-5..=10.0;
/// A changed input.
pub const INPUT: RangeInclusive<f64> = -10.0..=10.0;
/// The most inputs that can be changed.
pub const EDITS: usize = 16;
/// The largest length of a query, in bytes.
pub const QUERY_BYTES: usize = 2048;
