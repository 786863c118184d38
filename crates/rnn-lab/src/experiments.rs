//! The experiments: one file each.

mod e01_circular_law;
mod e02_linear_lyapunov;
mod e03_orthogonal;
mod e04_scaled_radius;
mod e05_non_normal;
mod e06_bifurcation;
mod e07_cliff;
mod e08_temporal_order;
mod e09_adding;
mod e10_irnn;
mod e11_copy;
mod e12_chrono;
mod e13_forget_gate;
mod e14_mean_field;
mod e15_chaos;
mod e16_attractor_dimension;
mod e17_two_trajectories;
mod e18_exponents_in_training;
mod e19_flossing;
mod e20_flip_flop;
mod e21_published_fixed_points;
mod e22_memory_capacity;
mod e23_learning_dynamics;
mod e24_notebook;
mod e25_curse_of_memory;
mod e26_errors_forward;
mod e27_newton_in_time;
mod e28_participation;
mod e29_parity;
mod e30_min_gru;
mod e31_slstm_average;
mod e32_online_learning;
mod e33_fisher_memory;
mod e34_half_precision;
mod e35_diagnose;
mod e36_critical_rate;
mod linear_solve;
mod random_networks;
mod spread;
mod training;

use crate::engine::Task;
use crate::error::{Error, Result};
use crate::experiment::{Experiment, Scope};

/// All experiments, in the order in which the page tells them.
pub const ALL: &[&dyn Experiment] = &[
    &e01_circular_law::CircularLaw,
    &e02_linear_lyapunov::LinearLyapunov,
    &e03_orthogonal::Orthogonal,
    &e04_scaled_radius::ScaledRadius,
    &e05_non_normal::NonNormal,
    &e06_bifurcation::Bifurcation,
    &e07_cliff::Cliff,
    &e08_temporal_order::Order,
    &e09_adding::Adding,
    &e10_irnn::Irnn,
    &e11_copy::Copy,
    &e12_chrono::Chrono,
    &e13_forget_gate::ForgetGate,
    &e14_mean_field::MeanFieldGradients,
    &e15_chaos::Chaos,
    &e16_attractor_dimension::AttractorDimension,
    &e17_two_trajectories::TwoTrajectories,
    &e18_exponents_in_training::InTraining,
    &e19_flossing::Flossing,
    &e20_flip_flop::FlipFlops,
    &e21_published_fixed_points::PublishedFixedPoints,
    &e22_memory_capacity::MemoryCapacity,
    &e23_learning_dynamics::LearningDynamics,
    &e24_notebook::Notebook,
    &e25_curse_of_memory::CurseOfMemory,
    &e26_errors_forward::ErrorsForward,
    &e27_newton_in_time::AllAtOnce,
    &e28_participation::Participation,
    &e29_parity::StateTracking,
    &e30_min_gru::WithoutMatrix,
    &e31_slstm_average::OneUnit,
    &e32_online_learning::OnlineLearning,
    &e33_fisher_memory::FisherMemory,
    &e34_half_precision::HalfPrecision,
    &e35_diagnose::Diagnosed,
    &e36_critical_rate::CriticalRate,
];

/// The experiments of these names or numbers, in the order of [`ALL`]; all of them if no name is given.
///
/// # Errors
/// [`Error::Unknown`] with the first name that no experiment has.
pub fn find(names: &[String]) -> Result<Vec<&'static dyn Experiment>> {
    let matches = |experiment: &dyn Experiment, name: &str| {
        let about = experiment.about();
        about.id.eq_ignore_ascii_case(name) || about.name.eq_ignore_ascii_case(name)
    };
    for name in names {
        if !ALL.iter().any(|&experiment| matches(experiment, name)) {
            let known: Vec<String> =
                ALL.iter().map(|e| format!("{} ({})", e.about().id, e.about().name)).collect();
            return Err(Error::Unknown { name: name.clone(), known: known.join(", ") });
        }
    }
    let chosen =
        |e: &&&'static dyn Experiment| names.is_empty() || names.iter().any(|name| matches(**e, name));
    Ok(ALL.iter().filter(chosen).copied().collect())
}

/// All jobs of these experiments.
pub fn tasks(experiments: &[&'static dyn Experiment], scope: &Scope) -> Vec<Task> {
    let of = |&experiment: &&'static dyn Experiment| {
        experiment.jobs(scope).into_iter().map(move |job| Task { experiment, job })
    };
    experiments.iter().flat_map(of).collect()
}
