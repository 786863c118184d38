//! The experiments: one file each.

mod e05_non_normal;
mod e12_chrono;
mod e13_forget_gate;
mod e19_flossing;
mod e22_memory_capacity;
mod e23_learning_dynamics;
mod e25_curse_of_memory;
mod e26_errors_forward;
mod e27_newton_in_time;
mod e30_min_gru;
mod e31_slstm_average;
mod e32_online_learning;
mod e33_fisher_memory;
mod e34_half_precision;
mod linear_solve;
mod spread;

use crate::engine::Task;
use crate::error::{Error, Result};
use crate::experiment::{Experiment, Scope};

/// All experiments, in the order in which the page tells them.
pub const ALL: &[&dyn Experiment] = &[
    &e05_non_normal::NonNormal,
    &e12_chrono::Chrono,
    &e13_forget_gate::ForgetGate,
    &e19_flossing::Flossing,
    &e22_memory_capacity::MemoryCapacity,
    &e23_learning_dynamics::LearningDynamics,
    &e25_curse_of_memory::CurseOfMemory,
    &e26_errors_forward::ErrorsForward,
    &e27_newton_in_time::AllAtOnce,
    &e30_min_gru::WithoutMatrix,
    &e31_slstm_average::OneUnit,
    &e32_online_learning::OnlineLearning,
    &e33_fisher_memory::FisherMemory,
    &e34_half_precision::HalfPrecision,
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
