//! Random positions of the controls, for property tests.

use proptest::prelude::*;
use proptest::sample::select;
use rnn_explore::{
    CellKind, Clamp, Edit, InitKind, LossOver, Nonlinearity, OptimizerKind, Settings, TaskKind, limits,
};

/// So many cases, unless `PROPTEST_CASES` asks for another number: 2,000 settings take a minute or more without optimization.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let default = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_some() { default } else { ProptestConfig { cases, ..default } }
}

/// Any position of every control; sizes are kept small enough to run many. Positions at which something is special are as likely
/// as others: scales of 0 and 1, and no training.
pub(crate) fn any_settings() -> impl Strategy<Value = Settings> {
    // The three cells that everybody meets first, as often as all others together.
    let usual = &[CellKind::Rnn, CellKind::Lstm, CellKind::Gru][..];
    let kinds = (
        prop_oneof![select(usual), select(CellKind::ALL)],
        select(Nonlinearity::ALL),
        select(InitKind::ALL),
        select(LossOver::ALL),
        select(TaskKind::ALL),
    );
    let scale = || prop_oneof![6 => limits::SCALE, 1 => Just(0.0), 2 => Just(1.0)];
    let scales = (scale(), scale(), limits::GAIN, proptest::option::of(limits::FORGET_BIAS));
    let sizes = (1..=9usize, 2..=40usize, limits::LAYERS, any::<u64>(), 0..=3usize);
    let looks = (0..=3usize, 0..=200usize, edits());
    let remedies = (
        select(&[1, limits::BAND][..]),
        proptest::option::of(limits::CLIP),
        prop_oneof![2 => Just(0), 1 => 1..=45usize],
        proptest::option::of((select(&['i', 'f', 'o', 'r', 'z'][..]), any::<bool>())),
        select(OptimizerKind::ALL),
        limits::RATE,
    );
    (kinds, scales, sizes, looks, remedies).prop_map(
        |(kinds, scales, sizes, (layer, timestep, edits), remedies)| {
            let (batch, clip, truncation, clamp, optimizer, rate) = remedies;
            let (cell, nonlinearity, init, loss, task) = kinds;
            let (weight_scale, bias_scale, gain, forget_bias) = scales;
            let (hidden, time, layers, seed, trained) = sizes;
            Settings {
                cell,
                nonlinearity,
                weight_scale,
                bias_scale,
                hidden,
                time,
                layers,
                init,
                gain,
                forget_bias,
                loss,
                task,
                seed,
                trained,
                layer,
                timestep,
                batch,
                clip,
                truncation,
                clamp: clamp.map(|(gate, open)| Clamp { gate, open }),
                optimizer,
                rate,
                edits,
            }
        },
    )
}

/// None as often as some: then at most four, in order.
fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let some = proptest::collection::btree_map(1..=40usize, limits::INPUT, 0..=4usize);
    let edits =
        some.prop_map(|all| all.into_iter().map(|(timestep, value)| Edit { timestep, value }).collect());
    prop_oneof![Just(Vec::new()), edits]
}
