//! How far the gradient of each loss reaches.

use rnn_analysis::gradient_by_lag;

use super::scene::Scene;
use crate::view::Reach;

pub(super) fn reach(scene: &Scene<'_>) -> Reach {
    let reach = &scene.reach[scene.layer];
    let rows = reach.outer_iter().enumerate();
    Reach {
        norms: rows.map(|(t, row)| row.iter().take(t + 1).copied().collect()).collect(),
        by_lag: gradient_by_lag(reach.view()),
    }
}
