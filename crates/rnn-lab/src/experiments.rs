//! The experiments: one file each.

mod e05_non_normal;
mod e07_cliff;
mod e08_temporal_order;
mod e09_adding;
mod e10_irnn;
mod e11_copy;
mod e18_exponents_in_training;
mod e24_notebook;
mod e29_parity;
mod e35_diagnose;
mod e36_critical_rate;
mod training;

use crate::engine::Task;
use crate::error::{Error, Result};
use crate::experiment::{Experiment, Scope};

/// All experiments, in the order in which the page tells them.
pub const ALL: &[&dyn Experiment] = &[
    &e05_non_normal::NonNormal,
    &e07_cliff::Cliff,
    &e08_temporal_order::Order,
    &e09_adding::Adding,
    &e10_irnn::Irnn,
    &e11_copy::Copy,
    &e18_exponents_in_training::InTraining,
    &e24_notebook::Notebook,
    &e29_parity::StateTracking,
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
