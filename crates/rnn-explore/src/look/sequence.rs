//! The sequence that is shown.

use super::scene::Scene;
use super::units::by_unit;
use crate::view::Sequence;

pub(super) fn sequence(scene: &Scene<'_>) -> Sequence {
    Sequence { inputs: by_unit(scene.network.sequence.x.view()), ..Sequence::default() }
}
