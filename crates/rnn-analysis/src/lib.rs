//! Measurements on the states and gradients of recurrent networks.
//!
//! | question | function |
//! |---|---|
//! | How large are the eigenvalues of W_hh? | [`eigenvalues`], [`spectral_radius`], [`singular_values`] |
//! | How large are h_t and dL/dh_t at each timestep? | [`Flow`], [`pass`] |
//! | By what factor does the gradient change with each step back? | [`rate_per_step`] |
//! | How much of it comes along a gate, a leak or a skip, and how much through W_hh? | [`gradient_paths`] |
//! | Which timesteps does the gradient of a weight come from? | [`gradient_terms`], by lag [`gradient_terms_by_lag`] |
//! | By what factors does a difference of states grow over t steps, in each direction? | [`ln_singular_values`], [`JacobianProduct`] |
//! | Is the network chaotic, and on how many dimensions? | [`lyapunov_exponents`], [`driven_lyapunov_exponents`], [`kaplan_yorke_dimension`], [`entropy_rate`] |
//! | How sure are these exponents? | [`lyapunov_blocks`], [`driven_lyapunov_blocks`], [`block_bootstrap`] |
//! | How many dimensions does a cloud of states fill? | [`participation_ratio`], [`participation_ratio_across`] |
//! | What does theory say of a wide random network? | [`MeanField`], [`gaussian_ln_determinant`] |
//! | How much may a norm grow before the eigenvalues decide? | [`departure_from_normality`], [`numerical_radius`], [`Pseudospectrum`] |
//! | By what factors does a gradient of the last state change on its way back to each other, in each direction? | [`fan()`] |
//! | Where does the network rest? | [`fixed_points`], and by proof [`certify`] |
//! | On which cycles does a piecewise-linear network run? | [`cycles`] |
//! | What of the gradient does truncated back-propagation lose? | [`truncation`] |
//! | What is the gradient, or an estimate of it, without a way back through time? | [`Online`], [`online_gradient`] |
//! | What are all states of a sequence, computed at once? | [`newton_in_time`] |
//! | How curved is the loss, and which learning rate is too large? | [`Curvature`], [`largest_curvature`] |
//! | Which way to change the parameters, so that gradients neither vanish nor explode? | [`lyapunov_gradient`] |
//! | How long does a linear network remember? | [`linear_memory`], [`fisher_memory`] |
//! | What is wrong with a model, and what helps? | [`diagnose`] |
//! | How do norms change when weights and biases are scaled? | [`scale_sweep`] |
//!
//! ```
//! use ndarray::array;
//! use rnn_analysis::spectral_radius;
//!
//! // A rotation by 90° that stretches by 1.5: λ = ±1.5i.
//! let w = array![[0.0, -1.5], [1.5, 0.0]];
//! assert!((spectral_radius(w.view())? - 1.5).abs() < 1e-12);
//! # Ok::<(), rnn_analysis::Error>(())
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod back;
mod curvature;
mod diagnosis;
mod dimension;
mod dual;
mod dynamics;
mod error;
mod flossing;
mod flow;
mod interval;
mod lags;
mod mean_field;
mod memory;
mod newton;
mod normality;
mod online;
mod pass;
mod paths;
mod spectrum;
mod steps;
mod sweep;
mod terms;
mod truncation;
mod words;

pub use back::{StepFactors, gradient_by_lag, step_factors};
pub use curvature::{Curvature, LargestCurvature, hessian_vector, largest_curvature};
pub use diagnosis::{
    Condition, Crossed, Descent, DiagnoseOptions, Diagnosis, Evidence, LayerEvidence, Remedy, Symptom,
    diagnose,
};
pub use dimension::{participation_ratio, participation_ratio_across};
pub use dual::Dual;
pub use dynamics::{
    Blocks, BurnIn, Certificate, Cycle, Fan, FixedPoint, JacobianProduct, LyapunovBlocks, LyapunovSpectrum,
    certify, cycles, cycles_within, driven_lyapunov_blocks, driven_lyapunov_exponents, entropy_rate, fan,
    fixed_points, kaplan_yorke_dimension, ln_singular_values, lyapunov_blocks, lyapunov_exponents,
};
pub use error::{Error, Result};
pub use flossing::{LyapunovGradient, lyapunov_gradient, lyapunov_gradient_with};
pub use flow::{Flow, norms_by_sequence, norms_by_timestep, rate_per_step};
pub use interval::{Interval, block_bootstrap};
pub use lags::{LagTerms, gradient_terms_by_lag};
pub use mean_field::{MeanField, gaussian_ln_determinant, gaussian_mean};
pub use memory::{LinearMemory, fisher_memory, linear_memory};
pub use newton::{NewtonInTime, newton_in_time};
pub use normality::{Pseudospectrum, departure_from_normality, numerical_radius};
pub use num_complex::Complex64;
pub use online::{Influence, Online, OnlineRule, StepDerivatives, online_gradient};
pub use pass::{Pass, pass};
pub use paths::{GradientPaths, PathFactors, gradient_paths};
pub use spectrum::{eigenvalues, singular_values, spectral_radius};
pub use sweep::{SweepPoint, grid, scale_recurrent, scale_sweep};
pub use terms::{GradientTerms, gradient_terms};
pub use truncation::{Truncation, truncation};

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
