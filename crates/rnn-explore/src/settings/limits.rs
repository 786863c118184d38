//! How far each control goes. Whatever comes from outside is held within these.

use std::ops::RangeInclusive;

/// Of the weight scale and of the bias scale.
pub const SCALE: RangeInclusive<f64> = -5.0..=5.0;
/// Of the hidden units.
pub const HIDDEN: RangeInclusive<usize> = 1..=64;
/// Of the timesteps.
pub const TIME: RangeInclusive<usize> = 2..=200;
/// Of the layers.
pub const LAYERS: RangeInclusive<usize> = 1..=3;
/// Of the number that goes with an initialization.
pub const GAIN: RangeInclusive<f64> = 0.05..=3.0;
/// Of the bias of the forget gate.
pub const FORGET_BIAS: RangeInclusive<f64> = -5.0..=5.0;
/// Of the training steps.
pub const TRAINED: RangeInclusive<usize> = 0..=2000;
/// How long an address may be, in bytes.
pub const QUERY_BYTES: usize = 1024;
