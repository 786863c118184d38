//! Networks: layers, stacks of layers, and models with a head.

pub(crate) mod bias;
pub(crate) mod extent;
pub(crate) mod joint;
pub(crate) mod layer;
pub(crate) mod linear;
pub(crate) mod model;
pub(crate) mod noise;
pub(crate) mod options;
pub(crate) mod params;
pub(crate) mod readout;
pub(crate) mod run;
pub(crate) mod stack;
pub(crate) mod state;
