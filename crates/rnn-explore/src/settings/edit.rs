//! Changed inputs of the sequence that is shown.

use serde::{Deserialize, Serialize};

use super::{Settings, limits};
use crate::task::editable_feature;

/// A changed input.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The timestep, from 1.
    pub timestep: usize,
    /// The new value of the feature that can be changed.
    pub value: f64,
}

impl Settings {
    /// Leaves out edits that cannot be, and says so.
    pub(super) fn fit_edits(&mut self) -> Vec<String> {
        let mut notices = Vec::new();
        if !self.edits.is_empty() && editable_feature(self.task).is_none() {
            let task = self.task.title().to_lowercase();
            notices.push(format!(
                "The targets of the {task} task do not follow from its inputs; the sequence is shown as it was drawn."
            ));
            self.edits.clear();
        }
        if let Some(late) = self.edits.iter().find(|edit| edit.timestep > self.time) {
            notices.push(format!("There is no timestep {} whose input could be changed.", late.timestep));
            self.edits.retain(|edit| edit.timestep <= self.time);
        }
        notices
    }
}

/// Reads `3:0.5,7:-1`; `None` if it is anything else. Of several values for one timestep the last counts.
pub(super) fn read(text: &str) -> Option<Vec<Edit>> {
    let mut edits: Vec<Edit> = Vec::new();
    for part in text.split(',').filter(|_| !text.is_empty()) {
        let (timestep, value) = part.split_once(':')?;
        let (timestep, value): (usize, f64) = (timestep.parse().ok()?, value.parse().ok()?);
        if !(1..=*limits::TIME.end()).contains(&timestep) || !limits::INPUT.contains(&value) {
            return None;
        }
        edits.retain(|edit| edit.timestep != timestep);
        // Turns −0 into 0, which is written differently.
        edits.push(Edit { timestep, value: value + 0.0 });
    }
    edits.sort_by_key(|edit| edit.timestep);
    (edits.len() <= limits::EDITS).then_some(edits)
}

/// As [`read`] takes it.
pub(super) fn write(edits: &[Edit]) -> String {
    edits.iter().map(|Edit { timestep, value }| format!("{timestep}:{value}")).collect::<Vec<_>>().join(",")
}
