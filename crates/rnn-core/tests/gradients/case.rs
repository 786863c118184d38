//! What proptest draws: the sizes of a network and of a run, and a seed for all the numbers in it.

use proptest::prelude::*;
use rnn_core::Bias;

/// A network and a run of it.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) batch: usize,
    pub(crate) time: usize,
    pub(crate) features: usize,
    /// Hidden units of each layer, the lowest first.
    pub(crate) hidden: Vec<usize>,
    pub(crate) outputs: usize,
    pub(crate) bias: Bias,
    pub(crate) objective: Objective,
    /// Parameters, inputs, states and targets follow from it.
    pub(crate) seed: u64,
}

/// The loss L.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Objective {
    /// Mean squared error of a linear head, over all timesteps.
    All,
    /// The same over the last timestep.
    Last,
    /// Σ w ∘ h_t + Σ w′ ∘ h_T + Σ w″ ∘ c_T with random weights, of the bare stack, from a random initial state: the
    /// loss reaches every output and every final state, and depends on every initial one.
    States,
}

/// Units are worked on in blocks of sixteen: sizes below, at and above that, and one with two blocks and a rest.
fn hidden() -> impl Strategy<Value = usize> {
    prop_oneof![4 => 1usize..=5, 1 => Just(15), 1 => Just(16), 1 => Just(17), 1 => Just(33)]
}

pub(crate) fn any_case() -> impl Strategy<Value = Case> {
    (
        (1usize..=4, 1usize..=7, 1usize..=5),
        prop::collection::vec(hidden(), 1..=3),
        1usize..=3,
        prop::sample::select(vec![Bias::None, Bias::Single, Bias::Double]),
        prop::sample::select(vec![Objective::All, Objective::Last, Objective::States]),
        any::<u64>(),
    )
        .prop_map(|((batch, time, features), hidden, outputs, bias, objective, seed)| Case {
            batch,
            time,
            features,
            hidden,
            outputs,
            bias,
            objective,
            seed,
        })
}
